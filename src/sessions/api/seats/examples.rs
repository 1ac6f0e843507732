//! What the description shows.

use poem_openapi::types::Example;

use super::{CoverageCode, Handover, OfferResponse, RegistrationDocument, RegistrationList, SeatApproval, SeatRequest};
use crate::platform::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for SeatRequest {
    fn example() -> Self {
        Self { school: Some("01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned()), way: None, account: None }
    }
}

impl Example for RegistrationDocument {
    fn example() -> Self {
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            session: "019a1b7a-1111-7c44-9a51-6d0e8f3b2a17".to_owned(),
            account: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            school: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            way: "in_person".to_owned(),
            seat: "waitlisted".to_owned(),
            approval: "not_needed".to_owned(),
            waitlist_position: Some(3),
            hold_expires: None,
            offer_expires: None,
            coverage: "needed".to_owned(),
            created_at: at("2026-10-14T16:00:00Z"),
            updated_at: at("2026-10-14T16:00:00Z"),
        }
    }
}

impl Example for RegistrationList {
    fn example() -> Self {
        Self { items: vec![RegistrationDocument::example()], total: 1, next: None }
    }
}

impl Example for SeatApproval {
    fn example() -> Self {
        Self { approved: true, coverage: Some(CoverageCode::Arranged), reason: None }
    }
}

impl Example for OfferResponse {
    fn example() -> Self {
        Self { accepted: true }
    }
}

impl Example for Handover {
    fn example() -> Self {
        Self { to: "cora.buoy@example.org".to_owned() }
    }
}
