//! What comes back by mail: bounces, complaints, automatic answers, answers of calendars.
//!
//! A message comes in by the command `bounce`, the hook or the LMTP listener. [`classify`] says what it is, without I/O and
//! without trusting a word of it; [`Intake::take`] acts on it. Nothing that comes in is ever answered.

use async_trait::async_trait;

use super::LetterId;
use crate::platform::{Db, Result, Timestamp};

/// What a message that came in was, as one line can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A letter did not arrive and never will.
    Hard,
    /// A letter did not arrive yet, or not this time: a full mailbox, a server that is away.
    Soft,
    /// Its reader called it unwanted.
    Complaint,
    /// A machine answered in the absence of its reader.
    AutoReply,
    /// A calendar answered an invitation.
    Reply,
    /// Nothing of this.
    Unknown,
}

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

/// A calendar's answer to an invitation (METHOD:REPLY), from the attendee's own address (RFC 6047).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarReply {
    /// The UID of the event.
    pub uid: String,
    /// The RECURRENCE-ID where one meeting of several is answered, as it is written.
    pub recurrence: Option<String>,
    /// The address of the ATTENDEE, in lower case, without `mailto:`.
    pub attendee: String,
    /// PARTSTAT in upper case: ACCEPTED, DECLINED, TENTATIVE ...
    pub partstat: String,
    /// The address of From, in lower case: the same as `attendee`, or the answer is not handed on.
    pub from: String,
    /// The SEQUENCE of the invitation that is answered; 0 where it is left out.
    pub sequence: i64,
    /// When the answer was given (DTSTAMP).
    pub sent_at: Option<Timestamp>,
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
