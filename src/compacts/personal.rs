//! What is kept about a person here: commitments that they hold, and that they wrote, linked or logged something. The words belong to
//! their office and stay; the person is taken out of them.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Commitments, their history, links and visits.
pub struct CompactData;

#[async_trait]
impl PersonalData for CompactData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let account = AccountId(account);
        let held = store::commitments::of_holder(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "commitment": one.id,
                "number": one.number,
                "sentence": one.sentence,
                "as": if one.owner.account == Some(account) { "owner" } else { "deputy" },
            })
        });
        let wrote = store::commitments::entries_by(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "commitment": one.commitment,
                "kind": one.kind.code(),
                "text": one.text,
                "status": one.status.map(|status| status.code()),
                "changes": one.changes,
                "evidence": one.evidence,
                "at": one.at,
            })
        });
        let linked = store::commitments::links_by(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "commitment": one.commitment,
                "kind": one.kind.code(),
                "target": one.target,
                "title": one.title,
                "url": one.url,
                "dated_on": one.dated_on,
                "created_at": one.created_at,
            })
        });
        let visits = store::compacts::visits_by(cx.conn(), account)
            .await?
            .into_iter()
            .map(|one| json!({ "visited_on": one.on, "log": one.log, "created_at": one.created_at }));
        Ok(vec![
            Sheet { name: "commitments", rows: held.collect() },
            Sheet { name: "commitment_words", rows: wrote.collect() },
            Sheet { name: "commitment_links", rows: linked.collect() },
            Sheet { name: "partnership_visits", rows: visits.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::erase(tx.actor(), account)?;
        let rows = store::commitments::forget(tx.conn(), account, tx.now().date_naive()).await?
            + store::compacts::forget(tx.conn(), account).await?;
        if rows == 0 {
            return Ok(Vec::new());
        }
        tx.record(&permit, Event::about("account.commitments_released", "account", account.0)).await?;
        Ok(vec![
            "What you wrote about commitments stays with your office, without your name; commitments that you held have a vacant owner."
                .to_owned(),
        ])
    }
}
