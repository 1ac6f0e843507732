//! Schools from a file: 1,000 rows a transaction, bad rows listed by line, good rows kept, and nothing
//! changed the second time.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde::Deserialize;
use serde_json::json;

use super::policy;
use super::school::{GradeSpan, OrganizationId};
use super::school_admin::ADMINISTRATORS;
use super::store::{self, organization, school};
use crate::platform::{Actor, Db, Error, Event, FieldErrors, Result, Timestamp, Tx, ids};
use crate::search;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// New things.
    pub added: usize,
    /// Things whose facts changed.
    pub changed: usize,
    /// Things that were there already, just so.
    pub unchanged: usize,
    /// Lines that were left out, with the reason in one sentence.
    pub bad: Vec<(u64, String)>,
}

/// One row of the schools file (interface.md), as it is written there.
#[derive(Debug, Deserialize)]
struct Row {
    ncessch: String,
    leaid: String,
    school_name: String,
    lea_name: String,
    city: String,
    state: String,
    grade_low: String,
    grade_high: String,
    charter: String,
    charter_source: String,
    school_type: String,
    locale: String,
    students: String,
    lat: String,
    lon: String,
}

const HEADER: [&str; 15] = [
    "ncessch",
    "leaid",
    "school_name",
    "lea_name",
    "city",
    "state",
    "grade_low",
    "grade_high",
    "charter",
    "charter_source",
    "school_type",
    "locale",
    "students",
    "lat",
    "lon",
];

/// The facts of one row after every check.
struct Facts {
    nces_id: String,
    lea_id: String,
    lea_name: String,
    name: String,
    city: Option<String>,
    state: String,
    grades: Option<GradeSpan>,
    sector: Option<&'static str>,
    sector_source: Option<String>,
    school_type: Option<String>,
    locale: Option<String>,
    students: Option<i32>,
    position: Option<(f64, f64)>,
}

impl Facts {
    fn parse(row: Row) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(&row.ncessch, 12) {
            errors.add("ncessch", "wants 12 digits.");
        }
        if !row.leaid.is_empty() && !digits(&row.leaid, 7) {
            errors.add("leaid", "wants 7 digits, or nothing.");
        }
        let name = text(&row.school_name);
        match &name {
            None => errors.add("school_name", "is missing."),
            Some(name) if name.chars().count() > 200 => errors.add("school_name", "may have 200 characters."),
            Some(_) => {}
        }
        if row.state.len() != 2 || !row.state.bytes().all(|b| b.is_ascii_uppercase()) {
            errors.add("state", "wants two capital letters.");
        }
        // Unknown stays unknown: an empty cell says nothing about the sector.
        let sector = match row.charter.trim() {
            "Y" => Some("charter"),
            "N" => Some("district"),
            "" | "NA" => None,
            _ => {
                errors.add("charter", "wants Y, N, NA or nothing.");
                None
            }
        };
        let students = match row.students.trim() {
            // The federal files have signs for what is missing, not applicable or unreliable.
            "" | "\u{2013}" | "\u{2020}" | "\u{2021}" => None,
            // And they write some whole numbers as 546.0.
            number => match number.strip_suffix(".0").unwrap_or(number).parse::<i32>() {
                Ok(n) if (0..=100_000).contains(&n) => Some(n),
                _ => {
                    errors.add("students", "wants a whole number from 0 to 100,000, or nothing.");
                    None
                }
            },
        };
        let position = match (row.lat.trim(), row.lon.trim()) {
            ("", "") => None,
            (lat, lon) => match (lat.parse::<f64>(), lon.parse::<f64>()) {
                (Ok(lat), Ok(lon)) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => Some((lat, lon)),
                _ => {
                    errors.add("lat", "and lon want degrees, both or neither.");
                    None
                }
            },
        };
        let facts = Self {
            nces_id: row.ncessch,
            lea_id: row.leaid,
            lea_name: text(&row.lea_name).unwrap_or_default(),
            name: name.unwrap_or_default(),
            city: text(&row.city),
            state: row.state,
            grades: GradeSpan::parse(&row.grade_low, &row.grade_high),
            sector,
            sector_source: sector.and(text(&row.charter_source)),
            school_type: text(&row.school_type).and_then(|code| worded(&code)),
            locale: text(&row.locale).and_then(|code| worded(&code)),
            students,
            position,
        };
        errors.or(facts)
    }

    /// The row this school should have. What the file does not know (neighborhood, profile, ...) stays.
    fn onto(&self, row: &school::Model, organization: Option<OrganizationId>) -> school::Model {
        // What an administrator says about the sector holds against the file.
        let said = row.sector_source.as_deref() == Some(ADMINISTRATORS);
        school::Model {
            name: self.name.clone(),
            sector: if said { row.sector.clone() } else { self.sector.map(str::to_owned) },
            sector_source: if said { row.sector_source.clone() } else { self.sector_source.clone() },
            organization_id: organization.map(|id| id.0),
            city: self.city.clone(),
            state: Some(self.state.clone()),
            grade_low: self.grades.map(|span| span.low),
            grade_high: self.grades.map(|span| span.high),
            school_type: self.school_type.clone(),
            locale: self.locale.clone(),
            students: self.students,
            lat: self.position.map(|(lat, _)| lat),
            lon: self.position.map(|(_, lon)| lon),
            ..row.clone()
        }
    }
}

