//! Letters: the outbox and how it is emptied. It knows addresses and letters, and nothing of people.
//!
//! A feature writes a [`Letter`] and hands it to [`enqueue`] in the transaction of the change it tells of: when the change
//! is there, so is the letter, and when it is not, neither is. The whole message is made at that moment, with its
//! Message-ID, and is never made again, so that a letter that left twice is the same letter (T7). One event makes one
//! letter for one recipient, however often it is asked for.

mod email;
mod letter;
pub mod personal;
mod store;
pub mod web;

pub use self::email::Email;
pub use self::letter::{Letter, LetterId, Letterhead, Priority};
use crate::platform::{Result, Tx};

/// Puts a letter into the outbox. Asked a second time for the same event and recipient, it keeps the first.
pub async fn enqueue(tx: &mut Tx, head: &Letterhead, letter: Letter) -> Result<()> {
    let id = LetterId::fresh();
    let message_id = head.message_id(id);
    // Rendered before the SQL: no lock is held while a template runs.
    let message = letter.render(head, &message_id, tx.now())?;
    store::insert(tx.conn(), id, message_id, message, letter, tx.now()).await
}
