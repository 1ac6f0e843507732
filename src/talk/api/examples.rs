//! Examples for the documentation.

use poem_openapi::types::Example;

use super::{AcceptedInput, AnswerDocument, AuthorDocument, CommentDocument, CommentInput, CommentList};
use crate::platform::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for AuthorDocument {
    fn example() -> Self {
        Self {
            role: "teacher".to_owned(),
            school: Some("019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned()),
            school_name: Some("Harbor Charter School".to_owned()),
            name: None,
        }
    }
}

impl Example for AnswerDocument {
    fn example() -> Self {
        Self {
            id: "019a2d03-7b1e-7d1f-8a55-90c1f0a4be21".to_owned(),
            text: "Twice a week was enough for us once the routine stood.".to_owned(),
            by: AuthorDocument::example(),
            ground: "uses".to_owned(),
            since: "2026-03-02".parse().ok(),
            accepted: true,
            created_at: at("2026-10-15T13:20:00Z"),
        }
    }
}

impl Example for CommentDocument {
    fn example() -> Self {
        Self {
            id: "019a2c11-52aa-7a0c-b1c2-3f0d2f6f7c11".to_owned(),
            url: "https://ground.example/practices/number-talks/questions/019a2c11-52aa-7a0c-b1c2-3f0d2f6f7c11"
                .to_owned(),
            practice: "019a1b80-9d10-7e3a-8f41-1c2d3e4f5a6b".to_owned(),
            text: "How often a week do you do it in third grade?".to_owned(),
            by: AuthorDocument::example(),
            asked_for_by: 4,
            answers: vec![AnswerDocument::example()],
            created_at: at("2026-10-14T16:00:00Z"),
        }
    }
}

impl Example for CommentList {
    fn example() -> Self {
        Self { items: vec![CommentDocument::example()], total: 1, next: None }
    }
}

impl Example for CommentInput {
    fn example() -> Self {
        Self {
            text: "How often a week do you do it in third grade?".to_owned(),
            school: None,
            named: Some(false),
            no_student: None,
        }
    }
}

impl Example for AcceptedInput {
    fn example() -> Self {
        Self { answer: Some("019a2d03-7b1e-7d1f-8a55-90c1f0a4be21".to_owned()) }
    }
}
