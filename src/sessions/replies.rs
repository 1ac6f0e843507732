//! What calendars answer to invitations (RFC 6047): a no asks the person by letter whether they give the seat back, a yes agrees
//! to a material change, a perhaps is heard and changes nothing. All that is known of an answer is From, which anybody can
//! write, and the name of the meeting is public: so an answer takes nothing away. What was said to another invitation than the
//! newest is over.

use async_trait::async_trait;
use serde_json::json;

use super::desk::Desk;
use super::seat::{Registration, is_open};
use super::session::{Meeting, Session};
use super::{letters, policy, registration, store};
use crate::mail::intake::{CalendarReply, Outcome, Replies};
use crate::mail::{self, Email};
use crate::people::account::{self, AccountState};
use crate::platform::{Actor, Db, Error, Event, Result, Scope, Tx, Via};

/// Answers about seats.
pub struct SeatReplies {
    desk: Desk,
}

impl SeatReplies {
    /// A seat that is given back is offered to whoever is next: that takes the desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[async_trait]
impl Replies for SeatReplies {
    async fn reply(&self, db: &Db, reply: CalendarReply) -> Result<Outcome> {
        let cx = db.cx(Actor::System("sessions"));
        let Ok(from) = Email::parse(&reply.from) else { return Ok(Outcome::NotTheirs) };
        let Some((session, number)) = store::sessions::by_uid(cx.conn(), &reply.uid).await? else {
            return Ok(Outcome::NotTheirs);
        };
        let person = account::account_of(&cx, &from).await?;
        let person = person.filter(|account| account.state == AccountState::Active && reply.attendee == reply.from);
        let Some(person) = person else { return Ok(Outcome::NotTheirs) };
        let seat = store::registrations::of_person(cx.conn(), session.id, person.id).await?;
        let Some(seat) = seat else { return Ok(Outcome::NotTheirs) };
        let via = Via::Letter(seat.id.0);
        let Some(actor) = account::actor(&cx, person.id, via, cx.now(), Scope::Write, false).await? else {
            return Ok(Outcome::NotTheirs);
        };
        let mut tx = db.write(actor).await?;
        let done = answer(&mut tx, &self.desk, &session, number, &seat, &reply).await?;
        if done == Outcome::Applied {
            tx.commit().await?;
        }
        Ok(done)
    }
}

async fn answer(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    number: i32,
    seat: &Registration,
    reply: &CalendarReply,
) -> Result<Outcome> {
    let permit = policy::own(tx.actor(), seat.account)?;
    let newest = mail::outbox::newest_in_thread(tx, &letters::thread(seat.id)).await?;
    // The seat may have changed since it was read; the operations look again with the session held.
    if !is_open(seat.seat) || newest != Some(reply.sequence) {
        return Ok(Outcome::NothingToDo);
    }
    let Some(meeting) = session.meetings.iter().find(|meeting| meeting.number == number) else {
        return Ok(Outcome::NothingToDo);
    };
    let done = match reply.partstat.as_str() {
        "DECLINED" => return ask(tx, desk, session, meeting, seat, reply).await,
        "ACCEPTED" if seat.round < session.round => registration::keep(tx, desk, seat.id).await,
        _ => return Ok(Outcome::NothingToDo),
    };
    match done {
        Ok(after) if after.seat == seat.seat && after.round == seat.round => Ok(Outcome::NothingToDo),
        Ok(_) => {
            let detail = json!({ "session": session.id.0, "answer": reply.partstat, "sequence": reply.sequence });
            tx.record(
                &permit,
                Event::about("registration.answered_by_calendar", "registration", seat.id.0).with(detail),
            )
            .await?;
            Ok(Outcome::Applied)
        }
        // It is over, or was given back meanwhile.
        Err(Error::Conflict(_)) => Ok(Outcome::NothingToDo),
        Err(error) => Err(error),
    }
}

/// Asks by letter whether it was them and the whole seat is meant: once for a meeting and an invitation.
async fn ask(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    meeting: &Meeting,
    seat: &Registration,
    reply: &CalendarReply,
) -> Result<Outcome> {
    let permit = policy::own(tx.actor(), seat.account)?;
    let event = format!("registration:{}:declined:{}:{}", seat.id, reply.sequence, meeting.number);
    if meeting.ends_at <= tx.now() || mail::outbox::has_letter_of(tx, &event).await? {
        return Ok(Outcome::NothingToDo);
    }
    let person = account::account_in(tx, seat.account).await?;
    letters::ask_about_meeting(tx, desk, session, seat, &person, (meeting, event)).await?;
    let detail = json!({ "session": session.id.0, "answer": reply.partstat, "meeting": meeting.number });
    tx.record(&permit, Event::about("registration.answered_by_calendar", "registration", seat.id.0).with(detail))
        .await?;
    Ok(Outcome::Applied)
}
