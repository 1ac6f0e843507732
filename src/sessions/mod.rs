//! Joint sessions: two sectors really in the room.
//!
//! A school invites ([`session::Session`]), a school of another sector agrees to invite with it, and educators of both come.
//! *Joint* is checked three times: at publication, at go or no-go, and by who came (J-1). Whoever wants to come gets a
//! [`seat::Registration`], which keeps three facts apart: the seat, the principal's answer, and who was there (J-2). One
//! function moves every seat (`registration`), with the session's row held, so that nothing is ever oversold and nobody
//! loses a place in line.
//!
//! Times are what the clock on the wall there says, with the zone; calendars are told of every change that they must know.
//! Attendance makes hours, hours make certificates, by credit programs that are data.

pub mod access;
mod afterwards;
pub mod agenda;
pub mod api;
pub mod attendance;
pub mod badge;
pub mod calendar;
pub mod certificate;
pub mod clockwork;
pub mod conflict;
pub mod credit;
pub mod desk;
pub mod draft;
pub mod joint;
pub mod jsonld;
pub mod letters;
pub mod link;
pub mod list;
pub mod merger;
pub mod message;
pub mod outlook;
pub mod outreach;
pub mod pdf;
pub mod personal;
pub mod places;
mod policy;
pub mod poll;
pub mod posting;
pub mod practice_use;
pub mod registration;
mod reminders;
pub mod replies;
pub mod room;
pub mod roster;
pub mod schedule;
pub mod search;
pub mod seat;
pub mod session;
mod store;
pub mod survey;
pub mod tables;
pub mod tally;
pub mod transcript;
pub mod views;
pub mod web;
pub mod wish;
mod words;

use std::collections::{HashMap, HashSet};

pub use self::desk::Desk;
pub use self::policy::Grounds;
pub use self::seat::{Registration, RegistrationId};
pub use self::session::{Details, Facilitator, Meeting, Party, Places, RoomId, Session, SessionId};
use crate::people::account::{self, Account, AccountState};
use crate::people::membership::{self, MembershipState};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::{Actor, Cx, Error, Result, Tx};

/// One session, for whoever may know of it. At most twelve statements.
pub async fn session(cx: &Cx, reference: &str) -> Result<(Session, Grounds)> {
    let id: SessionId = reference.parse().map_err(|_| Error::NotFound("session"))?;
    let session = store::sessions::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("session"))?;
    let schools = people::schools(cx, &party_schools(&session)).await?;
    let mut grounds = grounds_in(&session, &schools);
    let organizes = cx.actor().account() == Some(session.organizer.0);
    if organizes && session.access_contact.is_some_and(|contact| contact != session.organizer) {
        grounds.contact_left = contact_left(cx, &session, &grounds).await?;
    }
    if policy::sees(cx.actor(), &session, &grounds) {
        return Ok((session, grounds));
    }
    let guest = guest(cx.actor(), &session);
    if store::registrations::is_coming(cx.conn(), id, guest).await? {
        return Ok((session, grounds));
    }
    Err(Error::NotFound("session"))
}

/// Who may have a seat in the session or wait for one: they see it, whoever is invited.
fn guest(actor: &Actor, session: &Session) -> Option<AccountId> {
    actor.account().map(AccountId).filter(|_| session.is_public())
}

/// The session of a registration that the actor may know of, also when nothing else shows it to them.
pub(crate) async fn session_of(cx: &Cx, registration: &Registration) -> Result<Session> {
    let found = store::sessions::by_id(cx.conn(), registration.session).await?;
    found.filter(Session::is_public).ok_or(Error::NotFound("session"))
}

/// Where the parties of a session are, inside a transaction. Two statements.
pub(crate) async fn grounds(tx: &Tx, session: &Session) -> Result<Grounds> {
    let schools = people::schools_in(tx, &party_schools(session)).await?;
    Ok(grounds_in(session, &schools))
}

/// Who organizes the session, while they may use their account and belong to the host (A3). At most four statements.
pub(crate) async fn organizer_of(tx: &Tx, session: &Session) -> Result<Option<Account>> {
    let organizer = account::accounts_in(tx, &[session.organizer]).await?.remove(&session.organizer);
    let Some(organizer) = organizer.filter(|account| account.state == AccountState::Active) else { return Ok(None) };
    let (held, grounds) = (membership::held(tx, organizer.id).await?, grounds(tx, session).await?);
    Ok(Some(organizer).filter(|_| held.iter().any(|grant| grounds.host.contains(&grant.place))))
}

/// Which of these people may know of a session: what [`session`] says to each of them. At most six statements, however many they
/// are, and one for every 900.
pub async fn who_see(cx: &Cx, id: SessionId, people: &[Actor]) -> Result<HashSet<AccountId>> {
    let Some(session) = store::sessions::by_id(cx.conn(), id).await? else { return Ok(HashSet::new()) };
    let schools = people::schools(cx, &party_schools(&session)).await?;
    let grounds = grounds_in(&session, &schools);
    let (see, others): (Vec<&Actor>, Vec<&Actor>) =
        people.iter().partition(|actor| policy::sees(actor, &session, &grounds));
    let account = |actor: &Actor| actor.account().map(AccountId);
    let mut found: HashSet<AccountId> = see.into_iter().filter_map(account).collect();
    let guests: Vec<AccountId> = others.into_iter().filter_map(|actor| guest(actor, &session)).collect();
    found.extend(store::registrations::coming(cx.conn(), id, &guests).await?);
    Ok(found)
}

fn party_schools(session: &Session) -> Vec<SchoolId> {
    session.parties().map(|party| party.school).collect()
}

fn grounds_in(session: &Session, schools: &HashMap<SchoolId, School>) -> Grounds {
    let places = |party: Option<&Party>| {
        party.and_then(|party| schools.get(&party.school)).map(policy::places_of).unwrap_or_default()
    };
    Grounds { host: places(Some(&session.host)), cohost: places(session.cohost.as_ref()), contact_left: false }
}

/// Whether who is named for access needs belongs to neither host nor co-host any more. Two statements.
async fn contact_left(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<bool> {
    let Some(contact) = session.access_contact else { return Ok(false) };
    let usable = account::accounts(cx, &[contact])
        .await?
        .get(&contact)
        .is_some_and(|account| account.state == AccountState::Active);
    let held = membership::memberships_of(cx, contact).await?;
    let mut parties = grounds.host.iter().chain(&grounds.cohost);
    let stays =
        parties.any(|place| held.iter().any(|one| one.state == MembershipState::Current && one.grant.place == *place));
    Ok(!usable || !stays)
}

/// A session held for a change ([`store::sessions::to_change`]), with where its parties are. Who may not know of it gets
/// `NotFound`.
pub(crate) async fn held(tx: &Tx, id: SessionId) -> Result<(Session, Grounds)> {
    let session = store::sessions::to_change(tx.conn(), id).await?.ok_or(Error::NotFound("session"))?;
    let grounds = grounds(tx, &session).await?;
    let sees = tx.actor().is_system() || policy::sees(tx.actor(), &session, &grounds);
    if sees || store::registrations::is_coming(tx.conn(), id, guest(tx.actor(), &session)).await? {
        return Ok((session, grounds));
    }
    Err(Error::NotFound("session"))
}
