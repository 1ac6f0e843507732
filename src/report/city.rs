//! The report of a city over a period: its figures, and the tables that belong to them. What a visitor, a mayor's office, the file
//! and the API are told is this one thing.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, TimeDelta};

use super::facts::{Facts, Promise};
use super::metric::Metric;
use super::withhold::{self, SCHOOLS};
use super::{Figure, Numbers, Reading, Scope, Why, count, numbers_of, period, words};
use crate::people::{self, Sector};
use crate::platform::{Cx, Error, Result, Timestamp, Zone};

/// School years that charts show.
const YEARS: i32 = 5;

/// What is asked for, as an address has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// First day; empty is July 1 of this school year.
    pub from: String,
    /// Last day; empty is the last of the school year of the first.
    pub to: String,
    /// A neighborhood; empty is the whole city.
    pub neighborhood: String,
}

/// A number of a table, or why it is not told.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The number.
    pub reading: Reading,
    /// Why it is not told, where it is not.
    pub why: Option<Why>,
}

impl Cell {
    fn hidden(why: Why) -> Self {
        Self { reading: Reading::NotEnough, why: Some(why) }
    }
}

impl From<Result<Reading, Why>> for Cell {
    fn from(told: Result<Reading, Why>) -> Self {
        match told {
            Ok(Reading::NotEnough) => Self::hidden(Why::Nothing),
            Ok(reading) => Self { reading, why: None },
            Err(why) => Self::hidden(why),
        }
    }
}

/// "38 of 60 (63%)", "not enough data: fewer than 3 schools".
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.reading, self.why))
    }
}

/// A school year in numbers.
#[derive(Clone, Debug)]
pub struct YearRow {
    /// The calendar year of its July 1.
    pub year: i32,
    /// Sessions held.
    pub sessions: i64,
    /// Those that were cross-sector.
    pub joint: i64,
    /// Adoptions across sector lines by direction, as [`Report::ways`] has them.
    pub ways: Vec<i64>,
    /// Educator hours.
    pub hours: Cell,
    /// People reached.
    pub reached: Cell,
}

/// A direction between two sectors, in the period.
#[derive(Clone, Debug)]
pub struct Direction {
    /// From which sector, in words.
    pub from: String,
    /// To which.
    pub to: String,
    /// Adoptions that began.
    pub adoptions: i64,
    /// Kept after a year, of those whose 365th day lies in the period.
    pub kept: Cell,
}

/// What schools of a sector shared in the period.
#[derive(Clone, Debug)]
pub struct SectorRow {
    /// The sector in words.
    pub sector: String,
    /// Practices.
    pub practices: i64,
    /// Those that tell of something that was stopped.
    pub stopped: i64,
}

/// A neighborhood in the period.
#[derive(Clone, Debug)]
pub struct Neighborhood {
    /// Its name; `None` is no neighborhood, or elsewhere.
    pub name: Option<String>,
    /// Schools on the last day.
    pub schools: usize,
    /// Those active in the 12 months before it.
    pub active: Cell,
    /// Sessions that a school there held.
    pub sessions: i64,
    /// Practices that schools there shared.
    pub practices: i64,
    /// Practices of another sector that they began to try.
    pub adoptions: i64,
    /// People of its schools who were reached; of school years that are over.
    pub reached: Cell,
}

/// A school on the map.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its neighborhood.
    pub neighborhood: String,
    /// Latitude and longitude.
    pub at: (f64, f64),
    /// Whether it was active in the 12 months before the last day.
    pub active: bool,
}

