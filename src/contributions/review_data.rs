//! What is kept about a person of reviews: what they said, and what they look at. The conversation stays on the record of the school,
//! without a name.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::policy;
use super::store::review as kept;
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Reviews.
pub struct ReviewData;

#[async_trait]
impl PersonalData for ReviewData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let said = kept::said_by(cx.conn(), AccountId(account)).await?.into_iter().map(|(id, entry)| {
            json!({
                "id": entry.id,
                "contribution_id": id,
                "number": entry.number,
                "at": entry.at,
                "account_id": entry.by,
                "role": entry.speaker.code(),
                "kind": entry.kind.code(),
                "text": entry.text,
                "field": entry.field,
                "quote": entry.quote,
                "revision": entry.revision,
            })
        });
        let taken = kept::taken_by(cx.conn(), AccountId(account)).await?;
        let taken =
            taken.into_iter().map(|(id, at)| json!({ "contribution_id": id, "taken_by": account, "taken_at": at }));
        Ok(vec![
            Sheet { name: "review_entries", rows: said.collect() },
            Sheet { name: "reviews_taken", rows: taken.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let permit = policy::erase(tx.actor(), AccountId(account))?;
        let spoke = !kept::said_by(tx.conn(), AccountId(account)).await?.is_empty();
        kept::forget_taken(tx.conn(), AccountId(account)).await?;
        tx.record(&permit, Event::about("contribution.reviews_erased", "account", account)).await?;
        let stays = "What you said in reviews of practices stays on their record, without your name.";
        Ok(if spoke { vec![stays.to_owned()] } else { Vec::new() })
    }
}
