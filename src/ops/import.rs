//! `commonground import`: files in, a report out.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use flate2::read::MultiGzDecoder;

use super::output;
use crate::app::App;
use crate::catalog;
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
    };
    tell(&report, one, many, dry_run);
    // Bad rows are listed and good rows kept: that is done. A file without one good row is refused.
    let good = report.added + report.changed + report.unchanged;
    Ok(if good == 0 && !report.bad.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