/// Everything that is told of a city over a period.
#[derive(Debug)]
pub struct Report {
    /// What was asked for.
    pub scope: Scope,
    /// "Rivermark, NY".
    pub place: String,
    /// Every metric, in their order.
    pub figures: Vec<Figure>,
    /// The school year of the period and those before it, the oldest first.
    pub years: Vec<YearRow>,
    /// Directions between sectors that there are, in the order of the alphabet.
    pub ways: Vec<(String, String)>,
    /// The same in the period.
    pub directions: Vec<Direction>,
    /// By sector, in the order of the alphabet.
    pub sectors: Vec<SectorRow>,
    /// In the order of the alphabet; no neighborhood comes last.
    pub neighborhoods: Vec<Neighborhood>,
    /// Schools with a position.
    pub spots: Vec<Spot>,
    /// Commitments as they stand today.
    pub commitments: Vec<Promise>,
    /// School years that can be chosen, the newest first.
    pub choices: Vec<i32>,
    /// Neighborhoods that can be chosen.
    pub names: Vec<String>,
    /// The day it is in the city.
    pub today: NaiveDate,
    /// When it was counted.
    pub as_of: Timestamp,
    /// The zone of the city.
    pub zone: Zone,
}

impl Report {
    /// The figure of a metric.
    pub fn figure(&self, metric: Metric) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.metric == metric)
    }
}

/// The report of a city. A constant number of statements.
///
/// # Errors
/// `NotFound` for a city without schools, `Unreadable` for days that are none or in the wrong order.
pub async fn report(cx: &Cx, city: &str, asked: &Asked) -> Result<Report> {
    let numbers = numbers_of(cx, city, Some(asked.about(cx.now()))).await?;
    let scope = asked.scope(city, numbers.today())?;
    let names = numbers.facts.neighborhoods(numbers.today());
    if scope.neighborhood.as_ref().is_some_and(|name| !names.contains(name)) {
        return Err(Error::Unreadable {
            parameter: "neighborhood",
            message: "Choose a neighborhood that a school of this city states.".to_owned(),
        });
    }
    let sectors = people::sectors(cx).await?;
    Ok(of(numbers, scope, names, &sectors))
}

impl Asked {
    /// Days between which the first day lies, before it is known which day it is in the city.
    fn about(&self, now: Timestamp) -> (NaiveDate, NaiveDate) {
        let given = [&self.from, &self.to].into_iter().find_map(|text| text.parse::<NaiveDate>().ok().filter(is_told));
        let today = now.date_naive();
        given.map_or((today - TimeDelta::days(1), today + TimeDelta::days(1)), |day| (day, day))
    }

    fn scope(&self, city: &str, today: NaiveDate) -> Result<Scope> {
        let day = |parameter: &'static str, text: &str| -> Result<NaiveDate> {
            let read = text.parse::<NaiveDate>().ok().filter(is_told);
            read.ok_or(Error::Unreadable { parameter, message: "Give a day like 2026-07-01.".to_owned() })
        };
        let this = period::bounds(period::school_year(today)).0;
        let from = if self.from.is_empty() { None } else { Some(day("from", &self.from)?) };
        let to = if self.to.is_empty() { None } else { Some(day("to", &self.to)?) };
        let from = from.unwrap_or_else(|| to.map_or(this, |to| period::bounds(period::school_year(to)).0));
        let to = to.unwrap_or_else(|| period::bounds(period::school_year(from)).1);
        if to < from {
            let message = "Give a last day that is not before the first.".to_owned();
            return Err(Error::Unreadable { parameter: "to", message });
        }
        let neighborhood = Some(self.neighborhood.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Scope { city: city.to_owned(), from, to, neighborhood, schools: Vec::new() })
    }
}

/// Whether a report speaks of a day.
fn is_told(day: &NaiveDate) -> bool {
    (NaiveDate::from_ymd_opt(2000, 1, 1)..NaiveDate::from_ymd_opt(2100, 1, 1)).contains(&Some(*day))
}

