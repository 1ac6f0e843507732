//! What is kept about a person here: what they reported.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{policy, store};
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Reports that somebody made.
pub struct ReportData;

#[async_trait]
impl PersonalData for ReportData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let mine = store::of_reporter(cx.conn(), AccountId(account)).await?;
        let rows = mine.iter().map(|(report, case)| {
            json!({
                "id": report.id,
                "about_kind": case.as_ref().map(|case| &case.kind),
                "about_id": case.as_ref().map(|case| case.thing),
                "reason": report.reason.code(),
                "words": report.words,
                "decided": report.decision.is_some(),
                "created_at": report.created_at,
            })
        });
        Ok(vec![Sheet { name: "reports", rows: rows.collect() }])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let account = AccountId(account);
        let permit = policy::erase(tx.actor(), account)?;
        let reports = store::forget_reporter(tx.conn(), account).await?;
        if reports == 0 {
            return Ok(Vec::new());
        }
        let detail = json!({ "reports": reports });
        tx.record(&permit, Event::about("account.reports_erased", "account", account.0).with(detail)).await?;
        Ok(vec!["That something was reported, and why in one word, stays without your name and your words.".to_owned()])
    }
}
