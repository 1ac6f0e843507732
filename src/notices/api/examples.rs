//! What the description shows.

use poem_openapi::types::Example;

use super::{NoticeDocument, NoticeList, PreferencesDocument, ReadRequest, ReadResult, TopicPace};

const SOME_ID: &str = "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17";

impl Example for NoticeDocument {
    fn example() -> Self {
        Self {
            id: SOME_ID.to_owned(),
            topic: "saved-searches".to_owned(),
            line: "New for your search \"exit tickets\": Two-minute exit tickets".to_owned(),
            url: "https://ground.example/practices/two-minute-exit-tickets".to_owned(),
            created_at: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
            read_at: None,
        }
    }
}

impl Example for NoticeList {
    fn example() -> Self {
        Self { items: vec![NoticeDocument::example()], total: 1, unread: 1, next: None }
    }
}

impl Example for ReadRequest {
    fn example() -> Self {
        Self { ids: Vec::new(), up_to: Some(SOME_ID.to_owned()) }
    }
}

impl Example for ReadResult {
    fn example() -> Self {
        Self { marked: 1 }
    }
}

impl Example for TopicPace {
    fn example() -> Self {
        Self { topic: "saved-searches".to_owned(), pace: "weekly".to_owned() }
    }
}

impl Example for PreferencesDocument {
    fn example() -> Self {
        Self {
            time_zone: Some("America/New_York".to_owned()),
            topics: vec![TopicPace::example()],
            paused_until: None,
            quiet_from: Some("22:00".to_owned()),
            quiet_until: Some("06:30".to_owned()),
            digest_hour: 7,
            digest_weekday: 1,
        }
    }
}
