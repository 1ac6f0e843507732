//! What is kept about a person here: their saved searches. What they follow is among the places of `people`.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, saved, store};
use crate::people::AccountId;
use crate::platform::db::log;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Result, Tx};

/// Saved searches.
pub struct FollowingData;

#[async_trait]
impl PersonalData for FollowingData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let mut mine = store::of_account(cx.conn(), AccountId(account)).await?;
        mine.reverse();
        let rows = mine.iter().map(|saved| {
            json!({
                "id": saved.id,
                "kind": saved.of.code(),
                "name": saved.name,
                "query": saved.query,
                "pace": saved.pace.code(),
                "created_at": saved.created_at,
                "updated_at": saved.updated_at,
            })
        });
        Ok(vec![Sheet { name: "saved_searches", rows: rows.collect() }])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let _permit = policy::erase(tx.actor(), account)?;
        let ids: Vec<Uuid> = store::of_account(tx.conn(), account).await?.iter().map(|saved| saved.id.0).collect();
        store::delete_of(tx.conn(), account).await?;
        log::append(tx, saved::LOG, &ids).await?;
        Ok(Vec::new())
    }
}
