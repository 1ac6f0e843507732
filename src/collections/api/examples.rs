//! Examples for the documentation.

use poem_openapi::types::Example;

use super::{
    CollectRequest, CollectedDocument, CollectionDocument, CollectionLine, CollectionList, CollectionRequest,
    SaveRequest, SavedPracticeDocument, SavedPracticeList, SharedCollectionDocument,
};
use crate::platform::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

const PRACTICE: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";
const COLLECTION: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c2ab";

impl Example for SaveRequest {
    fn example() -> Self {
        Self { note: Some("For our grade team in November.".to_owned()) }
    }
}

impl Example for SavedPracticeDocument {
    fn example() -> Self {
        Self {
            practice: PRACTICE.to_owned(),
            slug: "six-week-reading-safety-net".to_owned(),
            title: "Six-Week Reading Safety Net for Grades K-2".to_owned(),
            retired: false,
            note: Some("For our grade team in November.".to_owned()),
            saved_at: at("2026-09-02T14:05:00Z"),
        }
    }
}

impl Example for SavedPracticeList {
    fn example() -> Self {
        Self { items: vec![SavedPracticeDocument::example()], total: 1, next: None }
    }
}

impl Example for CollectionRequest {
    fn example() -> Self {
        Self {
            title: "Where to begin with early reading".to_owned(),
            description: Some("For new teachers of grades K-2.".to_owned()),
            visibility: Some("link".to_owned()),
            school: None,
            shows_name: false,
        }
    }
}

impl Example for CollectedDocument {
    fn example() -> Self {
        Self {
            practice: PRACTICE.to_owned(),
            slug: "six-week-reading-safety-net".to_owned(),
            title: "Six-Week Reading Safety Net for Grades K-2".to_owned(),
            retired: false,
            line: Some("Begin with this one: it needs no budget.".to_owned()),
        }
    }
}

impl Example for CollectionDocument {
    fn example() -> Self {
        Self {
            id: COLLECTION.to_owned(),
            title: "Where to begin with early reading".to_owned(),
            description: Some("For new teachers of grades K-2.".to_owned()),
            visibility: "public".to_owned(),
            url: Some("https://ground.example/collections/where-to-begin-with-early-reading-b0c2ab".to_owned()),
            school: None,
            shows_name: false,
            hidden: false,
            copied_from: None,
            practices: vec![CollectedDocument::example()],
            created_at: at("2026-09-02T14:05:00Z"),
            updated_at: at("2026-09-03T08:30:00Z"),
        }
    }
}

impl Example for CollectionLine {
    fn example() -> Self {
        Self {
            id: COLLECTION.to_owned(),
            title: "Where to begin with early reading".to_owned(),
            visibility: "public".to_owned(),
            practices: 1,
            url: Some("https://ground.example/collections/where-to-begin-with-early-reading-b0c2ab".to_owned()),
            hidden: false,
            updated_at: at("2026-09-03T08:30:00Z"),
        }
    }
}

impl Example for CollectionList {
    fn example() -> Self {
        Self { items: vec![CollectionLine::example()], total: 1 }
    }
}

impl Example for CollectRequest {
    fn example() -> Self {
        Self { line: Some("Begin with this one: it needs no budget.".to_owned()), place: Some(1) }
    }
}

impl Example for SharedCollectionDocument {
    fn example() -> Self {
        Self {
            title: "Where to begin with early reading".to_owned(),
            description: Some("For new teachers of grades K-2.".to_owned()),
            by: "Teacher or staff, Quillwater Charter School".to_owned(),
            url: Some("https://ground.example/collections/where-to-begin-with-early-reading-b0c2ab".to_owned()),
            practices: vec![CollectedDocument::example()],
            updated_at: at("2026-09-03T08:30:00Z"),
        }
    }
}
