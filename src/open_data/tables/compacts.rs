//! Compacts and their commitments. Offices are named; nobody who holds one is.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use crate::compacts::{self, Compact, CompactId};
use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed, some};
use crate::platform::{Cx, Result};

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
