//! What sessions that are over tell others: how many a school hosted and went to, who came by sector, and which practices
//! somebody saw there. Counts of people carry no names.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::session::{Session, SessionId};
use super::{schedule, store};
use crate::catalog::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::Visibility;
use crate::platform::{Cx, Error, Result};

/// Sessions of a list.
const MOST: u64 = 200;

/// How many sessions a school hosted, and at how many its people were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Completed ones that it hosted or hosted with another school.
    pub hosted: u64,
    /// Those at which somebody of it was.
    pub attended: u64,
}

/// Counts for a school and those that became part of it. Two statements.
pub async fn counts(cx: &Cx, family: &[SchoolId]) -> Result<Counts> {
    Ok(Counts {
        hosted: store::outreach::count_hosted(cx.conn(), family).await?,
        attended: store::outreach::count_attended(cx.conn(), family).await?,
    })
}

/// A session that a school hosted.
#[derive(Clone, Debug)]
pub struct Hosted {
    /// Its id.
    pub id: SessionId,
    /// Its title.
    pub title: String,
    /// The practice that it showed.
    pub practice: Option<PracticeId>,
    /// The school that hosted it.
    pub host: SchoolId,
    /// The school that hosted with it.
    pub cohost: Option<SchoolId>,
    /// The first day, there.
    pub on: NaiveDate,
    /// The same in words: "Saturday, November 14, 2026".
    pub day: String,
    /// How many people came, by sector code; `unknown` where it is not known.
    pub came: BTreeMap<String, u64>,
}

/// Completed sessions that a school hosted, the newest first, at most 200. Seven statements.
pub async fn hosted(cx: &Cx, family: &[SchoolId]) -> Result<Vec<Hosted>> {
    let ids = store::outreach::hosted(cx.conn(), family, MOST).await?;
    let mut sessions = store::sessions::by_ids(cx.conn(), &ids).await?;
    let mut came = store::outreach::came(cx.conn(), &ids).await?;
    let hosted = ids.into_iter().filter_map(|id| {
        let session = sessions.remove(&id)?;
        let (on, day) = day_of(&session)?;
        Some(Hosted {
            id,
            title: session.title,
            practice: session.practice,
            host: session.host.school,
            cohost: session.cohost.map(|party| party.school),
            on,
            day,
            came: came.remove(&id).unwrap_or_default(),
        })
    });
    Ok(hosted.collect())
}

fn day_of(session: &Session) -> Option<(NaiveDate, String)> {
    let (start, zone) = (session.starts_at?, session.zone());
    Some((zone.local(start).date(), schedule::day(start, zone)))
}

/// A practice that somebody saw at a session.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The session.
    pub session: SessionId,
    /// Its title.
    pub title: String,
    /// Its first day, in words.
    pub day: String,
    /// The practice that it showed.
    pub practice: PracticeId,
    /// The school they came from.
    pub school: SchoolId,
    /// Whether they said since that they use it (J-16).
    pub uses: bool,
}

/// The practices that the actor saw at sessions, the newest first. Seven statements.
pub async fn seen(cx: &Cx) -> Result<Vec<Seen>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let rows = store::outreach::seen_by(cx.conn(), account, MOST).await?;
    let ids: Vec<SessionId> = rows.iter().map(|(id, ..)| *id).collect();
    let sessions = store::sessions::by_ids(cx.conn(), &ids).await?;
    let seen = rows.into_iter().filter_map(|(id, school, uses)| {
        let session = sessions.get(&id)?;
        let (_, day) = day_of(session)?;
        Some(Seen { session: id, title: session.title.clone(), day, practice: session.practice?, school, uses })
    });
    Ok(seen.collect())
}

/// Titles of sessions that everybody may see. Five statements.
pub async fn titles(cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let ids: Vec<SessionId> = ids.iter().copied().map(SessionId).collect();
    let found = store::sessions::by_ids(cx.conn(), &ids).await?;
    let open = found.into_values().filter(|session| session.is_public() && session.visibility == Visibility::PUBLIC);
    Ok(open.map(|session| (session.id.0, session.title)).collect())
}
