//! What comes back by mail: bounces, complaints, automatic answers, answers of calendars.
//!
//! A message comes in by the command `bounce`, the hook or the LMTP listener. [`classify`] says what it is, without I/O and
//! without trusting a word of it; [`Intake::take`] acts on it. Nothing that comes in is ever answered.

mod bounce;
mod calendar;
mod report;
mod wording;

use async_trait::async_trait;

pub use self::bounce::{Classified, Kind, classify};
pub use self::calendar::CalendarReply;
use super::LetterId;
use crate::platform::{Db, Result};

/// What was done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it was.
    pub kind: Kind,
    /// The letter it is about, where that is certain.
    pub letter: Option<LetterId>,
    /// The enhanced status (RFC 3463) it gives: `5.1.1`.
    pub status: Option<String>,
    /// Whether an address gets no more letters because of it.
    pub suppressed: bool,
    /// What the feature made of a calendar's answer.
    pub reply: Option<Outcome>,
}

/// What became of a calendar's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It changed something.
    Applied,
    /// It was heard and changes nothing: said before, tentative, or of an older invitation.
    NothingToDo,
    /// There is no such seat, or it is somebody else's.
    NotTheirs,
}

/// The feature that knows what an invitation was for; given at assembly.
#[async_trait]
pub trait Replies: Send + Sync {
    /// Acts on an answer; asked twice, the second time changes nothing. From is the attendee, which is all that is known of
    /// who sent it: whether the seat is theirs is to be looked up.
    async fn reply(&self, db: &Db, reply: CalendarReply) -> Result<Outcome>;
}

/// Where no feature wants answers of calendars.
pub struct NoReplies;

#[async_trait]
impl Replies for NoReplies {
    async fn reply(&self, _: &Db, _: CalendarReply) -> Result<Outcome> {
        Ok(Outcome::NothingToDo)
    }
}
