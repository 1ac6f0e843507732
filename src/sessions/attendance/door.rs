//! The door of a meeting: its code, and people who check themselves in and out.

use serde_json::json;

use super::{AROUND, LEEWAY, Record};
use crate::people::AccountId;
use crate::platform::vocabulary::{Attendance, Seat, SessionStatus};
use crate::platform::{Cx, Error, Event, Permit, Result, Timestamp, Tx, chance};
use crate::sessions::seat::Registration;
use crate::sessions::session::{Meeting, Session, SessionId};
use crate::sessions::store::{attendance as store, registrations, sessions};
use crate::sessions::{Grounds, policy};

/// What a code is made of: no vowels, so that it is no word, and nothing that looks like something else.
const LETTERS: &[u8; 22] = b"CDFGHJKMNPQRTVWXY34679";
/// So long is a code: one of a hundred million.
const LENGTH: usize = 6;
/// So often another code is made where one is taken.
const TRIES: usize = 5;

/// What somebody can do at the door now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Check in.
    In,
    /// They are in, and can check out.
    Out,
    /// They have checked out.
    Gone,
    /// Check-in opens at this moment.
    Early(Timestamp),
    /// The meeting is over.
    Late,
    /// They have no confirmed seat.
    NoSeat,
    /// Who takes attendance has written something else down: they are asked.
    Ask,
    /// The session does not take place, or its attendance is locked.
    Closed,
}

/// A door, as the person who stands in front of it sees it.
#[derive(Clone, Debug)]
pub struct Door {
    /// The session.
    pub session: Session,
    /// Number of the meeting.
    pub number: i32,
    /// What is written down of the person.
    pub record: Option<Record>,
    /// What they can do.
    pub step: Step,
}

impl Door {
    /// The meeting.
    pub fn meeting(&self) -> Option<&Meeting> {
        self.session.meetings.iter().find(|meeting| meeting.number == self.number)
    }
}

/// The big screen of a meeting, for those who take attendance.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The session.
    pub session: Session,
    /// Its meeting.
    pub meeting: Meeting,
    /// How many have a confirmed seat.
    pub expected: usize,
    /// How many of them are there.
    pub there: usize,
}

/// A code as people type it: small letters, blanks and dashes do not matter.
pub(super) fn tidy(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).take(16).collect::<String>().to_ascii_uppercase()
}

fn fresh_code() -> Result<String> {
    let mut code = String::new();
    while code.len() < LENGTH {
        // 242 is 11 times 22: what is above would make some letters likelier.
        let fair = chance::bytes::<32>()?.into_iter().filter(|byte| *byte < 242);
        code.extend(fair.take(LENGTH - code.len()).map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])));
    }
    Ok(code)
}

/// The door of a code, for a signed-in person. A code of nothing, or of a session that they may not know of and have no seat
/// in, is none.
pub async fn door(cx: &Cx, code: &str) -> Result<Door> {
    let account = AccountId(cx.actor().account().ok_or(Error::SignInRequired)?);
    let unknown = Error::NotFound("check-in code");
    let Some((id, number)) = store::by_code(cx.conn(), &tidy(code)).await? else { return Err(unknown) };
    let Some(session) = sessions::by_id(cx.conn(), id).await? else { return Err(unknown) };
    let registration = registrations::of_person(cx.conn(), id, account).await?.filter(has_seat);
    if registration.is_none() {
        // Who may see the session is told that they have no seat; to others the code says nothing.
        crate::sessions::session(cx, &id.to_string()).await.map_err(|_| unknown)?;
    }
    let record = match &registration {
        Some(registration) => store::one(cx.conn(), registration.id, number).await?,
        None => None,
    };
    let step = step(&session, number, registration.as_ref(), record.as_ref(), cx.now());
    Ok(Door { session, number, record, step })
}

fn has_seat(registration: &Registration) -> bool {
    registration.seat == Seat::CONFIRMED
}

fn step(
    session: &Session,
    number: i32,
    registration: Option<&Registration>,
    record: Option<&Record>,
    now: Timestamp,
) -> Step {
    let Some(meeting) = session.meetings.iter().find(|meeting| meeting.number == number) else { return Step::Closed };
    let takes_place = session.is_live() && session.status != SessionStatus::POSTPONED;
    if session.locked_at.is_some() || !(takes_place || session.status == SessionStatus::COMPLETED) {
        return Step::Closed;
    }
    if registration.is_none() {
        return Step::NoSeat;
    }
    if let Some(record) = record.filter(|record| record.state != Attendance::UNKNOWN) {
        return match (record.was_there(), record.in_at, record.out_at) {
            (true, _, Some(_)) => Step::Gone,
            (true, Some(_), None) if now <= meeting.ends_at + AROUND => Step::Out,
            (true, _, None) => Step::Gone,
            (false, ..) => Step::Ask,
        };
    }
    let opens = meeting.starts_at - AROUND;
    if now < opens {
        Step::Early(opens)
    } else if now < meeting.ends_at {
        Step::In
    } else {
        Step::Late
    }
}

/// Checks the actor in. Done twice it is done once.
pub async fn check_in(tx: &mut Tx, code: &str) -> Result<(Session, Record)> {
    let account = AccountId(tx.actor().account().ok_or(Error::SignInRequired)?);
    let permit = policy::own(tx.actor(), account)?;
    pass(tx, permit, account, code, true).await
}