fn of(numbers: Numbers, scope: Scope, names: Vec<String>, sectors: &[Sector]) -> Report {
    let facts = &numbers.facts;
    let label = |code: &str| {
        sectors.iter().find(|one| one.code == code).map_or_else(|| code.to_owned(), |one| one.label.clone())
    };
    let mut ways: Vec<(String, String)> =
        facts.tried.iter().filter_map(|one| one.crossed()).map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    ways.sort_unstable();
    ways.dedup();
    let this = period::school_year(scope.to.min(numbers.today()).max(scope.from));
    let years = (this - YEARS + 1..=this).map(|year| year_row(&numbers, &scope, year, &ways)).collect();
    let directions = directions(facts, &scope, &ways)
        .into_iter()
        .zip(&ways)
        .map(|((adoptions, kept), (from, to))| Direction { from: label(from), to: label(to), adoptions, kept })
        .collect();
    let newest = period::school_year(numbers.today());
    let oldest = facts.held.iter().map(|held| held.on).chain(facts.practices.iter().map(|one| one.on));
    let oldest = oldest.chain(facts.tried.iter().map(|one| one.on)).min();
    let oldest = oldest.map_or(newest, |day| period::school_year(day).clamp(newest - 20, newest));
    Report {
        place: facts.city.place(),
        figures: numbers.figures(&scope),
        years,
        directions,
        sectors: by_sector(facts, &scope, &label),
        neighborhoods: neighborhoods(&numbers, &scope, &names),
        spots: spots(facts, &scope),
        commitments: facts.commitments.clone(),
        choices: (oldest..=newest).rev().collect(),
        names,
        today: numbers.today(),
        as_of: facts.now,
        zone: facts.zone,
        ways: ways.iter().map(|(from, to)| (label(from), label(to))).collect(),
        scope,
    }
}

fn number(reading: &Reading) -> i64 {
    match reading {
        Reading::Count(n) => *n,
        Reading::Share { part, .. } => *part,
        _ => 0,
    }
}

