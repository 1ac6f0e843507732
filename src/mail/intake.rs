//! What comes back by mail: bounces, complaints, automatic answers, answers of calendars.
//!
//! A message comes in by the command `bounce`, the hook or the LMTP listener. [`classify`] says what it is, without I/O and
//! without trusting a word of it; [`Intake::take`] acts on it. It acts only on letters of ours: named by the signed token of
//! their return address, or by their Message-ID together with the address that they went to. Nothing is ever answered.

mod bounce;
mod calendar;
pub mod lmtp;
mod report;
mod wording;

use std::sync::Arc;

use async_trait::async_trait;

pub(super) use self::bounce::TOKEN;
pub use self::bounce::{Classified, Kind, classify};
pub use self::calendar::CalendarReply;
pub(super) use self::report::Status;
use super::store::bounces as store;
use super::suppression::{self, Bounced};
use super::{LetterId, verp};
use crate::platform::{Actor, Cx, Db, Error, Result, Secret};

/// A message that comes in is at most so long: a bounce with the letter that it returns, and much to spare.
pub const LARGEST: usize = 1024 * 1024;

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

/// Takes in what comes back. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    db: Db,
    secret: Secret,
    replies: Arc<dyn Replies>,
}

impl Intake {
    /// For the letters of `db`, whose return addresses are signed with `secret`.
    pub fn new(db: Db, secret: Secret, replies: Arc<dyn Replies>) -> Self {
        Self { db, secret, replies }
    }

    /// Takes in one message, that was sent to `envelope_to` where that is known. Taken in twice, it counts once.
    pub async fn take(&self, raw: &[u8], envelope_to: Option<&str>) -> Result<Report> {
        if raw.len() > LARGEST {
            return Err(Error::Conflict("The message is longer than 1 MiB.".to_owned()));
        }
        let bytes = raw.to_vec();
        // Reading a message costs a millisecond or two, which no other request should wait for.
        let found = match tokio::task::spawn_blocking(move || classify(&bytes)).await {
            Ok(found) => found,
            // What makes a library fall over shall not come again and again: a mail server that heard of it would ask again.
            Err(error) => {
                tracing::error!(%error, "a message that came in could not be read");
                Classified::unknown()
            }
        };
        let mut report =
            Report { kind: found.kind, letter: None, status: found.status.clone(), suppressed: false, reply: None };
        match found.kind {
            Kind::Reply => report.reply = Some(self.reply(&found).await?),
            Kind::Hard | Kind::Soft | Kind::Complaint => {
                let Some(letter) = self.letter(&found, envelope_to).await? else {
                    tracing::info!(kind = found.kind.code(), "a message came back that is about no letter of ours");
                    return Ok(report);
                };
                report.letter = Some(letter.letter);
                let mut tx = self.db.write(Actor::System("bounce")).await?;
                report.suppressed = suppression::note(&mut tx, &letter, found.kind, found.status.as_deref()).await?;
                tx.commit().await?;
            }
            Kind::AutoReply | Kind::Unknown => {}
        }
        tracing::info!(
            kind = report.kind.code(),
            status = report.status,
            suppressed = report.suppressed,
            "a message came in"
        );
        Ok(report)
    }

    /// The letter that came back, where that is more than a guess.
    async fn letter(&self, found: &Classified, envelope_to: Option<&str>) -> Result<Option<Bounced>> {
        let cx: Cx = self.db.cx(Actor::System("bounce"));
        let tokens = envelope_to.and_then(verp::token_in).into_iter().chain(found.tokens.iter().map(String::as_str));
        for token in tokens {
            if let Some(id) = verp::letter(&self.secret, token)
                && let Some(letter) = store::letter(cx.conn(), id).await?
            {
                return Ok(Some(letter));
            }
        }
        match &found.recipient {
            Some(recipient) if !found.message_ids.is_empty() => {
                store::letter_to(cx.conn(), &found.message_ids, recipient).await
            }
            _ => Ok(None),
        }
    }

    /// Hands on the answers that came from the attendee (RFC 6047 2.3); the one that changed most is the word.
    async fn reply(&self, found: &Classified) -> Result<Outcome> {
        let mut word = Outcome::NotTheirs;
        for reply in found.replies.iter().filter(|reply| !reply.from.is_empty() && reply.from == reply.attendee) {
            match self.replies.reply(&self.db, reply.clone()).await? {
                Outcome::Applied => word = Outcome::Applied,
                Outcome::NothingToDo if word == Outcome::NotTheirs => word = Outcome::NothingToDo,
                Outcome::NothingToDo | Outcome::NotTheirs => {}
            }
        }
        Ok(word)
    }
}
