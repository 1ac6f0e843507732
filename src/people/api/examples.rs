//! What the description shows: a school of the demo city.

use poem_openapi::types::Example;

use super::{
    GradesDocument, OrganizationDocument, OrganizationList, SchoolDocument, SectorDocument, SectorList, ShareDocument,
};

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

impl Example for SchoolDocument {
    fn example() -> Self {
        let share = |group: &str, band: &str| ShareDocument { group: group.to_owned(), band: band.to_owned() };
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            slug: "tamsin-row-elementary".to_owned(),
            url: "http://127.0.0.1:8080/schools/tamsin-row-elementary".to_owned(),
            nces_id: None,
            name: "Tamsin Row Elementary".to_owned(),
            sector: text("district"),
            sector_source: text("the school"),
            organization: Some(OrganizationDocument::example()),
            city: text("Rivermark"),
            state: None,
            neighborhood: text("Lantern Hill"),
            campus: None,
            grades: Some(GradesDocument {
                low: "PK".to_owned(),
                high: "5".to_owned(),
                bands: ["prek", "k_2", "g3_5"].map(str::to_owned).to_vec(),
            }),
            school_type: text("Elementary"),
            locale: None,
            students: Some(412),
            size_band: text("250_499"),
            shares: vec![share("mll", "10_24"), share("low_income", "50_74")],
            profile: text(
                "A hilltop school with two prekindergarten rooms, close to the city's largest family shelter.",
            ),
            position: None,
            facts_from: "the school".to_owned(),
            closed_on: None,
            updated_at: "2026-02-11T15:40:00Z".parse().unwrap_or_default(),
        }
    }
}

impl Example for OrganizationDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b6f-7b10-a2f3-90c1d4e5f607".to_owned(),
            slug: "rivermark-public-schools".to_owned(),
            kind: "district".to_owned(),
            name: "Rivermark Public Schools".to_owned(),
            nces_id: None,
            city: text("Rivermark"),
            state: None,
        }
    }
}

impl Example for OrganizationList {
    fn example() -> Self {
        Self { items: vec![OrganizationDocument::example()], total: 1, next: None }
    }
}

impl Example for SectorList {
    fn example() -> Self {
        let sector = |code: &str, label: &str| SectorDocument { code: code.to_owned(), label: label.to_owned() };
        Self { items: vec![sector("district", "District"), sector("charter", "Charter")], total: 2 }
    }
}
