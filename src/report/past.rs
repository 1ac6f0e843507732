//! What the past was: schools change sector and place, and searches are forgotten. What they were is kept in the transaction that
//! changes them, so that a past period is counted as it was.

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;
use crate::platform::db::log::Relay;
use crate::platform::{Actor, Db, Job, Outcome, Result, Tx, Zone};
use crate::search::Kind;

/// Keeps what a school was when it becomes something else. Two statements for 900 schools where nothing of it changed.
pub struct PastRelay;

#[async_trait]
impl Relay for PastRelay {
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
        if log != Kind::School.name() {
            return Ok(());
        }
        let today = Zone::default().local(tx.now()).date();
        store::record(tx.conn(), subjects, today).await
    }
}

/// Once a day: keeps how many searches without an answer the months had that are over, before the log of them is forgotten.
#[derive(Debug, Serialize, Deserialize)]
pub struct FoldSearches {}

#[async_trait]
impl Job for FoldSearches {
    const NAME: &'static str = "report.fold_searches";

    async fn run(&self, db: &Db) -> Outcome {
        match fold(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + Duration::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

/// Keeps them now; again changes nothing.
pub async fn fold(db: &Db) -> Result<()> {
    let tx = db.write(Actor::System("report")).await?;
    store::fold(tx.conn(), tx.now().date_naive()).await?;
    tx.commit().await
}
