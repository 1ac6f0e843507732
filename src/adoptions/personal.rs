//! What is kept about a person here: that they put an adoption on record, answered for their school, or wrote in its log.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::catalog::adoption;
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Adoptions, answers and cycles.
pub struct AdoptionData;

#[async_trait]
impl PersonalData for AdoptionData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let account = AccountId(account);
        let adoptions = adoption::logged_by(cx, account).await?.into_iter().map(|one| {
            json!({
                "id": one.id,
                "practice": one.practice,
                "school": one.school,
                "stage": one.stage,
                "started_on": one.started_on,
                "lead_role": one.lead_role,
                "changed_what": one.changed_what,
                "result_note": one.result_note,
                "created_at": one.created_at,
            })
        });
        let answers = store::answered_by(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "adoption": one.adoption,
                "day": one.day,
                "answer": one.answer.map(super::follow_up::Answer::code),
                "note": one.note,
                "answered_at": one.answered_at,
            })
        });
        let cycles = store::cycles_by(cx.conn(), account).await?.into_iter().map(|one| {
            json!({
                "adoption": one.adoption,
                "number": one.number,
                "plan": one.plan,
                "did": one.did,
                "saw": one.saw,
                "next": one.next,
                "began_on": one.began_on,
                "ended_on": one.ended_on,
                "open": one.open,
            })
        });
        Ok(vec![
            Sheet { name: "adoptions", rows: adoptions.collect() },
            Sheet { name: "adoption_answers", rows: answers.collect() },
            Sheet { name: "adoption_cycles", rows: cycles.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::erase(tx.actor(), account)?;
        let logged = adoption::forget_adopter(tx, account).await?;
        let wrote = store::forget(tx.conn(), account).await?;
        if wrote {
            tx.record(&permit, Event::about("account.adoption_words_released", "account", account.0)).await?;
        }
        if !logged && !wrote {
            return Ok(Vec::new());
        }
        Ok(vec![
            "What you put on record for your school about practices stays with the school, without your name."
                .to_owned(),
        ])
    }
}
