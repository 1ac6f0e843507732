//! What sessions remind of by themselves (product.md, table of section 4): people with a seat, their principals, those who run
//! it, the school a practice is from. [`plan`] reckons when; a row waits for each moment, is looked for along one index, and
//! goes with the letters that it makes: whichever node comes first tells, once. A session that moves is planned anew.

mod hosts;
mod people;
pub(in crate::sessions) mod plan;
mod schools;

use serde_json::json;

use self::plan::{Kind, Moment};
use super::desk::Desk;
use super::policy;
use super::seat::RegistrationId;
use super::session::Session;
use super::store::reminders::{self as store, Waiting};
use super::store::sessions;
use crate::platform::{Actor, Db, Event, Result, Timestamp, Tx};

/// So many moments at most in one look.
const MOST: u64 = 50;

/// Who does it.
const SESSIONS: Actor = Actor::System("sessions");

/// What came of one turn.
struct Done {
    /// How many people were told.
    told: usize,
    /// Where it is not all yet: when it goes on, and after which registration.
    again: Option<(Timestamp, Option<RegistrationId>)>,
}

impl Done {
    /// Everybody was told.
    fn all(told: usize) -> Self {
        Self { told, again: None }
    }
}

/// Plans anew what a session that is held reminds of: what it had keeps its place, what is past is not begun.
pub(super) async fn replan(tx: &mut Tx, session: &Session) -> Result<()> {
    let planned = plan::plan(session);
    let known = store::of_session(tx.conn(), session.id).await?;
    for waiting in &known {
        let news = waiting.moment.kind == Kind::News && !planned.is_empty();
        if !news && !planned.iter().any(|moment| is_same(moment, waiting)) {
            store::end(tx.conn(), waiting).await?;
        }
    }
    let now = tx.now();
    for moment in planned.iter().filter(|moment| moment.due_at > now) {
        if !known.iter().any(|waiting| is_same(moment, waiting)) {
            store::begin(tx, session.id, moment).await?;
        }
    }
    tx.send().await
}

fn is_same(moment: &Moment, waiting: &Waiting) -> bool {
    let (kind, due) = (waiting.moment.kind, waiting.moment.due_at);
    // Hours wait for the lock, a day at a time.
    let later = kind == Kind::Hours && moment.due_at < due;
    (moment.kind, moment.meeting) == (kind, waiting.moment.meeting) && (moment.due_at == due || later)
}

/// Notes that there is news of the seats of a session that is held, for the next morning. One statement, whatever happened, sent with what
/// comes after it.
pub(super) async fn note_news(tx: &mut Tx, session: &Session) -> Result<()> {
    let moment = Moment { kind: Kind::News, meeting: 0, due_at: plan::next_morning(session, tx.now()) };
    store::begin(tx, session.id, &moment).await
}

/// Tells what is due, a transaction for each moment. One statement while nothing is.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(SESSIONS);
    let found = store::due(cx.conn(), cx.now(), MOST).await?;
    let mut done = 0;
    for waiting in found {
        let told = async {
            let mut tx = db.write(SESSIONS).await?;
            let told = one(&mut tx, desk, &waiting).await?;
            tx.commit().await.map(|()| told)
        };
        let told: Result<bool> = told.await;
        match told {
            Ok(told) => done += usize::from(told),
            // The others do not wait for it; it is looked at again with the next turn.
            Err(error) => tracing::error!(%error, session = %waiting.session, "people cannot be reminded of a session"),
        }
    }
    Ok(done)
}

async fn one(tx: &mut Tx, desk: &Desk, seen: &Waiting) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(session) = sessions::to_change(tx.conn(), seen.session).await? else { return Ok(false) };
    // Looked up again: another node may have been here, and the session may have moved.
    let found = store::one(tx.conn(), session.id, seen.moment.kind, seen.moment.meeting).await?;
    let Some(waiting) = found.filter(|waiting| waiting.moment.due_at <= tx.now()) else { return Ok(false) };
    if !is_of_use(&session, &waiting, tx.now()) {
        store::end(tx.conn(), &waiting).await?;
        return Ok(true);
    }
    let done = match waiting.moment.kind {
        Kind::Week | Kind::Day => people::remind(tx, desk, &session, &waiting).await?,
        Kind::Staff => schools::staff(tx, desk, &session).await?,
        Kind::Out => schools::out(tx, desk, &session, &waiting).await?,
        Kind::Hours => schools::hours(tx, desk, &session, &waiting).await?,
        Kind::Organizer => hosts::week_ahead(tx, desk, &session).await?,
        Kind::News => hosts::news(tx, desk, &session, &waiting).await?,
        Kind::Uses30 => hosts::uses(tx, desk, &session, 30).await?,
        Kind::Uses90 => hosts::uses(tx, desk, &session, 90).await?,
    };
    match done.again {
        Some((at, after)) => store::go_on(tx.conn(), &waiting, at, after).await?,
        None => store::end(tx.conn(), &waiting).await?,
    }
    if done.told > 0 {
        let detail =
            json!({ "kind": waiting.moment.kind.code(), "meeting": waiting.moment.meeting, "people": done.told });
        tx.record(&permit, Event::about("session.reminded", "session", session.id.0).with(detail)).await?;
    }
    Ok(true)
}

/// Whether a reminder still says what is so, in time.
fn is_of_use(session: &Session, waiting: &Waiting, now: Timestamp) -> bool {
    let planned = plan::plan(session);
    let stands = match waiting.moment.kind {
        Kind::News => session.is_live(),
        _ => planned.iter().any(|moment| is_same(moment, waiting)),
    };
    stands && plan::until(session, &waiting.moment).is_some_and(|until| now < until)
}
