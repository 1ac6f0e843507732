//! PostgreSQL: a weighted tsvector with GIN, misspelt words by pg_trgm from the documents' own dictionary.

use std::sync::Arc;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};

use super::{batches, lexicon, run, statement};
use crate::Outcome;
use crate::corpus::{Corpus, Question, words};
use crate::play::Player;
use crate::proc;

/// The words as a tsquery: one of five letters or more that no document has becomes the most similar one, the last may be
/// a beginning.
const WORDS: &str = "
    WITH typed AS (SELECT word, place FROM unnest(string_to_array($1, ' ')) WITH ORDINALITY AS t(word, place)),
    meant AS (
        SELECT place, CASE WHEN length(word) < 5 OR EXISTS (SELECT FROM lexicon l WHERE l.word = t.word) THEN word
            ELSE coalesce((SELECT l.word FROM lexicon l WHERE l.word % t.word
                           ORDER BY similarity(l.word, t.word) DESC, l.documents DESC LIMIT 1), word) END AS word
        FROM typed t)
    SELECT (coalesce(to_tsquery('english', string_agg(word, ' & ' ORDER BY place)), '')
        && to_tsquery('simple', $2))::text FROM meant";

/// The database with the documents in it.
pub struct Postgres {
    url: String,
    /// The process that starts all others.
    pub pid: u32,
}

impl Postgres {
    /// Fills an empty database.
    pub async fn fill(url: &str, corpus: &Corpus) -> Outcome<Self> {
        let db = connect(url).await?;
        for sql in [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            "CREATE TABLE practice (id int PRIMARY KEY, title text, summary text, body text, topic text,
                 grade_band text[], subject text[], evidence text, school text, day date, asked tsvector)",
            "CREATE TABLE lexicon (word text PRIMARY KEY, documents int)",
        ] {
            run(&db, sql, vec![]).await?;
        }
        for batch in batches(&corpus.rows) {
            run(
                &db,
                "INSERT INTO practice SELECT id, title, summary, body, topic, grade_band, subject, evidence, school, day,
                     setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', keywords), 'B')
                     || setweight(to_tsvector('english', summary), 'C') || to_tsvector('english', body)
                 FROM json_to_recordset($1::text::json) AS r(id int, title text, keywords text, summary text, body text,
                     topic text, grade_band text[], subject text[], evidence text, school text, day date)",
                vec![batch?],
            )
            .await?;
        }
        for batch in lexicon(corpus)? {
            let sql =
                "INSERT INTO lexicon SELECT * FROM json_to_recordset($1::text::json) AS r(word text, documents int)";
            run(&db, sql, vec![batch]).await?;
        }
        for sql in [
            "CREATE INDEX ON practice USING gin (asked)",
            "CREATE INDEX ON practice USING gin (grade_band)",
            "CREATE INDEX ON practice USING gin (subject)",
            "CREATE INDEX ON practice (topic)",
            "CREATE INDEX ON practice (school)",
            "CREATE INDEX ON practice (evidence)",
            "CREATE INDEX ON practice (day)",
            "CREATE INDEX ON lexicon USING gin (word gin_trgm_ops)",
            "VACUUM ANALYZE practice",
            "VACUUM ANALYZE lexicon",
        ] {
            run(&db, sql, vec![]).await?;
        }
        let backend: i32 = one(&db, "SELECT pg_backend_pid()").await?;
        let pid = proc::parent(u32::try_from(backend)?)?;
        Ok(Self { url: url.to_owned(), pid })
    }

    /// Megabytes of the documents with all their indexes.
    pub async fn megabytes(&self) -> Outcome<f64> {
        let bytes: i64 = one(&connect(&self.url).await?, "SELECT pg_total_relation_size('practice')").await?;
        Ok(bytes as f64 / 1e6)
    }

    /// So many players with a connection each.
    pub async fn players(&self, count: usize, questions: &Arc<Vec<Question>>) -> Outcome<Vec<Searcher>> {
        let mut players = Vec::new();
        for _ in 0..count {
            players.push(Searcher { db: connect(&self.url).await?, questions: Arc::clone(questions) });
        }
        Ok(players)
    }
}

