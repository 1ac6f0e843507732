//! Both engines: one set of migrations, each whole or not at all, and a log whose numbers commit in order.

use std::collections::BTreeMap;

use commonground::platform::db::log;
use commonground::platform::{Actor, Clock, Db, ids};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{Engine, TestDatabase};

async fn open(database: &TestDatabase) -> Db {
    Db::open(&database.config("node"), Clock::System).await.unwrap()
}

/// Table -> column -> whether it may be empty.
pub async fn columns(db: &Db) -> BTreeMap<String, BTreeMap<String, bool>> {
    let cx = db.cx(Actor::System("test"));
    let conn = cx.conn();
    let sql = match conn.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, p.name AS c, p.\"notnull\" = 0 AND p.pk = 0 AS n \
             FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c, is_nullable = 'YES' AS n \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut tables: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for row in conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await.unwrap() {
        let (table, column): (String, String) = (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
        let nullable: bool = row.try_get("", "n").unwrap();
        if table != "seaql_migrations" && table != "sqlite_sequence" {
            tables.entry(table).or_default().insert(column, nullable);
        }
    }
    tables
}

/// Index -> whether it is unique; only those with a name of ours.
async fn indexes(db: &Db) -> BTreeMap<String, bool> {
    let cx = db.cx(Actor::System("test"));
    let conn = cx.conn();
    let sql = match conn.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT l.name AS i, l.\"unique\" = 1 AS u FROM sqlite_master m, pragma_index_list(m.name) l WHERE m.type = 'table'"
        }
        _ => {
            "SELECT c.relname::text AS i, x.indisunique AS u FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
        }
    };
    let mut indexes = BTreeMap::new();
    for row in conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await.unwrap() {
        let name: String = row.try_get("", "i").unwrap();
        if name.starts_with("ix_") || name.starts_with("uq_") {
            indexes.insert(name, row.try_get("", "u").unwrap());
        }
    }
    indexes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_the_same_on_both() {
    let (a, b) = (TestDatabase::fresh(Engine::Sqlite).await, TestDatabase::fresh(Engine::Postgres).await);
    let (a, b) = (open(&a).await, open(&b).await);
    a.migrate().await.unwrap();
    b.migrate().await.unwrap();
    let tables = columns(&a).await;
    assert!(tables.len() >= 12, "{tables:?}");
    assert_eq!(tables, columns(&b).await);
    let found = indexes(&a).await;
    assert!(found.len() >= 10, "{found:?}");
    assert_eq!(found, indexes(&b).await);
}

#[test]
fn every_migration_is_whole_or_not_at_all() {
    for (name, transactional) in migrations::transactional() {
        assert!(transactional, "{name} runs outside a transaction");
    }
}

async fn migrates_twice_and_back(engine: Engine) {
    let database = TestDatabase::fresh(engine).await;
    let db = open(&database).await;
    db.migrate().await.unwrap();
    let once = columns(&db).await;
    db.migrate().await.unwrap();
    assert_eq!(once, columns(&db).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_migration_changes_nothing_on_sqlite() {
    migrates_twice_and_back(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_migration_changes_nothing_on_postgres() {
    migrates_twice_and_back(Engine::Postgres).await;
}

/// T9: two interleaved writers. A reader that has seen a number never meets a lower one later.
async fn numbers_commit_in_order(engine: Engine) {
    let database = TestDatabase::fresh(engine).await;
    let db = open(&database).await;
    db.migrate().await.unwrap();
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..25_u64 {
                    let mut tx = db.write(Actor::System("test")).await.unwrap();
                    log::append(&mut tx, "practice", &[ids::fresh()]).await.unwrap();
                    // Some stay open longer than others: without the lock a later number would overtake.
                    tokio::time::sleep(std::time::Duration::from_millis((writer * 7 + round * 3) % 5)).await;
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    let (mut at, mut seen) = (0, 0);
    while seen < 200 {
        let changes = log::after(&db.cx(Actor::System("test")), "practice", at, 1_000).await.unwrap();
        seen += changes.len();
        if let Some((last, _)) = changes.last() {
            at = *last;
        }
        if changes.is_empty() && writers.iter().all(tokio::task::JoinHandle::is_finished) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    seen += log::after(&db.cx(Actor::System("test")), "practice", at, 1_000).await.unwrap().len();
    assert_eq!(seen, 200, "a follower that never looks back has seen every change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_commit_in_order_on_sqlite() {
    numbers_commit_in_order(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_commit_in_order_on_postgres() {
    numbers_commit_in_order(Engine::Postgres).await;
}

/// T4: many writers at once, none of whom is told "busy".
async fn writers_wait_their_turn(engine: Engine) {
    let database = TestDatabase::fresh(engine).await;
    let db = open(&database).await;
    db.migrate().await.unwrap();
    let writers: Vec<_> = (0..200)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.write(Actor::System("test")).await?;
                log::append(&mut tx, "school", &[ids::fresh()]).await?;
                tx.commit().await
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let cx = db.cx(Actor::System("test"));
    assert_eq!(log::head(cx.conn(), "school").await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_wait_their_turn_on_sqlite() {
    writers_wait_their_turn(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_wait_their_turn_on_postgres() {
    writers_wait_their_turn(Engine::Postgres).await;
}
