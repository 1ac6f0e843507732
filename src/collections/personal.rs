//! What is kept about a person here: what they saved, with their notes, and their collections.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, saves, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Saved practices and collections.
pub struct CollectionData;

#[async_trait]
impl PersonalData for CollectionData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let saved = saves::all_of(cx, account).await?;
        let saved = saved.iter().map(|saved| {
            json!({
                "practice": saved.practice,
                "note": saved.note,
                "saved_at": saved.saved_at,
                "updated_at": saved.updated_at,
            })
        });
        let mut mine = store::collections::of_account(cx.conn(), AccountId(account)).await?;
        mine.sort_by_key(|one| one.id);
        let ids: Vec<Uuid> = mine.iter().map(|one| one.id.0).collect();
        let mut inside = store::contents::of_many(cx.conn(), &ids).await?;
        let mut practices = Vec::new();
        for one in &mine {
            for entry in inside.remove(&one.id).unwrap_or_default() {
                practices.push(json!({
                    "collection": one.id,
                    "practice": entry.practice,
                    "line": entry.line,
                    "added_at": entry.added_at,
                }));
            }
        }
        let mine = mine.iter().map(|one| {
            json!({
                "id": one.id,
                "title": one.title,
                "description": one.description,
                "visibility": one.visibility.code(),
                "slug": one.slug,
                "link_key": one.key,
                "school": one.school,
                "shows_name": one.shows_name,
                "copied_from": one.copied_from,
                "hidden_at": one.hidden_at,
                "created_at": one.created_at,
                "updated_at": one.updated_at,
            })
        });
        Ok(vec![
            Sheet { name: "saved_practices", rows: saved.collect() },
            Sheet { name: "collections", rows: mine.collect() },
            Sheet { name: "collection_practices", rows: practices },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::erase(tx.actor(), account)?;
        let saved = store::saves::delete_of(tx.conn(), account).await?;
        let ids: Vec<Uuid> =
            store::collections::of_account(tx.conn(), account).await?.iter().map(|one| one.id.0).collect();
        store::collections::delete(tx.conn(), &ids).await?;
        let detail = json!({ "saved": saved, "collections": ids.len() });
        tx.record(&permit, Event::about("account.collections_erased", "account", account.0).with(detail)).await?;
        Ok(Vec::new())
    }
}
