//! The lock: attendance is right, and what follows from it is made: the third check of the joint rule, minutes, certificates.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

use super::{ASKED_AFTER, CORRECTED_FOR, Record, deadline, is_over, minutes};
use crate::mail::{self, Letter};
use crate::people::account::{Account, AccountState};
use crate::people::{account, membership};
use crate::platform::vocabulary::{Attendance, Seat, SessionStatus};
use crate::platform::{Actor, Db, Error, Event, Permit, Result, Timestamp, Tx};
use crate::search;
use crate::sessions::desk::Desk;
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::{NO_SECTOR, Session, SessionId};
use crate::sessions::store::{attendance as store, registrations, sessions};
use crate::sessions::{certificate, joint, policy, schedule};

/// At most so many sessions in one look.
const AT_ONCE: u64 = 200;

/// Full minutes of everybody who was there. One statement.
pub async fn minutes_of(tx: &Tx, session: &Session) -> Result<HashMap<RegistrationId, i64>> {
    Ok(minutes(session, &store::of_session(tx.conn(), session.id).await?))
}

/// Who was at any meeting of a session. One statement.
pub async fn present_in(tx: &Tx, session: SessionId) -> Result<HashSet<RegistrationId>> {
    let records = store::of_session(tx.conn(), session).await?;
    Ok(records.iter().filter(|record| record.was_there()).map(|record| record.registration).collect())
}

/// Says that attendance is right, before its time: who runs the session, once it is over.
pub async fn lock(tx: &mut Tx, desk: &Desk, id: SessionId) -> Result<Session> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    if session.locked_at.is_some() {
        return Ok(session);
    }
    let takes_place = session.is_live() && session.status != SessionStatus::POSTPONED;
    if !takes_place && session.status != SessionStatus::COMPLETED {
        return Err(Error::Conflict("This session does not take place; there is no attendance to lock.".to_owned()));
    }
    if !is_over(&session, tx.now()) {
        return Err(Error::Conflict("Lock attendance once the last meeting is over.".to_owned()));
    }
    close(tx, desk, permit, session).await
}

async fn close(tx: &mut Tx, desk: &Desk, permit: Permit, mut session: Session) -> Result<Session> {
    let now = tx.now();
    let counts = settle(tx, &mut session).await?;
    session.status = SessionStatus::COMPLETED;
    session.ended_at = session.ended_at.or(Some(now));
    session.locked_at = Some(now);
    (session.revision, session.updated_at) = (session.revision + 1, now);
    sessions::update_row(tx.conn(), &session).await?;
    search::touch(tx, search::Kind::Session, &[session.id.0]).await?;
    let detail = json!({ "records": counts, "joint": session.joint_held });
    tx.record(&permit, Event::about("attendance.locked", "session", session.id.0).with(detail)).await?;
    certificate::issue(tx, desk, &session).await?;
    Ok(session)
}

/// Works out the joint rule by who came, and counts what is written down. The session is written by the caller.
pub(super) async fn settle(tx: &Tx, session: &mut Session) -> Result<BTreeMap<&'static str, usize>> {
    let records = store::of_session(tx.conn(), session.id).await?;
    let there: HashSet<RegistrationId> =
        records.iter().filter(|record| record.was_there()).map(|record| record.registration).collect();
    let there: Vec<RegistrationId> = there.into_iter().collect();
    let mut by_sector: BTreeMap<String, usize> = BTreeMap::new();
    for registration in registrations::by_ids(tx.conn(), &there).await?.into_values() {
        let sector = registration.sector.unwrap_or_else(|| NO_SECTOR.to_owned());
        *by_sector.entry(sector).or_default() += 1;
    }
    session.joint_held = Some(joint::was_joint(&by_sector));
    let mut counts = BTreeMap::new();
    for record in &records {
        *counts.entry(record.state.code()).or_default() += 1;
    }
    Ok(counts)
}

/// Locks attendance whose days of correction are over, and asks organizers to look at it two days after the end. Says how much
/// was done.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(Actor::System("sessions"));
    let now = cx.now();
    // Days on the wall may be an hour shorter: the exact moment is looked at below.
    let ended = now - CORRECTED_FOR + chrono::TimeDelta::hours(1);
    let late = store::unlocked(cx.conn(), ended, false, AT_ONCE).await?;
    let mut done = 0;
    if !late.is_empty() {
        let found = sessions::by_ids(cx.conn(), &late).await?;
        for id in late.into_iter().filter(|id| found.get(id).is_some_and(|session| is_late(session, now))) {
            done += counted(id, lock_late(db, desk, id).await);
        }
    }
    for id in store::unlocked(cx.conn(), now - ASKED_AFTER, true, AT_ONCE).await? {
        done += counted(id, ask(db, desk, id).await);
    }
    Ok(done)
}

