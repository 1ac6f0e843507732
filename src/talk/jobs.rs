//! What talk does by itself over time.

use async_trait::async_trait;
use chrono::{Days, Duration};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::contact::KEPT;
use super::{policy, store};
use crate::platform::{Actor, Db, Event, Job, Outcome, Result};

/// Letters taken out in one transaction; others may write in between.
const AT_ONCE: u64 = 500;

/// Once a day: takes out letters that were passed on 90 days ago, and counts of days that are over.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetLetters {}

#[async_trait]
impl Job for ForgetLetters {
    const NAME: &'static str = "talk.forget_letters";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + Duration::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.write(Actor::System("talk")).await?;
        let permit = policy::keep_time(tx.actor())?;
        let gone = store::contacts::forget(tx.conn(), tx.now() - KEPT, AT_ONCE).await?;
        let before = tx.now().date_naive().checked_sub_days(Days::new(2)).unwrap_or_default();
        let counts = store::limits::forget(tx.conn(), before).await?;
        if gone + counts == 0 {
            return Ok(());
        }
        let detail = json!({ "letters": gone });
        tx.record(&permit, Event::bulk("contact.forgotten", "contact").with(detail)).await?;
        tx.commit().await?;
    }
}
