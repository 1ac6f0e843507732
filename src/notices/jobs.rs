//! What notices do by themselves over time, besides digests.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{policy, store};
use crate::platform::{Actor, Db, Event, Job, Outcome, Result};

/// A notice that was read is kept so long.
const READ: TimeDelta = TimeDelta::days(180);

/// One that nobody read is kept so long.
const UNREAD: TimeDelta = TimeDelta::days(365);

/// Taken out in one transaction; others may write in between.
const AT_ONCE: u64 = 1_000;

/// Once a day: takes out notices that are old.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetNotices {}

#[async_trait]
impl Job for ForgetNotices {
    const NAME: &'static str = "notices.forget";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + TimeDelta::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    loop {
        let mut tx = db.write(Actor::System("notices")).await?;
        let permit = policy::keep(tx.actor())?;
        let now = tx.now();
        let forgotten = store::forget(tx.conn(), now - READ, now - UNREAD, AT_ONCE).await?;
        if forgotten > 0 {
            let detail = serde_json::json!({ "notices": forgotten });
            tx.record(&permit, Event::bulk("notice.forgotten", "notice").with(detail)).await?;
        }
        tx.commit().await?;
        if forgotten < AT_ONCE {
            return Ok(());
        }
    }
}
