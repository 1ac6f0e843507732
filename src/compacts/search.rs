//! What of a compact is searchable: those that are published, with their parties and their commitments.

use std::collections::HashSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::commitment::Commitment;
use super::compact::{Compact, CompactId, Party};
use super::store;
use crate::platform::{Cx, Result};
use crate::search::{Card, CompactCard, Entry, Kind, Source};

/// Compacts, for the index.
pub struct CompactSource;

#[async_trait]
impl Source for CompactSource {
    fn kind(&self) -> Kind {
        Kind::Compact
    }

    async fn entries(&self, cx: &Cx, ids: &[Uuid]) -> Result<Vec<Entry>> {
        let ids: Vec<CompactId> = ids.iter().copied().map(CompactId).collect();
        let mut found = store::compacts::by_ids(cx.conn(), &ids).await?;
        found.retain(|one| one.published_at.is_some());
        let open: Vec<CompactId> = found.iter().map(|one| one.id).collect();
        let mut parties = store::compacts::parties(cx.conn(), &open).await?;
        let commitments = store::commitments::of_compacts(cx.conn(), &open).await?;
        let entry = |one: &Compact| {
            let theirs: Vec<&Commitment> = commitments.iter().filter(|of| of.compact == one.id).collect();
            entry(one, &parties.remove(&one.id).unwrap_or_default(), &theirs)
        };
        Ok(found.iter().map(entry).collect())
    }

    async fn ids(&self, cx: &Cx, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
        store::compacts::ids(cx.conn(), after, limit).await
    }

    async fn visible(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        let ids: Vec<CompactId> = ids.iter().copied().map(CompactId).collect();
        let found = store::compacts::by_ids(cx.conn(), &ids).await?;
        Ok(found.into_iter().filter(|one| one.published_at.is_some()).map(|one| one.id.0).collect())
    }

    async fn labels(&self, _: &Cx) -> Result<Vec<(&'static str, String, String)>> {
        Ok(Vec::new())
    }
}

fn entry(one: &Compact, parties: &[Party], commitments: &[&Commitment]) -> Entry {
    let mut keywords: Vec<String> = parties.iter().map(|party| party.name.clone()).collect();
    keywords.push(one.kind.label().to_owned());
    keywords.extend(one.city_name.clone());
    let mut areas: Vec<&str> = commitments.iter().map(|of| of.area.label()).collect();
    areas.dedup();
    keywords.extend(areas.into_iter().map(str::to_owned));
    let sentences: Vec<&str> = commitments.iter().map(|of| of.sentence.as_str()).collect();
    let city = one.city_name.clone().unwrap_or_default();
    Entry {
        id: one.id.0,
        title: one.name.clone(),
        keywords,
        summary: sentences.first().map(|first| (*first).to_owned()).unwrap_or_default(),
        body: sentences.join("\n"),
        facets: vec![("city", one.city.clone().into_iter().collect())],
        date: one.created_at.timestamp() / 86_400,
        card: Card::Compact(CompactCard {
            slug: one.slug.clone(),
            name: one.name.clone(),
            kind: one.kind.label().to_owned(),
            city,
        }),
        ..Entry::default()
    }
}
