//! The dissemination record of a school: what it shared, with whom, when, and with what result. For those who lead the school, to
//! hand on to whoever renews its charter or funds it. It names schools and counts people; it names nobody.

use std::collections::{BTreeMap, HashMap};

use super::follow_up::FollowUp;
use super::{policy, store};
use crate::catalog::adoption::{self, Adoption, Step};
use crate::catalog::{self, AdoptionId, Practice, PracticeId, VersionLine};
use crate::people::{self, School, SchoolId, Sector};
use crate::platform::vocabulary::StopReason;
use crate::platform::{Cx, Error, Result, Timestamp, cells};
use crate::sessions::outreach::{self, Hosted};

/// Everything a school shared.
#[derive(Debug)]
pub struct Record {
    /// The school.
    pub school: School,
    /// When this was put together.
    pub made_at: Timestamp,
    /// Practices that began there and are in the catalog, the newest first.
    pub practices: Vec<Shared>,
    /// Completed sessions that it hosted, the newest first.
    pub sessions: Vec<Hosted>,
    /// Schools named, as they stand today.
    pub schools: HashMap<SchoolId, School>,
    /// Sectors, in their order.
    pub sectors: Vec<Sector>,
}

/// A practice that a school shared.
#[derive(Debug)]
pub struct Shared {
    /// The practice.
    pub practice: Practice,
    /// Its versions, the newest first.
    pub versions: Vec<VersionLine>,
    /// Who took it over, the longest first.
    pub adoptions: Vec<Taken>,
}

/// A school's use of a practice of another.
#[derive(Debug)]
pub struct Taken {
    /// The adoption.
    pub adoption: Adoption,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What the school answered since.
    pub answers: Vec<FollowUp>,
}

impl Shared {
    /// Schools that came as far as a pilot, by the sector they had when they began; `unknown` where it is not known.
    pub fn by_sector(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for taken in self.adoptions.iter().filter(|taken| taken.adoption.piloted_on.is_some()) {
            let sector = taken.adoption.sector_at_start.clone().unwrap_or_else(|| "unknown".to_owned());
            *counts.entry(sector).or_default() += 1;
        }
        counts
    }
}

impl Record {
    /// What people call a sector.
    pub fn sector(&self, code: &str) -> String {
        let known = self.sectors.iter().find(|sector| sector.code == code);
        known.map_or_else(|| "sector not known".to_owned(), |sector| sector.label.clone())
    }

    /// "3 charter, 2 district"; "none" where there is none.
    pub fn counts(&self, counts: &BTreeMap<String, u64>) -> String {
        let words: Vec<String> =
            counts.iter().map(|(code, n)| format!("{n} {}", self.sector(code).to_lowercase())).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }

    /// The other school that invited to a session.
    pub fn other(&self, session: &Hosted) -> String {
        let mut parties = [Some(session.host), session.cohost].into_iter().flatten();
        let other = parties.find(|id| self.schools.get(id).is_some_and(|school| school.id != self.school.id));
        other.map(|id| self.school(id)).unwrap_or_default()
    }

    /// The name of a school.
    pub fn school(&self, id: SchoolId) -> String {
        self.schools.get(&id).map(|school| school.name.clone()).unwrap_or_default()
    }
}

