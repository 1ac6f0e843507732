//! Examples for the documentation.

use poem_openapi::types::Example;

use super::documents::{
    AmendmentDocument, AmendmentRequest, CountsDocument, PointDocument, SectorCount, SignRequest, SignatureDocument,
    SigningDocument, StatementDocument, StatementLine, StatementList, VersionLine,
};
use crate::platform::Timestamp;

const ID: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c2da";
const SCHOOL: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c2db";
const SLUG: &str = "a-shared-framework-for-our-schools-b0c2da";
const TITLE: &str = "A shared framework for our schools";
const URL: &str = "https://ground.example/statements/a-shared-framework-for-our-schools-b0c2da";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for StatementLine {
    fn example() -> Self {
        Self {
            id: ID.to_owned(),
            slug: SLUG.to_owned(),
            url: URL.to_owned(),
            kind: "framework".to_owned(),
            title: TITLE.to_owned(),
            addressee: "the city and its schools".to_owned(),
            state: "open".to_owned(),
            version: 2,
            behind_newest: 11,
            behind_earlier: 2,
            threshold: Some(20),
            deadline: Some("2026-12-01".to_owned()),
            published_at: at("2026-09-01T14:00:00Z"),
        }
    }
}

impl Example for StatementList {
    fn example() -> Self {
        Self { items: vec![StatementLine::example()], total: 1 }
    }
}

impl Example for PointDocument {
    fn example() -> Self {
        Self {
            number: 1,
            key: 1,
            title: "Serve students with the highest needs".to_owned(),
            text: "Every school of both sectors enrolls its share of students with disabilities.".to_owned(),
        }
    }
}

impl Example for VersionLine {
    fn example() -> Self {
        Self {
            number: 2,
            url: format!("{URL}/v/2"),
            published_at: at("2026-10-01T14:00:00Z"),
            note: Some("Seats that become free are filled in every grade.".to_owned()),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        }
    }
}

impl Example for SectorCount {
    fn example() -> Self {
        Self {
            sector: Some("charter".to_owned()),
            label: "Charter".to_owned(),
            leaders: 6,
            schools: 6,
            students: 2_410,
            schools_without_number: 0,
        }
    }
}

impl Example for CountsDocument {
    fn example() -> Self {
        Self {
            leaders: 13,
            schools: 15,
            students: 6_120,
            schools_without_number: 1,
            behind_newest: 11,
            behind_earlier: 2,
            withdrawn: 1,
            by_sector: vec![SectorCount::example()],
        }
    }
}

impl Example for SignatureDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c2dc".to_owned(),
            kind: "school".to_owned(),
            place: SCHOOL.to_owned(),
            name: "Harbor Charter School".to_owned(),
            role: Some("Principal".to_owned()),
            leader: None,
            version: 2,
            signed_at: at("2026-09-04T15:30:00Z"),
            confirmed_at: Some(at("2026-10-02T09:00:00Z")),
            withdrawn_at: None,
            comment: Some("We fill seats in every grade already.".to_owned()),
            history: vec![SigningDocument::example()],
        }
    }
}

impl Example for SigningDocument {
    fn example() -> Self {
        Self { did: "signed".to_owned(), version: 1, at: at("2026-09-04T15:30:00Z") }
    }
}

impl Example for SignRequest {
    fn example() -> Self {
        Self {
            place: format!("school:{SCHOOL}"),
            role: "Principal".to_owned(),
            version: 2,
            shows_name: false,
            comment: Some("We fill seats in every grade already.".to_owned()),
            comment_public: true,
            no_student: false,
        }
    }
}

impl Example for AmendmentDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c2dd".to_owned(),
            kind: "change".to_owned(),
            point: Some(2),
            title: None,
            text: Some("Seats that become free are filled in every grade, at any time of the year.".to_owned()),
            reason: "Without the time of the year it says too little.".to_owned(),
            proposed_by: Some("Harbor Charter School".to_owned()),
            state: "accepted".to_owned(),
            answer: Some("Yes: that is what we meant.".to_owned()),
            made_version: Some(2),
            created_at: at("2026-09-20T15:30:00Z"),
            decided_at: Some(at("2026-10-01T14:00:00Z")),
        }
    }
}

impl Example for AmendmentRequest {
    fn example() -> Self {
        Self {
            kind: "change".to_owned(),
            point: Some(2),
            title: None,
            text: Some("Seats that become free are filled in every grade, at any time of the year.".to_owned()),
            reason: "Without the time of the year it says too little.".to_owned(),
            no_student: false,
        }
    }
}

impl Example for StatementDocument {
    fn example() -> Self {
        Self {
            id: ID.to_owned(),
            slug: SLUG.to_owned(),
            url: URL.to_owned(),
            manifest_url: format!("{URL}/manifest.json"),
            kind: "framework".to_owned(),
            title: TITLE.to_owned(),
            addressee: "the city and its schools".to_owned(),
            sponsor: "Harbor Charter School".to_owned(),
            state: "open".to_owned(),
            ending: None,
            ended_on: None,
            threshold: Some(20),
            deadline: Some("2026-12-01".to_owned()),
            version: 2,
            preamble: "We lead schools of both sectors in one city.".to_owned(),
            points: vec![PointDocument::example()],
            versions: vec![VersionLine::example()],
            counts: CountsDocument::example(),
            signatures: vec![SignatureDocument::example()],
            amendments: vec![AmendmentDocument::example()],
            published_at: at("2026-09-01T14:00:00Z"),
            updated_at: at("2026-10-01T14:00:00Z"),
        }
    }
}
