//! What is kept about a person here: which practices they began to write, and which they write with others. What the drafts say belongs
//! to the school, as the practices do.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Contributions.
pub struct ContributionData;

#[async_trait]
impl PersonalData for ContributionData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let begun = store::begun_by(cx.conn(), AccountId(account)).await?.into_iter().map(|one| {
            json!({
                "id": one.id,
                "practice_id": one.practice,
                "after": one.after,
                "school_id": one.school,
                "author_id": one.author,
                "state": one.state.code(),
                "draft": one.draft,
                "revision": one.revision,
                "note": one.note,
                "copied_from": one.copied_from,
                "submitted_at": one.submitted_at,
                "approved_by": one.approved.map(|(by, _)| by),
                "approved_at": one.approved.map(|(_, at)| at),
                "confirmed_by": one.confirmed.map(|(by, _)| by),
                "confirmed_at": one.confirmed.map(|(_, at)| at),
                "published_version": one.published_version,
                "created_at": one.created_at,
                "updated_at": one.updated_at,
            })
        });
        let edited = store::edited_by(cx.conn(), AccountId(account)).await?;
        let edited = edited
            .into_iter()
            .map(|(id, since)| json!({ "contribution_id": id, "account_id": account, "added_at": since }));
        Ok(vec![
            Sheet { name: "contributions", rows: begun.collect() },
            Sheet { name: "contributions_with_others", rows: edited.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let permit = policy::erase(tx.actor(), AccountId(account))?;
        store::forget_editor(tx.conn(), AccountId(account)).await?;
        tx.record(&permit, Event::about("contribution.personal_erased", "account", account)).await?;
        let began = !store::begun_by(tx.conn(), AccountId(account)).await?.is_empty();
        let stays = "Practices that you wrote stay with the school where they began, without your name.";
        Ok(if began { vec![stays.to_owned()] } else { Vec::new() })
    }
}
