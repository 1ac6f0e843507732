//! What people send: a practice as it comes from a form, the API or a file, before anybody has checked it.
//!
//! Keys are the product's field names; grades are `grade_bands`, as in the API. Every value is text or a
//! list of texts, because a form knows nothing else: a number or yes/no in JSON becomes its text, where a
//! list is expected one text with a line per entry will do, and so will a label in the place of its code.
//! Codes, lengths and what is required are checked by
//! [`NewPractice::parse`](super::parse::NewPractice::parse).
//! A draft saves itself as it stands, half done (P-1); it serialises without its empty fields.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::fields;
use super::record::PracticeRecord;
use crate::platform::FieldErrors;

/// Makes a struct of loose input out of the names of its fields: texts, lists of texts, lists of structs.
macro_rules! loose {
    ($(#[$doc:meta])* $name:ident {
        texts: [$($text:ident),* $(,)?], lists: [$($list:ident),* $(,)?], items: [$($item:ident: $inner:ident),* $(,)?]
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($text), "`, as given.")]
                #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
                pub $text: Option<String>,
            )*
            $(
                #[doc = concat!("`", stringify!($list), "`, as given.")]
                #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
                pub $list: Vec<String>,
            )*
            $(
                #[doc = concat!("`", stringify!($item), "`, as given.")]
                #[serde(deserialize_with = "items", skip_serializing_if = "Vec::is_empty")]
                pub $item: Vec<$inner>,
            )*
        }
    };
}

loose! {
    /// A practice as given. Beside the fields of the record: `source`, the stable id of an imported
    /// practice in its source, and `origin_school`, which the caller resolves (id, NCES id, slug or exact name).
    PracticeDraft {
        texts: [
            source, origin_school, title, summary, problem, practice_type, in_use_since, result, a_day_or_week,
            what_we_do_not_know, time_to_start, weekly_time, cost_band, cost_note, conditions_note, training_hours,
            space_and_technology, who_decided, how_to_keep_it_going, stopped_because, what_replaced_it, contact_role,
            open_to_visits, visit_rules, max_visits_per_term, license, imported_from, imported_url, original_name,
        ],
        lists: [
            topics, grade_bands, subjects, student_groups, settings, mtss_tiers, core_parts, can_change, staffing,
            conditions, timeline, first_week, prerequisites, pitfalls, not_a_fit_when, contributors,
        ],
        items: [
            steps: StepDraft, materials: MaterialDraft, evidence_claims: ClaimDraft, local_measures: MeasureDraft,
        ]
    }
}

loose! {
    /// A step as given.
    StepDraft { texts: [what, who, how_long], lists: [], items: [] }
}

loose! {
    /// A material as given.
    MaterialDraft { texts: [title, kind, url, editable, language, license, accessible], lists: [], items: [] }
}

loose! {
    /// A local measure as given.
    MeasureDraft { texts: [measure, before, after, students_band, dates, compared_with, source], lists: [], items: [] }
}

loose! {
    /// An evidence claim as given.
    ClaimDraft {
        texts: [
            outcome, tier, finding, applies_to, citation, citation_url, studies, students, grades, populations, rating,
            checked_by, checked_on,
        ],
        lists: [],
        items: []
    }
}

/// Enough to start with (P-1): what the short form asks for.
pub const SHORT_FORM: [&str; 6] = ["title", "summary", "problem", "steps", "grade_bands", "topics"];

/// More misspelt values than this are not told apart.
const ERRORS_TOLD: usize = 50;

impl PracticeDraft {
    /// Reads JSON. Every key that is unknown and every value of a wrong form is listed, each with its place.
    pub fn from_json(value: &Value) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !value.is_object() {
            errors.add("", "Give one object whose keys are the fields of a practice.");
            return Err(errors);
        }
        // `grades` is the word people use for the field; the API calls it by what it holds.
        let mut value = value.clone();
        if let Some(map) = value.as_object_mut()
            && !map.contains_key("grade_bands")
            && let Some(grades) = map.remove("grades")
        {
            map.insert("grade_bands".to_owned(), grades);
        }
        Self::deserialize(&value).map_err(|_| {
            locate(&mut errors, "", &value, &|part| part);
            errors
        })
    }

    /// The draft that says what `record` says: where a new version starts from.
    pub fn from_record(record: &PracticeRecord) -> Self {
        serde_json::to_value(record).and_then(serde_json::from_value).unwrap_or_default()
    }
}

/// Finds the smallest parts of a value that cannot be read: `whole` puts a part back into an otherwise empty
/// draft, which then can be read or not. It looks into a list or object only where an empty one could be read.
fn locate(errors: &mut FieldErrors, place: &str, value: &Value, whole: &dyn Fn(Value) -> Value) {
    if errors.iter().count() >= ERRORS_TOLD {
        return;
    }
    let Err(cause) = PracticeDraft::deserialize(&whole(value.clone())) else { return };
    let readable = |part: Value| PracticeDraft::deserialize(&whole(part)).is_ok();
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}/{key}") };
    match value {
        Value::Array(items) if readable(json!([])) => {
            for (i, item) in items.iter().enumerate() {
                locate(errors, &below(&i.to_string()), item, &|part| whole(json!([part])));
            }
        }
        Value::Object(map) if readable(json!({})) => {
            for (key, item) in map {
                locate(errors, &below(key), item, &|part| whole(json!({ key: part })));
            }
        }
        _ => errors.add(place, explain(place, &cause.to_string())),
    }
}

