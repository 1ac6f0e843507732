//! What changed between two versions of a practice (P-6): shown to adopters, and to reviewers (P-7).

use serde::Serialize;

use super::fields::FIELDS;
use super::record::PracticeRecord;

/// A field that two versions word differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Key of the field.
    pub field: &'static str,
    /// What people read.
    pub label: &'static str,
    /// The older words, one line for each entry; empty when it said nothing.
    pub before: String,
    /// The newer words.
    pub after: String,
}

/// Every field that differs, in the order of the page.
pub fn diff(before: &PracticeRecord, after: &PracticeRecord) -> Vec<Change> {
    FIELDS
        .iter()
        .filter_map(|field| {
            let (before, after) = (field.text(before), field.text(after));
            (before != after).then_some(Change { field: field.name, label: field.label, before, after })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::parse::tests::full_record;

    #[test]
    fn only_what_changed_is_told() {
        let before = full_record();
        assert_eq!(diff(&before, &before), []);
        let mut after = before.clone();
        after.title = "Sound wall, second year".into();
        after.pitfalls.push("Skipping the review".into());
        after.steps[0].who = None;
        after.cost_note = None;
        let changes = diff(&before, &after);
        let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
        assert_eq!(fields, ["title", "steps", "cost_note", "pitfalls"]);
        assert_eq!(changes[3].after, format!("{}\nSkipping the review", changes[3].before));
        assert_eq!(changes[2].after, "");
    }

    #[test]
    fn every_field_that_differs_shows() {
        let told = diff(&PracticeRecord::default(), &full_record()).len();
        // All but the license, which is the default on both sides, and what the full record has no reason to say.
        assert_eq!(told, FIELDS.len() - 1 - ["stopped_because", "what_replaced_it"].len());
    }
}
