//! What the description shows: a practice of the demo city.

use poem_openapi::types::Example;

use super::record::{EvidenceDocument, RecordDocument, StepDocument};
use super::{
    AdoptionItem, AdoptionList, ChangeList, CompletenessDocument, FieldChange, MissingField, PracticeDocument,
    RelatedList, RelatedPractice, VersionItem, VersionList,
};
use crate::api::day::Day;
use crate::platform::Timestamp;
use crate::search::api::SchoolRef;

const ID: &str = "01998c1e-5b7a-7c4e-9a39-0f2d9f5e7a11";
const PAGE: &str = "http://127.0.0.1:8080/practices/evidence-sentence-frames-for-science-talk";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn day(text: &str) -> Day {
    Day(text.parse().unwrap_or_default())
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

fn school(id: &str, name: &str, sector: &str) -> Option<SchoolRef> {
    Some(SchoolRef { id: id.to_owned(), name: name.to_owned(), sector: text(sector) })
}

fn fernmoor() -> Option<SchoolRef> {
    school("01998c1e-5b70-7a31-8c55-3f1f62b0c1de", "Fernmoor Charter School", "charter")
}

impl Example for PracticeDocument {
    fn example() -> Self {
        let missing = MissingField {
            field: "contributors".to_owned(),
            label: "Contributors".to_owned(),
            why: "Credit is due to those who did the work.".to_owned(),
        };
        Self {
            id: ID.to_owned(),
            slug: "evidence-sentence-frames-for-science-talk".to_owned(),
            url: PAGE.to_owned(),
            permalink: format!("{PAGE}/v/2"),
            status: "published".to_owned(),
            retired_reason: None,
            version: 2,
            source: None,
            imported_by: None,
            school: fernmoor(),
            used_by: [("district".to_owned(), 1)].into(),
            completeness: CompletenessDocument { percent: 98, missing: vec![missing] },
            published_on: Some(day("2025-08-19")),
            last_checked_on: Some(day("2026-02-11")),
            check_by: Some(day("2028-02-11")),
            created_at: moment("2025-08-19T14:02:11Z"),
            updated_at: moment("2026-02-11T15:40:00Z"),
            record: RecordDocument::example(),
        }
    }
}

impl Example for RecordDocument {
    fn example() -> Self {
        Self {
            title: "Evidence Sentence Frames for Science Talk".to_owned(),
            summary: text(
                "Students use three tiers of sentence frames to state a claim, cite data and question a partner during lab discussions. The frames fade over eight weeks as students take over the academic language.",
            ),
            practice_type: text("instructional_routine"),
            topics: list(&["academic_language", "mll_support"]),
            grade_bands: list(&["g6_8"]),
            subjects: list(&["science", "language_development"]),
            student_groups: list(&["mll"]),
            settings: list(&["whole_class", "small_group"]),
            in_use_since: Some(2022),
            result: text("worked"),
            steps: vec![StepDocument {
                what: "Model one exchange aloud with a colleague or student, including a polite question".to_owned(),
                who: text("Teacher"),
                how_long: text("Three minutes"),
            }],
            core_parts: list(&["Students speak before they write", "Students choose the level of frame themselves"]),
            evidence_claims: vec![EvidenceDocument {
                outcome: "Written explanations that cite data".to_owned(),
                tier: text("essa_4"),
                finding: text("helped"),
                applies_to: text("this_version"),
                citation: None,
                citation_url: None,
                studies: None,
                students: None,
                grades: None,
                populations: None,
                rating: None,
                checked_by: text("Catalog editor"),
                checked_on: Some(day("2026-02-11")),
            }],
            time_to_start: text("this_week"),
            weekly_time: text("none_extra"),
            cost_band: text("none"),
            staffing: list(&["one_teacher"]),
            conditions: list(&["none"]),
            contact_role: text("Grade 7 science teacher"),
            license: "cc_by_4".to_owned(),
            ..Self::default()
        }
    }
}

impl Example for VersionList {
    fn example() -> Self {
        let items = vec![
            VersionItem {
                version: 2,
                url: format!("{PAGE}/v/2"),
                note: text("Frames now fade on a date that is on the wall."),
                created_at: moment("2026-02-11T15:40:00Z"),
            },
            VersionItem {
                version: 1,
                url: format!("{PAGE}/v/1"),
                note: None,
                created_at: moment("2025-08-19T14:02:11Z"),
            },
        ];
        Self { total: 2, items }
    }
}

impl Example for ChangeList {
    fn example() -> Self {
        let change = FieldChange {
            field: "core_parts".to_owned(),
            label: "Core parts: keep these".to_owned(),
            before: "Students speak before they write".to_owned(),
            after: "Students speak before they write\nFrames fade on a date that is on the wall".to_owned(),
        };
        Self { from: 1, to: 2, items: vec![change], total: 1 }
    }
}

impl Example for RelatedList {
    fn example() -> Self {
        let related = RelatedPractice {
            id: "01998c1e-5b7a-7c4e-9a39-0f2d9f5e7a12".to_owned(),
            slug: "number-talks-every-morning".to_owned(),
            url: "http://127.0.0.1:8080/practices/number-talks-every-morning".to_owned(),
            title: "Number Talks Every Morning".to_owned(),
            summary: "Classes spend ten minutes solving one mental math problem and comparing strategies aloud."
                .to_owned(),
            school: fernmoor(),
        };
        Self { items: vec![related], total: 1 }
    }
}

impl Example for AdoptionList {
    fn example() -> Self {
        let adoption = AdoptionItem {
            id: "01998c1e-5b80-7d02-b1a4-7b7c7a0f4e21".to_owned(),
            school: school("01998c1e-5b70-7a31-8c55-3f1f62b0c1df", "Orrin Vale Middle School", "district"),
            sector_at_start: text("district"),
            version: 1,
            stage: "in_use".to_owned(),
            stage_since: day("2026-01-12"),
            started_on: day("2025-10-06"),
            counts: true,
            lead_role: text("Grade 6 science teacher"),
            changed_what: text("Two levels of frames in place of three."),
            kept_core: text("yes"),
            result_note: text("More students speak; the quiet table now begins."),
            would_recommend: Some(true),
            contact_ok: true,
            stopped_reason: None,
        };
        Self { items: vec![adoption], total: 1 }
    }
}
