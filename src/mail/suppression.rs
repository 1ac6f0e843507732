//! Addresses that get no letters: what came back from them said so. Looked up when a letter is about to leave.
//!
//! Nobody there is believed at once. A refusal of another sort is believed the second time, because filters have bad days. A
//! full mailbox or a server that is away is waited for: five letters over ten days. Who calls a letter unwanted gets none of
//! those that one can leave, and still those that decide something. The person and the city's administrators see it and can
//! lift it.

use std::collections::HashMap;

use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

use super::Email;
use super::intake::{Kind, Status};
use super::letter::LetterId;
use super::policy;
use super::store::bounces as store;
use crate::platform::{Cx, Error, Event, Result, Timestamp, Tx};

/// Which letters an address does not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// None at all.
    All,
    /// None of those that belong to a list, and no announcement.
    Lists,
}

impl Scope {
    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Lists => "lists",
        }
    }

    /// The scope of a code.
    pub(super) fn of(code: &str) -> Self {
        if code == "lists" { Self::Lists } else { Self::All }
    }
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nobody of that name, or no such place.
    Unknown,
    /// It was refused for good, twice.
    Refused,
    /// The mailbox is full, or its server away, for many days.
    Full,
    /// Somebody there called a letter unwanted.
    Complaint,
    /// An administrator entered the address.
    Entered,
}

impl Reason {
    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Full => "full",
            Self::Complaint => "complaint",
            Self::Entered => "entered",
        }
    }

    /// The reason of a code.
    pub(super) fn of(code: &str) -> Self {
        match code {
            "unknown" => Self::Unknown,
            "full" => Self::Full,
            "complaint" => Self::Complaint,
            "entered" => Self::Entered,
            _ => Self::Refused,
        }
    }
}

/// An address that gets no letters, or got none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// Its number.
    pub id: Uuid,
    /// The address.
    pub address: String,
    /// Which letters.
    pub scope: Scope,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// When it was last lifted.
    pub lifted_at: Option<Timestamp>,
}

/// A letter that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounced {
    /// Which letter.
    pub letter: LetterId,
    /// Where it went.
    pub address: String,
    /// Whose it was.
    pub account: Option<Uuid>,
}

/// What a withdrawn letter says of why it did not go.
pub const SUPPRESSED: &str = "suppressed";

/// Refusals that are not for want of a person count for so long, and so many of them.
const REFUSALS: (Duration, usize) = (Duration::days(30), 2);

/// Letters that could not be laid in.
const WAITS: usize = 5;

/// Between the first and the last of them at least.
const WAITED: Duration = Duration::days(10);

/// Until a person may try again once more.
const AGAIN: Duration = Duration::days(1);

/// That there is nobody of that name is believed for so long: people begin, and servers are mended.
const BELIEVED: Duration = Duration::days(14);

/// Notes that a letter came back, and draws the consequence; whether its address gets no letters now because of it.
pub async fn note(tx: &mut Tx, letter: &Bounced, kind: Kind, status: Option<&str>) -> Result<bool> {
    let permit = policy::take_in(tx.actor())?;
    let now = tx.now();
    if !matches!(kind, Kind::Hard | Kind::Soft | Kind::Complaint)
        || !store::note(tx.conn(), letter, kind.code(), status, now).await?
    {
        return Ok(false);
    }
    let known = store::of_address(tx.conn(), &letter.address).await?;
    // What was before somebody lifted it counts no more.
    let lifted = known.iter().filter_map(|(suppressed, _)| suppressed.lifted_at).max();
    let since = lifted.map_or(now - REFUSALS.0, |at| Ord::max(at, now - REFUSALS.0));
    let verdict = match kind {
        Kind::Complaint => Some((Scope::Lists, Reason::Complaint)),
        Kind::Hard if status.is_some_and(nobody_is_there) => Some((Scope::All, Reason::Unknown)),
        Kind::Hard => {
            let times = store::times(tx.conn(), &letter.address, kind.code(), since).await?;
            (times.len() >= REFUSALS.1).then_some((Scope::All, Reason::Refused))
        }
        _ => {
            let times = store::times(tx.conn(), &letter.address, kind.code(), since).await?;
            let waited = times.first().is_some_and(|first| now - *first >= WAITED);
            (times.len() >= WAITS && waited).then_some((Scope::All, Reason::Full))
        }
    };
    let Some((scope, reason)) = verdict else { return Ok(false) };
    if known.iter().any(|(suppressed, active)| *active && suppressed.scope == scope) {
        return Ok(true);
    }
    let whose = (letter.address.as_str(), letter.account, Some(letter.letter));
    store::suppress(tx.conn(), whose, scope, reason, now).await?;
    let facts = json!({ "scope": scope.code(), "reason": reason.code(), "status": status });
    tx.record(&permit, Event::about("mail.suppressed", "letter", letter.letter.0).with(facts)).await?;
    Ok(true)
}

/// Bad mailbox, bad system, bad syntax: the first number after 5 is 1 (RFC 3463 3.2), and not merely 5.1.0.
fn nobody_is_there(status: &str) -> bool {
    status.starts_with("5.1.") && status != "5.1.0" && status != "5.1.8" && status != "5.1.7"
}

/// The mail server that takes our letters refused one for good: it knows that nobody is there, or it is a matter of the letter.
pub(super) async fn refused(tx: &mut Tx, letter: &Bounced, answer: &str) -> Result<()> {
    let _ = policy::take_in(tx.actor())?;
    match Status::in_text(answer).map(|status| status.to_string()) {
        Some(status) if status == "5.1.1" => note(tx, letter, Kind::Hard, Some("5.1.1")).await.map(|_| ()),
        _ => Ok(()),
    }
}