/// What to do about a value that cannot be read.
fn explain(place: &str, cause: &str) -> String {
    if !cause.starts_with("unknown field") {
        return format!("Change the form of this value: {cause}.");
    }
    match (place.contains('/'), fields::similar(place)) {
        (false, Some(name)) => format!("There is no field of this name; did you mean {name}?"),
        (false, None) => "There is no field of this name; leave it out.".to_owned(),
        (true, _) => {
            let known = cause.split_once("expected ").map_or("", |(_, known)| known).replace('`', "");
            format!("There is no field of this name here; use {}.", known.trim_start_matches("one of "))
        }
    }
}

/// A text, or what can be written as one.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "one text is expected")]
    enum Given {
        Text(String),
        Whole(i64),
        Number(f64),
        Flag(bool),
        Nothing(()),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::Text(text) => Some(text),
        Given::Whole(number) => Some(number.to_string()),
        Given::Number(number) => Some(number.to_string()),
        Given::Flag(flag) => Some(flag.to_string()),
        Given::Nothing(()) => None,
    })
}

/// A list of texts; one text is a list with a line for each entry.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list of texts is expected")]
    enum Given {
        Lines(String),
        List(Vec<String>),
        Nothing(()),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::Lines(lines) => lines.lines().map(str::to_owned).collect(),
        Given::List(list) => list,
        Given::Nothing(()) => Vec::new(),
    })
}

/// A list of structs; null is an empty one.
fn items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_values_are_taken_as_text() {
        let draft = PracticeDraft::from_json(&json!({
            "title": "Sound wall", "in_use_since": 2021, "training_hours": 2.5, "open_to_visits": true,
            "pitfalls": "Rushing\nSkipping the review", "topics": ["mtss"], "problem": null, "steps": null
        }))
        .unwrap();
        assert_eq!(draft.in_use_since.as_deref(), Some("2021"));
        assert_eq!(draft.training_hours.as_deref(), Some("2.5"));
        assert_eq!(draft.open_to_visits.as_deref(), Some("true"));
        assert_eq!(draft.pitfalls, ["Rushing", "Skipping the review"]);
        assert!(draft.problem.is_none() && draft.steps.is_empty());
    }

    #[test]
    fn every_misspelling_is_placed_and_explained() {
        let errors = PracticeDraft::from_json(&json!({
            "titel": "x", "topic": "mtss", "shoe_size": 44, "summary": ["a"], "pitfalls": [{}],
            "steps": [{"what": "Meet"}, {"what": {}, "when": "Monday"}], "materials": "none"
        }))
        .unwrap_err();
        let said: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect();
        assert_eq!(
            said,
            [
                "materials: Change the form of this value: invalid type: string \"none\", expected a sequence.",
                "pitfalls/0: Change the form of this value: a list of texts is expected.",
                "shoe_size: There is no field of this name; leave it out.",
                "steps/1/what: Change the form of this value: one text is expected.",
                "steps/1/when: There is no field of this name here; use what, who, how_long.",
                "summary: Change the form of this value: one text is expected.",
                "titel: There is no field of this name; did you mean title?",
                "topic: There is no field of this name; did you mean topics?",
            ]
        );
    }

    #[test]
    fn grades_is_another_word_for_grade_bands() {
        let draft = PracticeDraft::from_json(&json!({"title": "x", "grades": ["k_2"]})).unwrap();
        assert_eq!(draft.grade_bands, ["k_2"]);
        assert!(PracticeDraft::from_json(&json!({"grades": ["k_2"], "grade_bands": ["k_2"]})).is_err());
    }

    #[test]
    fn what_is_no_practice_at_all_is_refused() {
        for value in [json!(null), json!([]), json!("x"), json!([{"title": "x"}])] {
            let errors = PracticeDraft::from_json(&value).unwrap_err();
            assert!(errors.iter().next().unwrap().message.starts_with("Give one object"), "{value}");
        }
        let many = json!({"steps": vec![json!({"nope": 1}); 100_000]});
        assert!(PracticeDraft::from_json(&many).unwrap_err().iter().count() <= ERRORS_TOLD);
    }

    #[test]
    fn a_saved_draft_comes_back() {
        let draft = PracticeDraft { title: Some("  half".into()), ..PracticeDraft::default() };
        let saved = serde_json::to_value(&draft).unwrap();
        assert_eq!(saved, json!({"title": "  half"}));
        assert_eq!(PracticeDraft::from_json(&saved).unwrap(), draft);
    }
}
