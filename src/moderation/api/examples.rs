//! Examples for the documentation.

use poem_openapi::types::Example;

use super::{
    CaseDocument, CaseList, DecisionDocument, DecisionRequest, LogDocument, LogList, ReportDocument, ReportRequest,
    TakenDocument,
};
use crate::platform::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

const THING: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c2ab";

impl Example for ReportRequest {
    fn example() -> Self {
        Self {
            about: format!("collection:{THING}"),
            reason: "spam".to_owned(),
            words: Some("The second line sells a product.".to_owned()),
        }
    }
}

impl Example for TakenDocument {
    fn example() -> Self {
        Self { about: format!("collection:{THING}"), reason: "spam".to_owned() }
    }
}

impl Example for ReportDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c3aa".to_owned(),
            reporter: None,
            reason: "spam".to_owned(),
            words: Some("The second line sells a product.".to_owned()),
            decision: None,
            created_at: at("2026-09-02T14:05:00Z"),
        }
    }
}

impl Example for DecisionDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c4aa".to_owned(),
            done: "change_asked".to_owned(),
            reason: "spam".to_owned(),
            words: Some("Please take out the second line.".to_owned()),
            by: Some("01998c1e-5b70-7a31-8c55-3f1f62b0c5aa".to_owned()),
            created_at: at("2026-09-03T08:30:00Z"),
        }
    }
}

impl Example for CaseDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c6aa".to_owned(),
            about: format!("collection:{THING}"),
            title: Some("Where to begin with early reading".to_owned()),
            excerpt: Some("For new teachers of grades K-2.".to_owned()),
            url: Some("https://ground.example/collections/where-to-begin-with-early-reading-b0c2ab".to_owned()),
            open: true,
            urgent: false,
            hidden: false,
            waiting: 1,
            opened_at: at("2026-09-02T14:05:00Z"),
            closed_at: None,
            reports: vec![ReportDocument::example()],
            decisions: Some(vec![DecisionDocument::example()]),
        }
    }
}

impl Example for CaseList {
    fn example() -> Self {
        Self { items: vec![CaseDocument { decisions: None, ..CaseDocument::example() }], total: 1 }
    }
}

impl Example for DecisionRequest {
    fn example() -> Self {
        Self {
            done: "change_asked".to_owned(),
            reason: "spam".to_owned(),
            words: Some("Please take out the second line.".to_owned()),
        }
    }
}

impl Example for LogDocument {
    fn example() -> Self {
        Self {
            on: "2026-09-03".to_owned(),
            kind: "Collection".to_owned(),
            done: "change_asked".to_owned(),
            reason: "spam".to_owned(),
        }
    }
}

impl Example for LogList {
    fn example() -> Self {
        Self { items: vec![LogDocument::example()], total: 1 }
    }
}
