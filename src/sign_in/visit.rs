//! A sign-in: somebody proved who they are, and their browser is recognized for a while (A5).

use chrono::TimeDelta;

use super::policy;
use super::store::visits as store;
use crate::people::{self, AccountId};
use crate::platform::chance::Ticket;
use crate::platform::ids::typed_id;
use crate::platform::{Actor, Cx, Db, Error, Event, Result, Scope, Timestamp, Tx, Via};

typed_id!(
    /// A sign-in.
    VisitId
);

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Address and password.
    Password,
    /// A link in a letter.
    Link,
    /// Their school's or district's own sign-in (OpenID Connect).
    Oidc,
    /// A passkey.
    Passkey,
    /// The link of an invitation.
    Invitation,
}

impl Method {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::Oidc => "oidc",
            Self::Passkey => "passkey",
            Self::Invitation => "invitation",
        }
    }

    /// The method of a code.
    pub fn parse(code: &str) -> Option<Self> {
        let all = [Self::Password, Self::Link, Self::Oidc, Self::Passkey, Self::Invitation];
        all.into_iter().find(|method| method.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Password => "Password",
            Self::Link => "Link by email",
            Self::Oidc => "Your school's sign-in",
            Self::Passkey => "Passkey",
            Self::Invitation => "Invitation",
        }
    }
}

/// A sign-in that holds, or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// Whose.
    pub account: AccountId,
    /// How it began.
    pub method: Method,
    /// When a second step was passed.
    pub strong_at: Option<Timestamp>,
    /// "Firefox on Android", as far as the browser said.
    pub device: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// It ends so long after its last use.
pub const IDLE: TimeDelta = TimeDelta::hours(12);
/// It ends so long after its beginning.
pub const ABSOLUTE: TimeDelta = TimeDelta::days(14);
/// Its last use is kept to this.
const SEEN: TimeDelta = TimeDelta::minutes(5);

impl Visit {
    /// Whether it holds at this moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.seen_at + IDLE
    }
}

/// Begins a sign-in of somebody who has just proven who they are. The ticket is for their browser, and is new every time.
pub async fn begin(tx: &mut Tx, account: AccountId, method: Method, strong: bool, device: &str) -> Result<Ticket> {
    let permit = policy::enter(tx.actor())?;
    let ticket = Ticket::fresh()?;
    let visit = Visit {
        id: VisitId::fresh(),
        account,
        method,
        strong_at: strong.then(|| tx.now()),
        device: device.chars().filter(|c| !c.is_control()).take(160).collect(),
        created_at: tx.now(),
        seen_at: tx.now(),
        expires_at: tx.now() + ABSOLUTE,
        ended_at: None,
    };
    store::insert(tx.conn(), &visit, &ticket.hash()).await?;
    let detail = serde_json::json!({ "sign_in": visit.id, "method": method.code(), "strong": strong });
    tx.record(&permit, Event::about("account.signed_in", "account", account.0).with(detail)).await?;
    Ok(ticket)
}

/// The sign-in passed a second step after it began: what it may do grows, so its ticket is new (A5).
pub async fn strengthen(tx: &mut Tx, account: AccountId, id: VisitId) -> Result<Ticket> {
    let permit = policy::own(tx.actor(), account.0)?;
    let ticket = Ticket::fresh()?;
    if !store::strengthen(tx.conn(), account, id, &ticket.hash(), tx.now()).await? {
        return Err(Error::SignInRequired);
    }
    let detail = serde_json::json!({ "sign_in": id });
    tx.record(&permit, Event::about("account.sign_in_strengthened", "account", account.0).with(detail)).await?;
    Ok(ticket)
}

/// Who carries this ticket now: three statements. `None` where it does not hold.
pub async fn recognize(cx: &Cx, ticket: &Ticket) -> Result<Option<(Actor, Visit)>> {
    let Some(visit) = store::by_hash(cx.conn(), &ticket.hash()).await?.filter(|visit| visit.holds(cx.now())) else {
        return Ok(None);
    };
    let strong = visit.strong_at.is_some();
    // A browser lets the person do everything they may.
    let actor =
        people::account::actor(cx, visit.account, Via::SignIn(visit.id.0), visit.created_at, Scope::Admin, strong)
            .await?;
    Ok(actor.map(|actor| (actor, visit)))
}

/// Notes that a sign-in is used. Bookkeeping, five minutes coarse, beside the request and not in it.
pub async fn note_use(db: &Db, visit: &Visit) -> Result<()> {
    let tx = db.write(Actor::System("sign_in")).await?;
    if tx.now() - visit.seen_at < SEEN {
        return Ok(());
    }
    store::see(tx.conn(), visit.id, tx.now()).await?;
    tx.commit().await
}

/// Whether [`note_use`] has something to write.
pub fn use_is_news(visit: &Visit, now: Timestamp) -> bool {
    now - visit.seen_at >= SEEN
}

/// The sign-ins of an account that hold, the newest first.
pub async fn visits_of(cx: &Cx, account: AccountId) -> Result<Vec<Visit>> {
    let mut visits = store::of_account(cx.conn(), account).await?;
    visits.retain(|visit| visit.holds(cx.now()));
    Ok(visits)
}

/// Ends one sign-in of the actor. Ending it twice is as good as once.
pub async fn end(tx: &mut Tx, account: AccountId, id: VisitId) -> Result<()> {
    let permit = policy::own(tx.actor(), account.0)?;
    if store::end(tx.conn(), account, Some(id), None, tx.now()).await? > 0 {
        let detail = serde_json::json!({ "sign_in": id });
        tx.record(&permit, Event::about("account.signed_out", "account", account.0).with(detail)).await?;
    }
    Ok(())
}

/// Ends the sign-in that a browser had when it gets another one: it brought the ticket.
pub async fn replace(tx: &mut Tx, before: &Visit) -> Result<()> {
    let permit = policy::enter(tx.actor())?;
    if store::end(tx.conn(), before.account, Some(before.id), None, tx.now()).await? > 0 {
        let detail = serde_json::json!({ "sign_in": before.id, "replaced": true });
        tx.record(&permit, Event::about("account.signed_out", "account", before.account.0).with(detail)).await?;
    }
    Ok(())
}

/// Ends every sign-in of the actor but the one they use: after a new password, or because something looks wrong.
pub async fn end_others(tx: &mut Tx, account: AccountId, but: Option<VisitId>) -> Result<u64> {
    let permit = policy::own(tx.actor(), account.0)?;
    let ended = store::end(tx.conn(), account, None, but, tx.now()).await?;
    if ended > 0 {
        let detail = serde_json::json!({ "ended": ended });
        tx.record(&permit, Event::about("account.signed_out_elsewhere", "account", account.0).with(detail)).await?;
    }
    Ok(ended)
}
