//! The index from outside: what it answers compared with counting by hand, and what it does when its files are hurt.

#![expect(clippy::unwrap_used, reason = "helpers of tests are outside of tests")]

mod damage;
mod killed;
mod model;
mod oracle;
mod pages;
mod watches;
mod words;
mod writing;

use std::path::Path;

use search_index::{Clause, Document, Effort, Index, Options, Position, Query, Schema};

/// Two facets are enough to ignore one and respect the other; the third is many-valued.
const FACETS: [&str; 3] = ["color", "size", "tags"];

fn schema() -> Schema {
    Schema { facets: FACETS.iter().map(|name| (*name).to_owned()).collect() }
}

/// Opens without a cache, so that every answer is computed.
fn open(path: &Path) -> Index {
    Index::open_with(path, &schema(), Options { cache_bytes: 0, verify: true }).unwrap().index
}

fn position(seq: i64) -> Position {
    Position { database: "d1".to_owned(), seq, schema: 1 }
}

fn fill(index: &Index, documents: Vec<Document>) {
    let mut writer = index.writer(Effort::default()).unwrap();
    writer.apply(documents, Vec::new()).unwrap();
    writer.commit(&position(1)).unwrap();
}

fn titled(id: &str, title: &str) -> Document {
    Document { id: id.to_owned(), title: title.to_owned(), ..Document::default() }
}

fn ask(text: &str) -> Query {
    Query { clauses: text.split(' ').map(Clause::word).collect(), limit: 20, ..Query::default() }
}

fn ids(index: &Index, query: &Query) -> Vec<String> {
    index.search(query).unwrap().hits.iter().map(|hit| hit.id.clone()).collect()
}

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}
