//! Compacts: what a district, charter schools and a city promise each other, and what became of it.
//!
//! Compacts fade because silence is invisible; here it shows. How fresh a commitment is, is computed and never typed (C-4); nothing is
//! met before a second owner from another sector says so (C-5); no due date moves without a trace (C-3).
//!
//! [`editing`] writes compacts, [`promises`] their commitments, [`progress`] how those go; [`evidence`] counts what is here for them
//! (C-7), [`clockwork`] reminds (C-6), [`handover`] names who holds one, [`redaction`] takes out words about a person, [`reading`] is what pages and the API show. Pages name offices and roles, never people.

pub mod api;
pub mod clockwork;
mod codes;
pub mod commitment;
pub mod compact;
pub mod editing;
pub mod evidence;
pub mod handover;
mod joining;
mod letters;
pub mod personal;
mod policy;
pub mod progress;
pub mod promises;
pub mod reading;
pub mod redaction;
pub mod search;
mod store;
pub mod views;
pub mod web;
mod words;

pub use self::commitment::{Commitment, CommitmentId, Freshness, Standing};
pub use self::compact::{Compact, CompactId, CompactKind, Party, PartyId, PartyState};
pub use self::reading::{LastWord, last_words};
use std::collections::HashMap;

use crate::platform::{Cx, Error, Result};

/// Every compact that everybody may read, by name. One statement.
pub async fn compacts(cx: &Cx) -> Result<Vec<Compact>> {
    store::compacts::published(cx.conn()).await
}

/// The parties of these compacts, in their order. One statement for 900. Whose compacts they are, the caller knows.
pub async fn parties_of(cx: &Cx, ids: &[CompactId]) -> Result<HashMap<CompactId, Vec<Party>>> {
    store::compacts::parties(cx.conn(), ids).await
}

/// The commitments of these compacts, by their numbers; of those alone that everybody may read. Four statements for 900 compacts.
pub async fn commitments_of(cx: &Cx, ids: &[CompactId]) -> Result<Vec<Commitment>> {
    let compacts = store::compacts::by_ids(cx.conn(), ids).await?;
    let open: Vec<CompactId> =
        compacts.into_iter().filter(|one| one.published_at.is_some()).map(|one| one.id).collect();
    store::commitments::of_compacts(cx.conn(), &open).await
}

/// One commitment of a compact that everybody may read. Four statements.
pub async fn commitment(cx: &Cx, id: CommitmentId) -> Result<Commitment> {
    let found = store::commitments::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("commitment"))?;
    let compact = store::compacts::by_ids(cx.conn(), &[found.compact]).await?.pop();
    compact.filter(|one| one.published_at.is_some()).map(|_| found).ok_or(Error::NotFound("commitment"))
}

/// A compact that everybody may read, by its name in addresses or its id. One statement.
pub async fn compact_named(cx: &Cx, reference: &str) -> Result<Compact> {
    Error::unless_nameable(reference, "compact")?;
    let found = store::compacts::by_reference(cx.conn(), reference).await?;
    found.filter(|one| one.published_at.is_some()).ok_or(Error::NotFound("compact"))
}

/// Compacts that everybody may read, by their ids. One statement for 900.
pub async fn compacts_by_id(cx: &Cx, ids: &[CompactId]) -> Result<HashMap<CompactId, Compact>> {
    let found = store::compacts::by_ids(cx.conn(), ids).await?;
    Ok(found.into_iter().filter(|one| one.published_at.is_some()).map(|one| (one.id, one)).collect())
}