/// The record of a school, for those who lead it and for administrators. A constant number of statements.
///
/// # Errors
/// `NotFound` for everybody else.
pub async fn record(cx: &Cx, school: &str) -> Result<Record> {
    let school = people::school(cx, school).await?;
    if cx.actor().person().is_none() && !cx.actor().is_system() {
        return Err(Error::SignInRequired);
    }
    if !policy::reads_record(cx.actor(), school.id) {
        return Err(Error::NotFound("page"));
    }
    let family = people::school_family(cx, school.id).await?;
    let practices = catalog::created_at(cx, &family).await?;
    let ids: Vec<PracticeId> = practices.iter().map(|practice| practice.id).collect();
    let mut versions = catalog::versions_of(cx, &ids).await?;
    let adoptions = adoption::adoptions_of_many(cx, &ids).await?;
    let taken: Vec<AdoptionId> = adoptions.iter().map(|one| one.id).collect();
    let mut steps = adoption::adoption_steps(cx, &taken).await?;
    let mut answers = store::answers(cx.conn(), &taken).await?;
    let sessions = outreach::hosted(cx, &family).await?;
    let mut wanted: Vec<SchoolId> = adoptions.iter().map(|one| one.school).collect();
    wanted.extend(sessions.iter().flat_map(|one| [Some(one.host), one.cohost]).flatten());
    wanted.sort_unstable();
    wanted.dedup();
    let schools = people::schools(cx, &wanted).await?;
    let sectors = people::sectors(cx).await?;
    let mut by: HashMap<PracticeId, Vec<Taken>> = HashMap::new();
    for adoption in adoptions {
        by.entry(adoption.practice).or_default().push(Taken {
            steps: steps.remove(&adoption.id).unwrap_or_default(),
            answers: answers.remove(&adoption.id).unwrap_or_default(),
            adoption,
        });
    }
    let shared = practices.into_iter().map(|practice| Shared {
        versions: versions.remove(&practice.id).unwrap_or_default(),
        adoptions: by.remove(&practice.id).unwrap_or_default(),
        practice,
    });
    let made_at = cx.now();
    Ok(Record { school, made_at, practices: shared.collect(), sessions, schools, sectors })
}

/// The label of a code of `stop_reason`; the code itself where it is none.
pub fn reason(code: &str) -> String {
    StopReason::parse(code).map_or_else(|_| code.to_owned(), |reason| reason.label().to_owned())
}

/// The record as a file that a spreadsheet opens: a row for each version, adoption and session. No cell is taken for a formula.
pub fn csv(record: &Record) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    let head = [
        "what",
        "practice_or_session",
        "version",
        "on",
        "with",
        "sector",
        "stage",
        "since",
        "people",
        "result",
        "recommends",
    ];
    file.write_record(head).map_err(Error::internal)?;
    let mut write = |row: [String; 11]| file.write_record(row.map(|cell| cells::inert(&cell))).map_err(Error::internal);
    let none = String::new;
    for shared in &record.practices {
        let title = &shared.practice.record.title;
        for version in &shared.versions {
            let on = version.created_at.date_naive();
            let on = shared.practice.published_on.filter(|_| version.number == 1).unwrap_or(on).to_string();
            let note = version.note.clone().unwrap_or_default();
            write([
                "practice".to_owned(),
                title.clone(),
                version.number.to_string(),
                on,
                none(),
                none(),
                none(),
                none(),
                none(),
                note,
                none(),
            ])?;
        }
        for Taken { adoption, answers, .. } in &shared.adoptions {
            let recommends = match adoption.would_recommend {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            };
            write([
                "adoption".to_owned(),
                title.clone(),
                adoption.version.to_string(),
                adoption.started_on.to_string(),
                record.school(adoption.school),
                adoption.sector_at_start.clone().unwrap_or_default(),
                adoption.stage.code().to_owned(),
                adoption.stage_since.to_string(),
                none(),
                result(adoption, answers),
                recommends.to_owned(),
            ])?;
        }
    }
    for session in &record.sessions {
        write([
            "session".to_owned(),
            session.title.clone(),
            none(),
            session.on.to_string(),
            record.other(session),
            session.came.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join("; "),
            none(),
            none(),
            session.came.values().sum::<u64>().to_string(),
            none(),
            none(),
        ])?;
    }
    file.into_inner().map_err(Error::internal)
}

/// What came of an adoption: the school's words, and why it stopped.
fn result(adoption: &Adoption, answers: &[FollowUp]) -> String {
    let mut words = Vec::new();
    words.extend(adoption.stopped_reason.as_deref().map(|code| format!("Stopped: {}.", reason(code))));
    words.extend(adoption.result_note.clone());
    for one in answers.iter().filter(|one| !one.note.is_empty()) {
        words.push(format!("After {} days: {}", one.day, one.note));
    }
    words.join(" ")
}
