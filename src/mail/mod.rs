//! Letters: the outbox and how it is emptied. It knows addresses and letters, and nothing of people.
//!
//! A feature writes a [`Letter`] and hands it to [`enqueue`] in the transaction of the change it tells of: when the change
//! is there, so is the letter, and when it is not, neither is. What it says is kept with its Message-ID, and becomes a message
//! when it leaves: the same letter becomes the same message, however often that is (T7). One event makes one letter for one
//! recipient, however often it is asked for.
//!
//! [`Delivery`] runs beside the server and empties the outbox: a few workers take letters out with a lease, ask the
//! [`Gatekeeper`] whether each may still go, send it over a connection of their own or lay it into a folder, and write down
//! how it went. While a letter is on the wire nothing in the database is locked.

pub mod api;
mod delivery;
pub mod dkim;
pub mod dns;
mod email;
pub mod intake;
pub mod jobs;
mod letter;
pub mod mailing;
pub mod outbox;
mod outcome;
pub mod personal;
mod policy;
mod post;
mod store;
pub mod subscriber;
pub mod suppression;
mod verp;
pub mod views;
pub mod web;
mod words;

use async_trait::async_trait;
use uuid::Uuid;

pub use self::delivery::{Delivery, Limits, Tally};
pub use self::email::Email;
pub use self::letter::{Content, Group, Item, Lang, Letter, LetterId, Letterhead, MailingList, Priority};
pub use self::post::{Mailbox, Post};
pub use self::words::{Gaps, Words};
use crate::platform::{Cx, Result, Timestamp, Tx};

/// What a gatekeeper says of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It goes.
    Go,
    /// Not before this moment: its reader has quiet hours.
    Later(Timestamp),
    /// It does not go: the account is closed, or its reader does not want it any more.
    Never,
}

/// A letter as a gatekeeper looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Whose it is.
    pub account: Uuid,
    /// Its kind.
    pub kind: &'a str,
    /// Whether it goes at night too.
    pub urgent: bool,
    /// After this moment it is of no use.
    pub not_after: Option<Timestamp>,
    /// The list it belongs to, where it belongs to one.
    pub list: Option<&'a str>,
    /// The school that its reader must lead to get it.
    pub school: Option<Uuid>,
}

/// Says whether a letter to an account may still go when its turn comes: much can have happened since it was written (A3).
#[async_trait]
pub trait Gatekeeper: Send + Sync {
    /// Whether this letter may leave now. One or two indexed statements: it is asked for each letter, in the transaction that
    /// puts it on the wire.
    async fn admit(&self, tx: &Tx, letter: Waiting<'_>) -> Result<Gate>;
}

/// Knows which address an account has; given at assembly, because this feature knows no people.
#[async_trait]
pub trait Addresses: Send + Sync {
    /// The address of an account, where it has one. One statement.
    async fn address_of(&self, cx: &Cx, account: Uuid) -> Result<Option<Email>>;
}

/// Puts a letter into the outbox, with what waits to be written ([`Tx::later`]). Asked a second time for the same event and
/// recipient, it keeps the first.
pub async fn enqueue(tx: &mut Tx, head: &Letterhead, letter: Letter) -> Result<()> {
    let id = LetterId::fresh();
    store::insert(tx, id, head.message_id(id), letter.checked()?).await?;
    tx.send().await
}

/// Puts letters into the outbox, with one statement for a hundred.
pub async fn enqueue_all(tx: &mut Tx, head: &Letterhead, letters: Vec<Letter>) -> Result<()> {
    let mut rows = Vec::with_capacity(letters.len());
    for letter in letters {
        let id = LetterId::fresh();
        rows.push((id, head.message_id(id), letter.checked()?));
    }
    store::insert_all(tx.conn(), rows, tx.now()).await
}
