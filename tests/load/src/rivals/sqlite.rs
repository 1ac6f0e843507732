//! SQLite FTS5 in this process: bm25 with weights, `highlight` and `snippet`; it knows nothing of misspelt words. Every
//! search puts what it finds into a table in memory once, so that total, counts and order do not search again.

use std::path::Path;
use std::sync::Arc;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Value};
use serde_json::json;

use super::{batches, run, statement};
use crate::Outcome;
use crate::corpus::{Corpus, Question, words};
use crate::play::Player;

/// The five filters that are counted, by number.
const FILTERS: [&str; 5] = ["topic", "grade_band", "subject", "evidence", "school"];

/// The database with the documents in it.
pub struct Sqlite {
    url: String,
}

impl Sqlite {
    /// Makes and fills a database.
    pub async fn fill(file: &Path, corpus: &Corpus) -> Outcome<Self> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let db = connect(&url).await?;
        for sql in [
            "PRAGMA journal_mode = wal",
            "PRAGMA synchronous = off",
            "CREATE TABLE practice (id INTEGER PRIMARY KEY, title TEXT, keywords TEXT, summary TEXT, body TEXT, day TEXT)",
            "CREATE TABLE filed (practice INTEGER, filter INTEGER, value TEXT, PRIMARY KEY (practice, filter, value)) WITHOUT ROWID",
            "CREATE VIRTUAL TABLE words USING fts5 (title, keywords, summary, body, content = 'practice', content_rowid = 'id',
                 tokenize = 'porter unicode61', prefix = '2 3')",
            "INSERT INTO words (words, rank) VALUES ('rank', 'bm25(4.0, 2.0, 2.0, 1.0)')",
        ] {
            run(&db, sql, vec![]).await?;
        }
        for batch in batches(&corpus.rows) {
            let batch = batch?;
            let practices =
                "INSERT INTO practice SELECT value->>'id', value->>'title', value->>'keywords', value->>'summary',
                value->>'body', value->>'day' FROM json_each(?)";
            run(&db, practices, vec![batch.clone()]).await?;
            for (at, name) in FILTERS.iter().enumerate() {
                // One value is a list of one: json_each goes through both alike.
                let sql = format!(
                    "INSERT INTO filed SELECT r.value->>'id', {at}, v.value FROM json_each(?) r, json_each(r.value, '$.{name}') v"
                );
                run(&db, &sql, vec![batch.clone()]).await?;
            }
        }
        for sql in [
            "INSERT INTO words (words) VALUES ('rebuild')",
            "INSERT INTO words (words) VALUES ('optimize')",
            "CREATE INDEX filed_value ON filed (filter, value, practice)",
            "CREATE INDEX practice_day ON practice (day)",
            "ANALYZE",
            "PRAGMA wal_checkpoint(truncate)",
        ] {
            run(&db, sql, vec![]).await?;
        }
        Ok(Self { url })
    }

    /// So many players with a connection each.
    pub async fn players(&self, count: usize, questions: &Arc<Vec<Question>>) -> Outcome<Vec<Searcher>> {
        let mut players = Vec::new();
        for _ in 0..count {
            let db = connect(&self.url).await?;
            for sql in [
                "PRAGMA mmap_size = 8589934592",
                "PRAGMA cache_size = -65536",
                "CREATE TEMP TABLE found (id INTEGER PRIMARY KEY, rank REAL)",
                "CREATE TEMP TABLE top (place INTEGER PRIMARY KEY, id INTEGER)",
            ] {
                run(&db, sql, vec![]).await?;
            }
            players.push(Searcher { db, questions: Arc::clone(questions) });
        }
        Ok(players)
    }
}

async fn connect(url: &str) -> Outcome<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    run(&db, "PRAGMA temp_store = memory", vec![]).await?;
    Ok(db)
}

/// One connection.
pub struct Searcher {
    db: DatabaseConnection,
    questions: Arc<Vec<Question>>,
}

impl Searcher {
    /// The answer as JSON text.
    pub async fn answer(&self, question: &Question) -> Outcome<String> {
        let typed: Vec<String> = words(&question.text).map(|word| format!("\"{word}\"")).collect();
        let asked = typed.join(" ") + if question.prefix { "*" } else { "" };
        let mut values: Vec<Value> = vec![asked.clone().into()];
        let rank = if question.newest { "0" } else { "rank" };
        let mut sql = format!("INSERT INTO found SELECT rowid, {rank} FROM words WHERE words MATCH ?");
        for (name, any_of) in &question.filters {
            let at = FILTERS.iter().position(|filter| filter == name).ok_or("not a filter")?;
            let places = vec!["?"; any_of.len()].join(", ");
            // The plus keeps FTS5 from being asked once for every document of the filter.
            sql += &format!(" AND +rowid IN (SELECT practice FROM filed WHERE filter = {at} AND value IN ({places}))");
            values.extend(any_of.iter().map(|value| value.clone().into()));
        }
        let order = if question.newest { "day DESC, id" } else { "rank, id" };
        run(&self.db, "DELETE FROM found", vec![]).await?;
        run(&self.db, "DELETE FROM top", vec![]).await?;
        run(&self.db, &sql, values).await?;
        let top =
            format!("INSERT INTO top (id) SELECT id FROM found JOIN practice USING (id) ORDER BY {order} LIMIT 20");
        let top = if question.newest { top } else { top.replace(" JOIN practice USING (id)", "") };
        run(&self.db, &top, vec![]).await?;

        let counted = "SELECT filter, value, count(*) FROM found JOIN filed ON practice = id GROUP BY 1, 2";
        let mut facets = Vec::new();
        let mut total = 0;
        for row in self.rows(counted, vec![]).await? {
            let (filter, value, count): (i64, String, i64) = row.try_get_many_by_index()?;
            // Every document has one topic.
            total += if filter == 0 { count } else { 0 };
            facets.push(json!([filter, value, count]));
        }
        let page = "SELECT p.id, highlight(words, 0, '<mark>', '</mark>'), snippet(words, 3, '<mark>', '</mark>', '…', 30),
                p.summary, p.day, (SELECT json_group_array(f.value) FROM filed f WHERE f.practice = p.id)
            FROM top JOIN words ON words.rowid = top.id JOIN practice p ON p.id = top.id WHERE words MATCH ? ORDER BY place";
        let mut items = Vec::new();
        for row in self.rows(page, vec![asked.into()]).await? {
            let item: (i64, String, String, String, String, String) = row.try_get_many_by_index()?;
            items.push(json!(item));
        }
        Ok(json!({ "total": total, "items": items, "facets": facets }).to_string())
    }

    async fn rows(&self, sql: &str, values: Vec<Value>) -> Outcome<Vec<sea_orm::QueryResult>> {
        Ok(self.db.query_all_raw(statement(DbBackend::Sqlite, sql, values)).await?)
    }
}

impl Player for Searcher {
    async fn ask(&mut self, nth: u64) -> Outcome<()> {
        let questions = Arc::clone(&self.questions);
        self.answer(&questions[usize::try_from(nth)? % questions.len()]).await.map(|_| ())
    }
}
