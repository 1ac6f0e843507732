//! What of a highlight is searchable: published ones, by what they say and whom they name.

use std::collections::HashSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::highlight::State;
use super::store;
use crate::people::{self, SchoolId};
use crate::platform::{Cx, Result};
use crate::search::{Card, Entry, HighlightCard, Kind, Source};

/// Highlights, for the index.
pub struct HighlightSource;

#[async_trait]
impl Source for HighlightSource {
    fn kind(&self) -> Kind {
        Kind::Highlight
    }

    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>> {
        let mut found = store::by_ids(cx.conn(), ids).await?;
        found.retain(|one| one.state == State::Published);
        let schools: Vec<SchoolId> = found.iter().flat_map(|one| &one.schools).map(|one| one.school).collect();
        let schools = people::schools(cx, &schools).await?;
        let entry = |one: super::Highlight| {
            let named = one.schools.iter().filter_map(|passage| schools.get(&passage.school));
            let names: Vec<String> = named.map(|school| school.name.clone()).collect();
            let words: Vec<&str> = one.schools.iter().map(|passage| passage.words.as_str()).collect();
            let mut keywords = vec![one.city_name.clone()];
            keywords.extend(one.neighborhood.clone());
            keywords.extend(names.iter().cloned());
            Entry {
                id: one.id.0,
                title: one.headline.clone(),
                summary: one.story.clone(),
                body: words.join("\n"),
                facets: vec![("city", vec![one.city.clone()])],
                date: one.published_at.map_or(0, |at| at.timestamp() / 86_400),
                card: Card::Highlight(HighlightCard {
                    slug: one.slug.clone(),
                    title: one.headline,
                    city: one.city_name,
                    schools: names.join(" and "),
                }),
                keywords,
                ..Entry::default()
            }
        };
        Ok(found.into_iter().map(entry).collect())
    }

    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
        store::ids(cx.conn(), after, limit).await
    }

    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        Ok(store::visible(cx.conn(), ids).await?.into_iter().collect())
    }

    async fn labels(&self, _: &Cx) -> Result<Vec<(&'static str, String, String)>> {
        Ok(Vec::new())
    }
}
