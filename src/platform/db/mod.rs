//! The database: one code path, two engines.
//!
//! [`Cx`] reads, [`Tx`] writes; the first argument of an operation tells its power. SQLite has one writer
//! connection behind a fair queue and every transaction on it starts `IMMEDIATE` (a deferred transaction
//! that reads and then writes cannot be saved by waiting: T4); readers have a pool of their own.
//! PostgreSQL has one pool and the stores take row locks. Nothing outside this folder knows which it is.

pub mod answers;
pub mod engine;
pub mod events;
pub mod jobs;
pub mod log;
pub mod packed;
mod together;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryTrait, SqlErr, SqliteTransactionMode, Statement, StatementBuilder,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::watch;
use uuid::Uuid;

use super::actor::Actor;
use super::clock::{Clock, Timestamp};
use super::config::Config;
use super::error::{Error, Result};
use super::event::Event;
use super::ids;
use super::permit::Permit;
use super::secret::Secret;

mod installation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "installation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub created_at: DateTimeUtc,
        pub secret_print: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    clock: Clock,
    commits: Arc<watch::Sender<u64>>,
    statements: Arc<AtomicU64>,
    relays: Arc<[Arc<dyn log::Relay>]>,
}

impl Db {
    /// Opens the database of `config` and makes it if it is a file that is not there. Migrates nothing.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self> {
        let (mut read, mut write) = engine::connect(config).await?;
        let statements = Arc::new(AtomicU64::new(0));
        for pool in [&mut read, &mut write] {
            let statements = Arc::clone(&statements);
            pool.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self { read, write, clock, commits: Arc::new(watch::Sender::new(0)), statements, relays: Arc::default() })
    }

    /// The same database, whose change logs pass on to those that depend on them.
    #[must_use]
    pub fn with_relays(self, relays: Vec<Arc<dyn log::Relay>>) -> Self {
        Self { relays: relays.into(), ..self }
    }

    /// Brings the schema up to date. Nodes that start together do it one after another.
    pub async fn migrate(&self) -> Result<()> {
        if self.write.get_database_backend() == DbBackend::Sqlite {
            // The one writer migrates; another process waits for the file's lock.
            return migrations::up(&self.write).await.map_err(Error::from);
        }
        let turn = self.write(Actor::System("migrate")).await?;
        turn.conn.execute_unprepared("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7236824105)").await?;
        migrations::up(&self.write).await?;
        turn.commit().await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read.query_one_raw(Statement::from_string(self.read.get_database_backend(), "SELECT 1")).await?;
        Ok(())
    }

    /// The id of this installation, made with its database: a search index carries it and so knows when the
    /// database under it is another one.
    pub async fn installation(&self) -> Result<Uuid> {
        if let Some(row) = installation::Entity::find().one(&self.read).await? {
            return Ok(row.id);
        }
        let tx = self.write(Actor::System("installation")).await?;
        // Another node may have been quicker.
        if let Some(row) = installation::Entity::find().one(tx.conn()).await? {
            return Ok(row.id);
        }
        let row = installation::Model { id: ids::fresh(), created_at: tx.now(), secret_print: None };
        installation::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
        tx.commit().await?;
        Ok(row.id)
    }

    /// Refuses a secret that is not the one this database was first used with: sealed rows could not be opened, and
    /// links of one node would not hold on another.
    pub async fn keep_to(&self, secret: &Secret) -> Result<()> {
        let id = self.installation().await?;
        let print = secret.print();
        let kept = || async {
            let row = installation::Entity::find_by_id(id).one(&self.read).await?;
            Ok::<_, Error>(row.and_then(|row| row.secret_print))
        };
        if kept().await?.is_none() {
            let tx = self.write(Actor::System("installation")).await?;
            installation::Entity::update_many()
                .col_expr(installation::Column::SecretPrint, Expr::value(print.clone()))
                .filter(installation::Column::Id.eq(id).and(installation::Column::SecretPrint.is_null()))
                .exec(tx.conn())
                .await?;
            tx.commit().await?;
        }
        if kept().await? == Some(print) {
            return Ok(());
        }
        Err(Error::Conflict(
            "The secret is not the one this database was made with; give every node the same key secret, or bring back \
             the file secret of the data folder."
                .to_owned(),
        ))
    }

    /// A context to read with.
    pub fn cx(&self, actor: Actor) -> Cx {
        Cx { conn: self.read.clone(), actor, now: self.clock.now() }
    }

    /// A transaction to write with; it waits its turn behind the writers before it. Dropped without
    /// [`Tx::commit`] it leaves nothing.
    pub async fn write(&self, actor: Actor) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let conn = self.write.begin_with_options(options).await?;
        Ok(Tx {
            conn,
            actor,
            now: self.clock.now(),
            commits: Arc::clone(&self.commits),
            relays: Arc::clone(&self.relays),
            waiting: Vec::new(),
        })
    }

    /// The clock this database's transactions read.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Statements sent so far by this process; a page sends a constant number.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Tells of every commit of this process; followers of a log wait on it.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        // An error here means that a connection is gone already, which is what was wanted.
        let _ = self.read.clone().close().await;
        let _ = self.write.clone().close().await;
    }
}

