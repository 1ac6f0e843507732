//! The record of a practice as the API describes it: the same keys as [`PracticeRecord`], each with its
//! description; what a record does not say is absent, and a list without entries is empty.

use std::fmt::Display;

use poem_openapi::Object;

use crate::api::day::Day;
use crate::catalog::record::{EvidenceClaim, LocalMeasure, Material, PracticeRecord, Step};

/// What one version of a practice says. Codes come from the vocabulary that the field names, see `/vocabularies`.
#[derive(Debug, Default, Object)]
#[oai(rename = "PracticeRecord", skip_serializing_if_is_none)]
pub struct RecordDocument {
    /// Says what people do; at most 80 characters.
    pub title: String,
    /// Two sentences: what they do; what changes.
    pub summary: Option<String>,
    /// The problem it answers, one paragraph.
    pub problem: Option<String>,
    /// What kind of thing it is: a code of `practice_type`.
    pub practice_type: Option<String>,
    /// What it is about: codes of `topic`.
    pub topics: Vec<String>,
    /// Grades: codes of `grade_band`.
    pub grade_bands: Vec<String>,
    /// Codes of `subject`.
    pub subjects: Vec<String>,
    /// Whom it serves: codes of `student_group`.
    pub student_groups: Vec<String>,
    /// Where it happens: codes of `setting`.
    pub settings: Vec<String>,
    /// Tiers of support it belongs to: codes of `mtss_tier`.
    pub mtss_tiers: Vec<String>,
    /// The year it began at the school.
    pub in_use_since: Option<u16>,
    /// How it went at the school: a code of `result`.
    pub result: Option<String>,
    /// What to do, in order.
    pub steps: Vec<StepDocument>,
    /// What an adopter keeps.
    pub core_parts: Vec<String>,
    /// What an adopter changes to fit.
    pub can_change: Vec<String>,
    /// What a day or a week of it looks like.
    pub a_day_or_week: Option<String>,
    /// What one needs to do it.
    pub materials: Vec<MaterialDocument>,
    /// What is known, one entry for each outcome.
    pub evidence_claims: Vec<EvidenceDocument>,
    /// The school's own numbers.
    pub local_measures: Vec<MeasureDocument>,
    /// One sentence.
    pub what_we_do_not_know: Option<String>,
    /// From the decision to the first day: a code of `time_to_start`.
    pub time_to_start: Option<String>,
    /// Time of staff each week: a code of `weekly_time`.
    pub weekly_time: Option<String>,
    /// New spending: a code of `cost_band`.
    pub cost_band: Option<String>,
    /// What the money is for.
    pub cost_note: Option<String>,
    /// Who it takes: codes of `staffing`.
    pub staffing: Vec<String>,
    /// What has to be true of a school: codes of `condition`; `none` stands alone.
    pub conditions: Vec<String>,
    /// The conditions in the school's words.
    pub conditions_note: Option<String>,
    /// Hours of training for one person.
    pub training_hours: Option<f64>,
    /// Rooms and devices.
    pub space_and_technology: Option<String>,
    /// What happened when, in order.
    pub timeline: Vec<String>,
    /// Who decided, by role.
    pub who_decided: Option<String>,
    /// What to do in the first week.
    pub first_week: Vec<String>,
    /// What must be in place before.
    pub prerequisites: Vec<String>,
    /// What goes wrong.
    pub pitfalls: Vec<String>,
    /// What keeps it alive when people leave.
    pub how_to_keep_it_going: Option<String>,
    /// When to leave it alone.
    pub not_a_fit_when: Vec<String>,
    /// Why it was stopped, for one that was.
    pub stopped_because: Option<String>,
    /// What came after, for one that was stopped.
    pub what_replaced_it: Option<String>,
    /// The role of the person who knows it best.
    pub contact_role: Option<String>,
    /// Whether colleagues may come and see.
    pub open_to_visits: Option<bool>,
    /// How a visit is arranged.
    pub visit_rules: Option<String>,
    /// Visits the school can receive in a term.
    pub max_visits_per_term: Option<u16>,
    /// The licence of the record: a code of `license`.
    pub license: String,
    /// Credits by role or team; a personal name only where the person agreed.
    pub contributors: Vec<String>,
    /// Name of the source of an imported record.
    pub imported_from: Option<String>,
    /// Where the source describes it.
    pub imported_url: Option<String>,
    /// The source's name for it, where the title had to differ.
    pub original_name: Option<String>,
}

