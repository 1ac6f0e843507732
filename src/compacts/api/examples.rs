//! Examples for the documentation.

use poem_openapi::types::Example;

use super::documents::{
    CommitmentCounts, CommitmentDocument, CommitmentEvidence, CommitmentGain, CommitmentHandover, CommitmentMeasure,
    CommitmentRating, CommitmentRequest, CommitmentUpdate, CommitmentWord, CompactDocument, CompactItem, CompactList,
    CompactParty, CompactSeat,
};
use crate::api::day::Day;

const COMPACT: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";
const PARTY: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1db";
const OTHER: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1dc";
const NAME: &str = "Rivermark Schools Together Compact";
const URL: &str = "https://ground.example/compacts/rivermark-schools-together-compact";

fn day(text: &str) -> Day {
    Day(text.parse().unwrap_or_default())
}

impl Example for CompactList {
    fn example() -> Self {
        let item = CompactItem {
            id: COMPACT.to_owned(),
            slug: "rivermark-schools-together-compact".to_owned(),
            url: URL.to_owned(),
            name: NAME.to_owned(),
            kind: "compact".to_owned(),
            city: Some("rivermark-ny".to_owned()),
            draft: false,
            signed_on: Some(day("2025-03-12")),
            commitments: 4,
            silent: 1,
            overdue: 0,
        };
        Self { items: vec![item], total: 1, next: None }
    }
}

impl Example for CompactDocument {
    fn example() -> Self {
        let party = |id: &str, name: &str, sector: &str| CompactParty {
            id: id.to_owned(),
            name: name.to_owned(),
            sector: sector.to_owned(),
            state: "signed".to_owned(),
            state_on: day("2025-03-12"),
            link: Some("https://rivermark.example/compact".to_owned()),
        };
        Self {
            id: COMPACT.to_owned(),
            slug: "rivermark-schools-together-compact".to_owned(),
            url: URL.to_owned(),
            name: NAME.to_owned(),
            kind: "compact".to_owned(),
            city: Some("rivermark-ny".to_owned()),
            draft: false,
            signed_on: Some(day("2025-03-12")),
            review_on: Some(day("2027-03-01")),
            ends_on: None,
            contact_party: Some(PARTY.to_owned()),
            contact_role: Some("Director of partnerships".to_owned()),
            parties: vec![
                party(PARTY, "Rivermark Public Schools", "district"),
                party(OTHER, "Quillwater Charter School", "charter"),
            ],
            seats: vec![CompactSeat { party: PARTY.to_owned(), role: "Superintendent".to_owned() }],
            text_version: Some(1),
            text: Some("We open our doors to each other.".to_owned()),
            commitments: vec![CommitmentDocument { counted: None, ..CommitmentDocument::example() }],
        }
    }
}

impl Example for CommitmentDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1dd".to_owned(),
            url: format!("{URL}/commitments/1"),
            compact: COMPACT.to_owned(),
            number: 1,
            area: "learn_together".to_owned(),
            sentence: "Hold 24 joint sessions a year.".to_owned(),
            who: Some("The offices of professional learning".to_owned()),
            gets: vec![CommitmentGain { sector: "charter".to_owned(), text: "A third of the seats".to_owned() }],
            due_on: Some(day("2027-06-30")),
            first_due_on: None,
            overdue: false,
            status: "in_progress".to_owned(),
            status_words: "In progress".to_owned(),
            reported_status: "in_progress".to_owned(),
            reason: None,
            ratings: vec![CommitmentRating {
                party: PARTY.to_owned(),
                sector: "district".to_owned(),
                status: "in_progress".to_owned(),
                at: "2026-09-14T15:00:00Z".parse().unwrap_or_default(),
            }],
            disputed: false,
            freshness: "fresh".to_owned(),
            last_update_at: "2026-09-14T15:00:00Z".parse().ok(),
            measure: Some(CommitmentMeasure {
                name: "Joint sessions held".to_owned(),
                baseline: Some("3".to_owned()),
                target: Some("24".to_owned()),
                latest: Some("11".to_owned()),
                as_of: Some(day("2026-09-14")),
            }),
            owner_party: Some(PARTY.to_owned()),
            deputy_party: Some(OTHER.to_owned()),
            vacant: false,
            confirmed_by: None,
            confirmed_at: None,
            counted: Some(CommitmentCounts {
                sessions: 11,
                joint_sessions: 9,
                educator_hours: 412,
                practices: 2,
                adoptions: 3,
                kept: 1,
                kept_of: 2,
            }),
        }
    }
}

impl Example for CommitmentRequest {
    fn example() -> Self {
        Self {
            area: Some("learn_together".to_owned()),
            sentence: Some("Hold 24 joint sessions a year.".to_owned()),
            due_on: Some("2027-06-30".to_owned()),
            owner_party: Some(PARTY.to_owned()),
            deputy_party: Some(OTHER.to_owned()),
            ..Self::default()
        }
    }
}

impl Example for CommitmentUpdate {
    fn example() -> Self {
        Self {
            text: "Eleven are held; the twelfth is on November 14.".to_owned(),
            status: Some("in_progress".to_owned()),
            latest: Some("11".to_owned()),
            evidence: Some(vec![CommitmentEvidence {
                title: Some("Minutes of September".to_owned()),
                url: "https://rivermark.example/minutes/2026-09".to_owned(),
            }]),
            ..Self::default()
        }
    }
}

impl Example for CommitmentWord {
    fn example() -> Self {
        Self { status: Some("met".to_owned()), note: None, no_student: None }
    }
}

impl Example for CommitmentHandover {
    fn example() -> Self {
        Self { side: "owner".to_owned(), holder: Some("partnerships@rivermark.example".to_owned()), ..Self::default() }
    }
}
