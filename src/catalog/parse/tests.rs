use serde_json::{Value, json};

use super::*;
use crate::platform::vocabulary::{AppliesTo, MaterialKind, Topic};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// Everything a practice can say that was not stopped.
const FULL: &str = r#"{
    "origin_school": "Tamsin Row Elementary",
    "title": "Sound Wall and Ten-Minute Phonics Warm-Up",
    "summary": "A sound wall replaces the word wall, and each day opens with ten minutes of decoding. First graders read unfamiliar words sooner.",
    "problem": "Word walls ask children to know the first letter of a word they cannot spell.\n\nSubstitutes skipped phonics.",
    "practice_type": "instructional_routine",
    "topics": ["early_reading"], "grade_bands": ["prek", "k_2"], "subjects": ["ela_literacy"],
    "student_groups": ["all_students"], "settings": ["whole_class"], "mtss_tiers": ["t1"],
    "in_use_since": 2021, "result": "worked",
    "steps": [
        {"what": "Agree on the order of sounds", "who": "Grade team", "how_long": "Two meetings"},
        {"what": "Build the wall", "who": "Teacher", "how_long": "One afternoon"},
        {"what": "Open each day with the card", "who": "Teacher", "how_long": "10 minutes"}
    ],
    "core_parts": ["Every day", "One order of sounds"], "can_change": ["The pictures"],
    "a_day_or_week": "Mon to Thu: decode and blend. Fri: review.",
    "materials": [{
        "title": "Card set", "kind": "template", "url": "https://example.org/cards", "editable": true,
        "language": "English and Spanish", "license": "cc_by_4", "accessible": "yes"
    }],
    "evidence_claims": [{
        "outcome": "Decoding and word reading", "tier": "essa_1", "finding": "helped", "applies_to": "idea",
        "citation": "WWC practice guide NCEE 2016-4008", "citation_url": "https://ies.ed.gov/ncee/wwc/PracticeGuide/21",
        "studies": 18, "students": "1,200", "grades": "Grades K-3", "populations": "Public schools",
        "rating": "Strong evidence", "checked_by": "Catalog editor", "checked_on": "2026-10-01"
    }],
    "local_measures": [{
        "measure": "Grade 1 students reading 20 nonsense words", "before": "41%", "after": "63%",
        "students_band": "50-199", "dates": "Sept 2024 to May 2025", "compared_with": "The year before", "source": "School data"
    }],
    "what_we_do_not_know": "Whether it holds in grade 3.",
    "time_to_start": "this_month", "weekly_time": "30_to_90", "cost_band": "under_1k", "cost_note": "Cards and magnets.",
    "staffing": ["one_teacher"], "conditions": ["none"], "conditions_note": "Helps to have one order of sounds.",
    "training_hours": 2.5, "space_and_technology": "A wall.", "timeline": ["August: order of sounds"],
    "who_decided": "The K-2 team.", "first_week": ["Put up ten sounds"], "prerequisites": ["A phonics sequence"],
    "pitfalls": ["Adding all sounds at once"], "how_to_keep_it_going": "Hand the card to the substitute.",
    "not_a_fit_when": ["Children read fluently"], "contact_role": "Grade 1 lead teacher",
    "open_to_visits": true, "visit_rules": "Tuesdays.", "max_visits_per_term": 4, "license": "CC BY 4.0",
    "contributors": ["K-2 team"], "imported_from": "A binder", "imported_url": "https://example.org/binder",
    "original_name": "Sound Wall™"
}"#;

fn full_draft() -> Value {
    serde_json::from_str(FULL).unwrap()
}

/// The record of a draft that says everything; for the tests of this feature.
pub(in crate::catalog) fn full_record() -> PracticeRecord {
    parse(full_draft(), Rules::Full, Trust::Editor).unwrap().record
}

fn parse(json: Value, rules: Rules, trust: Trust<'_>) -> Result<NewPractice, FieldErrors> {
    NewPractice::parse(PracticeDraft::from_json(&json)?, rules, trust, today())
}

fn with(mut draft: Value, key: &str, value: Value) -> Value {
    draft[key] = value;
    draft
}

fn refused(json: Value, rules: Rules, trust: Trust<'_>) -> Vec<String> {
    let errors = parse(json, rules, trust).unwrap_err();
    for error in errors.iter() {
        assert!(error.message.ends_with(['.', '?']) && error.message.len() < 400, "{}", error.message);
    }
    errors.iter().map(|error| error.field.clone()).collect()
}

const AUTHOR: Trust<'static> = Trust::Author { reviewed: &[] };