/// One that cannot be done holds up no other.
fn counted(id: SessionId, done: Result<bool>) -> usize {
    match done {
        Ok(done) => usize::from(done),
        Err(error) => {
            tracing::error!(session = %id, %error, "attendance of a session cannot be closed");
            0
        }
    }
}

fn is_late(session: &Session, now: Timestamp) -> bool {
    let over = matches!(
        session.status,
        SessionStatus::PUBLISHED
            | SessionStatus::REGISTRATION_CLOSED
            | SessionStatus::RUNNING
            | SessionStatus::COMPLETED
    );
    over && session.locked_at.is_none() && deadline(session).is_some_and(|until| until <= now)
}

async fn lock_late(db: &Db, desk: &Desk, id: SessionId) -> Result<bool> {
    let mut tx = db.write(Actor::System("sessions")).await?;
    let permit = policy::keep_time(tx.actor())?;
    let (session, _) = crate::sessions::held(&tx, id).await?;
    if !is_late(&session, tx.now()) {
        return Ok(false);
    }
    close(&mut tx, desk, permit, session).await?;
    tx.commit().await?;
    Ok(true)
}

async fn ask(db: &Db, desk: &Desk, id: SessionId) -> Result<bool> {
    let mut tx = db.write(Actor::System("sessions")).await?;
    let permit = policy::keep_time(tx.actor())?;
    let (session, _) = crate::sessions::held(&tx, id).await?;
    let Some(until) = deadline(&session).filter(|_| session.locked_at.is_none()) else { return Ok(false) };
    if store::asked_at(tx.conn(), id).await?.is_some() {
        return Ok(false);
    }
    let seats = registrations::of_session(tx.conn(), id, &[Seat::CONFIRMED]).await?;
    let mut told = 0;
    if !seats.is_empty() && tx.now() < until {
        let records = store::of_session(tx.conn(), id).await?;
        let known = |record: &&Record| record.state != Attendance::UNKNOWN;
        let known: HashSet<(RegistrationId, i32)> =
            records.iter().filter(known).map(|record| (record.registration, record.meeting)).collect();
        let open = seats
            .iter()
            .filter(|seat| session.meetings.iter().any(|meeting| !known.contains(&(seat.id, meeting.number))))
            .count();
        for reader in readers(&tx, &session).await? {
            let Some(letter) = letter(desk, &session, &reader, seats.len(), open, until) else { continue };
            mail::enqueue(&mut tx, &desk.head, letter).await?;
            told += 1;
        }
    }
    let now = tx.now();
    store::set_asked(tx.conn(), id, now).await?;
    tx.record(&permit, Event::about("attendance.asked_for", "session", id.0).with(json!({ "letters": told }))).await?;
    tx.commit().await?;
    Ok(true)
}

/// The organizer; the leads of the host where the organizer's account is closed.
async fn readers(tx: &Tx, session: &Session) -> Result<Vec<Account>> {
    let organizer = account::accounts_in(tx, &[session.organizer]).await?.remove(&session.organizer);
    if let Some(organizer) = organizer.filter(|account| account.state == AccountState::Active) {
        return Ok(vec![organizer]);
    }
    let (principals, delegates) = membership::leads_of(tx, session.host.school).await?;
    Ok(principals.into_iter().chain(delegates).collect())
}

fn letter(
    desk: &Desk,
    session: &Session,
    reader: &Account,
    seats: usize,
    open: usize,
    until: Timestamp,
) -> Option<Letter> {
    let to = reader.email.as_ref()?;
    let (until, day) = (schedule::moment(until, session.zone()), schedule::day(until, session.zone()));
    let people = if seats == 1 { "1 person had a seat".to_owned() } else { format!("{seats} people had a seat") };
    let state = match open {
        0 => "Something is written down of everybody.".to_owned(),
        1 => "Of 1 of them something is not written down yet; what is not counts as not there.".to_owned(),
        n => format!("Of {n} of them something is not written down yet; what is not counts as not there."),
    };
    let number = session.meetings.first().map_or(1, |meeting| meeting.number);
    let letter = Letter::new(
        "attendance_asked",
        format!("session:{}:attendance", session.id),
        to.as_str(),
        format!("Attendance by {day}: {}", session.title),
    )
    .say(format!("{people} in \"{}\". {state}", session.title))
    .say(format!("You can correct it until {until}. Then it is locked, and certificates are made of it."))
    .button("Look at attendance", desk.head.link(&format!("/sessions/{}/attendance/{number}", session.id)))
    .because("You organize this session.")
    .of(reader.id.0);
    Some(letter)
}
