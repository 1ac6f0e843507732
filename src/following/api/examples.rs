//! Examples for the documentation.

use poem_openapi::types::Example;

use super::{
    FollowDocument, FollowList, FollowRequest, KindOfFollow, SavedSearchDocument, SavedSearchKind, SavedSearchList,
    SavedSearchPace, SavedSearchRequest,
};
use crate::platform::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for FollowRequest {
    fn example() -> Self {
        Self { kind: KindOfFollow::Topic, target: "early_reading".to_owned() }
    }
}

impl Example for FollowDocument {
    fn example() -> Self {
        Self { kind: KindOfFollow::Topic, target: "early_reading".to_owned(), since: at("2026-09-02T14:05:00Z") }
    }
}

impl Example for FollowList {
    fn example() -> Self {
        Self { items: vec![FollowDocument::example()], total: 1 }
    }
}

impl Example for SavedSearchRequest {
    fn example() -> Self {
        Self {
            kind: SavedSearchKind::Practices,
            query: "q=exit+tickets&topic=tutoring".to_owned(),
            name: Some("Exit tickets in tutoring".to_owned()),
            pace: Some(SavedSearchPace::Weekly),
        }
    }
}

impl Example for SavedSearchDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            kind: SavedSearchKind::Practices,
            query: "q=exit+tickets&topic=tutoring".to_owned(),
            name: "Exit tickets in tutoring".to_owned(),
            pace: SavedSearchPace::Weekly,
            url: "https://ground.example/search?q=exit+tickets&topic=tutoring".to_owned(),
            created_at: at("2026-09-02T14:05:00Z"),
        }
    }
}

impl Example for SavedSearchList {
    fn example() -> Self {
        Self { items: vec![SavedSearchDocument::example()], total: 1 }
    }
}