#[test]
fn a_full_draft_is_a_record_and_comes_back_unchanged() {
    let practice = parse(full_draft(), Rules::Full, Trust::Editor).unwrap();
    assert_eq!(practice.origin_school.as_deref(), Some("Tamsin Row Elementary"));
    assert_eq!(practice.record.topics, [Topic::parse("early_reading").unwrap()]);
    assert_eq!(practice.record.evidence_claims[0].applies_to, Some(AppliesTo::IDEA));
    assert_eq!(practice.record.evidence_claims[0].students, Some(1200));
    assert_eq!(practice.record.materials[0].license.as_deref(), Some("CC BY 4.0"));
    assert_eq!(practice.record.training_hours, Some(2.5));

    let stored = serde_json::to_string(&practice.record).unwrap();
    assert_eq!(serde_json::from_str::<PracticeRecord>(&stored).unwrap(), practice.record);

    let mut again = PracticeDraft::from_record(&practice.record);
    again.origin_school = practice.origin_school.clone();
    assert_eq!(NewPractice::parse(again, Rules::Full, Trust::Editor, today()).unwrap(), practice);
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    assert_eq!(
        refused(json!({}), Rules::Full, AUTHOR),
        [
            "title",
            "summary",
            "problem",
            "practice_type",
            "topics",
            "grade_bands",
            "subjects",
            "student_groups",
            "settings",
            "origin_school",
            "in_use_since",
            "result",
            "steps",
            "time_to_start",
            "weekly_time",
            "cost_band",
            "cost_note",
            "staffing",
            "conditions",
            "contact_role"
        ]
    );
    assert_eq!(refused(json!({"title": " \u{202e}\n"}), Rules::Imported, Trust::Editor), ["source", "title"]);
    assert_eq!(refused(json!({"source": "x:1", "title": "A"}), Rules::Draft, AUTHOR), ["source"]);
    assert!(parse(json!({"title": "A"}), Rules::Draft, AUTHOR).is_ok());
}

#[test]
fn the_least_import_is_a_source_and_a_title() {
    let practice = parse(json!({"source": "wwc:1", "title": "Sound wall"}), Rules::Imported, Trust::Editor).unwrap();
    assert_eq!(practice.source.as_deref(), Some("wwc:1"));
    let expected = PracticeRecord { title: "Sound wall".into(), ..PracticeRecord::default() };
    assert_eq!(practice.record, expected);
    assert_eq!(practice.record.license, License::CC_BY_4);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let hostile = json!({
        "source": "x:1", "title": "x".repeat(81), "summary": "Write to ana@example.org", "problem": "p".repeat(4_001),
        "topics": ["mtss", "phonics", "tutoring", "writing", "coaching"], "grade_bands": ["3rd"],
        "in_use_since": "next year", "result": "great",
        "steps": [{"what": "Meet"}, {}, {"who": "Team", "how_long": "x".repeat(301)}],
        "core_parts": ["1", "2", "3", "4", "5", "6"],
        "materials": [{"title": "Plan", "kind": "plan", "url": "javascript:alert(1)", "editable": "maybe"}],
        "evidence_claims": [
            {"tier": "gold", "citation_url": "ftp://x", "students": 9, "checked_on": "2027-01-01"},
            {"outcome": "Attendance", "studies": -1, "checked_on": "last week"}, {"outcome": "attendance"}
        ],
        "local_measures": [{"before": "3 of 8 students", "students_band": "7"}],
        "conditions": ["none", "extended_time"], "training_hours": "NaN", "open_to_visits": "perhaps",
        "max_visits_per_term": "1e9", "license": "all rights reserved", "imported_url": "//example.org"
    });
    assert_eq!(
        refused(hostile, Rules::Imported, Trust::Editor),
        [
            "title",
            "summary",
            "problem",
            "topics/1",
            "topics",
            "grade_bands/0",
            "in_use_since",
            "result",
            "steps/2/what",
            "steps/2/how_long",
            "core_parts",
            "materials/0/kind",
            "materials/0/url",
            "materials/0/editable",
            "evidence_claims/0/tier",
            "evidence_claims/0/citation_url",
            "evidence_claims/0/students",
            "evidence_claims/0/checked_on",
            "evidence_claims/0/outcome",
            "evidence_claims/1/studies",
            "evidence_claims/1/checked_on",
            "evidence_claims/2/outcome",
            "local_measures/0/before",
            "local_measures/0/measure",
            "local_measures/0/students_band",
            "training_hours",
            "open_to_visits",
            "max_visits_per_term",
            "license",
            "imported_url",
            "conditions"
        ]
    );
}

#[test]
fn nothing_is_unbounded() {
    let many = |item: Value| Value::Array(vec![item; 5_000]);
    for (key, value) in [
        ("topics", many(json!("mtss"))),
        ("pitfalls", many(json!("x"))),
        ("steps", many(json!({"what": "x"}))),
        ("materials", many(json!({"title": "x"}))),
        ("evidence_claims", many(json!({"outcome": "x"}))),
        ("local_measures", many(json!({"measure": "x"}))),
        ("who_decided", json!("x ".repeat(100_000))),
        ("original_name", json!("x".repeat(301))),
        ("imported_url", json!(format!("https://e.org/{}", "x".repeat(3_000)))),
    ] {
        assert_eq!(refused(with(full_draft(), key, value), Rules::Full, Trust::Editor), [key]);
    }
}

