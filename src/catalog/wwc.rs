//! The What Works Clearinghouse, read from its public files: every intervention that has a report becomes a
//! practice, marked as imported. Numbers carry over; the sentences are ours.
//!
//! A report has one row for each outcome domain under each review protocol; each rated row becomes one
//! evidence claim about the idea in general. Ratings map to findings: Positive and Potentially Positive to
//! *helped*, Mixed to *mixed*, No Discernible to *no clear effect*, Potentially Negative and Negative to
//! *harm*; the source's words stay beside it. Without a rating there is no claim, and the record says that
//! the effect is not known.
//!
//! **Tiers.** A rating is not an ESSA tier. A claim gets tier 1 or 2 only when the Clearinghouse itself put
//! that tier on a finding of the same intervention and domain that is positive, significant and not about a
//! subgroup; where the intervention has the domain under several protocols, only findings of the claim's own
//! protocol count. The strongest such finding decides. The tier is withheld, and a note says so, when the
//! claim as a whole does not say that it helped, or when its report tells fewer than 350 students: then our
//! page would claim more than the bar of P-2. Everything else is *not rated*.
//!
//! What an intervention is about, and for whom, is taken from the tables of [`scope`] and the flags of the
//! file, and stays empty where they are silent.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use super::draft::{ClaimDraft, PracticeDraft};
use super::parse::STUDENTS_FOR_TIERS_1_AND_2;
use crate::platform::Error;
use crate::platform::vocabulary::{EvidenceTier, Finding};

mod report;
mod scope;

use report::Report;

/// Where the pages of interventions lie; `Intervention_Page_URL` continues it.
const SITE: &str = "https://ies.ed.gov/ncee/wwc";

/// What came out of the files.
#[derive(Debug, Default)]
pub struct WwcImport {
    /// One practice for each intervention with a report, by the Clearinghouse's id.
    pub drafts: Vec<PracticeDraft>,
    /// What was left out or withheld, one sentence each: rows that cannot be read, tiers not carried over.
    pub notes: Vec<String>,
    /// Interventions that the list names and no report describes.
    pub without_report: usize,
}

/// Reads `interventions.csv`, `wwc_InterventionReports.csv` and `wwc_Findings.csv`.
///
/// # Errors
/// `Invalid` when a file is no CSV or lacks a column. Single bad rows are notes.
pub fn read(interventions: impl Read, reports: impl Read, findings: impl Read) -> Result<WwcImport, Error> {
    let mut import = WwcImport::default();
    let names = names(interventions, &mut import.notes)?;
    let tiers = tiers(findings, &mut import.notes)?;
    let mut by_intervention: BTreeMap<u32, Vec<Report>> = BTreeMap::new();
    let mut table = Table::open("wwc_InterventionReports.csv", reports, report::COLUMNS)?;
    while let Some(row) = table.next(&mut import.notes)? {
        match Report::from_row(&row) {
            Some(report) => by_intervention.entry(report.intervention).or_default().push(report),
            None => import.notes.push(row.note("its InterventionID is not a number or its name is empty")),
        }
    }
    import.without_report = names.keys().filter(|id| !by_intervention.contains_key(id)).count();
    for (id, reports) in &by_intervention {
        let name = names.get(id).unwrap_or(&reports[0].name);
        import.drafts.push(practice(*id, name, reports, &tiers, &mut import.notes));
    }
    Ok(import)
}

/// Tiers that the Clearinghouse put on favourable findings, by intervention and domain, each with its protocol.
type Tiers = HashMap<(u32, String), Vec<(String, EvidenceTier)>>;

fn practice(id: u32, name: &str, reports: &[Report], tiers: &Tiers, notes: &mut Vec<String>) -> PracticeDraft {
    let title = scope::title(name);
    let claims = reports.iter().filter(|report| report.finding().is_some());
    let scope = scope::of(reports);
    PracticeDraft {
        source: Some(format!("wwc:{id}")),
        summary: Some(report::summary(reports)),
        // The Clearinghouse calls each of them an intervention.
        practice_type: Some("intervention".to_owned()),
        topics: scope.topics,
        grade_bands: scope.grade_bands,
        subjects: scope.subjects,
        student_groups: scope.student_groups,
        settings: scope.settings,
        evidence_claims: claims.map(|report| claim(report, &title, reports, tiers, notes)).collect(),
        what_we_do_not_know: report::unknown(reports),
        // A work of the United States government.
        license: Some("public_domain".to_owned()),
        imported_from: Some("What Works Clearinghouse".to_owned()),
        imported_url: Some(page(reports.iter().map(|report| report.page.as_str()).find(|page| !page.is_empty()))),
        original_name: (title != name).then(|| name.to_owned()),
        title: Some(title),
        ..PracticeDraft::default()
    }
}

