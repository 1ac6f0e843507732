//! What is kept about a person here, for the person.

use async_trait::async_trait;
use uuid::Uuid;

use super::policy;
use super::store::personal as store;
use crate::people::AccountId;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Event, Result, Tx};

/// Notices, and what somebody chose to hear.
pub struct NoticeData;

#[async_trait]
impl PersonalData for NoticeData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let (conn, account) = (cx.conn(), AccountId(account));
        Ok(vec![
            Sheet { name: "notices", rows: store::notices(conn, account).await? },
            Sheet { name: "notice_settings", rows: store::settings(conn, account).await? },
            Sheet { name: "notice_paces", rows: store::paces(conn, account).await? },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        let permit = policy::erase(tx.actor(), AccountId(account))?;
        store::erase(tx.conn(), AccountId(account)).await?;
        tx.record(&permit, Event::about("account.notices_erased", "account", account)).await?;
        Ok(Vec::new())
    }
}
