//! What highlights keep about a person: those they wrote for an office, what they answered for a school, and where they are named.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Highlights and answers.
pub struct HighlightData;

#[async_trait]
impl PersonalData for HighlightData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let written = store::of_author(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "id": one.id,
                "city": one.city_name,
                "headline": one.headline,
                "story": one.story,
                "state": one.state.code(),
                "created_at": one.created_at,
                "published_at": one.published_at,
            })
        });
        let answered = store::answered(cx.conn(), account).await?.into_iter().map(|(highlight, one)| {
            json!({
                "highlight": highlight,
                "school": one.school,
                "answer": one.answer.map(super::highlight::Answer::code),
                "note": one.note,
                "answered_at": one.answered_at,
            })
        });
        let said = store::of_speaker(cx.conn(), account).await?.into_iter().map(|one| {
            let quote = one.quote.as_ref();
            json!({
                "highlight": one.id,
                "quote": quote.map(|quote| quote.text.clone()),
                "role": quote.map(|quote| quote.role.clone()),
            })
        });
        Ok(vec![
            Sheet { name: "highlights", rows: written.collect() },
            Sheet { name: "highlight_answers", rows: answered.collect() },
            Sheet { name: "highlight_quotes", rows: said.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let permit = policy::erase(tx.actor(), AccountId(account))?;
        let written = !store::of_author(tx.conn(), account).await?.is_empty();
        let gone = store::forget(tx.conn(), account).await?;
        let mut stays = Vec::new();
        if gone > 0 {
            let detail = json!({ "places": gone });
            tx.record(&permit, Event::about("account.highlights_erased", "account", account).with(detail)).await?;
            stays.push("That a school approved the words about it stays on record, without your name.".to_owned());
        }
        if written {
            stays.push("Highlights that you wrote for an office stay with it, without your name.".to_owned());
        }
        Ok(stays)
    }
}
