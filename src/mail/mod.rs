//! Letters: the outbox and how it is emptied. It knows addresses and letters, and nothing of people.
//!
//! A feature writes a [`Letter`] and hands it to [`enqueue`] in the transaction of the change it tells of: when the change
//! is there, so is the letter, and when it is not, neither is. The whole message is made at that moment, with its
//! Message-ID, and is never made again, so that a letter that left twice is the same letter (T7). One event makes one
//! letter for one recipient, however often it is asked for.
//!
//! [`Delivery`] runs beside the server and empties the outbox: a few workers take letters out with a lease, ask the
//! [`Gatekeeper`] whether each may still go, send it over a connection of their own or lay it into a folder, and write down
//! how it went. While a letter is on the wire nothing in the database is locked.

mod delivery;
mod email;
pub mod jobs;
mod letter;
pub mod outbox;
mod outcome;
pub mod personal;
mod policy;
mod post;
mod store;
pub mod views;
pub mod web;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::delivery::Delivery;
pub use self::email::Email;
pub use self::letter::{Letter, LetterId, Letterhead, Priority};
pub use self::post::{Mailbox, Post};
use crate::platform::{Result, Tx};

/// Says whether a letter to an account may still go when its turn comes: much can have happened since it was written (A3).
#[async_trait]
pub trait Gatekeeper: Send + Sync {
    /// Whether letters to this account may leave now.
    async fn may_go(&self, tx: &Tx, account: Uuid) -> Result<bool>;
}

/// Puts a letter into the outbox. Asked a second time for the same event and recipient, it keeps the first.
pub async fn enqueue(tx: &mut Tx, head: &Letterhead, letter: Letter) -> Result<()> {
    let id = LetterId::fresh();
    let letter = letter.tidied();
    let message_id = head.message_id(id);
    // Rendered before the SQL: no lock is held while a template runs.
    let message = letter.render(head, &message_id, tx.now())?;
    store::insert(tx.conn(), id, message_id, message, letter, tx.now()).await
}
