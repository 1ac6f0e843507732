//! What the entrance does by itself over time.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::store::{address_changes, forgetting, links};
use crate::platform::{Actor, Db, Job, Outcome, Result};

/// Sign-ins that ended stay so long, so that the log of events can still be read beside them.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Once a day: forgets links and challenges that have ended, and after 30 days sign-ins and changes of address.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetEnded {}

#[async_trait]
impl Job for ForgetEnded {
    const NAME: &'static str = "sign_in.forget_ended";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + TimeDelta::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    let tx = db.write(Actor::System("sign_in")).await?;
    let now = tx.now();
    let links = links::forget(tx.conn(), now).await?;
    let challenges = forgetting::challenges(tx.conn(), now).await?;
    let sign_ins = forgetting::sign_ins(tx.conn(), now - KEPT).await?;
    let changes = address_changes::forget(tx.conn(), now - KEPT).await?;
    tx.commit().await?;
    tracing::info!(links, challenges, sign_ins, changes, "what ended at the entrance was forgotten");
    Ok(())
}
