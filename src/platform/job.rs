//! What is to be done later: a row written in the caller's transaction, done by [`run_due`].
//!
//! A job is a shell of ten lines around an operation: serialisable, safe to run twice, and it says on
//! purpose whether to try again. A claimed row carries a lease; a worker that dies loses it, and the
//! fencing token keeps a worker that wakes too late from touching the row.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::Timestamp;
use super::db::{Db, Tx, jobs};
use super::error::{Error, Result};

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; the row goes.
    Done,
    /// It is done for this time; the row waits for the moment given. A recurring job.
    Again(Timestamp),
    /// It did not work and may later; the reason is kept with the row.
    Retry(String),
    /// It can never work; the row stays, marked, for a person to read.
    GiveUp(String),
}

/// Something to be done later.
#[async_trait]
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of the kind; never changes once rows exist.
    const NAME: &'static str;

    /// Does it. Must be harmless when done twice.
    async fn run(&self, db: &Db) -> Outcome;
}

/// Puts a job in the queue, due at `at`. With a `key`, a waiting job of the same name and key is kept
/// instead: scheduling a recurring job at every start leaves one row.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, at: Timestamp, key: Option<&str>) -> Result<()> {
    let payload = serde_json::to_value(job).map_err(Error::internal)?;
    jobs::insert(tx.conn(), J::NAME, payload, at, key, tx.now()).await
}

#[async_trait]
trait Runner: Send + Sync {
    async fn run(&self, db: &Db, payload: serde_json::Value) -> Outcome;
}

struct Typed<J>(std::marker::PhantomData<fn() -> J>);

#[async_trait]
impl<J: Job> Runner for Typed<J> {
    async fn run(&self, db: &Db, payload: serde_json::Value) -> Outcome {
        match serde_json::from_value::<J>(payload) {
            Ok(job) => job.run(db).await,
            Err(error) => Outcome::GiveUp(format!("the row cannot be read: {error}")),
        }
    }
}

/// The kinds of jobs this program knows; `app.rs` fills it.
#[derive(Clone, Default)]
pub struct Jobs(BTreeMap<&'static str, Arc<dyn Runner>>);

impl Jobs {
    /// Adds a kind.
    #[must_use]
    pub fn with<J: Job>(mut self) -> Self {
        self.0.insert(J::NAME, Arc::new(Typed::<J>(std::marker::PhantomData)));
        self
    }

    /// Does every job that is due, one after another, and says how many there were.
    pub async fn run_due(&self, db: &Db) -> Result<usize> {
        let mut done = 0;
        while let Some(claimed) = jobs::claim(db).await? {
            let outcome = match self.0.get(claimed.name.as_str()) {
                Some(runner) => runner.run(db, claimed.payload.clone()).await,
                None => Outcome::Retry(format!("this version does not know the job {}", claimed.name)),
            };
            jobs::settle(db, &claimed, outcome).await?;
            done += 1;
        }
        Ok(done)
    }

    /// Works until the future that runs it is dropped.
    pub async fn work(&self, db: &Db) {
        loop {
            if let Err(error) = self.run_due(db).await {
                tracing::error!(%error, "the job queue cannot be read");
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}

/// How long to wait before attempt `attempts + 1`: 1, 5, 25 minutes, then every two hours.
pub fn retry_delay(attempts: i32) -> chrono::Duration {
    chrono::Duration::minutes(match attempts {
        ..=1 => 1,
        2 => 5,
        3 => 25,
        _ => 120,
    })
}

/// After this many attempts a job is given up.
pub const MAX_ATTEMPTS: i32 = 12;
