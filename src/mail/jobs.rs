//! What the outbox does by itself over time.

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{store, suppression};
use crate::platform::{Actor, Db, Job, Outcome, Result};

/// How long the text of a letter is kept after it is done: long enough to answer "what did you write me?".
pub(super) const KEPT: Duration = Duration::days(30);

/// Texts taken out in one transaction; others may write in between.
const AT_ONCE: u64 = 1000;

/// Once a day: takes the texts out of letters that were done a month ago, and believes no more that nobody is at an address after
/// two weeks. The rows stay, so that no event writes twice.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetTexts {}

#[async_trait]
impl Job for ForgetTexts {
    const NAME: &'static str = "mail.forget_texts";

    async fn run(&self, db: &Db) -> Outcome {
        match forget(db).await {
            Ok(()) => Outcome::Again(db.clock().now() + Duration::days(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

async fn forget(db: &Db) -> Result<()> {
    loop {
        let tx = db.write(Actor::System("mail")).await?;
        let forgotten = store::forget(tx.conn(), tx.now() - KEPT, tx.now(), AT_ONCE).await?;
        tx.commit().await?;
        if forgotten < AT_ONCE {
            break;
        }
    }
    let mut tx = db.write(Actor::System("mail")).await?;
    suppression::forget_unknown(&mut tx).await?;
    store::mailing::forget(tx.conn(), tx.now() - KEPT).await?;
    tx.commit().await
}