/// Checks the actor out. Done twice it is done once: the first time counts.
pub async fn check_out(tx: &mut Tx, code: &str) -> Result<(Session, Record)> {
    let account = AccountId(tx.actor().account().ok_or(Error::SignInRequired)?);
    let permit = policy::own(tx.actor(), account)?;
    pass(tx, permit, account, code, false).await
}

async fn pass(tx: &mut Tx, permit: Permit, account: AccountId, code: &str, comes: bool) -> Result<(Session, Record)> {
    let unknown = Error::NotFound("check-in code");
    let Some((id, number)) = store::by_code(tx.conn(), &tidy(code)).await? else { return Err(unknown) };
    let Some(session) = sessions::to_change(tx.conn(), id).await? else { return Err(unknown) };
    let meeting = session.meetings.iter().find(|meeting| meeting.number == number).ok_or(unknown)?.clone();
    let registration = registrations::of_person(tx.conn(), id, account).await?.filter(has_seat);
    let Some(registration) = registration else {
        let grounds = crate::sessions::grounds(tx, &session).await?;
        return Err(refusal(tx, &session, &grounds));
    };
    let before = store::one(tx.conn(), registration.id, number).await?;
    let (now, step) = (tx.now(), step(&session, number, Some(&registration), before.as_ref(), tx.now()));
    let record = before.unwrap_or(Record::unknown(registration.id, number));
    let zone = meeting.zone;
    let refuse = |sentence: String| Err(Error::Conflict(sentence));
    let (record, action) = match (step, comes) {
        (Step::In, true) => {
            let late = now > meeting.starts_at + LEEWAY;
            let state = if late { Attendance::PARTIAL } else { Attendance::PRESENT };
            (Record { state, in_at: Some(now), ..record }, "attendance.checked_in")
        }
        (Step::Out, false) => {
            let early = now < meeting.ends_at - LEEWAY;
            let state = if early { Attendance::PARTIAL } else { record.state };
            (Record { state, out_at: Some(now), ..record }, "attendance.checked_out")
        }
        // Done already.
        (Step::Out | Step::Gone, true) | (Step::Gone, false) => return Ok((session, record)),
        (Step::In, false) => return refuse("You are not checked in yet; check in first.".to_owned()),
        (Step::Early(opens), _) => {
            let opens = crate::sessions::schedule::moment(opens, zone);
            return refuse(format!("Check-in opens {opens}; come back then."));
        }
        (Step::Late, _) => {
            return refuse(
                "This meeting is over. Tell the host that you were there; they can still write it down.".into(),
            );
        }
        (Step::Ask, _) => {
            return refuse("The host has written something else down about you; speak to them.".to_owned());
        }
        (Step::Closed | Step::NoSeat, _) => {
            return refuse("Check-in is closed here; speak to the host.".to_owned());
        }
    };
    store::put(tx.conn(), id, Some(account), std::slice::from_ref(&record), now).await?;
    let detail = json!({ "session": id, "meeting": number, "state": record.state.code() });
    tx.record(&permit, Event::about(action, "registration", registration.id.0).with(detail)).await?;
    Ok((session, record))
}

fn refusal(tx: &Tx, session: &Session, grounds: &Grounds) -> Error {
    if policy::sees(tx.actor(), session, grounds) {
        Error::Conflict("You have no confirmed seat in this session; speak to the host at the door.".to_owned())
    } else {
        Error::NotFound("check-in code")
    }
}

/// The big screen of a meeting. Eleven statements at most, however many come.
pub async fn screen(cx: &Cx, reference: &str, number: i32) -> Result<Screen> {
    let (session, meeting, _) = super::book::taken(cx, reference, number).await?;
    let seats = registrations::of_session(cx.conn(), session.id, &[Seat::CONFIRMED]).await?;
    let records = store::of_meeting(cx.conn(), session.id, number).await?;
    let there = seats.iter().filter(|seat| records.get(&seat.id).is_some_and(Record::was_there)).count();
    Ok(Screen { expected: seats.len(), there, session, meeting })
}

/// Opens check-in: gives the meeting a code, or another one where the old one went astray (`again`).
pub async fn open(tx: &mut Tx, id: SessionId, number: i32, again: bool) -> Result<String> {
    let (session, grounds) = crate::sessions::held(tx, id).await?;
    let permit = policy::take_attendance(tx.actor(), &session, &grounds)?;
    let meeting = session.meetings.iter().find(|meeting| meeting.number == number);
    let meeting = meeting.ok_or(Error::NotFound("meeting"))?;
    if !session.is_live() && session.status != SessionStatus::COMPLETED {
        return Err(Error::Conflict("Publish the session first; then its meetings get a code.".to_owned()));
    }
    if let Some(code) = meeting.code.clone().filter(|_| !again) {
        return Ok(code);
    }
    for _ in 0..TRIES {
        let code = fresh_code()?;
        if store::by_code(tx.conn(), &code).await?.is_none() {
            store::set_code(tx.conn(), id, number, &code).await?;
            let detail = json!({ "meeting": number, "again": again });
            tx.record(&permit, Event::about("attendance.check_in_opened", "session", id.0).with(detail)).await?;
            return Ok(code);
        }
    }
    Err(Error::Unavailable("No code is free at the moment; try again.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_clear() {
        let codes: Vec<String> = (0..200).map(|_| fresh_code().unwrap()).collect();
        for code in &codes {
            assert_eq!(code.len(), LENGTH);
            assert!(code.bytes().all(|byte| LETTERS.contains(&byte)), "{code}");
        }
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(tidy(" hjk-4 7m\n"), "HJK47M");
    }
}
