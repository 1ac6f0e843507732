//! What happened: one row for every change of state, written in the transaction of the change.

use serde_json::Value;
use uuid::Uuid;

/// A change of state, in product words: `practice.published`.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened, `thing.past_participle`.
    pub action: &'static str,
    /// To what kind of thing: `practice`.
    pub subject_kind: &'static str,
    /// To which one; a bulk import has none.
    pub subject: Option<Uuid>,
    /// Facts worth keeping: ids, counts, reasons. Never addresses, tokens or bodies (P4).
    pub detail: Value,
}

impl Event {
    /// An event about one thing.
    pub fn about(action: &'static str, subject_kind: &'static str, subject: Uuid) -> Self {
        Self { action, subject_kind, subject: Some(subject), detail: Value::Null }
    }

    /// An event about many things at once.
    pub fn bulk(action: &'static str, subject_kind: &'static str) -> Self {
        Self { action, subject_kind, subject: None, detail: Value::Null }
    }

    /// The same with facts.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}
