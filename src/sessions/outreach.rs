//! What sessions that are over tell others: how many a school hosted and went to, who came by sector, and which practices
//! somebody saw there. Counts of people carry no names.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::session::{Session, SessionId};
use super::{attendance, schedule, store};
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

/// What everybody may know of a session, with how many came: no names.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Its title.
    pub title: String,
    /// What people leave with.
    pub purpose: String,
    /// Who invited: host and co-host, with their sectors then.
    pub parties: Vec<(SchoolId, Option<String>)>,
    /// The practice that it showed.
    pub practice: Option<PracticeId>,
    /// The commitment of a compact that it served.
    pub commitment: Option<Uuid>,
    /// Its first day, in words.
    pub day: String,
    /// Whether its attendance is final.
    pub is_locked: bool,
    /// How many people came, by sector code.
    pub came: BTreeMap<String, u64>,
    /// The minutes they were there, added up.
    pub minutes: i64,
}

impl Held {
    /// How many people came.
    pub fn people(&self) -> u64 {
        self.came.values().sum()
    }
}

/// These sessions, as far as everybody may see them. Six statements for those of a page, and one for each whose attendance is final.
pub async fn held(cx: &Cx, ids: &[SessionId]) -> Result<HashMap<SessionId, Held>> {
    let mut found = store::sessions::by_ids(cx.conn(), ids).await?;
    found.retain(|_, session| session.is_public() && session.visibility == Visibility::PUBLIC);
    let locked: Vec<SessionId> =
        found.values().filter(|session| session.locked_at.is_some()).map(|session| session.id).collect();
    let mut came = store::outreach::came(cx.conn(), &locked).await?;
    let mut all = HashMap::new();
    for (id, session) in found {
        let minutes = match session.locked_at {
            Some(_) => attendance::together(&session, &store::attendance::of_session(cx.conn(), id).await?),
            None => 0,
        };
        let parties = session.parties().map(|party| (party.school, party.sector.clone())).collect();
        let held = Held {
            parties,
            day: day_of(&session).map(|(_, day)| day).unwrap_or_default(),
            is_locked: session.locked_at.is_some(),
            came: came.remove(&id).unwrap_or_default(),
            minutes,
            title: session.title,
            purpose: session.details.purpose,
            practice: session.practice,
            commitment: session.commitment,
        };
        all.insert(id, held);
    }
    Ok(all)
}

/// Titles of sessions that everybody may see. Five statements.
pub async fn titles(cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let ids: Vec<SessionId> = ids.iter().copied().map(SessionId).collect();
    let found = store::sessions::by_ids(cx.conn(), &ids).await?;
    let open = found.into_values().filter(|session| session.is_public() && session.visibility == Visibility::PUBLIC);
    Ok(open.map(|session| (session.id.0, session.title)).collect())
}
