//! Which practices crossed the line between sectors, in which direction, and were kept after a year. An adoption has crossed when
//! the sector of the school that tried it is another than that of the school where it began, both are known, and it came as far
//! as a pilot: interest and saves never count.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::catalog::AdoptionId;
use crate::catalog::adoption::{self, Piloted, Step};
use crate::people::{self, School, SchoolId, Sector};
use crate::platform::vocabulary::AdoptionStage;
use crate::platform::{Cx, Error, Result, cells};

/// Adoptions that are looked at.
const MOST: u64 = 5_000;

/// A share of fewer schools is not told: it would speak of one of them.
pub const ENOUGH: usize = 3;

/// An adoption that crossed.
#[derive(Clone, Debug)]
pub struct Crossing {
    /// What it is.
    pub adoption: Piloted,
    /// Code of the sector where the practice began.
    pub from: String,
    /// Code of the sector of the school that tried it, when it began.
    pub to: String,
    /// Whether it was in use a year after the pilot began; `None` is not a year ago.
    pub kept: Option<bool>,
}

/// One direction in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direction {
    /// From which sector.
    pub from: String,
    /// To which.
    pub to: String,
    /// How many adoptions.
    pub adoptions: usize,
    /// How many practices.
    pub practices: usize,
    /// How many schools tried one.
    pub schools: usize,
    /// Of those that began a year ago or longer: how many were kept, and how many there are. `None` with fewer than three schools.
    pub kept: Option<(usize, usize)>,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `charter-district`; empty is every direction.
    pub direction: String,
    /// The year in which the pilot began.
    pub year: Option<i32>,
}

