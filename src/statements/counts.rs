//! How many stand behind a statement: computed from the sign-ons and the schools' published numbers, never typed.
//!
//! Leaders are sign-ons that stand, one for each school or organization. Schools are those that signed and those of organizations that
//! signed, each once, as long as they are open. Students are the published totals of these schools; a school without one is told.
//! An organization's own sign-on counts in the sector of its schools where they are of one; else apart, as an organization.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::parted;
use super::signing::Signature;
use super::statement::{Statement, StatementId};
use crate::people::offices::{self, SchoolOf};
use crate::people::{self, OrganizationId, School, SchoolId, Sector};
use crate::platform::{Cx, Place, Result};

/// What a line of the table counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Sign-ons.
    pub leaders: u64,
    /// Schools.
    pub schools: u64,
    /// Students of them, as far as their number is published.
    pub students: u64,
    /// Schools among them without a published number.
    pub unknown: u64,
}

/// How many stand behind a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: Line,
    /// By sector, in the order of sectors: code and words. What has none stands last, under an empty code.
    pub by_sector: Vec<(String, String, Line)>,
    /// Sign-ons that stand behind the newest version.
    pub newest: u64,
    /// Sign-ons that stand behind an earlier one and are asked again.
    pub earlier: u64,
    /// Sign-ons that were withdrawn.
    pub withdrawn: u64,
}

/// Counts one statement; at most five statements.
pub async fn counts(cx: &Cx, statement: &Statement, signatures: &[Signature]) -> Result<Counts> {
    let places: Vec<Place> = signatures.iter().filter(|one| one.stands()).map(|one| one.place).collect();
    let (schools, organizations) = parted(&places);
    let sectors = people::sectors(cx).await?;
    let direct = if schools.is_empty() { HashMap::new() } else { people::schools(cx, &schools).await? };
    let of = if organizations.is_empty() { Vec::new() } else { offices::schools_of(cx, &organizations).await? };
    Ok(count(statement.version, signatures, &sectors, &direct, &of))
}

/// How many sign-ons stand behind the newest version and behind earlier ones, for statements of a list; one statement.
pub async fn behind(cx: &Cx, statements: &[Statement]) -> Result<HashMap<StatementId, (u64, u64)>> {
    let ids: Vec<StatementId> = statements.iter().map(|one| one.id).collect();
    let newest: HashMap<StatementId, i32> = statements.iter().map(|one| (one.id, one.version)).collect();
    let mut found: HashMap<StatementId, (u64, u64)> = HashMap::new();
    for (id, version, count) in super::store::signatures::by_version(cx.conn(), &ids).await? {
        let both = found.entry(id).or_default();
        if newest.get(&id) == Some(&version) { both.0 += count } else { both.1 += count }
    }
    Ok(found)
}

fn count(
    newest: i32,
    signatures: &[Signature],
    sectors: &[Sector],
    direct: &HashMap<SchoolId, School>,
    of: &[SchoolOf],
) -> Counts {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut seen: HashSet<SchoolId> = HashSet::new();
    let mut add = |lines: &mut BTreeMap<String, Line>, id: SchoolId, sector: Option<&String>, students: Option<i32>| {
        if !seen.insert(id) {
            return;
        }
        let line = lines.entry(sector.cloned().unwrap_or_default()).or_default();
        line.schools += 1;
        match students.and_then(|n| u64::try_from(n).ok()) {
            Some(students) => line.students += students,
            None => line.unknown += 1,
        }
    };
    let mut counts = Counts::default();
    for one in signatures {
        if !one.stands() {
            counts.withdrawn += 1;
            continue;
        }
        if one.version == newest {
            counts.newest += 1
        } else {
            counts.earlier += 1
        }
        let sector = match one.place {
            Place::School(id) => {
                let school = direct.get(&SchoolId(id));
                if let Some(school) = school.filter(|school| school.is_open()) {
                    add(&mut lines, school.id, school.sector.as_ref(), school.students);
                }
                school.and_then(|school| school.sector.clone())
            }
            Place::Organization(id) => {
                let own: Vec<&SchoolOf> =
                    of.iter().filter(|school| school.organization == OrganizationId(id)).collect();
                for school in &own {
                    add(&mut lines, school.school, school.sector.as_ref(), school.students);
                }
                let first = own.first().and_then(|school| school.sector.clone());
                first.filter(|first| own.iter().all(|school| school.sector.as_ref() == Some(first)))
            }
            Place::Installation => None,
        };
        lines.entry(sector.unwrap_or_default()).or_default().leaders += 1;
    }
    for line in lines.values() {
        counts.all.leaders += line.leaders;
        counts.all.schools += line.schools;
        counts.all.students += line.students;
        counts.all.unknown += line.unknown;
    }
    for sector in sectors {
        if let Some(line) = lines.remove(&sector.code) {
            counts.by_sector.push((sector.code.clone(), sector.label.clone(), line));
        }
    }
    let rest = lines.into_values().reduce(|a, b| Line {
        leaders: a.leaders + b.leaders,
        schools: a.schools + b.schools,
        students: a.students + b.students,
        unknown: a.unknown + b.unknown,
    });
    if let Some(line) = rest {
        counts.by_sector.push((String::new(), "Without one sector".to_owned(), line));
    }
    counts
}
