//! Statements whose last day is near: their authors are reminded a week before. Runs beside the server of every node; whoever comes
//! first does it, with the statement held.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::statement::{State, Statement, StatementId};
use super::{letters, policy, store};
use crate::platform::{Actor, Db, Event, Result, Timestamp, Tx};
use crate::sessions::Desk;

/// So many days before the last day.
const AHEAD: TimeDelta = TimeDelta::days(7);
/// Statements of one look; the next second takes the rest.
const BATCH: u64 = 20;

/// Looks every second until the future that runs it is dropped.
pub async fn run(db: &Db, desk: &Desk) {
    loop {
        if let Err(error) = look_at_all(db, desk).await {
            tracing::error!(%error, "what is due for statements cannot be done");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Looks at every statement whose last day is near, each in a transaction of its own, and says how many of them were reminded of.
pub async fn look_at_all(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(Actor::System("statements"));
    let near = cx.now().date_naive() + AHEAD;
    let mut done = 0;
    for id in store::statements::to_remind(cx.conn(), near, BATCH).await? {
        match look_at(db, desk, id).await {
            Ok(said) => done += usize::from(said),
            Err(error) => tracing::error!(%error, statement = %id, "a statement cannot be looked at"),
        }
    }
    Ok(done)
}

async fn look_at(db: &Db, desk: &Desk, id: StatementId) -> Result<bool> {
    let mut tx = db.write(Actor::System("statements")).await?;
    let said = look(&mut tx, desk, id).await?;
    tx.commit().await?;
    Ok(said)
}

/// Whether the authors are reminded now; `None` leaves it for later.
fn due(statement: &Statement, now: Timestamp) -> Option<bool> {
    let deadline: NaiveDate = statement.deadline.filter(|_| statement.state == State::Open)?;
    if statement.reminded_at.is_some() || deadline - AHEAD > now.date_naive() {
        return None;
    }
    // Who published it a few days before knows the day; a day that is over is none to be reminded of.
    let known = statement.published_at.is_some_and(|at| at.date_naive() > deadline - AHEAD);
    Some(!known && deadline >= now.date_naive())
}

async fn look(tx: &mut Tx, desk: &Desk, id: StatementId) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(statement) = store::statements::held(tx.conn(), id).await? else { return Ok(false) };
    let Some(remind) = due(&statement, tx.now()) else { return Ok(false) };
    let statement = Statement { reminded_at: Some(tx.now()), ..statement };
    store::statements::update(tx.conn(), &statement).await?;
    if remind {
        let signed = store::signatures::behind(tx.conn(), id, statement.version).await?;
        letters::remind(tx, desk, &statement, signed).await?;
        let detail = json!({ "signed": signed });
        tx.record(&permit, Event::about("statement.deadline_near", "statement", id.0).with(detail)).await?;
    }
    Ok(remind)
}
