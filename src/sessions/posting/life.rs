//! What time makes due of a posting: registration that closes, sessions that begin and end, go or no-go. Each session in a
//! transaction of its own, held, and looked at again after holding: done twice it does nothing.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::{letters, save};
use crate::platform::vocabulary::{Seat, SessionStatus};
use crate::platform::{Actor, Cx, Db, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::session::{NO_SECTOR, Session, SessionId};
use crate::sessions::store::conflicts::Due;
use crate::sessions::store::{conflicts, registrations, sessions as store};
use crate::sessions::{joint, policy};

/// So many sessions are looked at in one turn, for each thing that can be due.
const AT_ONCE: u64 = 40;
/// Host and co-host are told so many days before go or no-go that there are too few.
const WARN_DAYS: i64 = 3;

/// Does what time has made due, and says how much that was. Five statements while nothing is.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let mut done = 0;
    for what in [Due::Closing, Due::Beginning, Due::Ending, Due::Warning, Due::Deciding] {
        let cx = db.cx(Actor::System("sessions"));
        // A day begins up to 14 hours earlier in other zones than in UTC; the day there is looked at below.
        let today = cx.now().date_naive() + TimeDelta::days(1);
        let day = if what == Due::Warning { today + TimeDelta::days(WARN_DAYS) } else { today };
        let mut found = conflicts::due(cx.conn(), what, cx.now(), day, AT_ONCE).await?;
        if matches!(what, Due::Warning | Due::Deciding) && !found.is_empty() {
            // The day has to have come there; nobody waits for a transaction before.
            let sessions = store::by_ids(cx.conn(), &found).await?;
            let days = if what == Due::Warning { WARN_DAYS } else { 0 };
            found.retain(|id| sessions.get(id).is_some_and(|session| day_has_come(&cx, session, days)));
        }
        for id in found {
            let acted = async {
                let mut tx = db.write(Actor::System("sessions")).await?;
                if !one(&mut tx, desk, what, id).await? {
                    return Ok(false);
                }
                tx.commit().await.map(|()| true)
            };
            let acted: Result<bool> = acted.await;
            match acted {
                Ok(acted) => done += usize::from(acted),
                // The others do not wait for it; it is looked at again with the next turn.
                Err(error) => tracing::error!(%error, %id, "what is due for a session cannot be done"),
            }
        }
    }
    Ok(done)
}

/// Whether it is so many days before go or no-go, where the session is.
fn day_has_come(cx: &Cx, session: &Session, days: i64) -> bool {
    let today = session.zone().local(cx.now()).date();
    session.decide_on.is_some_and(|day| today >= day - TimeDelta::days(days))
}

async fn one(tx: &mut Tx, desk: &Desk, what: Due, id: SessionId) -> Result<bool> {
    let Some(session) = store::to_change(tx.conn(), id).await? else { return Ok(false) };
    match what {
        Due::Closing | Due::Beginning | Due::Ending => move_on(tx, session).await,
        Due::Warning => warn(tx, desk, session).await,
        Due::Deciding => decide(tx, session).await,
    }
}

/// Where a session is by the clock.
async fn move_on(tx: &mut Tx, mut session: Session) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let past = |at: Option<crate::platform::Timestamp>| at.is_some_and(|at| at <= tx.now());
    let now = match session.status {
        SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED | SessionStatus::RUNNING => {
            if past(session.ends_at) {
                SessionStatus::COMPLETED
            } else if past(session.starts_at) {
                SessionStatus::RUNNING
            } else if past(session.closes_at) {
                SessionStatus::REGISTRATION_CLOSED
            } else {
                SessionStatus::PUBLISHED
            }
        }
        _ => return Ok(false),
    };
    // What was closed by hand stays closed.
    if now == session.status || now == SessionStatus::PUBLISHED {
        return Ok(false);
    }
    let action = match now {
        SessionStatus::COMPLETED => "session.completed",
        SessionStatus::RUNNING => "session.began",
        _ => "session.registration_closed",
    };
    session.status = now;
    if now == SessionStatus::COMPLETED {
        session.ended_at = session.ends_at;
    }
    save(tx, &permit, &mut session, action, json!({})).await?;
    Ok(true)
}

fn is_coming(session: &Session) -> bool {
    matches!(session.status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED)
}

/// Three days before go or no-go: too few have a seat.
async fn warn(tx: &mut Tx, desk: &Desk, mut session: Session) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some((day, minimum)) = session.decide_on.zip(session.minimum) else { return Ok(false) };
    let today = session.zone().local(tx.now()).date();
    let told = session.warned_for == Some(day) || session.decided_at.is_some();
    if !is_coming(&session) || told || today < day - TimeDelta::days(WARN_DAYS) {
        return Ok(false);
    }
    let seats: i64 = seats_by_sector(tx, session.id).await?.values().sum();
    session.warned_for = Some(day);
    let few = seats < i64::from(minimum) && today <= day;
    save(tx, &permit, &mut session, "session.minimum_checked", json!({ "seats": seats, "few": few })).await?;
    if few {
        letters::below_minimum(tx, desk, &session, seats, minimum).await?;
    }
    Ok(true)
}

/// The day of go or no-go: whether people of two sectors have seats (J-1, the second check).
async fn decide(tx: &mut Tx, mut session: Session) -> Result<bool> {
    let permit = policy::keep_time(tx.actor())?;
    let Some(day) = session.decide_on else { return Ok(false) };
    let today = session.zone().local(tx.now()).date();
    if !is_coming(&session) || session.joint_decided.is_some() || today < day {
        return Ok(false);
    }
    let seats = seats_by_sector(tx, session.id).await?;
    let two = joint::is_joint(seats.keys().map(|code| Some(code.as_str())));
    session.joint_decided = Some(two);
    save(tx, &permit, &mut session, "session.joint_checked", json!({ "two_sectors": two })).await?;
    Ok(true)
}

/// Who has a seat, held or confirmed, by the sector they registered with. One statement.
pub(super) async fn seats_by_sector(tx: &Tx, id: SessionId) -> Result<BTreeMap<String, i64>> {
    let mut seats = BTreeMap::new();
    for registration in registrations::of_session(tx.conn(), id, &[Seat::HELD, Seat::CONFIRMED]).await? {
        *seats.entry(registration.sector.unwrap_or_else(|| NO_SECTOR.to_owned())).or_insert(0) += 1;
    }
    Ok(seats)
}
