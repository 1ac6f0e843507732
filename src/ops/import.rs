//! `commonground import`: files in, a report out.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;
use flate2::read::MultiGzDecoder;

use super::output;
use crate::app::App;
use crate::catalog;
use crate::people::roster::oneroster::Files;
use crate::people::roster::{self, Options, Roster};
use crate::people::{self, ImportReport};
use crate::platform::{Error, Result};

/// What to import.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Schools: CSV with the columns ncessch, leaid, school_name, ... (may be gzipped)
    Schools {
        /// The file
        file: PathBuf,
        /// Check everything, keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Practices: JSON Lines, one practice a line; `source` and `title` are enough
    Practices {
        /// The file
        file: PathBuf,
        /// Check everything, keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// People: CSV with the columns email, name, role, school, or a OneRoster bundle (zip or folder); staff only
    People {
        /// The file, or the folder of a OneRoster bundle
        file: PathBuf,
        /// Check everything, keep nothing
        #[arg(long)]
        dry_run: bool,
        /// End memberships even when they are more than one in ten
        #[arg(long)]
        allow_removals: bool,
        /// Send everybody who is new a letter that leads to the sign-in
        #[arg(long)]
        invite: bool,
    },
    /// Interventions reviewed by the What Works Clearinghouse: a folder with its CSV files
    Wwc {
        /// The folder with interventions.csv, wwc_InterventionReports.csv and wwc_Findings.csv
        folder: PathBuf,
        /// Check everything, keep nothing
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) async fn run(app: &App, what: What) -> Result<ExitCode> {
    let what = match what {
        What::People { file, dry_run, allow_removals, invite } => {
            return people(app, &file, Options { dry_run, allow_removals, invite }).await;
        }
        other => other,
    };
    let (report, one, many, dry_run) = match what {
        What::Schools { file, dry_run } => {
            let bar = output::bar(lines(&file)?.saturating_sub(1), "Schools");
            let report = people::import_schools(&app.db, open(&file)?, dry_run, |row| bar.set_position(row)).await?;
            bar.finish_and_clear();
            (report, "school", "schools", dry_run)
        }
        What::Practices { file, dry_run } => {
            let bar = output::bar(lines(&file)?, "Practices");
            let input = BufReader::new(open(&file)?);
            let origin = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let report =
                catalog::import_practices(&app.db, input, &origin, dry_run, |row| bar.set_position(row)).await?;
            bar.finish_and_clear();
            (report, "practice", "practices", dry_run)
        }
        What::Wwc { folder, dry_run } => {
            let part = |name: &str| open(&folder.join(name));
            let (report, notes) = catalog::import_wwc(
                &app.db,
                part("interventions.csv")?,
                part("wwc_InterventionReports.csv")?,
                part("wwc_Findings.csv")?,
                dry_run,
            )
            .await?;
            notes.iter().for_each(|note| output::say(note));
            (report, "practice", "practices", dry_run)
        }
        What::People { .. } => return Err(Error::internal("people have been imported above")),
    };
    tell(&report, one, many, dry_run);
    // Bad rows are listed and good rows kept: that is done. A file without one good row is refused.
    let good = report.added + report.changed + report.unchanged;
    Ok(if good == 0 && !report.bad.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn people(app: &App, file: &Path, options: Options) -> Result<ExitCode> {
    let roster = read_roster(file, app.db.clock().now().date_naive())?;
    let bar = output::bar(roster.holds.len() as u64, "People");
    let base_url = app.config.base_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
    let head = app.letterhead(&base_url.into())?;
    let report = roster::import(&app.db, &head, roster, options, |row| bar.set_position(row)).await?;
    bar.finish_and_clear();
    for (line, reason) in &report.bad {
        output::refuse(&format!("{line}: {reason}"));
    }
    let verb = if options.dry_run { "would be" } else { "were" };
    output::say(&format!(
        "{} {verb} added, {} changed, {} unchanged, {} ended, {} left out.",
        output::count(report.added, "membership", "memberships"),
        report.changed,
        report.unchanged,
        report.ended,
        output::count(report.bad.len(), "line", "lines"),
    ));
    if report.refused > 0 {
        let rows = output::count(report.refused, "row", "rows");
        output::say(&format!(
            "{rows} of students, families or others who are no staff: refused, nothing of them kept."
        ));
    }
    if options.invite {
        let verb = if options.dry_run { "would be written" } else { "are in the outbox" };
        output::say(&format!("{} {verb}.", output::count(report.letters, "letter", "letters")));
    }
    let good = report.added + report.changed + report.unchanged + report.ended;
    Ok(if good == 0 && !report.bad.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A folder or a zip is a OneRoster bundle, everything else the people file.
fn read_roster(file: &Path, today: NaiveDate) -> Result<Roster> {
    if file.is_dir() {
        return roster::oneroster::read(&mut Folder(file), today);
    }
    let refuse =
        |error: &dyn std::fmt::Display| Error::Conflict(format!("{} cannot be read: {error}.", file.display()));
    let mut magic = [0; 4];
    let mut opened = std::fs::File::open(file).map_err(|error| refuse(&error))?;
    let zipped = opened.read(&mut magic).map_err(|error| refuse(&error))? == 4 && magic == *b"PK\x03\x04";
    if !zipped {
        return roster::table::read(open(file)?);
    }
    let opened = BufReader::new(std::fs::File::open(file).map_err(|error| refuse(&error))?);
    let archive = zip::ZipArchive::new(opened).map_err(|error| refuse(&error))?;
    roster::oneroster::read(&mut Zipped(archive), today)
}

/// A bundle that lies unpacked in a folder.
struct Folder<'a>(&'a Path);

impl Files for Folder<'_> {
    fn file(&mut self, name: &str) -> Result<Option<Box<dyn Read + '_>>> {
        let path = self.0.join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let file: Box<dyn Read> = open(&path)?;
        Ok(Some(file))
    }
}

/// A bundle in a zip.
struct Zipped(zip::ZipArchive<BufReader<std::fs::File>>);

/// One file of a bundle is not larger than this: a district of a million people fits, a packed bomb does not.
const UNPACKED: u64 = 1 << 30;

impl Files for Zipped {
    fn file(&mut self, name: &str) -> Result<Option<Box<dyn Read + '_>>> {
        // Some put the files into a folder, which the standard does not.
        let inside = |known: &str| known == name || known.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'));
        let known = self.0.file_names().flatten().find(|known| inside(known)).map(|known| known.into_owned());
        let Some(known) = known else { return Ok(None) };
        let unreadable = |error| Error::Conflict(format!("{name} in the zip cannot be read: {error}."));
        Ok(Some(Box::new(self.0.by_name(&known).map_err(unreadable)?.take(UNPACKED))))
    }
}

fn tell(report: &ImportReport, one: &str, many: &str, dry_run: bool) {
    for (line, reason) in &report.bad {
        output::refuse(&format!("line {line}: {reason}"));
    }
    let verb = match (dry_run, report.added) {
        (true, _) => "would be",
        (false, 1) => "was",
        (false, _) => "were",
    };
    output::say(&format!(
        "{} {verb} added, {} changed, {} unchanged, {} left out.",
        output::count(report.added, one, many),
        report.changed,
        report.unchanged,
        output::count(report.bad.len(), "line", "lines"),
    ));
}

/// The file, unpacked when it is gzipped.
fn open(file: &Path) -> Result<Box<dyn Read + Send>> {
    let refuse = |error| Error::Conflict(format!("{} cannot be read: {error}.", file.display()));
    let mut magic = [0; 2];
    let gzipped =
        std::fs::File::open(file).map_err(refuse)?.read(&mut magic).map_err(refuse)? == 2 && magic == [0x1f, 0x8b];
    let reader = BufReader::new(std::fs::File::open(file).map_err(refuse)?);
    Ok(if gzipped { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) })
}

/// Number of lines, for the bar: one quick pass.
fn lines(file: &Path) -> Result<u64> {
    let mut reader = open(file)?;
    let mut buffer = vec![0; 1 << 16];
    let mut count = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(count),
            Ok(n) => count += buffer[..n].iter().filter(|byte| **byte == b'\n').count() as u64,
            Err(error) => return Err(Error::Conflict(format!("{} cannot be read: {error}.", file.display()))),
        }
    }
}
