//! Statements with who stands behind them: schools and organizations are named; nobody who signs is.

use std::sync::Arc;

use async_trait::async_trait;

use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed, some};
use crate::platform::{Cx, Place, Result};
use crate::statements::{self, Statement};

/// Statements that are counted and listed at most.
const STATEMENTS: u64 = 10_000;

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
