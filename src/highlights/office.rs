//! What a mayor's office opens on Monday morning: what its compacts are silent about, what was missed or is disputed, which schools have
//! not answered, what comes up, and the numbers of the month. Nothing of it names a person (M-4).

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Datelike, Days, NaiveDate};

use super::highlight::{Highlight, State};
use super::{policy, store};
use crate::compacts::{self, Commitment, Compact, CompactId, Freshness, Standing};
use crate::people::city::{self, City};
use crate::people::{self, School, SchoolId};
use crate::platform::vocabulary::{CommitmentStatus, SessionStatus, Visibility};
use crate::platform::{Cx, Error, Result, Zone};
use crate::report::{self, Figure, Scope};
use crate::sessions::list::{self, Filters};
use crate::sessions::{Session, schedule};

/// Highlights and sessions that are looked at.
const MANY: u64 = 100;
/// Sessions that are shown.
const SESSIONS: usize = 8;
/// So many days back a session that was held is offered for a highlight.
const LATELY: u64 = 60;

/// A line of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Words of its link.
    pub text: String,
    /// Where that leads.
    pub url: String,
    /// What is said beside it.
    pub note: String,
}

/// A part of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its anchor: `digests`.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// What stands there.
    pub lines: Vec<Line>,
    /// What is said where nothing stands there.
    pub empty: String,
    /// Where more is: words and path.
    pub more: Option<(String, String)>,
}

/// A feature that adds a part to the page; `app.rs` registers each. A constant number of statements.
#[async_trait]
pub trait OfficePart: Send + Sync {
    /// For the office of a city; who reads it is the actor of `cx`, who may write for that city.
    async fn section(&self, cx: &Cx, city: &City) -> Result<Section>;
}

/// What features add.
#[derive(Clone, Default)]
pub struct OfficeParts(Arc<Vec<Arc<dyn OfficePart>>>);

impl OfficeParts {
    /// These, in the order of the page.
    pub fn new(parts: Vec<Arc<dyn OfficePart>>) -> Self {
        Self(Arc::new(parts))
    }
}

/// A commitment with its compact.
#[derive(Clone, Debug)]
pub struct Told {
    /// It.
    pub commitment: Commitment,
    /// Its compact.
    pub compact: Compact,
}

impl Told {
    /// Its page.
    pub fn path(&self) -> String {
        format!("/compacts/{}/commitments/{}", self.compact.slug, self.commitment.number)
    }
}

/// The page of an office.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its city.
    pub city: City,
    /// The cities that the actor may choose from.
    pub cities: Vec<String>,
    /// Commitments that nobody has spoken of for 90 days, the longest silence first.
    pub quiet: Vec<Told>,
    /// Commitments that were missed, and those that two sides see in two ways.
    pub missed: Vec<Told>,
    /// Commitments that wait for the word of another sector.
    pub unconfirmed: Vec<Told>,
    /// How many compacts the city has.
    pub compacts: usize,
    /// Its highlights, those changed last first.
    pub highlights: Vec<Highlight>,
    /// The schools of them.
    pub schools: HashMap<SchoolId, School>,
    /// Joint sessions that were held lately and that no highlight tells of; each leads to a draft.
    pub held: Vec<Line>,
    /// Joint sessions to come that everybody may see.
    pub sessions: Vec<Line>,
    /// The numbers of the month so far.
    pub figures: Vec<Figure>,
    /// The first day of it.
    pub since: NaiveDate,
    /// What other features add.
    pub more: Vec<Section>,
}

