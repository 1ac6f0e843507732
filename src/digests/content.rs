//! What a digest tells: computed from the report and from what everybody may read, each time somebody looks at a draft; frozen when it
//! is published.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::digest::{Digest, Section};
use crate::catalog::{self, changes};
use crate::compacts::{self, CompactId, Freshness};
use crate::highlights::{self, Filter, Highlight};
use crate::people::city::{self, City};
use crate::people::{self, School, SchoolId};
use crate::platform::chance::sha256;
use crate::platform::vocabulary::{SessionStatus, Visibility};
use crate::platform::{Actor, Cx, Result, Timestamp, Tx, Zone};
use crate::report::{self, Metric, Scope};
use crate::sessions::list::{self, Filters};
use crate::sessions::{Session, SessionId};

/// Pages that are read of each list.
const PAGES: usize = 5;
/// Things on each.
const EACH: u64 = 100;
/// Lines of a chapter at most.
const LINES: usize = 40;

/// What a digest tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// When it was computed.
    pub as_of: Timestamp,
    /// The numbers.
    pub figures: Vec<FigureLine>,
    /// The lists, by their chapters.
    pub lists: BTreeMap<Section, Vec<Line>>,
}

/// A number with what it takes to read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FigureLine {
    /// Code of the metric.
    pub metric: String,
    /// What people call it.
    pub label: String,
    /// The number in words, or why it is not told: "38 of 60 (63%)", "not enough data: fewer than 3 schools".
    pub value: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// How it is counted.
    pub definition: String,
    /// Which version of that.
    pub version: u16,
}

impl FigureLine {
    /// Whether there is a number; one that is not told says so in its place.
    pub fn is_told(&self) -> bool {
        !self.value.starts_with("not ")
    }
}

/// A line of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// Words of its link.
    pub text: String,
    /// Where that leads.
    pub path: String,
    /// What is said beside it.
    pub detail: String,
}

/// Metrics that tell what people did not get.
pub const UNMET: [Metric; 2] = [Metric::NeverSeated, Metric::SearchesUnanswered];

impl Content {
    /// The numbers of a chapter.
    pub fn figures_of(&self, section: Section) -> impl Iterator<Item = &FigureLine> {
        let unmet = |line: &FigureLine| UNMET.iter().any(|metric| metric.code() == line.metric);
        self.figures.iter().filter(move |line| match section {
            Section::Numbers => !unmet(line),
            Section::Unmet => unmet(line),
            _ => false,
        })
    }

    /// Names what it tells, whenever it was computed: two that tell the same have the same.
    pub fn print(&self) -> String {
        // Texts, days and numbers: this cannot fail.
        let told = serde_json::to_vec(&(&self.figures, &self.lists)).unwrap_or_default();
        sha256(&told)
    }

    fn show(&mut self, shown: &HashMap<String, Highlight>) {
        for line in self.lists.get_mut(&Section::Highlights).into_iter().flatten() {
            match slug_of(&line.path).and_then(|slug| shown.get(slug)) {
                Some(now) => {
                    now.headline.clone_into(&mut line.text);
                    now.story.clone_into(&mut line.detail);
                }
                None => {
                    NOT_SHOWN.clone_into(&mut line.text);
                    line.detail = String::new();
                }
            }
        }
    }

