//! Practices from files: 500 a transaction, bad lines listed, good ones kept, and nothing changed the second
//! time. A record that changed in its source becomes a new version of the same practice.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use serde_json::json;

use super::draft::PracticeDraft;
use super::parse::{NewPractice, Rules, Trust};
use super::policy;
use super::practice::PracticeId;
use super::store::{self, practice, version};
use super::wwc;
use crate::people::{self, ImportReport, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Db, Error, Event, Result, Tx};
use crate::search;

const BATCH: usize = 500;

/// A line longer than this is no practice.
const LINE: u64 = 1 << 20;

/// Imports practices from JSON Lines (interface.md): one object a line, keys as in the record, `source` and
/// `title` at least. `origin` names the file; it stays with the practices as who imported them. `progress` is
/// called with the number of lines read.
pub async fn practices(
    db: &Db,
    mut file: impl BufRead,
    origin: &str,
    dry_run: bool,
    mut progress: impl FnMut(u64),
) -> Result<ImportReport> {
    let mut run = Run::new(db, origin, dry_run);
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        let read = file
            .by_ref()
            .take(LINE)
            .read_until(b'\n', &mut line)
            .map_err(|e| Error::Conflict(format!("The file cannot be read after line {number}: {e}.")))?;
        if read == 0 {
            break;
        }
        number += 1;
        if read as u64 == LINE {
            run.bad(number, "The line is longer than 1 MiB.".to_owned());
            skip_line(&mut file)?;
        } else if !line.trim_ascii().is_empty() {
            // A byte order mark belongs to the file, not to its first practice.
            let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
            match read_line(text) {
                Ok(draft) => run.take(number, draft).await?,
                Err(reason) => run.bad(number, reason),
            }
        }
        if number.is_multiple_of(100) {
            progress(number);
        }
    }
    progress(number);
    run.finish().await
}

/// Imports the interventions that the What Works Clearinghouse reviewed; says what was left out, in sentences.
pub async fn wwc(
    db: &Db,
    interventions: impl Read,
    reports: impl Read,
    findings: impl Read,
    dry_run: bool,
) -> Result<(ImportReport, Vec<String>)> {
    let read = wwc::read(interventions, reports, findings)?;
    let mut run = Run::new(db, "What Works Clearinghouse", dry_run);
    for (at, draft) in read.drafts.into_iter().enumerate() {
        run.take(at as u64 + 1, draft).await?;
    }
    Ok((run.finish().await?, read.notes))
}

fn read_line(line: &[u8]) -> Result<PracticeDraft, String> {
    let value = serde_json::from_slice(line).map_err(|e| format!("The line is not JSON: {e}."))?;
    PracticeDraft::from_json(&value).map_err(|errors| errors.to_string())
}

fn skip_line(file: &mut impl BufRead) -> Result<()> {
    file.skip_until(b'\n').map(|_| ()).map_err(Error::from)
}

/// One import on its way.
struct Run<'a> {
    db: &'a Db,
    origin: &'a str,
    dry_run: bool,
    seen: HashSet<String>,
    batch: Vec<(u64, NewPractice)>,
    report: ImportReport,
}

impl<'a> Run<'a> {
    fn new(db: &'a Db, origin: &'a str, dry_run: bool) -> Self {
        Self { db, origin, dry_run, seen: HashSet::new(), batch: Vec::new(), report: ImportReport::default() }
    }

    fn bad(&mut self, line: u64, reason: String) {
        self.report.bad.push((line, reason));
    }

    async fn take(&mut self, line: u64, draft: PracticeDraft) -> Result<()> {
        // Whoever imports a file has the command line; its tiers are an editor's word.
        let today = self.db.clock().now().date_naive();
        match NewPractice::parse(draft, Rules::Imported, Trust::Editor, today) {
            Err(errors) => self.bad(line, errors.to_string()),
            Ok(new) => match new.source.clone() {
                Some(source) if !self.seen.insert(source.clone()) => {
                    self.bad(line, format!("source: {source} stands on an earlier line too."));
                }
                _ => self.batch.push((line, new)),
            },
        }
        if self.batch.len() >= BATCH { self.keep().await } else { Ok(()) }
    }

