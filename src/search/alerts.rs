//! Searches that are watched: a new or changed thing finds those that find it, without running each.

use search_index::Watches as Table;
use uuid::Uuid;

use super::engine::{Engine, document};
use super::{Kind, Question, Search};
use crate::platform::{Cx, Error, Result};

/// Searches of one kind, each under a number of its owner's.
pub struct Watches {
    kind: Kind,
    table: Table,
}

impl Watches {
    /// None yet.
    pub fn of(kind: Kind) -> Self {
        Self { kind, table: Table::default() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Watches a search under a number, in place of what was watched under it. Costs about what running it costs.
    pub fn put(&mut self, search: &Search, number: u32, question: &Question) -> Result<()> {
        let engine = search.engine(self.kind)?;
        // What sorts, counts and pages does not decide what is found.
        let asked = Question { cursor: None, like: None, ..question.clone() };
        let (mut query, _) = search.query(self.kind, &asked)?;
        query.facets.clear();
        self.table.put(number, engine.watch(query)?);
        Ok(())
    }

    /// Watches it no more.
    pub fn remove(&mut self, number: u32) {
        self.table.remove(number);
    }

    /// The numbers of the searches that find the thing now; none where search does not show it. The index must have seen its
    /// last change ([`Search::has_seen`]).
    pub async fn matching(&mut self, search: &Search, cx: &Cx, id: Uuid) -> Result<Vec<u32>> {
        let engine = search.engine(self.kind)?;
        let Some(entry) = engine.source().entries(cx, &[id]).await?.pop() else { return Ok(Vec::new()) };
        engine.matching(&mut self.table, &document(self.kind, entry))
    }

    /// Reads every search against the index as it is now: what left it or changed in it can make a search milder.
    pub fn renew(&mut self, search: &Search) -> Result<()> {
        self.table = search.engine(self.kind)?.renew(&self.table)?;
        Ok(())
    }
}

impl Search {
    /// Whether this node's index of the kind holds the change of that number and is sound.
    pub fn has_seen(&self, kind: Kind, change: i64) -> bool {
        self.engines.get(&kind).is_some_and(|engine| !engine.health().degraded && engine.seen() >= change)
    }

    fn engine(&self, kind: Kind) -> Result<&Engine> {
        self.engines.get(&kind).ok_or(Error::NotFound("search"))
    }
}
