//! Whether a letter to somebody may still go when its turn comes (A3).

use async_trait::async_trait;
use uuid::Uuid;

use super::account::{AccountId, AccountState};
use super::store::accounts as store;
use crate::mail::Gatekeeper;
use crate::platform::{Result, Tx};

/// Lets letters go to accounts that may be used, and to no others.
#[derive(Clone, Copy, Debug)]
pub struct ActiveAccounts;

#[async_trait]
impl Gatekeeper for ActiveAccounts {
    async fn may_go(&self, tx: &Tx, account: Uuid) -> Result<bool> {
        let account = store::by_id(tx.conn(), AccountId(account)).await?;
        Ok(account.is_some_and(|account| account.state == AccountState::Active))
    }
}
