//! Handing over who holds a commitment at an office (C-6): whoever answers there takes it over or names somebody, so that no promise
//! stays with an account that is gone.

use serde_json::json;

use super::commitment::{Change, Commitment, CommitmentId, EntryKind, Holder};
use super::compact::Party;
use super::editing::touched;
use super::promises::{Noted, held, holds, next_look, note};
use super::{letters, policy, store, words};
use crate::mail::Email;
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::account::{self, AccountState};
use crate::people::{AccountId, membership};
use crate::platform::{Actor, Error, Event, FieldErrors, Result, Tx};

/// The side that answers for a commitment.
pub const OWNER: &str = "owner";
/// The side of another sector that looks at it.
pub const DEPUTY: &str = "deputy";

/// Who holds a commitment from now on, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Handover {
    /// [`OWNER`] or [`DEPUTY`].
    pub side: String,
    /// Address of who holds it; empty is whoever hands it over.
    pub holder: String,
    /// Why, in a line that everybody reads; may be empty.
    pub why: String,
    /// That the words are about no student, after they were asked about.
    pub no_student: bool,
}

/// How far the office of a holder has somebody, as the history tells it: never who.
pub(super) fn state(holder: &Holder) -> &'static str {
    match (holder.gone_on, holder.account) {
        (Some(_), _) => "vacant",
        (None, Some(_)) => "somebody",
        (None, None) => "",
    }
}

/// What the history says of holders that are others now.
pub(super) fn changes(before: &Commitment, after: &Commitment) -> Vec<Change> {
    [("owner_holder", &before.owner, &after.owner), ("deputy_holder", &before.deputy, &after.deputy)]
        .into_iter()
        .filter(|(_, was, is)| was.account != is.account)
        .map(|(field, was, is)| {
            let (before, after) = (state(was), state(is));
            let after = if before == "somebody" && after == before { "somebody else" } else { after };
            Change { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
        })
        .collect()
}

/// The sides of a commitment whose holder the actor may name, each with its office.
pub fn sides(actor: &Actor, of: &Commitment) -> Vec<(&'static str, Party)> {
    let sides = [(OWNER, &of.owner), (DEPUTY, &of.deputy)];
    sides
        .into_iter()
        .filter_map(|(side, holder)| Some((side, holder.party.clone()?)))
        .filter(|(_, party)| policy::hand_over(actor, Some(party)).is_ok())
        .collect()
}

/// Refuses whoever names no holder of a commitment; asked before a form is shown.
pub fn enter(actor: &Actor, of: &Commitment) -> Result<()> {
    if !sides(actor, of).is_empty() {
        return Ok(());
    }
    let office = of.owner.party.as_ref().or(of.deputy.party.as_ref());
    policy::hand_over(actor, office).map(drop)?;
    Err(Error::Conflict("No office answers for this commitment yet; change it and choose one.".to_owned()))
}

/// Takes a commitment over at an office, or names who holds it there. The one who is named and the other side hear of it.
///
/// # Errors
/// `Forbidden` for who does not answer for that office; `Stale` where it changed since `seen`.
pub async fn hand_over(
    tx: &mut Tx,
    room: &Postroom,
    id: CommitmentId,
    said: &Handover,
    seen: Option<i32>,
) -> Result<()> {
    let (compact, _, before) = held(tx, id).await?;
    let side = match said.side.trim() {
        OWNER => &before.owner,
        DEPUTY => &before.deputy,
        _ => return Err(Error::invalid("side", "Choose for which office it is: owner or deputy.")),
    };
    let party = side.party.clone();
    let party =
        party.ok_or_else(|| Error::invalid("side", "No office is named there yet; change the commitment first."))?;
    let permit = policy::hand_over(tx.actor(), Some(&party))?;
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::Stale);
    }
    let mut errors = FieldErrors::default();
    let why = words::line(&mut errors, "why", &said.why, 300);
    crate::catalog::guard::ask(&mut errors, "why", why.as_deref().unwrap_or_default(), said.no_student);
    let account = somebody(tx, &said.holder).await?;
    let good = match (account, party.place) {
        (Some(account), Some(place)) => {
            membership::held(tx, account).await?.into_iter().any(|grant| holds(grant, place))
        }
        _ => false,
    };
    if !good {
        errors.add("holder", "Give the address of a compact owner, principal or mayor's office of this party.");
    }
    errors.or(())?;
    let mut after = before.clone();
    let holder = if said.side.trim() == OWNER { &mut after.owner } else { &mut after.deputy };
    (holder.account, holder.gone_on) = (account, None);
    if after == before {
        return Ok(());
    }
    // Who is still missing on the other side was told of; whoever comes next is told anew.
    after.gone_told = after.is_vacant() && before.gone_told;
    after.look_on = next_look(&after, tx.now().date_naive());
    (after.revision, after.updated_at) = (before.revision + 1, tx.now());
    store::commitments::update(tx.conn(), &after).await?;
    let row = Noted { text: why, changes: changes(&before, &after), ..Noted::default() };
    note(tx, &after, EntryKind::Changed, Some(party.id).filter(|_| policy::is_theirs(tx.actor(), &party)), row).await?;
    let mut hear = letters::readers(tx, &after.owner).await?;
    hear.extend(letters::readers(tx, &after.deputy).await?);
    hear.retain(|reader| Some(reader.id) != tx.actor().account().map(AccountId));
    hear.sort_by_key(|reader| reader.id);
    hear.dedup_by_key(|reader| reader.id);
    let path = letters::path(&compact, &after);
    let told = hear.iter().map(|reader| Notice {
        account: reader.id,
        topic: Topic::Collaborations,
        event: format!("commitment:{id}:handed:{}", after.revision),
        about: ("commitment", id.0),
        line: if account == Some(reader.id) {
            format!("You hold a commitment for {} now: {}", party.name, after.sentence)
        } else {
            format!("{} has named who holds a commitment: {}", party.name, after.sentence)
        },
        path: path.clone(),
        letter: None,
    });
    notices::tell_many(tx, room, told.collect()).await?;
    touched(tx, &compact).await?;
    let detail = json!({ "compact": compact.id, "side": said.side.trim(), "party": party.id });
    tx.record(&permit, Event::about("commitment.handed_over", "commitment", id.0).with(detail)).await
}

/// The account of an address, if it may be used; of none, the actor's.
async fn somebody(tx: &Tx, typed: &str) -> Result<Option<AccountId>> {
    if typed.trim().is_empty() {
        return Ok(tx.actor().account().map(AccountId));
    }
    let Ok(email) = Email::parse(typed.trim()) else { return Ok(None) };
    let found = account::account_at(tx, &email).await?;
    Ok(found.filter(|account| account.state == AccountState::Active).map(|account| account.id))
}