fn claim(report: &Report, title: &str, all: &[Report], tiers: &Tiers, notes: &mut Vec<String>) -> ClaimDraft {
    let protocol = &report.protocol;
    let alike = all.iter().filter(|other| other.domain == report.domain && other.finding().is_some()).count();
    let outcome = if alike > 1 { format!("{} ({protocol})", report.domain) } else { report.domain.clone() };
    let counts = |of: &str| alike == 1 || of == protocol;
    let rated = tiers.get(&(report.intervention, report.domain.clone()));
    let tier = rated.and_then(|rated| rated.iter().filter(|(of, _)| counts(of)).map(|(_, tier)| *tier).min());
    let mut withhold = |reason: &str| {
        notes.push(format!("wwc:{} {title}, {outcome}: tier not carried over, {reason}.", report.intervention));
        None
    };
    let tier = match tier {
        Some(_) if report.finding() != Some(Finding::HELPED) => withhold("the rating of the whole is not positive"),
        Some(_) if report.students.is_none_or(|count| count < STUDENTS_FOR_TIERS_1_AND_2) => {
            withhold("its report does not show 350 students")
        }
        tier => tier,
    };
    ClaimDraft {
        tier: tier.map(|tier| tier.to_string()),
        finding: report.finding().map(|finding| finding.to_string()),
        applies_to: Some("idea".to_owned()),
        citation: Some(format!(
            "What Works Clearinghouse, {protocol} intervention report: {title} (review protocol version {}).",
            report.protocol_version
        )),
        citation_url: Some(page(Some(&report.page))),
        studies: report.studies.map(|count| count.to_string()),
        students: report.students.map(|count| count.to_string()),
        grades: report.grades_in_words(),
        populations: report.populations_in_words(),
        rating: Some(report.rating.clone()),
        outcome: Some(outcome),
        ..ClaimDraft::default()
    }
}

/// The page of an intervention; the front page where the file names none.
fn page(path: Option<&str>) -> String {
    match path {
        Some(path) if path.starts_with('/') => format!("{SITE}{path}"),
        _ => format!("{SITE}/"),
    }
}

fn names(file: impl Read, notes: &mut Vec<String>) -> Result<BTreeMap<u32, String>, Error> {
    let mut table = Table::open("interventions.csv", file, &["id", "name"])?;
    let mut names = BTreeMap::new();
    while let Some(row) = table.next(notes)? {
        match row.get("id").parse() {
            Ok(id) if !row.get("name").is_empty() => {
                names.insert(id, row.get("name").to_owned());
            }
            _ => notes.push(row.note("its id is not a number or its name is empty")),
        }
    }
    Ok(names)
}

fn tiers(file: impl Read, notes: &mut Vec<String>) -> Result<Tiers, Error> {
    const COLUMNS: &[&str] = &[
        "InterventionID",
        "Protocol",
        "Outcome_Domain",
        "Is_Subgroup",
        "Is_Statistically_Significant",
        "Effect_Size_WWC",
        "Improvement_Index",
        "ESSA_Rating",
    ];
    let mut table = Table::open("wwc_Findings.csv", file, COLUMNS)?;
    let mut tiers = Tiers::new();
    while let Some(row) = table.next(notes)? {
        let tier = match row.get("ESSA_Rating") {
            "ESSA Tier 1" => EvidenceTier::ESSA_1,
            "ESSA Tier 2" => EvidenceTier::ESSA_2,
            _ => continue,
        };
        let against = |column: &str| row.get(column).parse::<f64>().is_ok_and(|size| size < 0.0);
        let favourable = row.get("Is_Statistically_Significant") == "True"
            && row.get("Is_Subgroup") == "False"
            && !against("Effect_Size_WWC")
            && !against("Improvement_Index");
        if let (true, Ok(id)) = (favourable, row.get("InterventionID").parse()) {
            let domain = scope::domain(row.get("Outcome_Domain"));
            tiers.entry((id, domain)).or_default().push((row.get("Protocol").to_owned(), tier));
        }
    }
    Ok(tiers)
}

/// A CSV file whose columns are found by name.
struct Table<R> {
    file: &'static str,
    columns: HashMap<String, usize>,
    reader: csv::Reader<R>,
}

/// One row of it.
struct Row<'a> {
    file: &'static str,
    columns: &'a HashMap<String, usize>,
    cells: csv::StringRecord,
}

impl<R: Read> Table<R> {
    fn open(file: &'static str, source: R, needed: &[&str]) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
        let header = reader.headers().map_err(|cause| Error::invalid(file, format!("Give a CSV file: {cause}.")))?;
        let name = |cell: &str| cell.trim_start_matches('\u{feff}').trim().to_owned();
        let columns: HashMap<String, usize> = header.iter().map(name).zip(0..).collect();
        match needed.iter().find(|column| !columns.contains_key(**column)) {
            Some(column) => {
                Err(Error::invalid(file, format!("Give the file as published; it has no column {column}.")))
            }
            None => Ok(Self { file, columns, reader }),
        }
    }

    /// The next row that can be read; the others become notes.
    fn next(&mut self, notes: &mut Vec<String>) -> Result<Option<Row<'_>>, Error> {
        let mut cells = csv::StringRecord::new();
        loop {
            match self.reader.read_record(&mut cells) {
                Ok(true) => return Ok(Some(Row { file: self.file, columns: &self.columns, cells })),
                Ok(false) => return Ok(None),
                Err(cause) if cause.is_io_error() => return Err(Error::internal(cause)),
                Err(cause) => notes.push(format!("{}: left out a row: {cause}.", self.file)),
            }
        }
    }
}

impl Row<'_> {
    /// The cell of a column, trimmed; empty when the row is short.
    fn get(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|at| self.cells.get(*at)).unwrap_or_default().trim()
    }

    fn note(&self, why: &str) -> String {
        let line = self.cells.position().map_or(0, csv::Position::line);
        format!("{} line {line}: left out, {why}.", self.file)
    }
}

#[cfg(test)]
mod tests;
