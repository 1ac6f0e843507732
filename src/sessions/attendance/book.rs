//! The book of attendance: where those who take it write, and put right what people checked in themselves.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{AROUND, Record, deadline, is_delayed, lock};
use crate::people::{self, AccountId};
use crate::platform::vocabulary::{Attendance, Seat, SessionStatus};
use crate::platform::{Cx, Error, Event, FieldErrors, Permit, Result, Timestamp, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::schedule;
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::session::{Meeting, Session, SessionId};
use crate::sessions::store::{attendance as store, registrations, sessions};
use crate::sessions::{Grounds, certificate, policy};

/// What somebody writes down of one person.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose registration.
    pub registration: RegistrationId,
    /// Whether they were there.
    pub state: Attendance,
    /// When they came; `None` is the start.
    pub in_at: Option<Timestamp>,
    /// When they went; `None` is the end.
    pub out_at: Option<Timestamp>,
    /// What the writer saw before: where something else is there by now, nothing is written over it. `None` writes anyway.
    pub was: Option<Record>,
    /// What the fields of this entry end in, so that a correction finds its place: `-ID`, or nothing.
    pub suffix: String,
}

/// One person in the book.
#[derive(Clone, Debug)]
pub struct Line {
    /// Their registration.
    pub registration: Registration,
    /// How they are called.
    pub name: String,
    /// Name of their school.
    pub school: String,
    /// What is written down.
    pub record: Record,
}

/// The book of one meeting.
#[derive(Clone, Debug)]
pub struct Roster {
    /// The session.
    pub session: Session,
    /// The meeting.
    pub meeting: Meeting,
    /// Everybody with a confirmed seat, or of whom something is written down, by name.
    pub lines: Vec<Line>,
    /// Whether the actor may write now.
    pub may_write: bool,
    /// Whether the actor may lock it, once it is over.
    pub may_lock: bool,
    /// Until when those who take attendance correct it.
    pub deadline: Option<Timestamp>,
}

/// A meeting of a session, for those who take attendance.
pub(super) async fn taken(cx: &Cx, reference: &str, number: i32) -> Result<(Session, Meeting, Grounds)> {
    let (session, grounds) = crate::sessions::session(cx, reference).await?;
    policy::take_attendance(cx.actor(), &session, &grounds).map(|_| ())?;
    let meeting = session.meetings.iter().find(|meeting| meeting.number == number);
    let meeting = meeting.cloned().ok_or(Error::NotFound("meeting"))?;
    Ok((session, meeting, grounds))
}

/// The book of a meeting. As many statements for one person as for 900.
pub async fn roster(cx: &Cx, reference: &str, number: i32) -> Result<Roster> {
    let (session, meeting, grounds) = taken(cx, reference, number).await?;
    let mut seats = registrations::of_session(cx.conn(), session.id, &[Seat::CONFIRMED]).await?;
    let mut records = store::of_meeting(cx.conn(), session.id, number).await?;
    let known: HashMap<RegistrationId, ()> = seats.iter().map(|seat| (seat.id, ())).collect();
    let others: Vec<RegistrationId> = records.keys().filter(|id| !known.contains_key(id)).copied().collect();
    if !others.is_empty() {
        seats.extend(registrations::by_ids(cx.conn(), &others).await?.into_values());
    }
    let accounts: Vec<_> = seats.iter().map(|seat| seat.account).collect();
    let accounts = people::account::accounts(cx, &accounts).await?;
    let schools: Vec<_> = seats.iter().map(|seat| seat.school).collect();
    let schools = people::schools(cx, &schools).await?;
    let line = |registration: Registration| Line {
        name: accounts.get(&registration.account).map(|account| account.name.clone()).unwrap_or_default(),
        school: schools.get(&registration.school).map(|school| school.name.clone()).unwrap_or_default(),
        record: records.remove(&registration.id).unwrap_or(Record::unknown(registration.id, number)),
        registration,
    };
    let mut lines: Vec<Line> = seats.into_iter().map(line).collect();
    lines.sort_by_cached_key(|line| (line.name.to_lowercase(), line.registration.id));
    let deadline = deadline(&session);
    let open = session.locked_at.is_none() && deadline.is_some_and(|until| cx.now() < until);
    let begun = cx.now() >= meeting.starts_at - AROUND;
    let may_write = begun && takes_place(&session) && (open || policy::administers(cx.actor()));
    let may_lock = open && super::is_over(&session, cx.now()) && policy::runs(cx.actor(), &session, &grounds);
    Ok(Roster { session, meeting, lines, may_write, may_lock, deadline })
}

