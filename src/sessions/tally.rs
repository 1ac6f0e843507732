//! What came of sessions that are over and that everybody may see: for other features that count them. Hours carry no names.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::session::{Session, SessionId};
use super::store;
use crate::people::SchoolId;
use crate::platform::vocabulary::{SessionStatus, Visibility};
use crate::platform::{Cx, Result, Tx};

/// Sessions between schools that are looked at.
const MOST: u64 = 500;

/// A completed session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Which.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// Its first day, there.
    pub on: NaiveDate,
    /// Whether those who came were of two sectors; `None` while attendance is not locked.
    pub joint: Option<bool>,
    /// Minutes of all educators who were there.
    pub minutes: i64,
    /// How many they were.
    pub people: usize,
}

/// Whether a session is one that others count: over, and everybody may see it.
fn counts(session: &Session) -> bool {
    session.status == SessionStatus::COMPLETED && session.visibility == Visibility::PUBLIC
}

/// Whether one of these is over and everybody may see it. Four statements for 900.
pub async fn any_over(tx: &Tx, ids: &[SessionId]) -> Result<bool> {
    Ok(store::sessions::by_ids(tx.conn(), ids).await?.values().any(counts))
}

/// The completed public ones among these. Six statements for 900.
pub async fn of(cx: &Cx, ids: &[SessionId]) -> Result<Vec<Tally>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sessions = store::sessions::by_ids(cx.conn(), ids).await?;
    sessions.retain(|_, one| counts(one));
    let kept: Vec<SessionId> = sessions.keys().copied().collect();
    let mut records: HashMap<SessionId, Vec<_>> = HashMap::new();
    for (session, record) in store::attendance::of_sessions(cx.conn(), &kept).await? {
        records.entry(session).or_default().push(record);
    }
    let mut all: Vec<Tally> = sessions
        .into_values()
        .filter_map(|session| {
            let minutes = super::attendance::minutes(&session, &records.remove(&session.id).unwrap_or_default());
            let on = session.zone().local(session.starts_at?).date();
            let (id, title, joint) = (session.id, session.title, session.joint_held);
            Some(Tally { id, title, on, joint, minutes: minutes.values().sum(), people: minutes.len() })
        })
        .collect();
    all.sort_by_key(|one| (one.on, one.id));
    Ok(all)
}

/// Completed public sessions that two of these schools hosted together and at which people of two sectors were, since a day. Seven
/// statements.
pub async fn joint_between(cx: &Cx, schools: &[SchoolId], since: Option<NaiveDate>) -> Result<Vec<Tally>> {
    if schools.len() < 2 {
        return Ok(Vec::new());
    }
    let ids = store::outreach::hosted_between(cx.conn(), schools, MOST).await?;
    let mut found = of(cx, &ids).await?;
    found.retain(|one| one.joint == Some(true) && since.is_none_or(|since| one.on >= since));
    Ok(found)
}
