//! What a person hears, and how soon: topics with a pace for each, quiet hours, digests, and the list of what is new.
//!
//! A feature that has something to tell hands a [`Notice`] to [`tell`] in the transaction of the change. The notice appears in
//! the person's list; by the pace they chose for its topic a letter goes at once, or the notice waits for their digest, or
//! stays in the list alone. Letters that decide something (a seat, an approval, a sign-in) are no notices: they go to
//! [`crate::mail`] directly and always leave.

mod topic;

use std::sync::Arc;

use uuid::Uuid;

pub use self::topic::{Pace, Topic};
use crate::mail::{self, Letter, Letterhead};
use crate::people::AccountId;
use crate::platform::{Result, Secret, Tx};

/// What notices need besides the database; cheap to clone.
#[derive(Clone)]
pub struct Postroom {
    /// What letters begin and end with.
    pub head: Arc<Letterhead>,
    /// Signs the links that leave a list.
    pub secret: Secret,
}

/// Something that a person may want to hear of.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who hears it.
    pub account: AccountId,
    /// What it belongs to, by which its reader chose how soon.
    pub topic: Topic,
    /// What it tells of, unique with the reader: `registration:ID:turn:2`. Told twice, it is kept once.
    pub event: String,
    /// What it is about, for grouping: the newest of one subject is shown in a digest.
    pub about: (&'static str, Uuid),
    /// One line of words: "Maria Lopez asked for a seat in Number talks, March 13". No student, no contact data.
    pub line: String,
    /// The page where more is said: `/sessions/ID`.
    pub path: String,
    /// The letter that goes at once, where the reader wants to hear of the topic at once.
    pub letter: Option<Letter>,
}

/// Tells somebody.
pub async fn tell(tx: &mut Tx, room: &Postroom, notice: Notice) -> Result<()> {
    match notice.letter {
        Some(letter) => mail::enqueue(tx, &room.head, letter).await,
        None => Ok(()),
    }
}
