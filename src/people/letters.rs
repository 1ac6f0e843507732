//! Whether a letter to somebody may still go when its turn comes (A3).

use async_trait::async_trait;

use super::account::{AccountId, AccountState};
use super::store::accounts as store;
use crate::mail::{Gate, Gatekeeper, Waiting};
use crate::platform::{Result, Tx};

/// Lets letters go to accounts that may be used, and to no others.
#[derive(Clone, Copy, Debug)]
pub struct ActiveAccounts;

#[async_trait]
impl Gatekeeper for ActiveAccounts {
    async fn admit(&self, tx: &Tx, letter: Waiting<'_>) -> Result<Gate> {
        let account = store::by_id(tx.conn(), AccountId(letter.account)).await?;
        let active = account.is_some_and(|account| account.state == AccountState::Active);
        Ok(if active { Gate::Go } else { Gate::Never })
    }
}
