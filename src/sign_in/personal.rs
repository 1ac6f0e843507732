//! What the entrance keeps about a person.

use async_trait::async_trait;
use uuid::Uuid;

use super::store::personal as store;
use crate::mail::Email;
use crate::people::{self, AccountId};
use crate::platform::db::answers;
use crate::platform::personal::{PersonalData, Sheet};
use crate::platform::{Cx, Result, Tx};

/// Sign-ins, tokens, second steps, links to other sign-ins, changes of address.
pub struct SignInData;

#[async_trait]
impl PersonalData for SignInData {
    async fn export(&self, cx: &Cx, account: Uuid) -> Result<Vec<Sheet>> {
        let (conn, account) = (cx.conn(), AccountId(account));
        Ok(vec![
            Sheet { name: "sign_ins", rows: store::sign_ins(conn, account).await? },
            Sheet { name: "tokens", rows: store::tokens(conn, account).await? },
            Sheet { name: "second_steps", rows: store::steps(conn, account).await? },
            Sheet { name: "school_sign_ins", rows: store::identities(conn, account).await? },
            Sheet { name: "address_changes", rows: store::email_changes(conn, account).await? },
        ])
    }

    async fn erase(&self, tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
        // Some links know the address and no account: they were sent before there was one.
        let email = people::personal::address_of(tx, AccountId(account)).await?;
        store::erase(tx.conn(), AccountId(account), email.as_ref().map(Email::as_str)).await?;
        answers::forget(tx, account).await?;
        Ok(Vec::new())
    }
}
