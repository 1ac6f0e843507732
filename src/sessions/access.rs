//! Access and dietary needs (J-11): what somebody needs, never why. The person says it, the one contact of the session reads
//! it, everybody else reads counts. It goes when the seat is given back, and 30 days after the end.

use chrono::TimeDelta;
use serde_json::json;

use super::desk::Desk;
use super::policy::Grounds;
use super::seat::{Registration, RegistrationId, is_open};
use super::session::{Session, SessionId};
use super::{policy, store};
use crate::people::account::Account;
use crate::people::{self, AccountId, account};
use crate::platform::vocabulary::{AccessNeed, Seat};
use crate::platform::{Actor, Cx, Db, Error, Event, Result, Tx};

/// So long after the end needs are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// A line about what is needed is at most so long.
pub const NOTE: usize = 200;

/// So many rows are forgotten in one transaction.
const BATCH: u64 = 200;

/// What somebody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// With which registration they come.
    pub registration: RegistrationId,
    /// What of the list, in its order.
    pub needs: Vec<AccessNeed>,
    /// What else; empty says nothing.
    pub note: String,
}

/// What somebody needs, as the contact reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsOf {
    /// Who.
    pub name: String,
    /// Their school.
    pub school: String,
    /// What they have: a seat, a place in line.
    pub seat: Seat,
    /// What they need.
    pub needs: Needs,
}

/// Whether the actor reads what people of a session need: the contact alone; the organizer where nobody is named or who was
/// named has left, as long as they run the session.
pub fn reads(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    policy::reads_needs(actor, session, grounds)
}

/// Who reads them. Four statements.
pub async fn contact(cx: &Cx, session: &Session) -> Result<Account> {
    let schools = people::schools(cx, &super::party_schools(session)).await?;
    let left = super::contact_left(cx, session, &super::grounds_in(session, &schools)).await?;
    let named = session.access_contact.filter(|_| !left);
    account::account(cx, named.unwrap_or(session.organizer)).await
}

/// The actor's registration and what they said they need. Two statements.
pub async fn own(cx: &Cx, session: SessionId) -> Result<Option<(Registration, Option<Needs>)>> {
    let Some(account) = cx.actor().account() else { return Err(Error::SignInRequired) };
    let found = store::registrations::of_person(cx.conn(), session, AccountId(account)).await?;
    let Some(registration) = found.filter(|registration| is_open(registration.seat)) else { return Ok(None) };
    let needs = store::afterwards::need_of(cx.conn(), registration.id).await?;
    Ok(Some((registration, needs)))
}

/// The actor says what they need for a session they have a seat for or wait for, in place of what they said before; nothing
/// takes it back.
pub async fn say(tx: &mut Tx, session: SessionId, mut needs: Vec<AccessNeed>, note: &str) -> Result<()> {
    let Some(account) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let permit = policy::own(tx.actor(), account)?;
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.chars().count() > NOTE || note.contains(char::is_control) {
        return Err(Error::invalid("note", format!("Say it in one line of up to {NOTE} characters.")));
    }
    let (session, _) = super::held(tx, session).await?;
    let found = store::registrations::of_person(tx.conn(), session.id, account).await?;
    let Some(registration) = found.filter(|registration| is_open(registration.seat)) else {
        return Err(Error::Conflict("Ask for a seat first; then say here what you need.".to_owned()));
    };
    if session.ends_at.is_some_and(|end| end <= tx.now()) {
        return Err(Error::Conflict("This session is over; what people needed is no longer asked for.".to_owned()));
    }
    needs.sort_unstable();
    needs.dedup();
    let action = if needs.is_empty() && note.is_empty() {
        if !store::afterwards::delete_need(tx.conn(), registration.id).await? {
            return Ok(());
        }
        "access_needs.taken_back"
    } else {
        let needs = Needs { registration: registration.id, needs, note };
        store::afterwards::keep_need(tx.conn(), &needs, session.id, tx.now()).await?;
        "access_needs.said"
    };
    // That it was said, never what.
    tx.record(&permit, Event::about(action, "registration", registration.id.0)).await
}

/// What the people of a session need, for its contact. Five statements.
pub async fn for_contact(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Vec<NeedsOf>> {
    if !reads(cx.actor(), session, grounds) {
        return Err(Error::NotFound("page"));
    }
    let said = store::afterwards::needs_of(cx.conn(), session.id).await?;
    let ids: Vec<RegistrationId> = said.iter().map(|needs| needs.registration).collect();
    let registrations = store::registrations::by_ids(cx.conn(), &ids).await?;
    let accounts: Vec<AccountId> = registrations.values().map(|registration| registration.account).collect();
    let accounts = account::accounts(cx, &accounts).await?;
    let schools: Vec<_> = registrations.values().map(|registration| registration.school).collect();
    let schools = people::schools(cx, &schools).await?;
    let mut rows: Vec<NeedsOf> = said
        .into_iter()
        .filter_map(|needs| {
            let registration = registrations.get(&needs.registration).filter(|found| is_open(found.seat))?;
            Some(NeedsOf {
                name: accounts.get(&registration.account).map_or_else(String::new, |account| account.name.clone()),
                school: schools.get(&registration.school).map_or_else(String::new, |school| school.name.clone()),
                seat: registration.seat,
                needs,
            })
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

/// How many people of a session need what, for whoever reads its roster. One statement.
pub async fn counts(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Vec<(AccessNeed, usize)>> {
    if !policy::reads_roster(cx.actor(), session, grounds) && !reads(cx.actor(), session, grounds) {
        return Err(Error::NotFound("session"));
    }
    let said = store::afterwards::needs_of(cx.conn(), session.id).await?;
    let count = |need: AccessNeed| said.iter().filter(|needs| needs.needs.contains(&need)).count();
    Ok(AccessNeed::all().map(|need| (need, count(need))).filter(|(_, count)| *count > 0).collect())
}

/// Forgets what nobody has a reason to know any more, and says how much that was.
pub async fn due(db: &Db, _desk: &Desk) -> Result<usize> {
    let cx = db.cx(Actor::System("sessions"));
    let ids = store::afterwards::needs_to_forget(cx.conn(), cx.now() - KEPT, BATCH).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let mut tx = db.write(Actor::System("sessions")).await?;
    let permit = policy::keep_time(tx.actor())?;
    // Looked up again in the transaction: who asked for a seat once more in between has one.
    let ids = store::afterwards::needs_to_forget(tx.conn(), tx.now() - KEPT, BATCH).await?;
    for id in &ids {
        store::afterwards::delete_need(tx.conn(), *id).await?;
    }
    if !ids.is_empty() {
        let event = Event::bulk("access_needs.forgotten", "session").with(json!({ "people": ids.len() }));
        tx.record(&permit, event).await?;
    }
    tx.commit().await?;
    Ok(ids.len())
}
