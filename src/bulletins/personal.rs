//! Announcements and newsletters as something that is kept about a person.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::{newsletter, store};
use crate::people::AccountId;
use crate::people::account;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Result, Tx};

/// What this feature keeps about somebody: newsletters to their address, and what they wrote for an office.
pub struct BulletinData;

#[async_trait]
impl PersonalData for BulletinData {
    async fn export(&self, cx: &Cx, id: Uuid) -> Result<Vec<Sheet>> {
        let email = account::account(cx, AccountId(id)).await?.email;
        let subscribed = match &email {
            Some(email) => newsletter::of_email(cx, email.as_str()).await?,
            None => Vec::new(),
        };
        let newsletters = subscribed.into_iter().map(|one| {
            json!({
                "city": one.city_name,
                "email": one.email.as_str(),
                "asked_at": one.asked_at,
                "confirmed_at": one.confirmed_at,
            })
        });
        let written = store::announcements::of_author(cx.conn(), id).await?.into_iter().map(|one| {
            json!({
                "city": one.city_name,
                "subject": one.subject,
                "body": one.body,
                "state": one.state.code(),
                "due_at": one.due_at,
                "created_at": one.created_at,
            })
        });
        Ok(vec![
            Sheet { name: "newsletters", rows: newsletters.collect() },
            Sheet { name: "announcements", rows: written.collect() },
        ])
    }

    async fn erase(&self, tx: &mut Tx, id: Uuid) -> Result<Vec<String>> {
        if let Some(email) = account::account_in(tx, AccountId(id)).await?.email {
            newsletter::erase(tx, email.as_str()).await?;
        }
        let written = store::announcements::of_author(tx.conn(), id).await?;
        if written.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec!["Announcements that you wrote for an office stay with it, without your name.".to_owned()])
    }
}
