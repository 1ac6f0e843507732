//! Reminders of people with a seat: seven days before, and the day before each meeting.

use super::Done;
use super::plan::{self, Kind};
use crate::notices::{self, Notice, Topic};
use crate::people::AccountId;
use crate::people::account::{self, AccountState};
use crate::platform::{Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::session::Session;
use crate::sessions::store::reminders::{self as store, Waiting};
use crate::sessions::{letters, policy, schedule};

/// So many people in one transaction: others move seats of the session between.
const PIECE: usize = 200;

/// Reminds the next of those who have a seat. Who registered later than the moment has just read it all.
pub(super) async fn remind(tx: &mut Tx, desk: &Desk, session: &Session, waiting: &Waiting) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let moment = waiting.moment;
    let seats = store::seats_after(tx.conn(), session.id, waiting.told_to, PIECE as u64).await?;
    let ids: Vec<AccountId> = seats.iter().map(|registration| registration.account).collect();
    let accounts = account::accounts_in(tx, &ids).await?;
    let meeting = session.meetings.iter().find(|meeting| meeting.number == moment.meeting.max(1));
    let (Some(meeting), Some(until)) = (meeting, plan::until(session, &moment)) else { return Ok(Done::all(0)) };
    let line = format!("{}: {}", session.title, schedule::when(meeting));
    let mut notices = Vec::with_capacity(seats.len());
    for registration in seats.iter().filter(|registration| registration.created_at <= moment.due_at) {
        let person = accounts.get(&registration.account).filter(|account| account.state == AccountState::Active);
        let Some(person) = person else { continue };
        let meeting = (moment.kind == Kind::Day).then_some(meeting);
        let event = format!(
            "registration:{}:{}:{}:{}",
            registration.id,
            moment.kind.code(),
            moment.meeting,
            moment.due_at.timestamp()
        );
        let letter = letters::reminder(tx, desk, session, registration, person, (meeting, &event, until)).await?;
        notices.push(Notice {
            account: person.id,
            topic: Topic::Reminders,
            event,
            about: ("session", session.id.0),
            line: line.clone(),
            path: format!("/sessions/{}", session.id),
            letter,
        });
    }
    let told = notices.len();
    notices::tell_many(tx, &desk.postroom(), notices).await?;
    let last = seats.last().filter(|_| seats.len() == PIECE).map(|last| last.id);
    Ok(Done { told, again: last.map(|last| (moment.due_at, Some(last))) })
}
