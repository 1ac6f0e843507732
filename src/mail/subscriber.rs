//! Letters to addresses without an account: they end and go with what their mailbox asked for.

use uuid::Uuid;

use super::mailing::MailingId;
use super::store::subscriber as store;
use crate::platform::{Result, Tx};

/// What waits for an address in these mailings does not go. Whoever calls has asked its own policy.
pub async fn withdraw(tx: &mut Tx, mailings: &[MailingId], to: &str) -> Result<()> {
    let ids: Vec<Uuid> = mailings.iter().map(|mailing| mailing.0).collect();
    store::withdraw(tx.conn(), &ids, to, tx.now()).await
}

/// Takes letters of these kinds to an address out, where they are nobody's who has an account. Whoever calls has asked its own
/// policy.
pub async fn forget(tx: &mut Tx, kinds: &[&str], to: &str) -> Result<()> {
    store::forget(tx.conn(), kinds, to).await
}
