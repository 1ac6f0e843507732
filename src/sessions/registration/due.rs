//! What time makes due for seats: holds and offers that end, reminders of the school, kept seats that are pooled. Each in its
//! own transaction, with the session held and everything looked at again; doing it twice does nothing.

use serde_json::json;
use uuid::Uuid;

use super::moving::{By, Why, fill, shift};
use crate::people::account;
use crate::platform::vocabulary::{Approval, Seat, SessionStatus};
use crate::platform::{Actor, Db, Error, Event, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::letters;
use crate::sessions::places::hold_is_over;
use crate::sessions::policy;
use crate::sessions::seat::{Registration, RegistrationId, Reminder};
use crate::sessions::session::SessionId;
use crate::sessions::store::{registrations as store, sessions};

/// So much of each kind at most in one look.
const MOST: u64 = 50;

/// Who does it.
const SESSIONS: Actor = Actor::System("sessions");

/// Ends holds and offers whose time is over, releases kept seats, reminds. Says how much was done. What cannot be done stands in
/// nobody's way.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(SESSIONS);
    let mut done = 0;
    for (id, session) in store::overdue(cx.conn(), cx.now(), MOST).await? {
        let ended = async {
            let mut tx = db.write(SESSIONS).await?;
            let ended = end(&mut tx, desk, id, session).await?;
            tx.commit().await.map(|()| ended)
        };
        done += counted(ended.await, "a hold or an offer cannot end", id.0);
    }
    for session in sessions::to_pool(cx.conn(), cx.now(), MOST).await? {
        let pooled = async {
            let mut tx = db.write(SESSIONS).await?;
            let pooled = pool(&mut tx, desk, session).await?;
            tx.commit().await.map(|()| pooled)
        };
        done += counted(pooled.await, "kept seats cannot be released", session.0);
    }
    for (id, _) in store::reminders(cx.conn(), cx.now(), MOST).await? {
        let reminded = async {
            let mut tx = db.write(SESSIONS).await?;
            let reminded = remind(&mut tx, desk, id).await?;
            tx.commit().await.map(|()| reminded)
        };
        done += counted(reminded.await, "a school cannot be reminded", id.0);
    }
    Ok(done)
}

/// How much was done of one thing; what failed is logged, and looked at again with the next turn.
fn counted(done: Result<bool>, failed: &'static str, id: Uuid) -> usize {
    match done {
        Ok(done) => usize::from(done),
        Err(error) => {
            tracing::error!(%error, %id, "{failed}");
            0
        }
    }
}

/// Ends a hold (J-3) or an offer (J-5) whose time is over; the next in line gets the seat.
async fn end(tx: &mut Tx, desk: &Desk, id: RegistrationId, session: SessionId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let by = By { desk, permit: &permit };
    let Some(mut session) = sessions::to_seat(tx.conn(), session, true).await? else { return Ok(false) };
    let Some(registration) = store::by_id(tx.conn(), id).await? else { return Ok(false) };
    let now = tx.now();
    let over = |until: Option<_>| until.is_some_and(|until| until <= now);
    let (approval, why) = match registration.seat {
        Seat::HELD if hold_is_over(&session, registration.hold_until, now) => (Approval::EXPIRED, Why::Unanswered),
        Seat::OFFERED if over(registration.offer_until) => (registration.approval, Why::OfferOver),
        _ => return Ok(false),
    };
    let person = account::account_in(tx, registration.account).await?;
    let after = Registration { seat: Seat::RELEASED, approval, ..registration.clone() };
    shift(tx, by, &mut session, &person, Some(&registration), after, why).await?;
    fill(tx, by, &mut session).await?;
    Ok(true)
}

/// Pools the kept seats of a session whose day has come (J-4), and offers what became free.
async fn pool(tx: &mut Tx, desk: &Desk, id: SessionId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(mut session) = sessions::to_seat(tx.conn(), id, true).await? else { return Ok(false) };
    let due = session.release_at.is_some_and(|release| release <= tx.now());
    if !due || session.status == SessionStatus::POSTPONED {
        return Ok(false);
    }
    let kept = std::mem::take(&mut session.kept);
    session.release_at = None;
    session.revision += 1;
    session.updated_at = tx.now();
    sessions::pool(tx.conn(), &session).await?;
    let event = Event::about("session.seats_pooled", "session", id.0).with(json!({ "kept": kept }));
    tx.record(&permit, event).await?;
    fill(tx, By { desk, permit: &permit }, &mut session).await?;
    Ok(true)
}

/// Reminds of a seat that waits for the school's answer, and notes what comes next.
async fn remind(tx: &mut Tx, desk: &Desk, id: RegistrationId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(known) = store::by_id(tx.conn(), id).await? else { return Ok(false) };
    let session = sessions::to_seat(tx.conn(), known.session, true).await?;
    let registration = store::by_id(tx.conn(), id).await?;
    let (Some(session), Some(registration)) = (session, registration) else { return Ok(false) };
    let Some(reminder) = store::reminder_of(tx.conn(), id).await?.filter(|reminder| reminder.due_at <= tx.now()) else {
        return Ok(false);
    };
    let waits = registration.seat == Seat::HELD && registration.approval == Approval::WAITING;
    let until =
        registration.hold_until.filter(|until| waits && *until > tx.now() && registration.turn == reminder.turn);
    let Some(until) = until else {
        store::forget_reminder(tx, id).await?;
        return Ok(false);
    };
    let person = account::accounts_in(tx, &[registration.account]).await?.remove(&registration.account);
    let person = person.ok_or_else(|| Error::internal("a registration of nobody"))?;
    letters::remind(tx, desk, &session, &registration, &person, reminder.step).await?;
    match reminder.next(until) {
        Some(next) => store::remind(tx, id, &next).await?,
        None => store::forget_reminder(tx, id).await?,
    }
    let detail = json!({ "session": session.id.0, "step": reminder.step, "last": reminder.step == Reminder::LAST });
    tx.record(&permit, Event::about("registration.reminded", "registration", id.0).with(detail)).await?;
    Ok(true)
}
