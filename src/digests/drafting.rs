//! Drafts begin by themselves: on the 2nd of a month for the month before, on July 10 for the school year. Looked at each hour; a
//! draft that is there is left alone.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::digest::{Digest, DigestId, State, due_on, fresh_chapters};
use super::{policy, store};
use crate::platform::{Actor, Db, Event, Job, Outcome, Result, Zone};
use crate::report;

/// Each hour: begins drafts that are due.
#[derive(Debug, Serialize, Deserialize)]
pub struct DraftDigests {}

#[async_trait]
impl Job for DraftDigests {
    const NAME: &'static str = "digests.draft";

    async fn run(&self, db: &Db) -> Outcome {
        match due(db).await {
            Ok(_) => Outcome::Again(db.clock().now() + TimeDelta::hours(1)),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }
}

/// Begins drafts that are due, one for each city and period; how many those were.
pub async fn due(db: &Db) -> Result<usize> {
    let cx = db.cx(Actor::System("digests"));
    let today = Zone::default().local(cx.now()).date();
    let mut begun = 0;
    for (kind, first, last) in due_on(today) {
        let known = store::drafted(cx.conn(), kind, first).await?;
        for (city, city_name) in report::cities(&cx).await? {
            if known.contains(&city) {
                continue;
            }
            let mut tx = db.write(Actor::System("digests")).await?;
            let permit = policy::keep_time(tx.actor())?;
            let digest = Digest {
                id: DigestId::fresh(),
                city,
                city_name,
                kind,
                first,
                last,
                state: State::Draft,
                intro: String::new(),
                chapters: fresh_chapters(),
                content: None,
                revision: 1,
                announcement: None,
                corrections: Vec::new(),
                reason: None,
                withdrawn_at: None,
                drafted_at: tx.now(),
                published_at: None,
                updated_at: tx.now(),
            };
            // Another node may have been quicker.
            if !store::insert(tx.conn(), &digest).await? {
                continue;
            }
            let detail = json!({ "city": digest.city, "kind": kind.code(), "first_day": first });
            tx.record(&permit, Event::about("digest.drafted", "digest", digest.id.0).with(detail)).await?;
            tx.commit().await?;
            begun += 1;
        }
    }
    Ok(begun)
}