    /// The lines of a chapter.
    pub fn lines_of(&self, section: Section) -> &[Line] {
        self.lists.get(&section).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A highlight that was told of and is not shown any more.
const NOT_SHOWN: &str = "A highlight that is not shown any more";

/// Puts the highlights of published digests as they are shown now: what a school has not approved as it stands, or what was withdrawn, is
/// not read here either. Two statements for any number of digests.
pub(super) async fn as_shown(cx: &Cx, digests: &mut [Digest]) -> Result<()> {
    let names: Vec<String> = digests.iter().flat_map(|one| one.content.iter()).flat_map(told_highlights).collect();
    let shown = highlights::shown(cx, &names).await?;
    digests.iter_mut().filter_map(|one| one.content.as_mut()).for_each(|content| content.show(&shown));
    Ok(())
}

/// The same for one, inside a transaction.
pub(super) async fn as_shown_in(tx: &Tx, content: &mut Content) -> Result<()> {
    let names: Vec<String> = told_highlights(content).collect();
    content.show(&highlights::shown_in(tx, &names).await?);
    Ok(())
}

fn told_highlights(content: &Content) -> impl Iterator<Item = String> {
    content.lines_of(Section::Highlights).iter().filter_map(|line| slug_of(&line.path).map(str::to_owned))
}

fn slug_of(path: &str) -> Option<&str> {
    path.strip_prefix("/highlights/")
}

/// Computes what the digest tells. It reads as a visitor: what not everybody may see is not in it. A bounded number of statements.
pub async fn compute(cx: &Cx, digest: &Digest) -> Result<Content> {
    let city = city::city(cx, &digest.city).await?;
    let mut lists = BTreeMap::new();
    let (held, coming) = sessions(cx, &city, digest).await?;
    lists.insert(Section::Held, held);
    lists.insert(Section::Coming, coming);
    lists.insert(Section::Practices, practices(cx, &city, digest).await?);
    lists.insert(Section::Adoptions, adoptions(cx, &city, digest).await?);
    lists.insert(Section::Commitments, commitments(cx, digest).await?);
    lists.insert(Section::Highlights, published(cx, digest).await?);
    for lines in lists.values_mut() {
        lines.truncate(LINES);
    }
    let scope = Scope::of_city(&digest.city, digest.first, digest.last);
    let figures = report::figures(cx, &scope).await?.into_iter().map(|figure| FigureLine {
        metric: figure.metric.code().to_owned(),
        label: figure.metric.label().to_owned(),
        value: figure.words(),
        from: figure.from,
        to: figure.to,
        definition: figure.metric.definition().counts.to_owned(),
        version: figure.version,
    });
    Ok(Content { as_of: cx.now(), figures: figures.collect(), lists })
}

/// Whether a school is in the city.
fn is_there(city: &City, school: Option<&School>) -> bool {
    school.is_some_and(|school| {
        school.state == city.state && school.city.as_ref().is_some_and(|name| city.spellings().contains(name))
    })
}

/// Public sessions of the period that were held, and those to come in the two months after it.
async fn sessions(cx: &Cx, city: &City, digest: &Digest) -> Result<(Vec<Line>, Vec<Line>)> {
    let today = Zone::default().local(cx.now()).date();
    let soon = today.max(digest.last) + Days::new(60);
    let found = public_sessions(cx, digest.first, soon).await?;
    let ids: HashSet<SchoolId> = found.iter().flat_map(Session::parties).map(|party| party.school).collect();
    let schools = people::schools(cx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let (mut held, mut coming) = (Vec::new(), Vec::new());
    for session in &found {
        if !session.parties().any(|party| is_there(city, schools.get(&party.school))) {
            continue;
        }
        let Some(starts) = session.starts_at else { continue };
        let day = session.zone().local(starts).date();
        let names: Vec<&str> =
            session.parties().filter_map(|party| Some(schools.get(&party.school)?.name.as_str())).collect();
        let line = Line {
            text: session.title.clone(),
            path: format!("/sessions/{}", session.id),
            detail: format!("{}, {}", day.format("%B %-d, %Y"), names.join(" and ")),
        };
        if session.status == SessionStatus::COMPLETED {
            if (digest.first..=digest.last).contains(&day) {
                held.push(line);
            }
        } else if session.is_live() && day >= today {
            coming.push(line);
        }
    }
    Ok((held, coming))
}

/// Sessions that everybody may see and that take place between two days.
async fn public_sessions(cx: &Cx, from: NaiveDate, to: NaiveDate) -> Result<Vec<Session>> {
    let filters = Filters { from: Some(from), to: Some(to), ..Filters::default() };
    let (mut found, mut cursor): (Vec<Session>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = list::page(cx, &filters, cursor.as_deref(), EACH).await?;
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    // Whoever asks: what is for members or for invited schools is not for everybody.
    found.retain(|session| session.visibility == Visibility::PUBLIC);
    let mut seen: HashSet<SessionId> = HashSet::new();
    found.retain(|session| seen.insert(session.id));
    Ok(found)
}

/// Practices of the city's schools that were first published in the period.
async fn practices(cx: &Cx, city: &City, digest: &Digest) -> Result<Vec<Line>> {
    let begin = Zone::default().moment_near(digest.first.and_time(chrono::NaiveTime::MIN));
    let (mut found, mut behind) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = changes::newest_first(cx, behind, EACH).await?;
        let last = page.last().map(|practice| (practice.updated_at, practice.id));
        let full = page.len() as u64 == EACH;
        found.extend(page);
        behind = last.filter(|(at, _)| full && *at >= begin);
        if behind.is_none() {
            break;
        }
    }
    found.retain(|practice| practice.published_on.is_some_and(|day| (digest.first..=digest.last).contains(&day)));
    found.sort_by_key(|practice| (practice.published_on, practice.id));
    let ids: Vec<SchoolId> = found.iter().filter_map(|practice| practice.origin_school).collect();
    let schools = people::schools(cx, &ids).await?;
    let line = |practice: &catalog::Practice| {
        let school = practice.origin_school.and_then(|id| schools.get(&id)).filter(|one| is_there(city, Some(one)))?;
        Some(Line {
            text: practice.record.title.clone(),
            path: format!("/practices/{}", practice.slug),
            detail: if practice.record.is_stopped() {
                format!("{}; tried and stopped", school.name)
            } else {
                school.name.clone()
            },
        })
    };
    Ok(found.iter().filter_map(line).collect())
}

/// Practices that schools of the city began to try in the period and that began in another sector.
async fn adoptions(cx: &Cx, city: &City, digest: &Digest) -> Result<Vec<Line>> {
    let mut found = catalog::adoption::piloted(cx, PAGES as u64 * EACH).await?;
    found.retain(|one| (digest.first..=digest.last).contains(&one.piloted_on));
    let ids: HashSet<SchoolId> = found.iter().flat_map(|one| [one.origin, one.school]).collect();
    let schools: HashMap<SchoolId, School> = people::schools(cx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let line = |one: &catalog::adoption::Piloted| {
        let (origin, school) = (schools.get(&one.origin)?, schools.get(&one.school)?);
        let across = one.sector.is_some() && origin.sector.is_some() && one.sector != origin.sector;
        (across && is_there(city, Some(school))).then(|| Line {
            text: one.title.clone(),
            path: format!("/practices/{}", one.slug),
            detail: format!("{} began to try what {} does", school.name, origin.name),
        })
    };
    Ok(found.iter().filter_map(line).collect())
}

/// Commitments of the city's compacts that moved in the period, and those that nobody has spoken of for 180 days.
async fn commitments(cx: &Cx, digest: &Digest) -> Result<Vec<Line>> {
    let theirs: HashMap<CompactId, compacts::Compact> = compacts::compacts(cx)
        .await?
        .into_iter()
        .filter(|one| one.city.as_deref() == Some(digest.city.as_str()))
        .map(|one| (one.id, one))
        .collect();
    let ids: Vec<CompactId> = theirs.keys().copied().collect();
    let inside = |at: Timestamp| (digest.first..=digest.last).contains(&Zone::default().local(at).date());
    let (mut moved, mut silent) = (Vec::new(), Vec::new());
    for one in compacts::commitments_of(cx, &ids).await? {
        let Some(compact) = theirs.get(&one.compact) else { continue };
        let line = |detail: String| Line {
            text: one.sentence.clone(),
            path: format!("/compacts/{}/commitments/{}", compact.slug, one.number),
            detail,
        };
        if one.is_open() && one.freshness(cx.now()) == Freshness::Silent {
            silent.push(line(format!("No update since {}", one.spoken_on().format("%B %-d, %Y"))));
        } else if inside(one.status_at) || one.last_update.is_some_and(inside) {
            moved.push(line(one.standing().to_string()));
        }
    }
    moved.append(&mut silent);
    Ok(moved)
}

/// Highlights of the city that were published in the period.
async fn published(cx: &Cx, digest: &Digest) -> Result<Vec<Line>> {
    let filter = Filter { city: Some(digest.city.clone()), limit: Some(EACH), ..Filter::default() };
    let inside = |at: Timestamp| (digest.first..=digest.last).contains(&Zone::default().local(at).date());
    let found = highlights::highlights(cx, &filter).await?;
    let line = |one: Highlight| Line {
        text: one.headline.clone(),
        path: format!("/highlights/{}", one.slug),
        detail: one.story,
    };
    Ok(found.into_iter().filter(|one| one.published_at.is_some_and(inside)).map(line).collect())
}

/// Whoever asks, the content is what a visitor reads.
pub fn eyes() -> Actor {
    Actor::Visitor
}
