//! What the description shows: people of the demo city.

use poem_openapi::types::Example;

use super::{
    ApprovalDocument, InvitationDocument, InvitationList, InvitationRequest, MembershipDocument, StaffDocument,
    StaffList,
};
use crate::platform::Timestamp;

const SCHOOL: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for MembershipDocument {
    fn example() -> Self {
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            account: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            role: "teacher".to_owned(),
            place: Some(SCHOOL.to_owned()),
            state: "current".to_owned(),
            verified_by: "domain".to_owned(),
            created_at: at("2026-09-02T14:05:00Z"),
            started_at: Some(at("2026-09-02T14:05:00Z")),
            ended_at: None,
        }
    }
}

impl Example for StaffDocument {
    fn example() -> Self {
        Self {
            membership: MembershipDocument::example(),
            name: "Ada Quill".to_owned(),
            email: Some("ada.quill@example.org".to_owned()),
            title: Some("Grade 3 teacher".to_owned()),
        }
    }
}

impl Example for StaffList {
    fn example() -> Self {
        Self { items: vec![StaffDocument::example()], total: 1 }
    }
}

impl Example for ApprovalDocument {
    fn example() -> Self {
        Self { approved: true }
    }
}

impl Example for InvitationRequest {
    fn example() -> Self {
        Self { email: "ada.quill@example.org".to_owned(), name: "Ada Quill".to_owned(), role: "teacher".to_owned() }
    }
}

impl Example for InvitationDocument {
    fn example() -> Self {
        Self {
            id: "019a1b7d-7e21-7a90-8c02-5b6f1e2d3c4b".to_owned(),
            email: "ada.quill@example.org".to_owned(),
            name: "Ada Quill".to_owned(),
            role: "teacher".to_owned(),
            place: Some(SCHOOL.to_owned()),
            state: "waiting".to_owned(),
            created_at: at("2026-09-01T09:30:00Z"),
            expires_at: at("2026-09-15T09:30:00Z"),
            accepted_at: None,
            withdrawn_at: None,
        }
    }
}

impl Example for InvitationList {
    fn example() -> Self {
        Self { items: vec![InvitationDocument::example()], total: 1 }
    }
}
