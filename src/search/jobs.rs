//! What search does by itself over time.

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::store;
use crate::platform::{Actor, Db, Job, Outcome, Result};

/// How long the wording of an unmet search is kept: two school years, so that a year can be compared.
const KEPT: Duration = Duration::days(730);

/// Once a day: forgets the wordings of old unmet searches.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetUnmet {}

#[async_trait]
impl Job for ForgetUnmet {
    const NAME: &'static str = "search.forget_unmet";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + Duration::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    let tx = db.write(Actor::System("search")).await?;
    store::forget_unmet(tx.conn(), (tx.now() - KEPT).date_naive()).await?;
    tx.commit().await
}