/// Text without the white space around and doubled inside, and without control characters; `None` when nothing is left.
fn text(cell: &str) -> Option<String> {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let text = cell.chars().map(visible).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// "1-Regular school" -> "Regular school". A number alone says nothing to a person.
fn worded(code: &str) -> Option<String> {
    let words = code.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-').trim();
    (!words.is_empty()).then(|| words.to_owned())
}

const BATCH: usize = 1_000;

/// Imports the schools of a CSV file (header of interface.md). `progress` is called with the number of rows
/// read so far. With `dry_run` everything is checked and nothing is kept.
///
/// # Errors
/// `Conflict` when the header is not the one wanted; a bad row is no error but a line of the report.
pub async fn schools(db: &Db, file: impl Read, dry_run: bool, mut progress: impl FnMut(u64)) -> Result<ImportReport> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|e| Error::Conflict(format!("The file is not CSV: {e}.")))?.clone();
    let missing: Vec<&str> = HEADER.iter().copied().filter(|name| !header.iter().any(|h| h == *name)).collect();
    if !missing.is_empty() {
        return Err(Error::Conflict(format!("The file's first line has to name the columns {}.", missing.join(", "))));
    }
    let mut report = ImportReport::default();
    let mut seen = HashSet::new();
    let mut batch = Vec::with_capacity(BATCH);
    let mut rows = 0_u64;
    for record in reader.records() {
        rows += 1;
        let (line, row) = match record {
            Err(error) => (error.position().map_or(rows + 1, csv::Position::line), Err(unreadable(&error))),
            Ok(record) => {
                let line = record.position().map_or(rows + 1, csv::Position::line);
                (line, record.deserialize::<Row>(Some(&header)).map_err(|error| unreadable(&error)))
            }
        };
        match row.and_then(|row| Facts::parse(row).map_err(|errors| errors.to_string())) {
            Err(reason) => report.bad.push((line, reason)),
            Ok(facts) if !seen.insert(facts.nces_id.clone()) => {
                report.bad.push((line, format!("ncessch {} stands on an earlier line too.", facts.nces_id)));
            }
            Ok(facts) => batch.push(facts),
        }
        if batch.len() == BATCH {
            keep(db, &mut batch, dry_run, &mut report).await?;
            progress(rows);
        }
    }
    keep(db, &mut batch, dry_run, &mut report).await?;
    progress(rows);
    Ok(report)
}

/// Why a line cannot be read.
fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "The line is not UTF-8 text.".to_owned(),
        _ => "The line does not have the header's columns.".to_owned(),
    }
}

