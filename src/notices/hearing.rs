//! How soon many people hear of a topic, for features that write one letter to all of them.

use std::collections::HashMap;

use super::settings::Standing;
use super::store;
use super::topic::{Pace, Topic};
use crate::people::AccountId;
use crate::platform::{Result, Tx};

/// How soon each of these people hears of a topic now; off for who hears nothing for a while. One statement: give some hundred.
pub async fn paces(tx: &Tx, topic: Topic, accounts: &[AccountId]) -> Result<HashMap<AccountId, Pace>> {
    let found = store::settings::standings(tx.conn(), accounts, &[topic]).await?;
    let usual = Standing::default();
    let pace = |account: &AccountId| {
        let standing = found.get(account).unwrap_or(&usual);
        if standing.choices.is_paused(tx.now()) { Pace::Off } else { standing.pace(topic) }
    };
    Ok(accounts.iter().map(|account| (*account, pace(account))).collect())
}