/// Whether a letter may not go to an address: asked in the transaction that puts it on the wire. What somebody asked for to get
/// in goes once a day also to where nobody was: they may be there by now, and have no other way to tell.
pub(super) async fn stops(
    tx: &Tx,
    address: &str,
    asked_for: Option<LetterId>,
    is_on_a_list: impl FnOnce() -> bool,
) -> Result<bool> {
    let address = address.to_lowercase();
    Ok(match store::holds(tx.conn(), &address).await? {
        Some(Scope::All) => match asked_for {
            Some(letter) => !store::let_through(tx.conn(), &address, letter, tx.now(), AGAIN).await?,
            None => true,
        },
        Some(Scope::Lists) => is_on_a_list(),
        None => false,
    })
}

/// Ends what is not believed any more; counts begin anew. How many there were.
pub(super) async fn forget_unknown(tx: &mut Tx) -> Result<u64> {
    let permit = policy::take_in(tx.actor())?;
    let ended = store::end_unknown(tx.conn(), tx.now() - BELIEVED, tx.now()).await?;
    if ended > 0 {
        let event = Event::bulk("mail.suppression_lifted", "suppression").with(json!({ "addresses": ended }));
        tx.record(&permit, event).await?;
    }
    Ok(ended)
}

/// What keeps letters from the person who asks: from them, or from the address that their account has.
pub async fn mine(cx: &Cx, own: Option<&Email>) -> Result<Vec<Suppressed>> {
    let person = cx.actor().person().ok_or(Error::SignInRequired)?;
    store::of_account(cx.conn(), person.account, own).await
}

/// When the person may lift one of theirs; `None`: now.
pub fn may_try_at(suppressed: &Suppressed, now: Timestamp) -> Option<Timestamp> {
    suppressed.lifted_at.map(|at| at + AGAIN).filter(|at| *at > now)
}

/// The person says that their mailbox is well again; once a day. `own` is the address that their account has.
pub async fn try_again(tx: &mut Tx, own: Option<&Email>, id: Uuid) -> Result<()> {
    let permit = policy::try_again(tx.actor())?;
    let account = tx.actor().person().map(|person| person.account).ok_or(Error::SignInRequired)?;
    let mine = store::of_account(tx.conn(), account, own).await?;
    let suppressed = mine.into_iter().find(|mine| mine.id == id).ok_or(Error::NotFound("address"))?;
    if may_try_at(&suppressed, tx.now()).is_some() {
        return Err(Error::Conflict(
            "Letters came back again since you last tried; look after your mailbox, and try again tomorrow.".to_owned(),
        ));
    }
    store::lift(tx.conn(), id, tx.now()).await?;
    tx.record(&permit, Event::about("mail.suppression_lifted", "suppression", id)).await
}

/// Addresses that get no letters, newest first; and how many there are. For whoever looks after letters.
pub async fn list(cx: &Cx, skip: u64, limit: u64) -> Result<(Vec<Suppressed>, u64)> {
    policy::see(cx.actor())?;
    store::list(cx.conn(), skip, limit).await
}

/// One address that gets no letters now. For the same people.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Suppressed> {
    policy::see(cx.actor())?;
    store::active(cx.conn(), id).await?.ok_or(Error::NotFound("address"))
}

/// An administrator enters an address that gets no letters from now on: somebody there asked for it by another way. One that is
/// there already stays as it is. Gives its number.
pub async fn enter(tx: &mut Tx, address: &Email, scope: Scope) -> Result<Uuid> {
    let permit = policy::lift(tx.actor())?;
    let address = address.as_str().to_lowercase();
    let known = store::of_address(tx.conn(), &address).await?;
    if let Some((there, _)) = known.iter().find(|(there, active)| *active && there.scope == scope) {
        return Ok(there.id);
    }
    let account = store::account_at(tx.conn(), &address).await?;
    store::suppress(tx.conn(), (&address, account, None), scope, Reason::Entered, tx.now()).await?;
    let known = store::of_address(tx.conn(), &address).await?;
    let entered = known.into_iter().find(|(there, _)| there.scope == scope);
    let id =
        entered.map(|(there, _)| there.id).ok_or_else(|| Error::internal("an address that was entered is gone"))?;
    let facts = json!({ "scope": scope.code() });
    tx.record(&permit, Event::about("mail.suppression_entered", "suppression", id).with(facts)).await?;
    Ok(id)
}

/// An administrator lets letters go to an address again.
pub async fn lift(tx: &mut Tx, id: Uuid) -> Result<()> {
    let permit = policy::lift(tx.actor())?;
    store::active(tx.conn(), id).await?.ok_or(Error::NotFound("address"))?;
    store::lift(tx.conn(), id, tx.now()).await?;
    tx.record(&permit, Event::about("mail.suppression_lifted", "suppression", id)).await
}

/// Of these letters those that came back: `hard`, `soft` or `complaint`.
pub async fn came_back(cx: &Cx, letters: &[LetterId]) -> Result<HashMap<LetterId, String>> {
    store::came_back(cx.conn(), letters).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bad_address_is_believed_at_once() {
        for status in ["5.1.1", "5.1.2", "5.1.10", "5.1.6"] {
            assert!(nobody_is_there(status), "{status}");
        }
        // 5.1.7 and 5.1.8 are about us, the sender.
        for status in ["5.1.0", "5.1.7", "5.1.8", "5.7.1", "5.2.1", "4.1.1", "5.0.0", "15.1.1"] {
            assert!(!nobody_is_there(status), "{status}");
        }
    }
}