    async fn finish(mut self) -> Result<ImportReport> {
        self.keep().await?;
        self.report.bad.sort_by_key(|(line, _)| *line);
        Ok(self.report)
    }

    async fn keep(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write(Actor::System("import")).await?;
        let permit = policy::import(tx.actor())?;
        let batch = std::mem::take(&mut self.batch);
        let references = batch.iter().filter_map(|(_, new)| new.origin_school.clone()).collect();
        let schools = people::resolve_schools(&tx, &references).await?;
        let mut known = Vec::with_capacity(batch.len());
        for (line, new) in batch {
            match new.origin_school.as_ref().map(|text| schools.get(text).copied().ok_or(text)) {
                Some(Err(text)) => self.bad(
                    line,
                    format!("origin_school: \"{text}\" is no id, federal id or address of a school, nor the name of just one."),
                ),
                Some(Ok(school)) => known.push((new, Some(school))),
                None => known.push((new, None)),
            }
        }
        let kept = keep(&mut tx, known, Standing::imported(self.origin)).await?;
        self.report.added += kept.added;
        self.report.changed += kept.changed;
        self.report.unchanged += kept.unchanged;
        if self.dry_run || kept.touched.is_empty() {
            return Ok(());
        }
        let detail = json!({ "from": self.origin, "added": kept.added, "changed": kept.changed });
        tx.record(&permit, Event::bulk("practices.imported", "practice").with(detail)).await?;
        let touched: Vec<_> = kept.touched.iter().map(|id| id.0).collect();
        search::touch(&mut tx, search::Kind::Practice, &touched).await?;
        tx.commit().await
    }
}

/// In what standing practices come in.
pub(super) struct Standing<'a> {
    pub status: PracticeStatus,
    pub imported_by: Option<&'a str>,
    pub published_on: Option<chrono::NaiveDate>,
    pub last_checked_on: Option<chrono::NaiveDate>,
}

impl<'a> Standing<'a> {
    fn imported(origin: &'a str) -> Self {
        Self { status: PracticeStatus::IMPORTED, imported_by: Some(origin), published_on: None, last_checked_on: None }
    }
}

/// What happened to a batch.
#[derive(Default)]
pub(super) struct KeptBatch {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// New and changed ones; the caller marks them for the index.
    pub touched: Vec<PracticeId>,
}

/// Keeps practices: new ones get an address, a known source gets a new version where its record differs.
pub(super) async fn keep(
    tx: &mut Tx,
    batch: Vec<(NewPractice, Option<SchoolId>)>,
    standing: Standing<'_>,
) -> Result<KeptBatch> {
    let sources: Vec<String> = batch.iter().filter_map(|(new, _)| new.source.clone()).collect();
    let existing = store::by_source(tx.conn(), &sources).await?;
    let slugs: Vec<String> = batch.iter().map(|(new, _)| slug_of(&new.record.title)).collect();
    let mut taken = store::taken_slugs(tx.conn(), &slugs).await?;
    let mut kept = KeptBatch::default();
    let (mut rows, mut versions) = (Vec::new(), Vec::new());
    for ((new, school), slug) in batch.into_iter().zip(slugs) {
        let record = serde_json::to_value(&new.record).map_err(Error::internal)?;
        let known = new.source.as_ref().and_then(|source| existing.get(source));
        let origin_school_id = school.map(|id| id.0);
        if let Some(row) = known {
            let same_record = row.record == record;
            if same_record && row.origin_school_id == origin_school_id {
                kept.unchanged += 1;
                continue;
            }
            let number = if same_record { row.version } else { row.version + 1 };
            if !same_record {
                versions.push(version_row(row.id, number, &record, Some("Changed in its source"), tx));
            }
            store::update(
                tx.conn(),
                practice::Model {
                    origin_school_id,
                    title: new.record.title,
                    version: number,
                    record,
                    updated_at: tx.now(),
                    ..row.clone()
                },
            )
            .await?;
            kept.changed += 1;
            kept.touched.push(PracticeId(row.id));
            continue;
        }
        let id = PracticeId::fresh();
        let slug = if taken.contains(&slug) { format!("{slug}-{}", short(id)) } else { slug };
        taken.insert(slug.clone());
        versions.push(version_row(id.0, 1, &record, None, tx));
        rows.push(practice::Model {
            id: id.0,
            slug,
            source: new.source,
            status: standing.status.code().to_owned(),
            origin_school_id,
            title: new.record.title,
            version: 1,
            record,
            published_on: standing.published_on,
            last_checked_on: standing.last_checked_on,
            check_by: standing.last_checked_on.and_then(|day| day.checked_add_months(super::CHECK_EVERY)),
            imported_by: standing.imported_by.map(str::to_owned),
            retired_reason: None,
            replaced_by: None,
            created_at: tx.now(),
            updated_at: tx.now(),
        });
        kept.added += 1;
        kept.touched.push(id);
    }
    store::insert(tx.conn(), rows, versions).await?;
    Ok(kept)
}

