//! Examples for the documentation.

use poem_openapi::types::Example;

use super::documents::{
    AdoptionChange, AdoptionDocument, AdoptionRequest, CrossingItem, CrossingList, CycleDocument, CycleList,
    CycleRequest, DirectionDocument, FollowUpAnswer, FollowUpDocument, MyAdoption, MyAdoptionList, PracticeName,
    StepDocument,
};
use crate::api::day::Day;
use crate::search::api::SchoolRef;

const ID: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";

fn day(text: &str) -> Day {
    Day(text.parse().unwrap_or_default())
}

fn school(name: &str, sector: &str) -> SchoolRef {
    SchoolRef {
        id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1db".to_owned(),
        name: name.to_owned(),
        sector: Some(sector.to_owned()),
    }
}

fn practice() -> PracticeName {
    PracticeName {
        id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1dc".to_owned(),
        slug: "sound-wall-and-ten-minute-phonics-warm-up".to_owned(),
        title: "Sound Wall and Ten-Minute Phonics Warm-Up".to_owned(),
        url: "https://ground.example/practices/sound-wall-and-ten-minute-phonics-warm-up".to_owned(),
    }
}

impl Example for AdoptionRequest {
    fn example() -> Self {
        Self {
            school: "harbor-charter-school".to_owned(),
            stage: "piloting".to_owned(),
            since: day("2026-09-14"),
            lead_role: Some("Grade 2 teacher".to_owned()),
            changed_what: Some("Three mornings a week.".to_owned()),
            kept_core: Some("partly".to_owned()),
            result_note: None,
            would_recommend: None,
            contact_ok: Some(true),
            stopped_reason: None,
            learned_from_session: None,
            no_student: None,
        }
    }
}

impl Example for AdoptionChange {
    fn example() -> Self {
        Self { stage: Some("in_use".to_owned()), since: Some(day("2027-01-11")), version: Some(2), ..Self::default() }
    }
}

impl Example for AdoptionDocument {
    fn example() -> Self {
        Self {
            id: ID.to_owned(),
            url: format!("https://ground.example/adoptions/{ID}"),
            practice: practice(),
            school: school("Harbor Charter School", "charter"),
            sector_at_start: Some("charter".to_owned()),
            across: true,
            version: 1,
            newest_version: 2,
            stage: "piloting".to_owned(),
            stage_since: day("2026-09-14"),
            started_on: day("2026-09-14"),
            piloted_on: Some(day("2026-09-14")),
            counts: true,
            lead_role: Some("Grade 2 teacher".to_owned()),
            changed_what: Some("Three mornings a week.".to_owned()),
            kept_core: Some("partly".to_owned()),
            result_note: None,
            would_recommend: None,
            contact_ok: true,
            stopped_reason: None,
            learned_from_session: None,
            steps: vec![StepDocument { stage: "piloting".to_owned(), since: day("2026-09-14"), stopped_reason: None }],
            follow_ups: vec![FollowUpDocument::example()],
        }
    }
}

impl Example for FollowUpDocument {
    fn example() -> Self {
        Self {
            id: None,
            day: 30,
            answer: Some("still_using".to_owned()),
            note: Some("The mornings are calmer.".to_owned()),
        }
    }
}

impl Example for FollowUpAnswer {
    fn example() -> Self {
        Self { answer: "stopped".to_owned(), reason: Some("no_time".to_owned()), note: None, no_student: None }
    }
}

impl Example for MyAdoptionList {
    fn example() -> Self {
        let mine = MyAdoption {
            id: ID.to_owned(),
            url: format!("https://ground.example/adoptions/{ID}"),
            practice: practice(),
            school: school("Harbor Charter School", "charter"),
            version: 1,
            newest_version: 2,
            stage: "piloting".to_owned(),
            stage_since: day("2026-09-14"),
        };
        Self { items: vec![mine], total: 1 }
    }
}

impl Example for CycleRequest {
    fn example() -> Self {
        Self {
            plan: "Try the warm-up in one class.".to_owned(),
            did: None,
            saw: None,
            next: None,
            began_on: day("2026-09-14"),
            ended_on: None,
            open: Some(false),
            no_student: None,
        }
    }
}

impl Example for CycleDocument {
    fn example() -> Self {
        Self {
            number: 1,
            plan: "Try the warm-up in one class.".to_owned(),
            did: None,
            saw: None,
            next: None,
            began_on: day("2026-09-14"),
            ended_on: None,
            open: false,
        }
    }
}

impl Example for CycleList {
    fn example() -> Self {
        Self { items: vec![CycleDocument::example()], total: 1 }
    }
}

impl Example for CrossingList {
    fn example() -> Self {
        Self {
            items: vec![CrossingItem {
                id: ID.to_owned(),
                practice: practice(),
                from: school("Tamsin Row Elementary", "district"),
                from_sector: "district".to_owned(),
                to: school("Harbor Charter School", "charter"),
                to_sector: "charter".to_owned(),
                piloted_on: day("2025-09-15"),
                stage: "in_use".to_owned(),
                kept_after_a_year: Some(true),
            }],
            total: 1,
            next: None,
            directions: vec![DirectionDocument {
                from: "district".to_owned(),
                to: "charter".to_owned(),
                adoptions: 1,
                practices: 1,
                schools: 1,
                kept_after_a_year: None,
                began_a_year_ago: None,
            }],
        }
    }
}
