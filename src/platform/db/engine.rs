//! Opening the two engines, each with the settings it needs.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::ACQUIRE_TIMEOUT;
use crate::platform::config::{Config, DatabaseUrl};
use crate::platform::error::{Error, Result};

/// Connections for reading and for writing; on PostgreSQL both are the same pool.
pub(super) async fn connect(config: &Config) -> Result<(DatabaseConnection, DatabaseConnection)> {
    match &config.database {
        DatabaseUrl::Sqlite(file) => {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|e| Error::Conflict(format!("The folder {} cannot be made: {e}.", folder.display())))?;
            }
            // The writer goes first: it makes the file and turns the write-ahead log on.
            let write = sqlite(file, false, 1).await?;
            let read = sqlite(file, true, config.readers.max(1)).await?;
            Ok((read, write))
        }
        DatabaseUrl::Postgres(url) => {
            let mut options = ConnectOptions::new(url);
            options.max_connections(config.readers.max(1) + 12).min_connections(1);
            pool_habits(&mut options);
            options.map_sqlx_postgres_pool_opts(|pool| pool.acquire_slow_threshold(ACQUIRE_TIMEOUT));
            // A row lock that does not come is an answer to the person, not a request that hangs.
            options.map_sqlx_postgres_opts(|options| options.options([("lock_timeout", "5s")]));
            let pool = Database::connect(options)
                .await
                .map_err(|e| Error::Conflict(format!("The database {} cannot be reached: {e}.", config.database)))?;
            Ok((pool.clone(), pool))
        }
    }
}

async fn sqlite(file: &Path, read_only: bool, connections: u32) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options.max_connections(connections).min_connections(1);
    pool_habits(&mut options);
    // A rush waits for the writer in line; a line of the log for each of them would say nothing.
    options.map_sqlx_sqlite_pool_opts(|pool| pool.acquire_slow_threshold(ACQUIRE_TIMEOUT));
    // Settings belong to a connection, not to a pool: only here do they reach every one of them.
    options.map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| {
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An answered write survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            // 4 MiB for each connection, and the file mapped for all of them: memory is for the search.
            .pragma("cache_size", "-4096")
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "134217728")
            // 16 MiB: most pages are written again before they have to go to their place in the file.
            .pragma("wal_autocheckpoint", "4000");
        if read_only { options.pragma("query_only", "on") } else { options }
    });
    Database::connect(options)
        .await
        .map_err(|e| Error::Conflict(format!("The database {} cannot be opened: {e}.", file.display())))
}

fn pool_habits(options: &mut ConnectOptions) {
    options
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        // A ping before each use would double the statements; one after a rest is enough.
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30));
}
