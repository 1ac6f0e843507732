//! How much of a record is there, and what a reader would gain from the rest.

use std::cmp::Reverse;

use serde::Serialize;

use super::fields::{FIELDS, Field, Need};
use super::record::PracticeRecord;

/// How much of the record is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Weighted, 0 to 100; 100 only when nothing is missing.
    pub percent: u8,
    /// Fields that say something.
    pub done: u32,
    /// Fields that ought to.
    pub total: u32,
    /// The others, the weightiest first.
    pub missing: Vec<Missing>,
}

/// What a record does not say yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Key of the field.
    pub field: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Why it helps, one short sentence.
    pub why: &'static str,
}

/// Weighs what is there against what is required or expected. Required fields count too, because imported
/// records lack them. What only a stopped practice has to say is asked of stopped ones alone, and rules
/// for visits only of schools that receive them.
pub fn completeness(record: &PracticeRecord) -> Completeness {
    let asked: Vec<&Field> = FIELDS.iter().filter(|field| is_asked(field, record)).collect();
    let mut missing: Vec<&Field> = asked.iter().copied().filter(|field| field.text(record).is_empty()).collect();
    missing.sort_by_key(|field| Reverse(field.weight));
    let all: u32 = asked.iter().map(|field| field.weight).sum();
    let lost: u32 = missing.iter().map(|field| field.weight).sum();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Completeness {
        percent: u8::try_from(100 * (all - lost) / all.max(1)).unwrap_or(100),
        done: number(asked.len() - missing.len()),
        total: number(asked.len()),
        missing: missing.iter().map(|f| Missing { field: f.name, label: f.label, why: f.why }).collect(),
    }
}

fn is_asked(field: &Field, record: &PracticeRecord) -> bool {
    let visits = matches!(field.name, "visit_rules" | "max_visits_per_term");
    field.weight > 0
        && (field.need != Need::WhenStopped || record.is_stopped())
        && !(visits && record.open_to_visits == Some(false))
        && !(field.name == "cost_note" && record.is_free())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::parse::tests::full_record;
    use crate::platform::vocabulary::PracticeResult;

    #[test]
    fn a_title_alone_is_a_beginning() {
        let bare = completeness(&PracticeRecord { title: "Sound wall".into(), ..Default::default() });
        assert!((1..10).contains(&bare.percent), "{}", bare.percent);
        assert_eq!(bare.missing[0].field, "steps");
        assert_eq!(bare.done as usize + bare.missing.len(), bare.total as usize);
    }

    #[test]
    fn nothing_is_missing_from_a_full_record() {
        let record = full_record();
        let full = completeness(&record);
        assert_eq!((full.percent, full.missing.as_slice()), (100, [].as_slice()));
        let stopped = completeness(&PracticeRecord { result: Some(PracticeResult::STOPPED), ..record });
        let missing: Vec<&str> = stopped.missing.iter().map(|missing| missing.field).collect();
        assert_eq!(missing, ["stopped_because", "what_replaced_it"]);
        assert!(stopped.percent < 100 && stopped.total == full.total + 2);
    }

    #[test]
    fn visits_are_asked_only_of_open_doors() {
        let mut record = PracticeRecord { open_to_visits: Some(false), ..full_record() };
        (record.visit_rules, record.max_visits_per_term) = (None, None);
        assert_eq!(completeness(&record).percent, 100);
    }
}
