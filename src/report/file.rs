//! The report as a file that a spreadsheet opens: the same numbers as the page, a row for each. No cell is taken for a formula.

use super::city::Report;
use super::metric::Metric;
use super::{Reading, period};
use crate::platform::{Error, Result, cells};

/// Names of the columns.
pub const HEAD: [&str; 10] =
    ["table", "row", "metric", "value", "of", "words", "from", "to", "counted_on", "definition_version"];

/// The file.
pub fn csv(report: &Report) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    file.write_record(HEAD).map_err(Error::internal)?;
    let counted = report.today.to_string();
    let mut write =
        |table: &str, row: &str, metric: &str, reading: &Reading, from: String, to: String, version: u16| {
            let (value, of) = match reading {
                Reading::Count(n) => (n.to_string(), String::new()),
                Reading::Share { part, whole } => (part.to_string(), whole.to_string()),
                Reading::Days(days) => (days.to_string(), String::new()),
                Reading::NotEnough => (String::new(), String::new()),
            };
            let (row, words) = (cells::inert(row), reading.to_string());
            let version = version.to_string();
            file.write_record([table, &row, metric, &value, &of, &words, &from, &to, &counted, &version])
                .map_err(Error::internal)
        };
    let version = |metric: Metric| metric.definition().version;
    for one in &report.figures {
        let (from, to) = (one.from.to_string(), one.to.to_string());
        write("city", &report.place, one.metric.code(), &one.reading, from, to, one.version)?;
    }
    let (from, to) =
        (report.scope.from.to_string(), report.scope.to.min(report.today).max(report.scope.from).to_string());
    for one in &report.years {
        let (first, last) = period::bounds(one.year);
        let label = period::year_label(one.year);
        let cells = [
            (Metric::SessionsHeld, Reading::Count(one.sessions)),
            (Metric::CrossSectorSessions, Reading::Count(one.joint)),
            (Metric::EducatorHours, one.hours.clone()),
            (Metric::PeopleReached, one.reached.clone()),
        ];
        for (metric, reading) in cells {
            write(
                "school_year",
                &label,
                metric.code(),
                &reading,
                first.to_string(),
                last.to_string(),
                version(metric),
            )?;
        }
        for ((from, to), n) in report.ways.iter().zip(&one.ways) {
            let (row, metric) = (format!("{label}, {from} to {to}"), Metric::AdoptionsAcross);
            let (first, last) = (first.to_string(), last.to_string());
            write("school_year_direction", &row, metric.code(), &Reading::Count(*n), first, last, version(metric))?;
        }
    }
    for one in &report.directions {
        let row = format!("{} to {}", one.from, one.to);
        let cells =
            [(Metric::AdoptionsAcross, Reading::Count(one.adoptions)), (Metric::KeptAfterAYear, one.kept.clone())];
        for (metric, reading) in cells {
            write("direction", &row, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
        }
    }
    for one in &report.sectors {
        let metric = Metric::PracticesShared;
        let reading = Reading::Count(one.practices);
        write("sector", &one.sector, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
    }
    for one in &report.neighborhoods {
        let row = one.name.as_deref().unwrap_or("no neighborhood");
        let cells = [
            (Metric::ActiveSchools, one.active.clone()),
            (Metric::SessionsHeld, Reading::Count(one.sessions)),
            (Metric::PracticesShared, Reading::Count(one.practices)),
            (Metric::AdoptionsAcross, Reading::Count(one.adoptions)),
            (Metric::PeopleReached, one.reached.clone()),
        ];
        for (metric, reading) in cells {
            write("neighborhood", row, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
        }
    }
    file.into_inner().map_err(Error::internal)
}