#[test]
fn steps_say_what_who_and_how_long() {
    let two = with(full_draft(), "steps", json!([{"what": "Meet", "who": "All"}, {"what": "Do", "how_long": "1 day"}]));
    assert_eq!(refused(two, Rules::Full, Trust::Editor), ["steps/0/how_long", "steps/1/who"]);
    let short = json!([{"what": "Meet", "who": "All", "how_long": "1 hour"}, {}]);
    assert_eq!(refused(with(full_draft(), "steps", short.clone()), Rules::Full, Trust::Editor), ["steps"]);
    assert_eq!(parse(with(full_draft(), "steps", short), Rules::Draft, Trust::Editor).unwrap().record.steps.len(), 1);
    let one_core = with(full_draft(), "core_parts", json!("Every day"));
    assert_eq!(refused(one_core, Rules::Full, Trust::Editor), ["core_parts"]);
}

#[test]
fn a_stopped_practice_says_why() {
    let stopped = with(full_draft(), "result", json!("stopped"));
    assert_eq!(refused(stopped, Rules::Full, Trust::Editor), ["stopped_because", "what_replaced_it"]);
    let free = with(with(full_draft(), "cost_band", json!("none")), "cost_note", Value::Null);
    assert!(parse(free, Rules::Full, Trust::Editor).is_ok(), "no spending needs no explanation");
}

#[test]
fn authors_do_not_set_the_upper_tiers() {
    assert_eq!(refused(full_draft(), Rules::Full, AUTHOR), ["evidence_claims/0/tier", "evidence_claims/0/checked_by"]);
    let own = json!([
        {"outcome": "Attendance", "tier": "local_data", "finding": "helped"},
        {"outcome": "Joy", "tier": "practitioner"}, {"outcome": "Reading", "tier": "essa_4"}
    ]);
    assert!(parse(with(full_draft(), "evidence_claims", own), Rules::Full, AUTHOR).is_ok());

    // The next version carries on what an editor set, word for word.
    let reviewed = full_record().evidence_claims;
    let carried = Trust::Author { reviewed: &reviewed };
    assert!(parse(full_draft(), Rules::Full, carried).is_ok());
    let mut turned = full_draft();
    turned["evidence_claims"][0]["outcome"] = json!("Everything");
    assert_eq!(refused(turned, Rules::Full, carried), ["evidence_claims/0/tier", "evidence_claims/0/checked_by"]);
}

#[test]
fn upper_tiers_keep_the_bar() {
    let claim = |change: Value| {
        let mut claim = json!({"outcome": "Reading", "tier": "essa_2", "finding": "helped", "citation": "A study"});
        claim.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"title": "T", "evidence_claims": [claim]})
    };
    assert!(parse(claim(json!({"students": 350})), Rules::Draft, Trust::Editor).is_ok());
    assert!(parse(claim(json!({"tier": "essa_3", "students": 40})), Rules::Draft, Trust::Editor).is_ok());
    assert_eq!(refused(claim(json!({"citation": " "})), Rules::Draft, Trust::Editor), ["evidence_claims/0/citation"]);
    for change in [json!({"students": 349}), json!({"finding": "harm"}), json!({"finding": "no_clear_effect"})] {
        assert_eq!(refused(claim(change), Rules::Draft, Trust::Editor), ["evidence_claims/0/tier"]);
    }
}

#[test]
fn the_same_outcome_is_claimed_once_for_each_scope() {
    let twice = |scope: &str| {
        json!({"title": "T", "evidence_claims": [
            {"outcome": "Reading", "applies_to": "idea"}, {"outcome": "reading", "applies_to": scope}
        ]})
    };
    assert!(parse(twice("this_version"), Rules::Draft, AUTHOR).is_ok());
    assert_eq!(refused(twice("idea"), Rules::Draft, AUTHOR), ["evidence_claims/1/outcome"]);
}

#[test]
fn codes_are_kept_once_and_files_of_the_site_are_links() {
    let draft = json!({
        "title": "T", "topics": ["mtss", " mtss ", "", "mtss", "mtss"],
        "materials": [{"title": "Plan", "kind": "other", "url": "/materials/01/plan.docx", "license": "Publisher"}]
    });
    let record = parse(draft, Rules::Draft, AUTHOR).unwrap().record;
    assert_eq!(record.topics.len(), 1);
    assert_eq!(record.materials[0].kind, Some(MaterialKind::OTHER));
    assert_eq!(record.materials[0].license.as_deref(), Some("Publisher"));
}

/// The invented city keeps every rule of publication; its bookkeeping is not part of the record.
#[test]
fn every_practice_of_the_demo_can_be_published() {
    let city: Value = serde_json::from_str(include_str!("../../ops/rivermark.json")).unwrap();
    for practice in city["practices"].as_array().unwrap() {
        let mut practice = practice.clone();
        for key in ["id", "evidence_tier", "checked_days_ago", "published_days_ago", "contributors_note"] {
            practice.as_object_mut().unwrap().remove(key);
        }
        let title = practice["title"].to_string();
        let parsed = parse(practice, Rules::Full, Trust::Editor);
        assert!(parsed.is_ok(), "{title}: {}", parsed.unwrap_err());
    }
}
