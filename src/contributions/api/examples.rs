//! What the description shows: a practice of the demo city.

use std::collections::BTreeMap;

use poem_openapi::types::Example;
use serde_json::{Value, json};

use super::{ContributionItem, ContributionList, DraftChange, DraftCorrection, DraftDocument, NewDraft};
use crate::platform::Timestamp;

const ID: &str = "019a5c1e-5b70-7a31-8c55-3f1f62b0c1da";
const PRACTICE: &str = "019a5c1e-6a01-7b02-9d11-22d0b8e4f7a3";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

fn fields() -> BTreeMap<String, Value> {
    let title = json!("Greeting at the door");
    let steps = json!([{ "what": "Greet each student by name.", "who": "Every teacher", "how_long": "3 minutes" }]);
    [("title".to_owned(), title), ("steps".to_owned(), steps)].into()
}

impl Example for NewDraft {
    fn example() -> Self {
        Self { school: "halloway-street-school".to_owned(), copy_of: None, fields: Some(fields()), not_students: None }
    }
}

impl Example for DraftChange {
    fn example() -> Self {
        Self { fields: fields(), not_students: None }
    }
}

impl Example for DraftCorrection {
    fn example() -> Self {
        Self { field: "topics".to_owned(), message: "Choose one to three topics.".to_owned() }
    }
}

impl Example for DraftDocument {
    fn example() -> Self {
        Self {
            id: ID.to_owned(),
            url: format!("https://commonground.example.org/contributions/{ID}"),
            practice_id: PRACTICE.to_owned(),
            after: 0,
            school_id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            author: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            editors: Vec::new(),
            state: "draft".to_owned(),
            revision: 3,
            copied_from: None,
            note: None,
            fields: fields(),
            corrections: vec![DraftCorrection::example()],
            created_at: at("2026-09-02T14:05:00Z"),
            updated_at: at("2026-09-02T14:31:00Z"),
        }
    }
}

impl Example for ContributionItem {
    fn example() -> Self {
        Self {
            id: ID.to_owned(),
            url: format!("https://commonground.example.org/contributions/{ID}"),
            practice_id: PRACTICE.to_owned(),
            title: "Greeting at the door".to_owned(),
            state: "draft".to_owned(),
            after: 0,
            updated_at: at("2026-09-02T14:31:00Z"),
        }
    }
}

impl Example for ContributionList {
    fn example() -> Self {
        Self { items: vec![ContributionItem::example()], total: 1 }
    }
}
