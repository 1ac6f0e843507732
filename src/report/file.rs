//! The report as a file that a spreadsheet opens: the same numbers as the page, a row for each. No cell is taken for a formula.

use super::city::{Cell, Report};
use super::metric::Metric;
use super::{Reading, period};
use crate::platform::{Error, Result, cells};

/// Names of the columns.
pub const HEAD: [&str; 11] = [
    "table",
    "row",
    "metric",
    "value",
    "of",
    "words",
    "from",
    "to",
    "counted_on",
    "definition_version",
    "why_not_told",
];

/// The file.
pub fn csv(report: &Report) -> Result<Vec<u8>> {
    let mut file = cells::writer();
    file.write_record(HEAD).map_err(Error::internal)?;
    let counted = report.today.to_string();
    let mut write = |table: &str, row: &str, metric: &str, told: &Cell, from: String, to: String, version: u16| {
        let reading = &told.reading;
        let (value, of) = match reading {
            Reading::Count(n) => (n.to_string(), String::new()),
            Reading::Share { part, whole } => (part.to_string(), whole.to_string()),
            Reading::Days(days) => (days.to_string(), String::new()),
            Reading::NotEnough => (String::new(), String::new()),
        };
        let (row, words) = (cells::inert(row), reading.to_string());
        let version = version.to_string();
        let why = told.why.map(|why| why.to_string()).unwrap_or_default();
        file.write_record([table, &row, metric, &value, &of, &words, &from, &to, &counted, &version, &why])
            .map_err(Error::internal)
    };
    let version = |metric: Metric| metric.definition().version;
    for one in &report.figures {
        let (from, to) = (one.from.to_string(), one.to.to_string());
        let told = Cell { reading: one.reading.clone(), why: one.why };
        write("city", &report.place, one.metric.code(), &told, from, to, one.version)?;
    }
    let (from, to) =
        (report.scope.from.to_string(), report.scope.to.min(report.today).max(report.scope.from).to_string());
    for one in &report.years {
        let (first, last) = period::bounds(one.year);
        let label = period::year_label(one.year);
        let cells = [
            (Metric::SessionsHeld, count(one.sessions)),
            (Metric::CrossSectorSessions, count(one.joint)),
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
            write("school_year_direction", &row, metric.code(), &count(*n), first, last, version(metric))?;
        }
    }
    for one in &report.directions {
        let row = format!("{} to {}", one.from, one.to);
        let cells = [(Metric::AdoptionsAcross, count(one.adoptions)), (Metric::KeptAfterAYear, one.kept.clone())];
        for (metric, reading) in cells {
            write("direction", &row, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
        }
    }
    for one in &report.sectors {
        let metric = Metric::PracticesShared;
        let reading = count(one.practices);
        write("sector", &one.sector, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
    }
    for one in &report.neighborhoods {
        let row = one.name.as_deref().unwrap_or("no neighborhood");
        let cells = [
            (Metric::ActiveSchools, one.active.clone()),
            (Metric::SessionsHeld, count(one.sessions)),
            (Metric::PracticesShared, count(one.practices)),
            (Metric::AdoptionsAcross, count(one.adoptions)),
            (Metric::PeopleReached, one.reached.clone()),
        ];
        for (metric, reading) in cells {
            write("neighborhood", row, metric.code(), &reading, from.clone(), to.clone(), version(metric))?;
        }
    }
    file.into_inner().map_err(Error::internal)
}

fn count(n: i64) -> Cell {
    Cell { reading: Reading::Count(n), why: None }
}
