//! Where a posting stands: what is missing before it can be published, what is in its way, who may do what.

use crate::people::AccountId;
use crate::platform::vocabulary::{Consent, SessionFormat, SessionMode, SessionStatus};
use crate::platform::{Actor, Cx, Error, FieldErrors, Result, Timestamp};
use crate::sessions::conflict::{self, Conflict};
use crate::sessions::session::{NO_SECTOR, Session};
use crate::sessions::{Grounds, joint, policy};

/// What those who make a session see of it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The session.
    pub session: Session,
    /// Where its parties are.
    pub grounds: Grounds,
    /// What is missing before it can be published; empty once it is.
    pub missing: FieldErrors,
    /// Rooms and people that are elsewhere then.
    pub conflicts: Vec<Conflict>,
    /// The organizer's own bookings at these times.
    pub booked: Vec<Conflict>,
}

/// Whether the actor changes a session.
pub fn may_run(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    policy::change(actor, session, grounds).is_ok()
}

/// Whether the actor publishes and cancels it.
pub fn may_publish(actor: &Actor, grounds: &Grounds) -> bool {
    policy::publish(actor, grounds).is_ok()
}

/// Whether the actor answers for the co-host.
pub fn may_answer(actor: &Actor, grounds: &Grounds) -> bool {
    policy::consent(actor, grounds).is_ok()
}

/// Where a session stands, for those who run it. At most 23 statements.
pub async fn standing(cx: &Cx, reference: &str) -> Result<Standing> {
    let (session, grounds) = crate::sessions::session(cx, reference).await?;
    if !may_run(cx.actor(), &session, &grounds) {
        return Err(Error::NotFound("session"));
    }
    let draft = matches!(session.status, SessionStatus::DRAFT | SessionStatus::SUBMITTED | SessionStatus::POSTPONED);
    let missing = if draft { missing(&session, Some(cx.now())) } else { FieldErrors::default() };
    let over = matches!(session.status, SessionStatus::COMPLETED | SessionStatus::CANCELLED);
    let (mut conflicts, mut booked) = (Vec::new(), Vec::new());
    if !over {
        conflicts = conflict::of_session(cx, &session).await?;
        booked = conflict::of_person(cx, organizer(&session), &session).await?;
    }
    Ok(Standing { session, grounds, missing, conflicts, booked })
}

fn organizer(session: &Session) -> AccountId {
    session.organizer
}

/// What is missing before a session can be published, a sentence for each; `now` is left out for one that is published.
pub fn missing(session: &Session, now: Option<Timestamp>) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if session.details.purpose.is_empty() {
        errors.add("purpose", "Say what people will leave with.");
    }
    if session.topics.is_empty() {
        errors.add("topics", "Choose at least one topic.");
    }
    dates(&mut errors, session, now);
    let room = session.mode != SessionMode::ONLINE;
    let nowhere = |m: &&crate::sessions::Meeting| m.room.is_none() && m.address.is_none();
    if let Some(meeting) = session.meetings.iter().find(nowhere).filter(|_| room) {
        errors
            .add(format!("meetings/{}/address", meeting.number), "Say where it is: choose a room or give an address.");
    }
    if room && session.in_person.capacity == 0 {
        errors.add("capacity", "Say how many seats there are.");
    }
    if session.mode != SessionMode::IN_PERSON && session.online.capacity == 0 {
        errors.add("online_capacity", "Say how many seats there are online.");
    }
    invitation(&mut errors, session);
    errors
}

fn dates(errors: &mut FieldErrors, session: &Session, now: Option<Timestamp>) {
    let Some(start) = session.starts_at else {
        errors.add("meetings/1/date", "Give the day and the time.");
        return;
    };
    let series = SessionFormat::parse("workshop_series").is_ok_and(|series| session.format == series);
    if series && session.meetings.len() < 2 {
        errors.add("meetings/2/date", "Give a series at least two dates, or choose Workshop.");
    }
    let Some(now) = now else { return };
    if start <= now {
        errors.add("meetings/1/date", "Give a start that is still to come.");
    } else if session.closes_at.is_some_and(|at| at <= now) {
        errors.add("closes_at", "Give an end of registration that is still to come, or leave it out.");
    }
}

/// Host and consenting co-host of two sectors (J-1, the first check).
fn invitation(errors: &mut FieldErrors, session: &Session) {
    let unknown = |sector: &Option<String>| sector.as_deref().is_none_or(|code| code == NO_SECTOR);
    let Some(cohost) = &session.cohost else {
        errors.add("cohost", "Ask a school of another sector to be co-host.");
        return;
    };
    if session.parties().any(|party| unknown(&party.sector)) {
        errors.add(
            "cohost",
            "The sector of one of the two schools is not known; ask the city's administrators to state it.",
        );
    } else if !joint::is_joint([session.host.sector.as_deref(), cohost.sector.as_deref()]) {
        errors.add("cohost", "Host and co-host are of the same sector; ask a school of another sector.");
    } else if session.consent != Consent::GIVEN {
        let message = match session.consent {
            Consent::DECLINED => "The co-host declined; ask another school.",
            Consent::ASKED => "The co-host has not answered yet.",
            _ => "The co-host has not been asked yet.",
        };
        errors.add("cohost", message);
    }
}