fn size(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn year_row(numbers: &Numbers, scope: &Scope, year: i32, ways: &[(String, String)]) -> YearRow {
    let (from, to) = period::bounds(year);
    let scope = Scope { from, to, ..scope.clone() };
    let read = |metric| {
        let figure = numbers.figure(metric, &scope);
        Cell { reading: figure.reading, why: figure.why }
    };
    let crossed: Vec<_> = count::crossed(&numbers.facts, &scope).filter_map(super::facts::Tried::crossed).collect();
    let way = |(from, to): &(String, String)| size(crossed.iter().filter(|one| **one == (from, to)).count());
    YearRow {
        year,
        sessions: number(&read(Metric::SessionsHeld).reading),
        joint: number(&read(Metric::CrossSectorSessions).reading),
        ways: ways.iter().map(way).collect(),
        hours: read(Metric::EducatorHours),
        reached: read(Metric::PeopleReached),
    }
}

/// Adoptions that began and those kept, by direction. The sum of those kept stands above: where one direction is not told, neither
/// is the next smallest, unless those not told are of three schools together.
fn directions(facts: &Facts, scope: &Scope, ways: &[(String, String)]) -> Vec<(i64, Cell)> {
    let began: Vec<_> = count::crossed(facts, scope).collect();
    let old: Vec<_> = count::anniversaries(facts, scope).collect();
    let goes = |one: &super::facts::Tried, (from, to): &(String, String)| one.crossed() == Some((from, to));
    let schools = |way: &(String, String)| {
        let all = old.iter().filter(|one| goes(one, way)).map(|one| one.school);
        size(all.collect::<std::collections::HashSet<_>>().len())
    };
    let hidden = withhold::hide_few(&ways.iter().map(schools).collect::<Vec<_>>());
    let row = |(way, hidden): (&(String, String), bool)| {
        let kept = count::kept(old.iter().copied().filter(|one| goes(one, way)));
        let kept = if hidden && kept.is_ok() { Cell::hidden(Why::Beside) } else { kept.into() };
        (size(began.iter().filter(|one| goes(one, way)).count()), kept)
    };
    ways.iter().zip(hidden).map(row).collect()
}

fn by_sector(facts: &Facts, scope: &Scope, label: &dyn Fn(&str) -> String) -> Vec<SectorRow> {
    let mut by: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let within = |day: NaiveDate| scope.from <= day && day <= scope.to && day <= facts.today;
    for one in facts.practices.iter().filter(|one| within(one.on) && facts.is_in(scope, one.school, one.on)) {
        let name = facts.sector(one.school, one.on).map_or_else(|| "Sector not known".to_owned(), label);
        let row = by.entry(name).or_default();
        row.0 += 1;
        row.1 += i64::from(one.stopped);
    }
    by.into_iter().map(|(sector, (practices, stopped))| SectorRow { sector, practices, stopped }).collect()
}

fn neighborhoods(numbers: &Numbers, scope: &Scope, names: &[String]) -> Vec<Neighborhood> {
    let facts = &numbers.facts;
    let day = scope.to.min(facts.today);
    let year = period::school_year(scope.from);
    let whole = (scope.from, scope.to) == period::bounds(year) && period::released(year, facts.today) == 12;
    let mut reached: BTreeMap<Option<String>, Cell> = BTreeMap::new();
    if whole {
        let told = count::by_neighborhood(facts, Metric::PeopleReached, year);
        reached = told.into_iter().map(|(name, told)| (name, told.into())).collect();
    }
    let mut all: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
    all.extend(reached.keys().flatten().filter(|name| !names.contains(name)).cloned().map(Some).collect::<Vec<_>>());
    all.sort_unstable();
    let busy = count::busy(facts, day);
    let city = Scope { neighborhood: None, ..scope.clone() };
    let open: Vec<usize> = facts.open_schools(&city, day).collect();
    let there = |name: &Option<String>| -> Vec<usize> {
        open.iter().copied().filter(|at| facts.neighborhood(*at, day) == name.as_deref()).collect()
    };
    let mut rows: Vec<Neighborhood> = Vec::new();
    for name in all {
        let within = Scope { neighborhood: name.clone(), ..scope.clone() };
        let schools = there(&name);
        let read = |metric| number(&numbers.figure(metric, &within).reading);
        rows.push(Neighborhood {
            schools: schools.len(),
            active: share(&schools, &busy),
            sessions: read(Metric::SessionsHeld),
            practices: read(Metric::PracticesShared),
            adoptions: read(Metric::AdoptionsAcross),
            reached: reached.get(&name).cloned().unwrap_or(Cell::hidden(Why::YearsOver)),
            name,
        });
    }
    let nowhere = there(&None);
    let elsewhere = reached.get(&None).cloned();
    if !nowhere.is_empty() || elsewhere.as_ref().is_some_and(|told| told.reading != Reading::Count(0)) {
        rows.push(Neighborhood {
            name: None,
            schools: nowhere.len(),
            active: share(&nowhere, &busy),
            sessions: 0,
            practices: 0,
            adoptions: 0,
            reached: elsewhere.unwrap_or(Cell::hidden(Why::YearsOver)),
        });
    }
    // The sum of all stands above.
    let hidden = withhold::hide_few(&rows.iter().map(|row| size(row.schools)).collect::<Vec<_>>());
    for (row, _) in rows.iter_mut().zip(hidden).filter(|(row, hidden)| *hidden && row.active.why.is_none()) {
        row.active = Cell::hidden(Why::Beside);
    }
    rows
}

fn share(schools: &[usize], busy: &std::collections::HashSet<usize>) -> Cell {
    match schools.len() {
        0 => Cell::hidden(Why::Nothing),
        few if few < SCHOOLS => Cell::hidden(Why::FewSchools),
        all => {
            let part = size(schools.iter().filter(|at| busy.contains(at)).count());
            Ok(Reading::Share { part, whole: size(all) }).into()
        }
    }
}

fn spots(facts: &Facts, scope: &Scope) -> Vec<Spot> {
    let day = scope.to.min(facts.today);
    let busy = count::busy(facts, day);
    let city = Scope { neighborhood: None, ..scope.clone() };
    let spot = |at: usize| {
        let place = facts.places.get(at)?;
        Some(Spot {
            name: place.name.clone(),
            slug: place.slug.clone(),
            neighborhood: facts.neighborhood(at, day).unwrap_or_default().to_owned(),
            at: place.position?,
            active: busy.contains(&at),
        })
    };
    let mut spots: Vec<Spot> = facts.open_schools(&city, day).filter_map(spot).collect();
    spots.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    spots
}
