//! What is kept about a person here: which files they sent. The files belong to the practice.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Files.
pub struct MaterialData;

#[async_trait]
impl PersonalData for MaterialData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let rows = store::sent_by(cx.conn(), AccountId(account)).await?.into_iter().map(|one| {
            json!({
                "id": one.id,
                "contribution_id": one.contribution,
                "practice_id": one.practice,
                "name": one.name,
                "kind": one.kind.code(),
                "hash": one.hash,
                "size": one.size,
                "account_id": one.account,
                "published_at": one.published_at,
                "created_at": one.created_at,
            })
        });
        Ok(vec![Sheet { name: "files_sent", rows: rows.collect() }])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let permit = policy::erase(tx.actor(), AccountId(account))?;
        let files = store::forget(tx.conn(), AccountId(account)).await?;
        if files == 0 {
            return Ok(Vec::new());
        }
        let event = Event::about("material.personal_erased", "account", account).with(json!({ "files": files }));
        tx.record(&permit, event).await?;
        Ok(vec!["Files that you sent stay with their practices, without your name.".to_owned()])
    }
}