/// A context to read with: connection, who asks, and the moment of asking.
#[derive(Clone)]
pub struct Cx {
    conn: DatabaseConnection,
    actor: Actor,
    now: Timestamp,
}

impl Cx {
    /// For the stores.
    pub fn conn(&self) -> &DatabaseConnection {
        &self.conn
    }
    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// The moment of asking.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

/// A transaction: what it is handed to may write. State, event, letters, jobs and index marks commit together.
#[must_use = "a transaction that is not committed leaves nothing"]
pub struct Tx {
    conn: DatabaseTransaction,
    actor: Actor,
    now: Timestamp,
    commits: Arc<watch::Sender<u64>>,
    relays: Arc<[Arc<dyn log::Relay>]>,
    waiting: Vec<together::Write>,
}

/// So many writes wait for each other at most.
const TOGETHER: usize = 8;

impl Tx {
    /// For the stores.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.conn
    }
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// The moment of the transaction, the same throughout.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Writes down what happened; the policy has permitted it. It is sent as [`Tx::later`] says.
    pub async fn record(&mut self, _permit: &Permit, event: Event) -> Result<()> {
        let row = events::row(&self.actor, self.now, event);
        self.later("event", row.as_query()).await
    }

    /// A write to `table` whose answer nobody needs: it waits for those that come after it and is sent with them, in this order and
    /// in one message, by [`Tx::send`] or at the commit. Until then this transaction does not read it.
    pub async fn later(&mut self, table: &'static str, write: &impl StatementBuilder) -> Result<()> {
        let statement = self.conn.get_database_backend().build(write);
        self.waiting.push(together::Write { table, statement });
        if self.waiting.len() < TOGETHER { Ok(()) } else { self.send().await }
    }

    /// Sends the writes that wait.
    pub async fn send(&mut self) -> Result<()> {
        for message in together::messages(std::mem::take(&mut self.waiting)) {
            self.conn.execute_raw(message).await?;
        }
        Ok(())
    }

    /// Makes it so.
    pub async fn commit(mut self) -> Result<()> {
        self.send().await?;
        self.conn.commit().await?;
        self.commits.send_modify(|count| *count += 1);
        Ok(())
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                Self::Conflict("Somebody saved the same thing at the same time; look at it again.".to_owned())
            }
            _ if text.contains("database or disk is full") || text.contains("No space left") => {
                tracing::error!(error = text, "the disk is full");
                Self::Unavailable("The service cannot save anything at the moment; try again later.".to_owned())
            }
            _ if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || text.contains("lock timeout") => {
                tracing::warn!(error = text, "no database connection");
                Self::Unavailable("The service is very busy; try again in a moment.".to_owned())
            }
            _ => Self::Internal(text),
        }
    }
}

/// How long a request waits for a connection before it is told that the service is busy.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
