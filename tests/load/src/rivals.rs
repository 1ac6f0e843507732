//! The same work done by two databases through the driver the product uses: the page of 20 with stored fields, title and
//! passage with marks, the exact total, and counts over five filters.

pub mod postgres;
pub mod sqlite;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};

use crate::Outcome;
use crate::corpus::{Corpus, Row};

/// Documents of one statement.
const BATCH: usize = 500;

async fn run(db: &DatabaseConnection, sql: &str, values: Vec<Value>) -> Outcome<()> {
    db.execute_raw(statement(db.get_database_backend(), sql, values)).await?;
    Ok(())
}

fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(backend, sql, values)
}

/// Batches of documents, each as one JSON text: both databases read it with one statement.
fn batches(rows: &[Row]) -> impl Iterator<Item = Outcome<Value>> {
    rows.chunks(BATCH).map(|rows| Ok(serde_json::to_string(rows)?.into()))
}

/// The dictionary in the same form.
fn lexicon(corpus: &Corpus) -> Outcome<Vec<Value>> {
    let words: Vec<_> = corpus.lexicon.iter().filter(|(word, _)| word.len() > 2).collect();
    words
        .chunks(10_000)
        .map(|words| {
            let words: Vec<_> =
                words.iter().map(|(word, count)| serde_json::json!({ "word": word, "documents": count })).collect();
            Ok(serde_json::to_string(&words)?.into())
        })
        .collect()
}