/// Puts a practice into the catalog that was written here; gives its name in addresses and the number of its version.
pub(super) async fn put_new(
    tx: &mut Tx,
    id: PracticeId,
    new: NewPractice,
    origin: SchoolId,
    today: chrono::NaiveDate,
) -> Result<(String, i32)> {
    let slug = slug_of(&new.record.title);
    let taken = store::taken_slugs(tx.conn(), std::slice::from_ref(&slug)).await?;
    let slug = if taken.is_empty() { slug } else { format!("{slug}-{}", short(id)) };
    let record = serde_json::to_value(&new.record).map_err(Error::internal)?;
    let version = version_row(id.0, 1, &record, None, tx);
    let row = practice::Model {
        id: id.0,
        slug: slug.clone(),
        source: None,
        status: PracticeStatus::PUBLISHED.code().to_owned(),
        origin_school_id: Some(origin.0),
        title: new.record.title,
        version: 1,
        record,
        published_on: Some(today),
        last_checked_on: Some(today),
        check_by: today.checked_add_months(super::CHECK_EVERY),
        imported_by: None,
        retired_reason: None,
        replaced_by: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx.conn(), vec![row], vec![version]).await?;
    Ok((slug, 1))
}

/// The next version of a practice. One that was imported counts as published from now on: people here have looked at it.
pub(super) async fn put_next(
    tx: &mut Tx,
    row: practice::Model,
    record: &super::PracticeRecord,
    note: Option<&str>,
    today: chrono::NaiveDate,
) -> Result<(String, i32)> {
    let number = row.version + 1;
    let title = record.title.clone();
    let record = serde_json::to_value(record).map_err(Error::internal)?;
    let version = version_row(row.id, number, &record, note, tx);
    store::insert(tx.conn(), Vec::new(), vec![version]).await?;
    let slug = row.slug.clone();
    let row = practice::Model {
        status: PracticeStatus::PUBLISHED.code().to_owned(),
        title,
        version: number,
        record,
        published_on: row.published_on.or(Some(today)),
        last_checked_on: Some(today),
        check_by: today.checked_add_months(super::CHECK_EVERY),
        updated_at: tx.now(),
        ..row
    };
    store::update(tx.conn(), row).await?;
    Ok((slug, number))
}

fn version_row(id: uuid::Uuid, number: i32, record: &serde_json::Value, note: Option<&str>, tx: &Tx) -> version::Model {
    version::Model {
        practice_id: id,
        version: number,
        record: record.clone(),
        note: note.map(str::to_owned),
        created_at: tx.now(),
    }
}

/// The title as a name in addresses, at most 90 characters.
fn slug_of(title: &str) -> String {
    let mut slug = slug::slugify(title);
    slug.truncate(90);
    let slug = slug.trim_end_matches('-');
    match slug {
        "" => "practice".to_owned(),
        // `/practices/new` begins one.
        "new" => "new-practice".to_owned(),
        _ => slug.to_owned(),
    }
}

/// The last eight digits of an id: enough to tell two of the same title apart in an address.
fn short(id: PracticeId) -> String {
    let text = id.0.simple().to_string();
    text[text.len() - 8..].to_owned()
}