/// Something a colleague does.
#[derive(Debug, Object)]
#[oai(rename = "PracticeStep", skip_serializing_if_is_none)]
pub struct StepDocument {
    /// What.
    pub what: String,
    /// Who does it, by role.
    pub who: Option<String>,
    /// How long it takes, in words.
    pub how_long: Option<String>,
}

/// A document, form, deck or recording.
#[derive(Debug, Object)]
#[oai(rename = "PracticeMaterial", skip_serializing_if_is_none)]
pub struct MaterialDocument {
    /// Its title.
    pub title: String,
    /// What it is: a code of `material_kind`.
    pub kind: Option<String>,
    /// An address, or a path of this site for an uploaded file.
    pub url: Option<String>,
    /// Whether it can be changed.
    pub editable: Option<bool>,
    /// Its language, in words.
    pub language: Option<String>,
    /// Its licence, in words; materials of others have others.
    pub license: Option<String>,
    /// Whether it was made or checked for people with disabilities.
    pub accessible: Option<bool>,
}

/// A number the school measured itself; never a count under 10.
#[derive(Debug, Object)]
#[oai(rename = "LocalMeasure", skip_serializing_if_is_none)]
pub struct MeasureDocument {
    /// What was measured.
    pub measure: String,
    /// Before, with its unit.
    pub before: Option<String>,
    /// After, with its unit.
    pub after: Option<String>,
    /// How many students: a code of `students_band`.
    pub students_band: Option<String>,
    /// From when to when, in words.
    pub dates: Option<String>,
    /// What it is compared with.
    pub compared_with: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
}

/// What is known about one outcome.
#[derive(Debug, Object)]
#[oai(rename = "EvidenceClaim", skip_serializing_if_is_none)]
pub struct EvidenceDocument {
    /// The outcome, in words.
    pub outcome: String,
    /// How strong: a code of `evidence_tier`. Absent: not rated.
    pub tier: Option<String>,
    /// What was found: a code of `finding`.
    pub finding: Option<String>,
    /// Whether it speaks of the idea or of this school's version: a code of `applies_to`.
    pub applies_to: Option<String>,
    /// The source, in words.
    pub citation: Option<String>,
    /// The source, as a link.
    pub citation_url: Option<String>,
    /// Studies behind it.
    pub studies: Option<u32>,
    /// Students in those studies; 10 or more.
    pub students: Option<u32>,
    /// Grades studied, in words.
    pub grades: Option<String>,
    /// Who the students were, in words.
    pub populations: Option<String>,
    /// The source's own rating, word for word.
    pub rating: Option<String>,
    /// Who checked it, by role.
    pub checked_by: Option<String>,
    /// When it was checked.
    pub checked_on: Option<Day>,
}