async fn connect(url: &str) -> Outcome<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

async fn one<T: sea_orm::TryGetable>(db: &DatabaseConnection, sql: &str) -> Outcome<T> {
    let row = db.query_one_raw(statement(DbBackend::Postgres, sql, vec![])).await?.ok_or("no row")?;
    Ok(row.try_get_by_index(0)?)
}

/// One connection.
pub struct Searcher {
    db: DatabaseConnection,
    questions: Arc<Vec<Question>>,
}

impl Searcher {
    /// The answer as JSON text.
    pub async fn answer(&self, question: &Question) -> Outcome<String> {
        let mut typed: Vec<String> = words(&question.text).collect();
        let beginning = if question.prefix { typed.pop().map(|word| word + ":*") } else { None };
        let values = vec![typed.join(" ").into(), beginning.unwrap_or_default().into()];
        let row = self.db.query_one_raw(statement(DbBackend::Postgres, WORDS, values)).await?;
        let asked: String = row.ok_or("no row")?.try_get_by_index(0)?;

        let mut values = vec![asked.into()];
        let mut filters = String::new();
        for (name, any_of) in &question.filters {
            values.push(any_of.join(" ").into());
            let given = format!("string_to_array(${}, ' ')", values.len());
            filters += &match *name {
                "grade_band" | "subject" => format!(" AND {name} && {given}"),
                _ => format!(" AND {name} = ANY({given})"),
            };
        }
        let (rank, order) = if question.newest {
            ("0::real", "day DESC, id")
        } else {
            ("ts_rank(asked, $1::tsquery)", "rank DESC, id")
        };
        let sql = format!(
            "WITH found AS MATERIALIZED (
                 SELECT id, topic, grade_band, subject, evidence, school, day, {rank} AS rank
                 FROM practice WHERE asked @@ $1::tsquery{filters}),
             top AS (SELECT id, rank, day FROM found ORDER BY {order} LIMIT 20)
             SELECT json_build_object(
                 'total', (SELECT count(*) FROM found),
                 'items', (SELECT json_agg(item) FROM (
                     SELECT p.id, ts_headline('english', p.title, $1::tsquery, 'HighlightAll=true') AS title, p.summary,
                         ts_headline('english', p.body, $1::tsquery, 'MinWords=15, MaxWords=30') AS snippet,
                         p.topic, p.grade_band, p.subject, p.evidence, p.school, p.day
                     FROM top t JOIN practice p USING (id) ORDER BY {}) item),
                 'facets', (SELECT json_agg(counted) FROM (
                     SELECT 'topic' AS filter, topic AS value, count(*) FROM found GROUP BY topic
                     UNION ALL SELECT 'evidence', evidence, count(*) FROM found GROUP BY evidence
                     UNION ALL SELECT 'school', school, count(*) FROM found GROUP BY school
                     UNION ALL SELECT 'grade_band', v, count(*) FROM found, unnest(grade_band) AS v GROUP BY v
                     UNION ALL SELECT 'subject', v, count(*) FROM found, unnest(subject) AS v GROUP BY v) counted))::text",
            if question.newest { "t.day DESC, t.id" } else { "t.rank DESC, t.id" },
        );
        let row = self.db.query_one_raw(statement(DbBackend::Postgres, &sql, values)).await?;
        Ok(row.ok_or("no row")?.try_get_by_index(0)?)
    }
}

impl Player for Searcher {
    async fn ask(&mut self, nth: u64) -> Outcome<()> {
        let questions = Arc::clone(&self.questions);
        self.answer(&questions[usize::try_from(nth)? % questions.len()]).await.map(|_| ())
    }
}
