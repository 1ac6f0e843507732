//! What a city shows: highlights, numbers, digests. Nobody who writes or speaks in them is named.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use crate::digests;
use crate::highlights::{self, Filter};
use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed, some};
use crate::platform::{Cx, Result};
use crate::report::{self, Reading, Scope, period};

/// Highlights of a piece.
const HIGHLIGHTS: u64 = 100;
/// School years of numbers, the running one included.
const YEARS: i32 = 5;

/// Highlights.
pub struct Highlights(pub Arc<str>);

#[async_trait]
impl Exported for Highlights {
    fn table(&self) -> Table {
        Table {
            name: "highlights",
            title: "Highlights",
            says: "One row for each published highlight. Its numbers count themselves on its page.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("slug", Kind::Text, "Its name in addresses."),
                field("url", Kind::Text, "Its page."),
                field("city", Kind::Text, "Name of its city in addresses."),
                field("headline", Kind::Text, "Its headline."),
                field("story", Kind::Text, "Its story."),
                field("neighborhood", Kind::Text, "The neighborhood it is about."),
                field("schools", Kind::List, "Schools, with the words that each approved: school_id, sector, words."),
                field("quote", Kind::Object, "What somebody said: text, role, school_id."),
                field("practice_id", Kind::Text, "The practice it tells of."),
                field("adoption_id", Kind::Text, "The adoption it tells of."),
                field("commitment_id", Kind::Text, "The commitment that it serves."),
                field("published_at", Kind::Moment, "When it was published."),
                field("updated_at", Kind::Moment, "When it last changed."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(highlights::reading::page(cx, &Filter { limit: Some(1), ..Filter::default() }).await?.total)
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let filter = Filter { cursor: after.map(str::to_owned), limit: Some(HIGHLIGHTS), ..Filter::default() };
        let page = highlights::reading::page(cx, &filter).await?;
        let mut rows = Vec::with_capacity(page.items.len());
        for one in &page.items {
            let mut row = Row::new();
            put(&mut row, "id", one.id);
            put(&mut row, "slug", &one.slug);
            put(&mut row, "url", format!("{}/highlights/{}", self.0, one.slug));
            put(&mut row, "city", &one.city);
            put(&mut row, "headline", &one.headline);
            put(&mut row, "story", &one.story);
            put(&mut row, "neighborhood", &one.neighborhood);
            let told = one
                .schools
                .iter()
                .map(|said| json!({ "school_id": said.school, "sector": said.sector, "words": said.words }));
            put(&mut row, "schools", told.collect::<Vec<_>>());
            let quote = one
                .quote
                .as_ref()
                .map(|said| json!({ "text": said.text, "role": said.role, "school_id": said.school }));
            put(&mut row, "quote", quote);
            put(&mut row, "practice_id", one.practice);
            put(&mut row, "adoption_id", one.adoption);
            put(&mut row, "commitment_id", one.commitment);
            put(&mut row, "published_at", one.published_at);
            put(&mut row, "updated_at", one.updated_at);
            rows.push(row);
        }
        Ok(Piece { steps: rows.len() as u64, rows, next: page.next })
    }
}

/// Pages of highlights.
pub struct HighlightPages;

#[async_trait]
impl Listed for HighlightPages {
    fn name(&self) -> &'static str {
        "highlights"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Highlights(Arc::from("")).count(cx).await
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let (mut all, mut cursor) = (Vec::new(), None);
        // Newest first: the walk ends where the wanted ones do.
        while (all.len() as u64) < skip.saturating_add(limit) {
            let filter = Filter { cursor, limit: Some(HIGHLIGHTS), ..Filter::default() };
            let page = highlights::reading::page(cx, &filter).await?;
            all.extend(
                page.items
                    .iter()
                    .map(|one| Address { path: format!("/highlights/{}", one.slug), changed: Some(one.updated_at) }),
            );
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(some(all.into_iter(), skip, limit))
    }
}

/// Numbers of cities.
pub struct Metrics;

#[async_trait]
impl Exported for Metrics {
    fn table(&self) -> Table {
        Table {
            name: "metrics",
            title: "Numbers of cities",
            says: "One row for each number of the report of each city, for each of the last five school years, the running one included. Small groups are withheld as in the report.",
            key: &["city", "metric", "school_year"],
            fields: vec![
                field("city", Kind::Text, "Name of the city in addresses."),
                field("city_name", Kind::Text, "The city in words."),
                field("school_year", Kind::Text, "The school year, from July to June."),
                field("metric", Kind::Text, "Code of the metric."),
                field("label", Kind::Text, "What people call it."),
                field("value", Kind::Text, "The number in words, or why it is not told."),
                field("number", Kind::Number, "The number, where it is one: a count, a part, or days."),
                field("of", Kind::Integer, "What it is held against, where it is a share."),
                field("from", Kind::Date, "First day."),
                field("to", Kind::Date, "Last day that it speaks of."),
                field("as_of", Kind::Moment, "When it was counted."),
                field("definition", Kind::Text, "How it is counted."),
                field("definition_version", Kind::Integer, "Which version of that."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(report::cities(cx).await?.len() as u64)
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let mut cities = report::cities(cx).await?;
        cities.sort_unstable();
        let at = after.map_or(0, |after| cities.partition_point(|(slug, _)| slug.as_str() <= after));
        let Some((slug, name)) = cities.get(at) else { return Ok(Piece::default()) };
        let numbers = report::numbers(cx, slug).await?;
        let today = numbers.today();
        let year = period::school_year(today);
        let mut rows = Vec::new();
        for year in year - YEARS + 1..=year {
            let (from, to) = period::bounds(year);
            for figure in numbers.figures(&Scope::of_city(slug, from, to.min(today))) {
                let mut row = Row::new();
                put(&mut row, "city", slug);
                put(&mut row, "city_name", name);
                put(&mut row, "school_year", period::year_label(year));
                put(&mut row, "metric", figure.metric.code());
                put(&mut row, "label", figure.metric.label());
                put(&mut row, "value", figure.words());
                match figure.reading {
                    Reading::Count(n) => put(&mut row, "number", n),
                    Reading::Share { part, whole } => {
                        put(&mut row, "number", part);
                        put(&mut row, "of", whole);
                    }
                    Reading::Days(days) => put(&mut row, "number", days),
                    Reading::NotEnough => {}
                }
                put(&mut row, "from", figure.from);
                put(&mut row, "to", figure.to);
                put(&mut row, "as_of", figure.as_of);
                put(&mut row, "definition", figure.metric.definition().counts);
                put(&mut row, "definition_version", figure.version);
                rows.push(row);
            }
        }
        let next = (at + 1 < cities.len()).then(|| slug.clone());
        Ok(Piece { rows, steps: 1, next })
    }
}

/// Published digests.
pub struct DigestPages;

#[async_trait]
impl Listed for DigestPages {
    fn name(&self) -> &'static str {
        "digests"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        digests::count(cx, None).await
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = digests::published(cx, None, None, skip.saturating_add(limit)).await?;
        Ok(some(found.iter().map(|one| Address { path: one.path(), changed: one.published_at }), skip, limit))
    }
}

/// Reports of cities.
pub struct CityPages;

#[async_trait]
impl Listed for CityPages {
    fn name(&self) -> &'static str {
        "cities"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(report::cities(cx).await?.len() as u64)
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = report::cities(cx).await?;
        Ok(some(
            found.into_iter().map(|(slug, _)| Address { path: format!("/city/{slug}"), changed: None }),
            skip,
            limit,
        ))
    }
}