impl From<PracticeRecord> for RecordDocument {
    fn from(record: PracticeRecord) -> Self {
        Self {
            title: record.title,
            summary: record.summary,
            problem: record.problem,
            practice_type: code(record.practice_type),
            topics: codes(record.topics),
            grade_bands: codes(record.grade_bands),
            subjects: codes(record.subjects),
            student_groups: codes(record.student_groups),
            settings: codes(record.settings),
            mtss_tiers: codes(record.mtss_tiers),
            in_use_since: record.in_use_since,
            result: code(record.result),
            steps: each(record.steps),
            core_parts: record.core_parts,
            can_change: record.can_change,
            a_day_or_week: record.a_day_or_week,
            materials: each(record.materials),
            evidence_claims: each(record.evidence_claims),
            local_measures: each(record.local_measures),
            what_we_do_not_know: record.what_we_do_not_know,
            time_to_start: code(record.time_to_start),
            weekly_time: code(record.weekly_time),
            cost_band: code(record.cost_band),
            cost_note: record.cost_note,
            staffing: codes(record.staffing),
            conditions: codes(record.conditions),
            conditions_note: record.conditions_note,
            // By its text, so that 0.1 stays 0.1.
            training_hours: record.training_hours.and_then(|hours| hours.to_string().parse().ok()),
            space_and_technology: record.space_and_technology,
            timeline: record.timeline,
            who_decided: record.who_decided,
            first_week: record.first_week,
            prerequisites: record.prerequisites,
            pitfalls: record.pitfalls,
            how_to_keep_it_going: record.how_to_keep_it_going,
            not_a_fit_when: record.not_a_fit_when,
            stopped_because: record.stopped_because,
            what_replaced_it: record.what_replaced_it,
            contact_role: record.contact_role,
            open_to_visits: record.open_to_visits,
            visit_rules: record.visit_rules,
            max_visits_per_term: record.max_visits_per_term,
            license: record.license.code().to_owned(),
            contributors: record.contributors,
            imported_from: record.imported_from,
            imported_url: record.imported_url,
            original_name: record.original_name,
        }
    }
}

impl From<Step> for StepDocument {
    fn from(step: Step) -> Self {
        Self { what: step.what, who: step.who, how_long: step.how_long }
    }
}

impl From<Material> for MaterialDocument {
    fn from(material: Material) -> Self {
        Self {
            title: material.title,
            kind: code(material.kind),
            url: material.url,
            editable: material.editable,
            language: material.language,
            license: material.license,
            accessible: material.accessible,
        }
    }
}

impl From<LocalMeasure> for MeasureDocument {
    fn from(measure: LocalMeasure) -> Self {
        Self {
            measure: measure.measure,
            before: measure.before,
            after: measure.after,
            students_band: code(measure.students_band),
            dates: measure.dates,
            compared_with: measure.compared_with,
            source: measure.source,
        }
    }
}

impl From<EvidenceClaim> for EvidenceDocument {
    fn from(claim: EvidenceClaim) -> Self {
        Self {
            outcome: claim.outcome,
            tier: code(claim.tier),
            finding: code(claim.finding),
            applies_to: code(claim.applies_to),
            citation: claim.citation,
            citation_url: claim.citation_url,
            studies: claim.studies,
            students: claim.students,
            grades: claim.grades,
            populations: claim.populations,
            rating: claim.rating,
            checked_by: claim.checked_by,
            checked_on: claim.checked_on.map(Day),
        }
    }
}

/// A word of a vocabulary prints as its code.
fn code(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn codes(values: Vec<impl Display>) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn each<T, U: From<T>>(values: Vec<T>) -> Vec<U> {
    values.into_iter().map(U::from).collect()
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;
    use serde_json::Value;

    use super::*;
    use crate::catalog::parse::tests::full_record;

    fn without_nulls(value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(without_nulls).collect(),
            Value::Object(map) => {
                map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect()
            }
            other => other,
        }
    }

    #[test]
    fn the_api_says_what_the_record_says() {
        let full = PracticeRecord {
            stopped_because: Some("The grant ended".into()),
            what_replaced_it: Some("A homework club".into()),
            ..full_record()
        };
        for record in [PracticeRecord { title: "Sound wall".into(), ..Default::default() }, full] {
            let stored = without_nulls(serde_json::to_value(&record).unwrap());
            assert_eq!(RecordDocument::from(record).to_json().unwrap(), stored);
        }
    }

    #[test]
    fn a_tenth_of_an_hour_stays_one() {
        let record = PracticeRecord { training_hours: Some(0.1), ..Default::default() };
        assert_eq!(RecordDocument::from(record).training_hours, Some(0.1));
    }
}