async fn keep(db: &Db, batch: &mut Vec<Facts>, dry_run: bool, report: &mut ImportReport) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut tx = db.write(Actor::System("import")).await?;
    let permit = policy::administer_places(tx.actor())?;
    let before = report.clone();
    let (organizations, renamed) = keep_organizations(&tx, batch).await?;
    let ids: Vec<&str> = batch.iter().map(|facts| facts.nces_id.as_str()).collect();
    let existing: HashMap<String, school::Model> = store::schools_by_nces(tx.conn(), &ids)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.nces_id.clone()?, row)))
        .collect();
    let slugs: Vec<String> = batch.iter().map(slug_of).collect();
    let mut taken = store::taken_school_slugs(tx.conn(), &slugs).await?;
    // A school is found by the name of its district too.
    let mut touched = store::schools_of(tx.conn(), &renamed).await?;
    let mut fresh = Vec::new();
    for (facts, slug) in batch.drain(..).zip(slugs) {
        let organization = organizations.get(&facts.lea_id).copied();
        match existing.get(&facts.nces_id) {
            Some(row) => {
                let wanted = facts.onto(row, organization);
                if &wanted == row {
                    report.unchanged += 1;
                    continue;
                }
                report.changed += 1;
                touched.push(row.id);
                store::update_school(tx.conn(), school::Model { updated_at: tx.now(), ..wanted }).await?;
            }
            None => {
                let slug = if taken.contains(&slug) { format!("{slug}-{}", facts.nces_id) } else { slug };
                taken.insert(slug.clone());
                let row = facts.onto(&blank(slug, Some(facts.nces_id.clone()), tx.now()), organization);
                report.added += 1;
                touched.push(row.id);
                fresh.push(row);
            }
        }
    }
    store::insert_schools(tx.conn(), fresh).await?;
    if dry_run || touched.is_empty() {
        return Ok(());
    }
    let detail = json!({ "added": report.added - before.added, "changed": report.changed - before.changed });
    tx.record(&permit, Event::bulk("schools.imported", "school").with(detail)).await?;
    search::touch(&mut tx, search::Kind::School, &touched).await?;
    tx.commit().await
}

/// A school of which nothing is known yet.
pub(super) fn blank(slug: String, nces_id: Option<String>, now: Timestamp) -> school::Model {
    school::Model {
        id: ids::fresh(),
        slug,
        nces_id,
        name: String::new(),
        sector: None,
        sector_source: None,
        organization_id: None,
        city: None,
        state: None,
        neighborhood: None,
        campus: None,
        grade_low: None,
        grade_high: None,
        school_type: None,
        locale: None,
        students: None,
        shares: json!([]),
        profile: None,
        lat: None,
        lon: None,
        facts_from: "NCES".to_owned(),
        created_at: now,
        updated_at: now,
        closed_on: None,
        merged_into: None,
    }
}

fn slug_of(facts: &Facts) -> String {
    let city = facts.city.as_deref().unwrap_or_default();
    slug::slugify(format!("{} {city} {}", facts.name, facts.state))
}

/// The organizations of a batch: new ones are made, changed names kept up.
/// Returns their ids by federal id, and which were renamed.
async fn keep_organizations(
    tx: &Tx,
    batch: &[Facts],
) -> Result<(HashMap<String, OrganizationId>, Vec<OrganizationId>)> {
    let mut wanted: HashMap<&str, &Facts> = HashMap::new();
    for facts in batch.iter().filter(|f| !f.lea_id.is_empty() && !f.lea_name.is_empty()) {
        wanted.entry(&facts.lea_id).or_insert(facts);
    }
    let ids: Vec<&str> = wanted.keys().copied().collect();
    let existing = store::organizations_by_nces(tx.conn(), &ids).await?;
    let slug = |facts: &Facts| slug::slugify(format!("{} {}", facts.lea_name, facts.state));
    let slugs: Vec<String> = wanted.values().map(|facts| slug(facts)).collect();
    let mut taken = store::taken_organization_slugs(tx.conn(), &slugs).await?;
    let (mut found, mut fresh, mut renamed) = (HashMap::new(), Vec::new(), Vec::new());
    for (lea_id, facts) in wanted {
        if let Some((id, name)) = existing.get(lea_id) {
            if name != &facts.lea_name {
                store::rename_organization(tx.conn(), *id, &facts.lea_name, tx.now()).await?;
                renamed.push(*id);
            }
            found.insert(lea_id.to_owned(), *id);
            continue;
        }
        let plain = slug(facts);
        let slug = if taken.contains(&plain) { format!("{plain}-{lea_id}") } else { plain };
        taken.insert(slug.clone());
        let id = OrganizationId::fresh();
        found.insert(lea_id.to_owned(), id);
        fresh.push(organization::Model {
            id: id.0,
            slug,
            kind: "district".to_owned(),
            name: facts.lea_name.clone(),
            nces_id: Some(lea_id.to_owned()),
            city: None,
            state: Some(facts.state.clone()),
            created_at: tx.now(),
            updated_at: tx.now(),
        });
    }
    store::insert_organizations(tx.conn(), fresh).await?;
    Ok((found, renamed))
}
