//! What newsletters do by themselves over time.

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::newsletter::{LIFE, forget_letters};
use super::{policy, store};
use crate::platform::{Actor, Db, Event, Job, Outcome, Result};

/// Addresses taken out in one transaction; others may write in between.
const AT_ONCE: u64 = 200;

/// Once an hour: takes out addresses that were asked a week ago and have not said yes, with the letters to them.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetUnconfirmed {}

#[async_trait]
impl Job for ForgetUnconfirmed {
    const NAME: &'static str = "bulletins.forget_unconfirmed";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + Duration::hours(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.write(Actor::System("bulletins")).await?;
        let permit = policy::keep_time(tx.actor())?;
        let gone = store::subscribers::forget(tx.conn(), tx.now() - LIFE, AT_ONCE).await?;
        if gone.is_empty() {
            return Ok(());
        }
        for (email, city) in &gone {
            forget_letters(&mut tx, email, city).await?;
        }
        let detail = json!({ "subscriptions": gone.len() });
        tx.record(&permit, Event::bulk("newsletter.forgotten", "subscription").with(detail)).await?;
        tx.commit().await?;
    }
}