/// The page of an office; of the first of its cities where none is named. Administrators name one. A constant number of statements: those
/// of the report, and at most thirty.
///
/// # Errors
/// `Forbidden` for whoever works in no mayor's office, `NotFound` for a city of another.
pub async fn office(cx: &Cx, wanted: &str, parts: &OfficeParts) -> Result<Option<Office>> {
    policy::enter(cx.actor())?;
    let own = city::of_actor(cx).await?;
    let slug = match wanted {
        "" => own.first().cloned(),
        named if own.iter().any(|one| one == named) || cx.actor().administers() => Some(named.to_owned()),
        _ => return Err(Error::NotFound("city")),
    };
    let Some(slug) = slug else { return Ok(None) };
    let city = match city::city(cx, &slug).await {
        // An office may be written down before the first school of its city, and a name may be typed wrong.
        Err(Error::NotFound(_)) if wanted.is_empty() || cx.actor().administers() => return Ok(None),
        found => found?,
    };
    let theirs: HashMap<CompactId, Compact> = compacts::compacts(cx)
        .await?
        .into_iter()
        .filter(|one| one.city.as_deref() == Some(slug.as_str()))
        .map(|one| (one.id, one))
        .collect();
    let ids: Vec<CompactId> = theirs.keys().copied().collect();
    let told = |commitment: Commitment| {
        let compact = theirs.get(&commitment.compact)?.clone();
        Some(Told { commitment, compact })
    };
    let all: Vec<Told> = compacts::commitments_of(cx, &ids).await?.into_iter().filter_map(told).collect();
    let pick = |which: &dyn Fn(&Commitment) -> bool| -> Vec<Told> {
        all.iter().filter(|one| which(&one.commitment)).cloned().collect()
    };
    let now = cx.now();
    let mut quiet = pick(&|one| one.is_open() && one.freshness(now) != Freshness::Fresh);
    quiet.sort_by_key(|one| one.commitment.spoken_on());
    let missed = pick(&|one| one.status == CommitmentStatus::MISSED || one.is_disputed());
    let unconfirmed = pick(&|one| matches!(one.standing(), Standing::ReportedMet { .. }));
    let highlights = store::of_city(cx.conn(), &slug, MANY).await?;
    let today = Zone::default().local(now).date();
    let sessions = sessions(cx, &slug, &Filters::default()).await?;
    let sessions = sessions.iter().take(SESSIONS).map(|one| line(one, format!("/sessions/{}", one.id))).collect();
    let lately = Filters { from: Some(today - Days::new(LATELY)), to: Some(today), ..Filters::default() };
    let told = |one: &Session| highlights.iter().any(|highlight| highlight.session == Some(one.id));
    let lately = self::sessions(cx, &slug, &lately).await?;
    let lately = lately.iter().rev().filter(|one| one.status == SessionStatus::COMPLETED && !told(one));
    let held = lately.take(SESSIONS).map(|one| line(one, format!("/highlights/new?session={}", one.id))).collect();
    let mut named: Vec<SchoolId> = highlights.iter().flat_map(|one| &one.schools).map(|one| one.school).collect();
    named.sort_unstable();
    named.dedup();
    let schools = people::schools(cx, &named).await?;
    let since = today.with_day(1).unwrap_or(today);
    let scope = Scope { city: slug, from: since, to: today, neighborhood: None, schools: Vec::new() };
    let figures = report::figures(cx, &scope).await?;
    let mut more = Vec::new();
    for part in parts.0.iter() {
        more.push(part.section(cx, &city).await?);
    }
    Ok(Some(Office {
        city,
        cities: own,
        quiet,
        missed,
        unconfirmed,
        compacts: theirs.len(),
        highlights,
        schools,
        held,
        sessions,
        figures,
        since,
        more,
    }))
}

fn line(one: &Session, url: String) -> Line {
    Line { text: one.title.clone(), url, note: one.meetings.first().map(schedule::when).unwrap_or_default() }
}

/// Joint sessions with a party in the city, as everybody sees them; of no days given those to come.
async fn sessions(cx: &Cx, city: &str, filters: &Filters) -> Result<Vec<Session>> {
    let mut found = list::page(cx, filters, None, MANY).await?.items;
    found.retain(|one| one.visibility == Visibility::PUBLIC && one.joint_published == Some(true));
    let ids: Vec<SchoolId> = found.iter().flat_map(|one| one.parties()).map(|party| party.school).collect();
    let schools = people::schools(cx, &ids).await?;
    let there = |id: SchoolId| {
        let school = schools.get(&id);
        school.is_some_and(|one| city::slug_of(one.city.as_deref().unwrap_or_default(), one.state.as_deref()) == city)
    };
    found.retain(|one| one.parties().any(|party| there(party.school)));
    Ok(found)
}

/// Those of the highlights in a state.
pub fn in_state(highlights: &[Highlight], state: State) -> impl Iterator<Item = &Highlight> {
    highlights.iter().filter(move |one| one.state == state)
}
