//! What sectors do together: compacts and their commitments, statements with who stands behind them, highlights, and the numbers of
//! cities. Offices and schools are named; nobody who holds, signs or writes is.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use crate::compacts::{self, Compact, CompactId};
use crate::digests;
use crate::highlights::{self, Filter};
use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed};
use crate::platform::{Cx, Place, Result};
use crate::report::{self, Reading, Scope, period};
use crate::statements::{self, Statement};

/// Statements that are counted and listed at most.
const STATEMENTS: u64 = 10_000;
/// Highlights of a piece.
const HIGHLIGHTS: u64 = 100;
/// School years of numbers, the running one included.
const YEARS: i32 = 5;

/// Compacts.
pub struct Compacts(pub Arc<str>);

#[async_trait]
impl Exported for Compacts {
    fn table(&self) -> Table {
        Table {
            name: "compacts",
            title: "Compacts",
            says: "One row for each published compact, campus agreement and school partnership.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("slug", Kind::Text, "Its name in addresses, which never changes."),
                field("url", Kind::Text, "Its page."),
                field("name", Kind::Text, "Its name."),
                field("kind", Kind::Text, "What kind of agreement it is."),
                field("city", Kind::Text, "Name of its city in addresses."),
                field("city_name", Kind::Text, "Its city in words."),
                field("signed_on", Kind::Date, "When it was signed."),
                field("review_on", Kind::Date, "When it is looked at again."),
                field("ends_on", Kind::Date, "When it ends, where it does."),
                field("parties", Kind::List, "Who promises: name, sector, state, since."),
                field("text_version", Kind::Integer, "The newest version of its text; 0 where it has none."),
                field("updated_at", Kind::Moment, "When something of it last changed."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(compacts::compacts(cx).await?.len() as u64)
    }

    async fn piece(&self, cx: &Cx, _: Option<&str>) -> Result<Piece> {
        let found = compacts::compacts(cx).await?;
        let ids: Vec<CompactId> = found.iter().map(|one| one.id).collect();
        let parties = compacts::parties_of(cx, &ids).await?;
        let mut rows = Vec::with_capacity(found.len());
        for one in &found {
            let mut row = Row::new();
            put(&mut row, "id", one.id);
            put(&mut row, "slug", &one.slug);
            put(&mut row, "url", format!("{}{}", self.0, one.path()));
            put(&mut row, "name", &one.name);
            put(&mut row, "kind", one.kind.code());
            put(&mut row, "city", &one.city);
            put(&mut row, "city_name", &one.city_name);
            put(&mut row, "signed_on", one.signed_on);
            put(&mut row, "review_on", one.review_on);
            put(&mut row, "ends_on", one.ends_on);
            let theirs = parties.get(&one.id).into_iter().flatten().map(|party| {
                json!({ "name": party.name, "sector": party.sector, "state": party.state.code(), "since": party.state_on })
            });
            put(&mut row, "parties", theirs.collect::<Vec<_>>());
            put(&mut row, "text_version", one.text_version);
            put(&mut row, "updated_at", one.updated_at);
            rows.push(row);
        }
        Ok(Piece { steps: found.len() as u64, rows, next: None })
    }
}

/// Commitments.
pub struct Commitments(pub Arc<str>);

#[async_trait]
impl Exported for Commitments {
    fn table(&self) -> Table {
        Table {
            name: "commitments",
            title: "Commitments",
            says: "One row for each commitment of each compact, as its page shows it.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("url", Kind::Text, "Its page."),
                field("compact_id", Kind::Text, "The compact."),
                field("number", Kind::Integer, "Its number in the compact, which never changes."),
                field("area", Kind::Text, "What it is about; a code of commitment_area."),
                field("sentence", Kind::Text, "What is promised."),
                field("who", Kind::Text, "Who does it, in words."),
                field("gets", Kind::Object, "What each side gets, by sector."),
                field("due_on", Kind::Date, "When it is due."),
                field("status", Kind::Text, "Where its owner says that it stands; a code of commitment_status."),
                field("standing", Kind::Text, "What is shown: met only where another sector confirmed it."),
                field("reason", Kind::Text, "Why it was missed, paused or dropped."),
                field("owner", Kind::Text, "The office that answers for it."),
                field("deputy", Kind::Text, "The office of another sector that answers with it."),
                field("owner_vacant", Kind::Boolean, "Whether nobody answers for it on one side."),
                field("ratings", Kind::List, "How each side sees it: sector, status."),
                field(
                    "measure",
                    Kind::Object,
                    "How far it is, as its owner reports: name, baseline, target, latest, as_of.",
                ),
                field("last_update", Kind::Moment, "When its owner last said how it goes."),
                field(
                    "freshness",
                    Kind::Text,
                    "fresh, due or silent, by the days since then, when the export was made.",
                ),
                field("updated_at", Kind::Moment, "When something of it last changed."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(compacts::compacts(cx).await?.iter().map(|one| u64::try_from(one.last_number).unwrap_or_default()).sum())
    }

    async fn piece(&self, cx: &Cx, _: Option<&str>) -> Result<Piece> {
        let (found, commitments) = promised(cx).await?;
        let mut rows = Vec::with_capacity(commitments.len());
        for one in &commitments {
            let Some(compact) = found.get(&one.compact) else { continue };
            let mut row = Row::new();
            put(&mut row, "id", one.id);
            put(&mut row, "url", format!("{}{}/commitments/{}", self.0, compact.path(), one.number));
            put(&mut row, "compact_id", one.compact);
            put(&mut row, "number", one.number);
            put(&mut row, "area", one.area.code());
            put(&mut row, "sentence", &one.sentence);
            put(&mut row, "who", &one.who);
            put(&mut row, "gets", &one.gets);
            put(&mut row, "due_on", one.due_on);
            put(&mut row, "status", one.status.code());
            put(&mut row, "standing", one.standing().to_string());
            put(&mut row, "reason", &one.reason);
            put(&mut row, "owner", one.owner.party.as_ref().map(|party| &party.name));
            put(&mut row, "deputy", one.deputy.party.as_ref().map(|party| &party.name));
            put(&mut row, "owner_vacant", one.is_vacant());
            let ratings = one.ratings.iter().map(|said| json!({ "sector": said.sector, "status": said.status.code() }));
            put(&mut row, "ratings", ratings.collect::<Vec<_>>());
            if let Some(measure) = &one.measure {
                let told = json!({
                    "name": measure.name,
                    "baseline": measure.baseline,
                    "target": measure.target,
                    "latest": measure.latest,
                    "as_of": measure.as_of,
                });
                put(&mut row, "measure", told);
            }
            put(&mut row, "last_update", one.last_update);
            put(&mut row, "freshness", one.freshness(cx.now()).code());
            put(&mut row, "updated_at", one.updated_at);
            rows.push(row);
        }
        Ok(Piece { steps: rows.len() as u64, rows, next: None })
    }
}

/// Published compacts with their commitments.
async fn promised(cx: &Cx) -> Result<(HashMap<CompactId, Compact>, Vec<compacts::Commitment>)> {
    let found = compacts::compacts(cx).await?;
    let ids: Vec<CompactId> = found.iter().map(|one| one.id).collect();
    let mut commitments = compacts::commitments_of(cx, &ids).await?;
    commitments.sort_by_key(|one| (one.compact, one.number));
    Ok((found.into_iter().map(|one| (one.id, one)).collect(), commitments))
}

/// Pages of compacts and commitments.
pub struct CompactPages;

#[async_trait]
impl Listed for CompactPages {
    fn name(&self) -> &'static str {
        "compacts"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        let found = compacts::compacts(cx).await?;
        Ok(found.iter().map(|one| 1 + u64::try_from(one.last_number).unwrap_or_default()).sum())
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let (found, commitments) = promised(cx).await?;
        let mut all: Vec<&Compact> = found.values().collect();
        all.sort_by_key(|one| one.id);
        let pages = all.iter().map(|one| Address { path: one.path(), changed: Some(one.updated_at) });
        // How fresh a commitment is changes by the day, and no day is told for that.
        let theirs = commitments.iter().filter_map(|one| {
            let path = format!("{}/commitments/{}", found.get(&one.compact)?.path(), one.number);
            Some(Address { path, changed: None })
        });
        Ok(some(pages.chain(theirs), skip, limit))
    }
}

fn some(all: impl Iterator<Item = Address>, skip: u64, limit: u64) -> Vec<Address> {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    all.skip(number(skip)).take(number(limit)).collect()
}

/// Statements and frameworks.
pub struct Statements(pub Arc<str>);

#[async_trait]
impl Exported for Statements {
    fn table(&self) -> Table {
        Table {
            name: "statements",
            title: "Statements and frameworks",
            says: "One row for each published statement, framework and open letter.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("slug", Kind::Text, "Its name in addresses, which never changes."),
                field("url", Kind::Text, "Its page."),
                field("kind", Kind::Text, "What it is."),
                field("title", Kind::Text, "Its title."),
                field("addressee", Kind::Text, "To whom it speaks."),
                field("sponsor", Kind::Text, "The school or organization that sponsors it."),
                field("state", Kind::Text, "open, delivered, closed or withdrawn."),
                field("threshold", Kind::Integer, "How many sign-ons deliver it."),
                field("deadline", Kind::Date, "The last day of sign-ons."),
                field("ending", Kind::Text, "Why it was closed or withdrawn, or what came of it."),
                field("version", Kind::Integer, "Number of its newest version."),
                field("signers", Kind::Integer, "Schools and organizations that stand behind it, in any version."),
                field("published_at", Kind::Moment, "When it was first published."),
                field("updated_at", Kind::Moment, "When something of it last changed."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(statements::statements(cx, STATEMENTS).await?.len() as u64)
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (one, next) = next_statement(cx, after).await?;
        let Some(one) = one else { return Ok(Piece::default()) };
        let signatures = statements::signing::signatures(cx, &one).await?;
        let sponsor: Vec<Place> = vec![one.sponsor];
        let named = statements::named(cx, &sponsor).await?;
        let mut row = Row::new();
        put(&mut row, "id", one.id);
        put(&mut row, "slug", &one.slug);
        put(&mut row, "url", format!("{}{}", self.0, one.path()));
        put(&mut row, "kind", one.kind.code());
        put(&mut row, "title", &one.title);
        put(&mut row, "addressee", &one.addressee);
        put(&mut row, "sponsor", named.get(&one.sponsor).map(|named| &named.name));
        put(&mut row, "state", one.state.code());
        put(&mut row, "threshold", one.threshold);
        put(&mut row, "deadline", one.deadline);
        put(&mut row, "ending", &one.ending);
        put(&mut row, "version", one.version);
        put(&mut row, "signers", signatures.iter().filter(|signature| signature.stands()).count());
        put(&mut row, "published_at", one.published_at);
        put(&mut row, "updated_at", one.updated_at);
        Ok(Piece { rows: vec![row], steps: 1, next })
    }
}

/// The published statement after one of them, and what to go on with.
async fn next_statement(cx: &Cx, after: Option<&str>) -> Result<(Option<Statement>, Option<String>)> {
    let one = statements::next_public(cx, after.and_then(|after| after.parse().ok())).await?;
    let next = one.as_ref().map(|one| one.id.to_string());
    Ok((one, next))
}

/// Published versions of statements.
pub struct StatementVersions;

#[async_trait]
impl Exported for StatementVersions {
    fn table(&self) -> Table {
        Table {
            name: "statement_versions",
            title: "Versions of statements",
            says: "One row for each published version of each statement; a version never changes.",
            key: &["statement_id", "version"],
            fields: vec![
                field("statement_id", Kind::Text, "The statement."),
                field("version", Kind::Integer, "1, 2, 3 ..."),
                field("text", Kind::Object, "Its text with its numbered points."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(statements::statements(cx, STATEMENTS).await?.len() as u64)
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (one, next) = next_statement(cx, after).await?;
        let Some(one) = one else { return Ok(Piece::default()) };
        let mut rows = Vec::new();
        // The others are worked on.
        for version in
            statements::versions(cx, &one).await?.into_iter().filter(|version| version.published_at.is_some())
        {
            let mut row = Row::new();
            put(&mut row, "statement_id", one.id);
            put(&mut row, "version", version.number);
            put(&mut row, "text", version.text.proven(&one.title));
            rows.push(row);
        }
        Ok(Piece { rows, steps: 1, next })
    }
}

/// Who stands behind what.
pub struct SignOns;

#[async_trait]
impl Exported for SignOns {
    fn table(&self) -> Table {
        Table {
            name: "statement_sign_ons",
            title: "Sign-ons",
            says: "One row for each school or organization that stands behind a statement, with the version it stands behind. Who signed for it is not here.",
            key: &["statement_id", "place_kind", "place_id"],
            fields: vec![
                field("statement_id", Kind::Text, "The statement."),
                field("place_kind", Kind::Text, "school or organization."),
                field("place_id", Kind::Text, "Its id."),
                field("place", Kind::Text, "Its name."),
                field("role", Kind::Text, "The role of whoever signed for it."),
                field("comment", Kind::Text, "What it said with that, where everybody may read it."),
                field("version", Kind::Integer, "The version that it stands behind."),
                field("signed_at", Kind::Moment, "When it signed."),
                field("confirmed_at", Kind::Moment, "When it confirmed a later version."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(statements::statements(cx, STATEMENTS).await?.len() as u64)
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (one, next) = next_statement(cx, after).await?;
        let Some(one) = one else { return Ok(Piece::default()) };
        let signatures = statements::signing::signatures(cx, &one).await?;
        let places: Vec<Place> = signatures.iter().map(|signature| signature.place).collect();
        let named = statements::named(cx, &places).await?;
        let mut rows = Vec::new();
        for signature in signatures.iter().filter(|signature| signature.stands()) {
            let (kind, id) = match signature.place {
                Place::School(id) => ("school", id),
                Place::Organization(id) => ("organization", id),
                Place::Installation => continue,
            };
            let mut row = Row::new();
            put(&mut row, "statement_id", one.id);
            put(&mut row, "place_kind", kind);
            put(&mut row, "place_id", id);
            put(&mut row, "place", named.get(&signature.place).map(|named| &named.name));
            put(&mut row, "role", Some(&signature.role_title).filter(|role| !role.is_empty()));
            put(&mut row, "comment", signature.comment.as_ref().filter(|_| signature.comment_public));
            put(&mut row, "version", signature.version);
            put(&mut row, "signed_at", signature.signed_at);
            put(&mut row, "confirmed_at", signature.confirmed_at);
            rows.push(row);
        }
        Ok(Piece { rows, steps: 1, next })
    }
}

/// Pages of statements.
pub struct StatementPages;

#[async_trait]
impl Listed for StatementPages {
    fn name(&self) -> &'static str {
        "statements"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        Ok(statements::statements(cx, STATEMENTS).await?.len() as u64)
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = statements::statements(cx, STATEMENTS).await?;
        Ok(some(found.iter().map(|one| Address { path: one.path(), changed: Some(one.updated_at) }), skip, limit))
    }
}

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
                field("value", Kind::Text, "The number in words; not enough data where it is withheld."),
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
                put(&mut row, "value", figure.reading.to_string());
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
