//! Two people write the same draft: what each changed since they both read it, field by field. Nothing that somebody wrote is
//! lost: where both changed one field, the earlier save stands and the later words are handed back beside it.

use serde_json::{Map, Value};

use crate::catalog::draft::PracticeDraft;
use crate::catalog::fields::FIELDS;

/// The longest draft, in bytes of JSON: ten times a full record.
pub const LONGEST: usize = 200_000;
/// Most entries of one list of a draft.
const ENTRIES: usize = 60;

/// A field that two people changed in different ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its key.
    pub field: &'static str,
    /// What it says now: the words of who saved first.
    pub theirs: Value,
    /// What the later one wrote.
    pub mine: Value,
}

/// What became of a save.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// What the draft says now.
    pub draft: PracticeDraft,
    /// Fields that this save changed.
    pub changed: Vec<&'static str>,
    /// Whether somebody else changed one of the fields that were looked at.
    pub others: bool,
    /// Fields that both changed.
    pub conflicts: Vec<Conflict>,
}

/// Joins a save with what happened since: `base` is what the writer read, `mine` what they make of it in `fields`, `theirs` what is
/// kept now.
pub fn merge(base: &PracticeDraft, theirs: &PracticeDraft, mine: &PracticeDraft, fields: &[&'static str]) -> Merged {
    let (base, mine, mut now) = (object(base), object(mine), object(theirs));
    let mut merged = Merged::default();
    for field in fields {
        let (was, wrote) = (value(&base, field), value(&mine, field));
        let stands = value(&now, field);
        merged.others |= stands != was && stands != wrote;
        if wrote == was || wrote == stands {
            continue;
        }
        if stands != was {
            merged.conflicts.push(Conflict { field, theirs: stands.clone(), mine: wrote.clone() });
            continue;
        }
        merged.changed.push(field);
        put(&mut now, field, wrote.clone());
    }
    merged.draft = serde_json::from_value(Value::Object(now)).unwrap_or_default();
    merged
}

/// The draft with one field as somebody else wrote it.
pub fn with_field(draft: &PracticeDraft, field: &str, said: Value) -> PracticeDraft {
    let mut map = object(draft);
    put(&mut map, field, said);
    serde_json::from_value(Value::Object(map)).unwrap_or_else(|_| draft.clone())
}

/// What a draft says in one field; `null` where it says nothing.
pub fn said(draft: &PracticeDraft, field: &str) -> Value {
    value(&object(draft), field).clone()
}

/// The keys of all fields of a record.
pub fn every_field() -> Vec<&'static str> {
    FIELDS.iter().map(|field| field.name).collect()
}

/// The draft as it is kept: texts trimmed, with plain line ends and without characters that no text needs; entries that say nothing
/// are left out, and so is what does not belong to a version.
pub fn tidy(draft: &PracticeDraft) -> PracticeDraft {
    let mut map = object(draft);
    map.remove("source");
    map.remove("origin_school");
    let tidied: Map<String, Value> =
        map.into_iter().filter_map(|(name, value)| Some((name, tidy_value(value)?))).collect();
    serde_json::from_value(Value::Object(tidied)).unwrap_or_default()
}

/// What is too large to keep, with a sentence.
pub fn too_large(draft: &PracticeDraft) -> Option<(String, String)> {
    let map = object(draft);
    for (name, value) in &map {
        if value.as_array().is_some_and(|list| list.len() > ENTRIES) {
            return Some((name.clone(), format!("Give at most {ENTRIES} entries here.")));
        }
    }
    let size = Value::Object(map).to_string().len();
    (size > LONGEST).then(|| {
        let sentence = "This draft is far longer than a practice can be; shorten its texts.";
        (String::new(), sentence.to_owned())
    })
}

fn tidy_value(value: Value) -> Option<Value> {
    match value {
        Value::String(text) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
            let text = text.trim();
            (!text.is_empty()).then(|| text.into())
        }
        Value::Array(list) => {
            let list: Vec<Value> = list.into_iter().filter_map(tidy_value).collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(map) => {
            let map: Map<String, Value> =
                map.into_iter().filter_map(|(name, value)| Some((name, tidy_value(value)?))).collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        Value::Null => None,
        other => Some(other),
    }
}

fn object(draft: &PracticeDraft) -> Map<String, Value> {
    match serde_json::to_value(draft) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn value<'a>(map: &'a Map<String, Value>, field: &str) -> &'a Value {
    map.get(field).unwrap_or(&Value::Null)
}

fn put(map: &mut Map<String, Value>, field: &str, said: Value) {
    if said.is_null() {
        map.remove(field);
    } else {
        map.insert(field.to_owned(), said);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(value: Value) -> PracticeDraft {
        PracticeDraft::from_json(&value).unwrap()
    }

    #[test]
    fn who_changes_different_fields_both_get_them() {
        let base = draft(json!({"title": "Door", "summary": "Old", "steps": [{"what": "Greet"}]}));
        let theirs = draft(json!({"title": "Door", "summary": "New", "steps": [{"what": "Greet"}]}));
        let mine = draft(json!({"title": "Door", "summary": "Old", "steps": [{"what": "Greet"}, {"what": "Sit"}]}));
        let merged = merge(&base, &theirs, &mine, &["title", "summary", "steps"]);
        assert_eq!((merged.conflicts.as_slice(), merged.changed.as_slice()), ([].as_slice(), ["steps"].as_slice()));
        assert!(merged.others);
        assert_eq!((merged.draft.summary.as_deref(), merged.draft.steps.len()), (Some("New"), 2));
    }

    #[test]
    fn the_same_field_twice_keeps_the_first_and_hands_the_second_back() {
        let base = draft(json!({"title": "Door"}));
        let merged = merge(
            &base,
            &draft(json!({"title": "Door and reset"})),
            &draft(json!({"title": "At the door", "problem": "Noise"})),
            &["title", "problem"],
        );
        assert_eq!(merged.draft.title.as_deref(), Some("Door and reset"));
        assert_eq!(merged.draft.problem.as_deref(), Some("Noise"));
        let conflict = &merged.conflicts[0];
        assert_eq!((conflict.field, &conflict.mine), ("title", &json!("At the door")));
        // The same words from both are no conflict, and a field that is not looked at stays.
        let same = merge(&base, &draft(json!({"title": "X"})), &draft(json!({"title": "X"})), &["title"]);
        assert!(same.conflicts.is_empty() && same.changed.is_empty() && !same.others);
        let other = merge(&base, &base, &draft(json!({"summary": "x"})), &["title"]);
        assert_eq!(other.changed, ["title"]);
        assert!(other.draft.title.is_none() && other.draft.summary.is_none());
    }

    #[test]
    fn a_draft_is_kept_tidy() {
        let untidy = draft(json!({
            "source": "x:1", "title": "  Door\u{0} ", "problem": "a\r\nb", "summary": " ",
            "steps": [{"what": ""}, {"what": " Greet ", "who": " "}], "pitfalls": ["", " Rush "]
        }));
        let kept = serde_json::to_value(tidy(&untidy)).unwrap();
        assert_eq!(
            kept,
            json!({"title": "Door", "problem": "a\nb", "steps": [{"what": "Greet"}], "pitfalls": ["Rush"]})
        );
    }

    #[test]
    fn nobody_fills_the_database() {
        assert!(too_large(&draft(json!({"title": "x"}))).is_none());
        assert!(too_large(&draft(json!({"problem": "x".repeat(LONGEST)}))).is_some());
        assert_eq!(too_large(&draft(json!({"pitfalls": vec!["x"; ENTRIES + 1]}))).unwrap().0, "pitfalls");
    }
}
