//! One row of the file of intervention reports, and what its rows say in words.

use super::{Row, scope};
use crate::platform::vocabulary::Finding;

/// Columns the reader cannot do without. Flags and shares are read where the file has them.
pub(super) const COLUMNS: &[&str] = &[
    "InterventionID",
    "Intervention_Name",
    "Protocol",
    "Protocol_Version",
    "Outcome_Domain",
    "NumStudiesMeetingStandards",
    "Intervention_Page_URL",
    "Sample_Size_Intervention",
    "Effectiveness_Rating",
];

/// Single grades in order, as the columns spell them.
const GRADES: [&str; 14] = ["PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

/// Shares of the students studied, in percent.
const SHARES: &[(&str, &str)] = &[
    ("Gender_Female", "female"),
    ("Race_Asian", "Asian"),
    ("Race_Black", "Black"),
    ("Race_Native_American", "American Indian or Alaska Native"),
    ("Race_Pacific_Islander", "Pacific Islander"),
    ("Race_White", "white"),
    ("Race_Other", "other races"),
    ("Ethnicity_Hispanic", "Hispanic"),
    ("Demographics_of_Study_Sample_English_language_learners", "English learners"),
    ("Demographics_of_Study_Sample_Free_or_reduced_price_lunch", "free or reduced-price lunch"),
    ("Demographics_of_Study_Sample_Students_with_disabilities", "students with disabilities"),
];

/// Flags of the schools studied.
const PLACES: &[(&str, &str)] = &[
    ("Urbanicity_Urban", "urban"),
    ("Urbanicity_Suburban", "suburban"),
    ("Urbanicity_Rural", "rural"),
    ("School_type_Public", "public schools"),
    ("School_type_Charter", "charter schools"),
    ("School_type_Private", "private schools"),
    ("School_type_Parochial", "parochial schools"),
    ("Demographics_of_Study_Sample_International", "outside the United States"),
];

/// One outcome domain of one intervention under one review protocol.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Report {
    pub intervention: u32,
    pub name: String,
    pub protocol: String,
    pub protocol_version: String,
    /// Empty when no study met the standards.
    pub domain: String,
    /// Studies that met the standards.
    pub studies: Option<u32>,
    /// Students in those studies.
    pub students: Option<u32>,
    /// The rating in the source's words; empty when there is none.
    pub rating: String,
    /// Path of the intervention's page; empty when the file has none.
    pub page: String,
    /// Single grades studied.
    pub grades: Vec<&'static str>,
    /// Studied with college students.
    pub postsecondary: bool,
    /// Shares of the students studied, in percent, by the words for them.
    pub shares: Vec<(&'static str, f64)>,
    /// Kinds of schools and places studied.
    pub places: Vec<&'static str>,
    /// Codes of settings it was delivered in.
    pub settings: Vec<&'static str>,
}

impl Report {
    /// `None` when the row names no intervention.
    pub(super) fn from_row(row: &Row<'_>) -> Option<Self> {
        let flag = |column: &str| row.get(column).parse::<f64>().is_ok_and(|value| value > 0.0);
        let flagged = |table: &[(&str, &'static str)]| -> Vec<&'static str> {
            table.iter().filter(|(column, _)| flag(column)).map(|(_, words)| *words).collect()
        };
        let number = |column: &str| row.get(column).parse::<u32>().ok().filter(|count| *count > 0);
        let share = |(column, words): &(&str, &'static str)| {
            row.get(column)
                .parse::<f64>()
                .ok()
                .filter(|share| (0.0..=100.0).contains(share))
                .map(|share| (*words, share))
        };
        let name = row.get("Intervention_Name");
        Some(Self {
            intervention: row.get("InterventionID").parse().ok().filter(|_| !name.is_empty())?,
            name: name.to_owned(),
            protocol: row.get("Protocol").trim_end_matches("Review Protocol").trim().to_owned(),
            protocol_version: row.get("Protocol_Version").to_owned(),
            domain: scope::domain(row.get("Outcome_Domain")),
            studies: number("NumStudiesMeetingStandards"),
            students: number("Sample_Size_Intervention"),
            rating: row.get("Effectiveness_Rating").to_owned(),
            page: row.get("Intervention_Page_URL").to_owned(),
            grades: GRADES.into_iter().filter(|grade| flag(&format!("Grade_{grade}"))).collect(),
            postsecondary: flag("Grade_PS"),
            shares: SHARES.iter().filter_map(share).collect(),
            places: flagged(PLACES),
            settings: flagged(scope::DELIVERY),
        })
    }

    /// What the rating says; `None` when it is none.
    pub(super) fn finding(&self) -> Option<Finding> {
        match self.rating.as_str() {
            "Positive Effects" | "Potentially Positive Effects" => Some(Finding::HELPED),
            "Mixed Effects" => Some(Finding::MIXED),
            "No Discernible Effects" => Some(Finding::NO_CLEAR_EFFECT),
            "Negative Effects" | "Potentially Negative Effects" => Some(Finding::HARM),
            _ => None,
        }
    }

    /// "Grades K-2, 5; postsecondary".
    pub(super) fn grades_in_words(&self) -> Option<String> {
        let position = |grade: &str| GRADES.iter().position(|g| *g == grade);
        let mut runs: Vec<(&str, &str)> = Vec::new();
        for grade in &self.grades {
            match runs.last_mut() {
                Some((_, last)) if position(last).map(|at| at + 1) == position(grade) => *last = grade,
                _ => runs.push((grade, grade)),
            }
        }
        let run = |(low, high): &(&str, &str)| if low == high { (*low).to_owned() } else { format!("{low}-{high}") };
        let grades = runs.iter().map(run).collect::<Vec<_>>().join(", ");
        let word = if self.grades.len() == 1 { "Grade" } else { "Grades" };
        match (grades.is_empty(), self.postsecondary) {
            (false, false) => Some(format!("{word} {grades}")),
            (false, true) => Some(format!("{word} {grades}; postsecondary")),
            (true, true) => Some("Postsecondary".to_owned()),
            (true, false) => None,
        }
    }

    /// "52% female, 30% English learners; urban, public schools". A share that stands for fewer than 10
    /// students, or leaves fewer than 10 outside it, is left out (P-3).
    pub(super) fn populations_in_words(&self) -> Option<String> {
        let telling = |share: f64| {
            self.students.is_none_or(|students| {
                let (inside, outside) =
                    (f64::from(students) * share / 100.0, f64::from(students) * (100.0 - share) / 100.0);
                [inside, outside].into_iter().all(|count| count == 0.0 || count >= 10.0)
            })
        };
        let shares = self.shares.iter().filter(|(_, share)| telling(*share));
        let shares: Vec<String> = shares.map(|(words, share)| format!("{share}% {words}")).collect();
        let parts: Vec<String> =
            [shares.join(", "), self.places.join(", ")].into_iter().filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What was reviewed and found, in two or three plain sentences.
pub(super) fn summary(reports: &[Report]) -> String {
    let protocols = listed(&distinct(reports.iter().map(|report| report.protocol.as_str())), 4);
    let reviewed = format!("A program or practice that the What Works Clearinghouse reviewed for {protocols}.");
    let rated: Vec<&Report> = reports.iter().filter(|report| report.finding().is_some()).collect();
    let studies = rated.iter().filter_map(|report| report.studies);
    let (Some(fewest), Some(most)) = (studies.clone().min(), studies.max()) else {
        return format!("{reviewed} No rating is listed, so its effects are not known.");
    };
    let found: Vec<String> = [
        ("Positive Effects", "positive effects on"),
        ("Potentially Positive Effects", "potentially positive effects on"),
        ("Mixed Effects", "mixed effects on"),
        ("No Discernible Effects", "no discernible effects on"),
        ("Potentially Negative Effects", "potentially negative effects on"),
        ("Negative Effects", "negative effects on"),
    ]
    .into_iter()
    .filter_map(|(rating, words)| {
        let domains = distinct(rated.iter().filter(|report| report.rating == rating).map(|r| r.domain.as_str()));
        let domains: Vec<String> = domains.iter().map(|domain| lower_first(domain)).collect();
        (!domains.is_empty()).then(|| format!("{words} {}", listed(&domains, 3)))
    })
    .collect();
    let counted = match (fewest, most) {
        (1, 1) => "1 study for each outcome met its standards".to_owned(),
        (fewest, most) if fewest == most => format!("{most} studies for each outcome met its standards"),
        (fewest, most) => format!("{fewest} to {most} studies for each outcome met its standards"),
    };
    format!("{reviewed} Its ratings: {}. {counted}.", found.join("; "))
}

/// What the reports leave open; `None` when each has a rating.
pub(super) fn unknown(reports: &[Report]) -> Option<String> {
    let open = distinct(reports.iter().filter(|r| r.domain.is_empty()).map(|r| r.protocol.as_str()));
    let unrated =
        distinct(reports.iter().filter(|r| !r.domain.is_empty() && r.finding().is_none()).map(|r| r.domain.as_str()));
    let unrated: Vec<String> = unrated.iter().map(|domain| lower_first(domain)).collect();
    match (open.is_empty(), unrated.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("The review for {} lists no study that met its standards.", listed(&open, 6))),
        (true, false) => Some(format!("The studies are too few or too small for a rating on {}.", listed(&unrated, 6))),
        (false, false) => Some(format!(
            "The review for {} lists no study that met its standards, and there is no rating on {}.",
            listed(&open, 6),
            listed(&unrated, 6)
        )),
    }
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !kept.iter().any(|other| other == word) {
            kept.push(word.to_owned());
        }
    }
    kept
}

/// "a and b", "a, b, and c" (names hold an "and" of their own); at most `most` names, then how many more.
fn listed(words: &[String], most: usize) -> String {
    let more = words.len().saturating_sub(most);
    let mut shown: Vec<String> = words.iter().take(most).cloned().collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, [first])) => format!("{first} and {last}"),
        Some((last, first)) if !first.is_empty() => format!("{}, and {last}", first.join(", ")),
        _ => shown.join(""),
    }
}

/// "General Mathematics Achievement" stands in a sentence as "general mathematics achievement"; "English" stays.
fn lower_first(domain: &str) -> String {
    let word = |word: &str| if word.starts_with("English") { word.to_owned() } else { word.to_lowercase() };
    domain.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