impl Asked {
    /// As an address has it.
    ///
    /// # Errors
    /// `Unreadable` for a year that is none.
    pub fn read(direction: &str, year: &str) -> Result<Self> {
        let year = match year {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|year| (1900..=9999).contains(year))
                    .ok_or(Error::Unreadable { parameter: "year", message: "Give a year like 2026.".to_owned() })?,
            ),
        };
        Ok(Self { direction: direction.to_owned(), year })
    }

    fn fits(&self, crossing: &Crossing) -> bool {
        (self.direction.is_empty() || self.direction == format!("{}-{}", crossing.from, crossing.to))
            && self.year.is_none_or(|year| crossing.adoption.piloted_on.year() == year)
    }

    /// The query of an address; empty where nothing is asked.
    pub fn query(&self) -> String {
        let mut pairs = Vec::new();
        if !self.direction.is_empty() {
            pairs.push(("direction", self.direction.clone()));
        }
        pairs.extend(self.year.map(|year| ("year", year.to_string())));
        if pairs.is_empty() {
            return String::new();
        }
        format!("?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    }
}

/// What crossed.
#[derive(Debug, Default)]
pub struct Crossings {
    /// What was asked for, the newest pilot first.
    pub items: Vec<Crossing>,
    /// The same in numbers, the most adoptions first.
    pub directions: Vec<Direction>,
    /// Every direction that there is, whatever was asked for.
    pub all: Vec<(String, String)>,
    /// Every year that there is, the newest first.
    pub years: Vec<i32>,
    /// The schools named.
    pub schools: HashMap<SchoolId, School>,
    /// Sectors, in their order.
    pub sectors: Vec<Sector>,
}

impl Crossings {
    /// What people call a sector.
    pub fn sector(&self, code: &str) -> String {
        self.sectors.iter().find(|one| one.code == code).map_or_else(|| code.to_owned(), |one| one.label.clone())
    }
}

/// What crossed, of what is asked for. Five statements, one more for every 900 adoptions.
pub async fn crossings(cx: &Cx, asked: &Asked) -> Result<Crossings> {
    let piloted = adoption::piloted(cx, MOST).await?;
    let mut wanted: Vec<SchoolId> = piloted.iter().flat_map(|one| [one.origin, one.school]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let schools = people::schools(cx, &wanted).await?;
    let sectors = people::sectors(cx).await?;
    let crossed: Vec<(Piloted, String, String)> = piloted
        .into_iter()
        .filter_map(|one| {
            let from = schools.get(&one.origin)?.sector.clone()?;
            let to = one.sector.clone()?;
            // A school that became part of the one where it began has crossed nothing.
            let same = schools.get(&one.school)?.id == schools.get(&one.origin)?.id;
            (from != to && !same).then_some((one, from, to))
        })
        .collect();
    let ids: Vec<AdoptionId> = crossed.iter().map(|(one, ..)| one.id).collect();
    let steps = adoption::adoption_steps(cx, &ids).await?;
    let today = cx.now().date_naive();
    let every: Vec<Crossing> = crossed
        .into_iter()
        .map(|(adoption, from, to)| {
            let kept = kept(adoption.piloted_on, steps.get(&adoption.id).map_or(&[], Vec::as_slice), today);
            Crossing { adoption, from, to, kept }
        })
        .collect();
    let all: BTreeSet<(String, String)> = every.iter().map(|one| (one.from.clone(), one.to.clone())).collect();
    let years: BTreeSet<i32> = every.iter().map(|one| one.adoption.piloted_on.year()).collect();
    let items: Vec<Crossing> = every.into_iter().filter(|one| asked.fits(one)).collect();
    Ok(Crossings {
        directions: directions(&items, &schools),
        items,
        all: all.into_iter().collect(),
        years: years.into_iter().rev().collect(),
        schools,
        sectors,
    })
}

/// Whether a pilot was in use or sustained a year after it began; `None` before that.
pub fn kept(piloted_on: NaiveDate, steps: &[Step], today: NaiveDate) -> Option<bool> {
    let year = piloted_on + TimeDelta::days(365);
    let stage = (year <= today).then(|| adoption::stage_on(steps, year))?;
    Some(matches!(stage, Some(AdoptionStage::IN_USE | AdoptionStage::SUSTAINED)))
}

fn directions(items: &[Crossing], schools: &HashMap<SchoolId, School>) -> Vec<Direction> {
    let mut by: BTreeMap<(&str, &str), Vec<&Crossing>> = BTreeMap::new();
    for one in items {
        by.entry((&one.from, &one.to)).or_default().push(one);
    }
    let standing = |one: &Crossing| schools.get(&one.adoption.school).map_or(one.adoption.school, |school| school.id);
    let mut directions: Vec<Direction> = by
        .into_iter()
        .map(|((from, to), ones)| {
            let old: Vec<&&Crossing> = ones.iter().filter(|one| one.kept.is_some()).collect();
            let tried: HashSet<SchoolId> = old.iter().map(|one| standing(one)).collect();
            let kept = old.iter().filter(|one| one.kept == Some(true)).count();
            Direction {
                from: from.to_owned(),
                to: to.to_owned(),
                adoptions: ones.len(),
                practices: ones.iter().map(|one| one.adoption.practice).collect::<HashSet<_>>().len(),
                schools: ones.iter().map(|one| standing(one)).collect::<HashSet<_>>().len(),
                kept: (tried.len() >= ENOUGH).then_some((kept, old.len())),
            }
        })
        .collect();
    directions.sort_by_key(|one| std::cmp::Reverse(one.adoptions));
    directions
}

/// The same as a file that a spreadsheet opens; no cell of it is taken for a formula.
pub fn csv(found: &Crossings) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    let head = [
        "practice",
        "title",
        "from_school",
        "from_sector",
        "to_school",
        "to_sector",
        "piloted_on",
        "stage",
        "kept_after_a_year",
        "adoption",
    ];
    file.write_record(head).map_err(Error::internal)?;
    let name = |id: &SchoolId| found.schools.get(id).map(|school| cells::inert(&school.name)).unwrap_or_default();
    for one in &found.items {
        let adoption = &one.adoption;
        let kept = match one.kept {
            None => "not a year ago",
            Some(true) => "yes",
            Some(false) => "no",
        };
        let row = [
            cells::inert(&adoption.slug),
            cells::inert(&adoption.title),
            name(&adoption.origin),
            cells::inert(&one.from),
            name(&adoption.school),
            cells::inert(&one.to),
            adoption.piloted_on.to_string(),
            adoption.stage.code().to_owned(),
            kept.to_owned(),
            adoption.id.to_string(),
        ];
        file.write_record(&row).map_err(Error::internal)?;
    }
    file.into_inner().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Timestamp;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn kept_is_in_use_a_year_later_whatever_came_after() {
        let step = |number, stage, since: &str| Step {
            number,
            stage,
            since: day(since),
            stopped_reason: None,
            recorded_at: Timestamp::default(),
        };
        let began = day("2025-01-01");
        let steps = [
            step(1, AdoptionStage::PILOTING, "2025-01-01"),
            step(2, AdoptionStage::IN_USE, "2025-06-01"),
            step(3, AdoptionStage::STOPPED, "2026-06-01"),
        ];
        assert_eq!(kept(began, &steps, day("2025-12-31")), None);
        assert_eq!(kept(began, &steps, day("2026-01-01")), Some(true));
        assert_eq!(kept(began, &steps, day("2027-01-01")), Some(true), "stopped after the year");
        assert_eq!(kept(began, &steps[..1], day("2026-01-01")), Some(false), "still a pilot");
    }

    #[test]
    fn an_address_says_direction_and_year() {
        let asked = Asked::read("charter-district", "2025").unwrap();
        assert_eq!(asked.query(), "?direction=charter-district&year=2025");
        assert_eq!(Asked::read("", "").unwrap().query(), "");
        assert!(matches!(Asked::read("", "soon"), Err(Error::Unreadable { parameter: "year", .. })));
    }
}
