//! What makes a school searchable.

use std::collections::HashSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::school::{School, SchoolId};
use super::{Sector, store};
use crate::platform::{Cx, Result};
use crate::search::{Card, Entry, Kind, SchoolCard, Source};

/// Schools, for the index.
pub struct SchoolSource;

#[async_trait]
impl Source for SchoolSource {
    fn kind(&self) -> Kind {
        Kind::School
    }

    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>> {
        let ids: Vec<SchoolId> = ids.iter().copied().map(SchoolId).collect();
        let sectors = store::sectors(cx.conn()).await?;
        let found = store::schools(cx.conn(), &ids).await?;
        // The school that another became part of is found instead of it.
        Ok(found.iter().filter(|s| s.merged_into.is_none()).map(|school| entry(school, &sectors)).collect())
    }

    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
        store::school_ids(cx.conn(), after, limit).await
    }

    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        // Schools are public and never withdrawn, but one may have become part of another.
        let merged = store::places::merged(cx.conn(), ids).await?;
        Ok(ids.iter().copied().filter(|id| !merged.contains(id)).collect())
    }

    async fn labels(&self, cx: &Cx) -> Result<Vec<(&'static str, String, String)>> {
        let sectors = store::sectors(cx.conn()).await?;
        Ok(sectors.into_iter().map(|sector| ("sector", sector.code, sector.label)).collect())
    }
}

fn entry(school: &School, sectors: &[Sector]) -> Entry {
    let card = card(school, sectors);
    let mut keywords: Vec<String> =
        [&school.city, &school.state, &school.neighborhood, &school.campus].into_iter().flatten().cloned().collect();
    keywords.extend(school.organization.as_ref().map(|o| o.name.clone()));
    keywords.extend(card.sector.as_ref().map(|(_, label)| label.clone()));
    keywords.extend(school.nces_id.clone());
    let bands = school.grades.map(|span| span.bands()).unwrap_or_default();
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    Entry {
        id: school.id.0,
        title: school.name.clone(),
        keywords,
        facets: vec![
            ("sector", one(&school.sector)),
            ("state", one(&school.state)),
            ("city", one(&school.city)),
            ("grade_band", bands.iter().map(|band| band.code().to_owned()).collect()),
        ],
        popularity: school.students.map_or(0, |n| u64::from(n.unsigned_abs())),
        card: Card::School(card),
        ..Entry::default()
    }
}

/// The school in one line.
pub fn card(school: &School, sectors: &[Sector]) -> SchoolCard {
    let label =
        |code: &String| sectors.iter().find(|s| &s.code == code).map_or_else(|| code.clone(), |s| s.label.clone());
    SchoolCard {
        id: school.id.0,
        slug: school.slug.clone(),
        name: school.name.clone(),
        sector: school.sector.as_ref().map(|code| (code.clone(), label(code))),
        grades: school.grades.map(|span| span.to_string()).unwrap_or_default(),
        place: match (school.closed_on, school.place()) {
            (None, place) => place,
            (Some(_), place) if place.is_empty() => "Closed".to_owned(),
            (Some(_), place) => format!("{place} (closed)"),
        },
        traits: school.traits(),
    }
}