fn takes_place(session: &Session) -> bool {
    (session.is_live() && session.status != SessionStatus::POSTPONED) || session.status == SessionStatus::COMPLETED
}

/// What is open for writing: the session, held; its meeting; everybody of the roster with what is written down of them.
struct Open {
    session: Session,
    meeting: Meeting,
    seats: Vec<Registration>,
    records: HashMap<RegistrationId, Record>,
    permit: Permit,
}

async fn opened(tx: &Tx, session: Session, mut permit: Permit, number: i32) -> Result<Open> {
    let id = session.id;
    let meeting = session.meetings.iter().find(|meeting| meeting.number == number);
    let meeting = meeting.cloned().ok_or(Error::NotFound("meeting"))?;
    if session.locked_at.is_some() || deadline(&session).is_some_and(|until| until <= tx.now()) {
        permit = policy::correct_locked(tx.actor())?;
    }
    if !takes_place(&session) {
        return Err(Error::Conflict("This session does not take place; there is nobody to write down.".to_owned()));
    }
    let opens = meeting.starts_at - AROUND;
    if tx.now() < opens {
        let opens = schedule::moment(opens, meeting.zone);
        return Err(Error::Conflict(format!("Attendance opens {opens}; write it down from then on.")));
    }
    let seats = registrations::of_session(tx.conn(), id, &[Seat::CONFIRMED]).await?;
    let records = store::of_meeting(tx.conn(), id, number).await?;
    Ok(Open { session, meeting, seats, records, permit })
}

/// Writes down who was there; what is as it was stays untouched. Says what changed. After the lock only administrators do,
/// and certificates are made again.
pub async fn record(tx: &mut Tx, desk: &Desk, id: SessionId, number: i32, entries: Vec<Entry>) -> Result<Vec<Record>> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = policy::take_attendance(tx.actor(), &session, &grounds)?;
    let open = opened(tx, session, permit, number).await?;
    let (mut errors, mut changed) = (FieldErrors::default(), Vec::new());
    for entry in entries {
        let seated = open.seats.iter().any(|seat| seat.id == entry.registration);
        let now = open.records.get(&entry.registration).cloned();
        if !seated && now.is_none() {
            errors.add(format!("registration{}", entry.suffix), "Choose somebody who has a confirmed seat.");
            continue;
        }
        let now = now.unwrap_or(Record::unknown(entry.registration, number));
        if let Some(record) = checked(&entry, &now, &open.meeting, &mut errors) {
            changed.push((now, record));
        }
    }
    errors.or(())?;
    write(tx, desk, open, changed).await
}

/// Writes down one person, and answers what is there then.
pub async fn record_one(
    tx: &mut Tx,
    desk: &Desk,
    id: SessionId,
    number: i32,
    entry: Entry,
) -> Result<(Session, Record)> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    policy::take_attendance(tx.actor(), &session, &grounds).map(|_| ())?;
    let registration = entry.registration;
    record(tx, desk, id, number, vec![entry]).await?;
    let record = store::one(tx.conn(), registration, number).await?;
    Ok((session, record.unwrap_or(Record::unknown(registration, number))))
}

/// The registration of a person for a session, for those who take attendance. To others there is none.
pub async fn seat_of(tx: &Tx, id: SessionId, account: AccountId) -> Result<RegistrationId> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    policy::take_attendance(tx.actor(), &session, &grounds).map(|_| ())?;
    let found = registrations::of_person(tx.conn(), id, account).await?;
    found.map(|registration| registration.id).ok_or(Error::NotFound("registration"))
}

/// Writes the same of everybody of whom nothing is written down yet.
pub async fn record_rest(tx: &mut Tx, desk: &Desk, id: SessionId, number: i32, state: Attendance) -> Result<usize> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = policy::take_attendance(tx.actor(), &session, &grounds)?;
    let open = opened(tx, session, permit, number).await?;
    if state == Attendance::UNKNOWN || state == Attendance::PARTIAL {
        return Err(Error::invalid("state", "Choose whether all the others were there or not."));
    }
    let unknown = |seat: &Registration| {
        let now = open.records.get(&seat.id).cloned().unwrap_or(Record::unknown(seat.id, number));
        (now.state == Attendance::UNKNOWN).then(|| (now.clone(), Record { state, in_at: None, out_at: None, ..now }))
    };
    let changed: Vec<_> = open.seats.iter().filter_map(unknown).collect();
    Ok(write(tx, desk, open, changed).await?.len())
}

/// Counts from the start for everybody who came at most [`super::LEEWAY`] late: a line at the door is nobody's fault.
pub async fn forgive_delays(tx: &mut Tx, desk: &Desk, id: SessionId, number: i32) -> Result<usize> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = policy::take_attendance(tx.actor(), &session, &grounds)?;
    let open = opened(tx, session, permit, number).await?;
    let start = open.meeting.starts_at;
    let delayed = |record: &&Record| is_delayed(record, &open.meeting);
    let from_start = |record: &Record| (record.clone(), Record { in_at: Some(start), ..record.clone() });
    let changed: Vec<_> = open.records.values().filter(delayed).map(from_start).collect();
    Ok(write(tx, desk, open, changed).await?.len())
}

/// What an entry makes of a record; `None` where nothing changes or something is wrong.
fn checked(entry: &Entry, now: &Record, meeting: &Meeting, errors: &mut FieldErrors) -> Option<Record> {
    let suffix = &entry.suffix;
    let wanted = Record { state: entry.state, in_at: entry.in_at, out_at: entry.out_at, ..now.clone() };
    if entry.was.as_ref() == Some(&wanted) || wanted == *now {
        return None;
    }
    if entry.was.as_ref().is_some_and(|was| was != now) {
        let words = now.state.label().to_lowercase();
        let sentence = format!("This changed while you were writing: it says \"{words}\" now. Look at it again.");
        errors.add(format!("state{suffix}"), sentence);
        return None;
    }
    let was_there = wanted.was_there();
    if !was_there {
        let times = (entry.in_at, entry.out_at);
        if entry.state == Attendance::UNKNOWN && times != (now.in_at, now.out_at) && times != (None, None) {
            errors.add(format!("state{suffix}"), "Choose whether they were there.");
            return None;
        }
        let record = Record { in_at: None, out_at: None, ..wanted };
        return (record != *now).then_some(record);
    }
    let end = schedule::moment(meeting.ends_at, meeting.zone);
    let start = schedule::moment(meeting.starts_at, meeting.zone);
    let before = errors.iter().count();
    if entry.state == Attendance::PARTIAL && entry.in_at.is_none() && entry.out_at.is_none() {
        errors.add(format!("in_at{suffix}"), "Say when they came or when they went.");
    }
    if entry.in_at.is_some_and(|at| at >= meeting.ends_at) {
        errors.add(format!("in_at{suffix}"), format!("Give a time before the end: {end}."));
    }
    if entry.out_at.is_some_and(|at| at <= meeting.starts_at) {
        errors.add(format!("out_at{suffix}"), format!("Give a time after the start: {start}."));
    } else if entry.in_at.zip(entry.out_at).is_some_and(|(came, went)| went <= came) {
        errors.add(format!("out_at{suffix}"), "Give a time after they came.");
    }
    (errors.iter().count() == before).then_some(wanted)
}

async fn write(tx: &mut Tx, desk: &Desk, open: Open, changed: Vec<(Record, Record)>) -> Result<Vec<Record>> {
    let Open { mut session, meeting, permit, .. } = open;
    let records: Vec<Record> = changed.iter().map(|(_, record)| record.clone()).collect();
    if records.is_empty() {
        return Ok(records);
    }
    let by = tx.actor().account().map(AccountId);
    store::put(tx.conn(), session.id, by, &records, tx.now()).await?;
    let locked = session.locked_at.is_some();
    let action = if locked { "attendance.corrected" } else { "attendance.recorded" };
    for (before, after) in &changed {
        let detail =
            json!({ "session": session.id, "meeting": meeting.number, "from": facts(before), "to": facts(after) });
        tx.record(&permit, Event::about(action, "registration", after.registration.0).with(detail)).await?;
    }
    if locked {
        lock::settle(tx, &mut session).await?;
        (session.revision, session.updated_at) = (session.revision + 1, tx.now());
        sessions::update_row(tx.conn(), &session).await?;
        certificate::issue(tx, desk, &session).await?;
    }
    Ok(records)
}

fn facts(record: &Record) -> Value {
    json!({ "state": record.state.code(), "in": record.in_at, "out": record.out_at })
}
