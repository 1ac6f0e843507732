//! Mailings: one content for many readers. What it says is kept once; each reader has a row of the outbox, which is delivered,
//! tried again and counted like every other letter.
//!
//! Whoever makes a mailing creates it, adds its readers in pieces (each piece in a transaction of its own, so that others
//! write in between; a reader added twice is there once), and says when all are there. Nothing of it leaves before its time.

use uuid::Uuid;

use super::letter::{Content, Letterhead, Priority};
use super::outbox::Kept;
use super::{LetterId, store};
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Result, Timestamp, Tx};

typed_id!(
    /// A mailing.
    MailingId
);

/// Readers added with one statement; more are written in several.
pub const A_PIECE: usize = 500;

/// A mailing to be.
#[derive(Clone, Debug)]
pub struct NewMailing {
    /// The kind of its letters: `announcement`. Never changes once rows exist.
    pub kind: &'static str,
    /// What it says. In its texts and addresses `{leave}` becomes the reader's own link that leaves the list; the `leave` of
    /// its list is set for each reader.
    pub content: Content,
    /// How soon it goes.
    pub priority: Priority,
    /// Whether its letters go at night too.
    pub urgent: bool,
    /// What it belongs to: `("session", id)`.
    pub about: Option<(&'static str, Uuid)>,
    /// Who wrote it.
    pub author: Option<Uuid>,
    /// Nothing of it leaves before this moment.
    pub due_at: Timestamp,
    /// After this moment it is of no use.
    pub not_after: Option<Timestamp>,
}

/// Somebody who gets it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Their account, where they have one: the gatekeeper is asked about it when the letter's turn comes.
    pub account: Option<Uuid>,
    /// Their address.
    pub to: String,
    /// The path that leaves the list, signed for them: `/u/TOKEN`.
    pub leave: Option<String>,
}

/// Where a mailing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailingState {
    /// Its time has not come.
    Scheduled,
    /// Its letters leave.
    Sending,
    /// Somebody holds it.
    Paused,
    /// Every letter of it has ended.
    Done,
    /// Somebody stopped it: what had not left does not leave.
    Stopped,
}

impl MailingState {
    /// As the API and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// A mailing.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// Its id.
    pub id: MailingId,
    /// The kind of its letters.
    pub kind: String,
    /// What it says.
    pub content: Content,
    /// What it belongs to: kind and id.
    pub about: Option<(String, Uuid)>,
    /// Who wrote it.
    pub author: Option<Uuid>,
    /// Where it stands.
    pub state: MailingState,
    /// Nothing of it leaves before this moment.
    pub due_at: Timestamp,
    /// Readers added so far.
    pub total: i64,
    /// Whether all of them are there.
    pub filled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the last letter of it had ended, or it was stopped.
    pub done_at: Option<Timestamp>,
}

/// How far a mailing is. The numbers add up to `total`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Readers added so far.
    pub total: i64,
    /// To go: waiting, paused, on the wire, or to be tried again.
    pub waiting: i64,
    /// Taken by the mail server.
    pub sent: i64,
    /// Given up.
    pub failed: i64,
    /// Perhaps sent: nobody knows, and it is not sent on a guess.
    pub uncertain: i64,
    /// Did not go: left the list, account closed, suppressed, too late, or stopped.
    pub withheld: i64,
    /// Erased with their reader.
    pub erased: i64,
}

/// Makes a mailing without readers. Whoever calls has asked its own policy, and records its own event.
pub async fn create(tx: &mut Tx, head: &Letterhead, new: NewMailing) -> Result<MailingId> {
    let id = MailingId::fresh();
    store::mailing::insert(tx.conn(), id, head, new, tx.now()).await?;
    Ok(id)
}

/// Adds readers, [`A_PIECE`] to a statement; says how many were new. One who has no address that can be written to is passed
/// over. Give some thousand to a transaction at most.
pub async fn add(tx: &mut Tx, id: MailingId, readers: &[Reader]) -> Result<u64> {
    store::mailing::add(tx.conn(), id, readers, tx.now()).await
}

/// All readers are there: from now on the mailing can be done.
pub async fn filled(tx: &mut Tx, id: MailingId) -> Result<()> {
    store::mailing::filled(tx.conn(), id, tx.now()).await
}

/// Moves a mailing of which nothing has left to another moment; refused where it is under way.
pub async fn reschedule(tx: &mut Tx, id: MailingId, due_at: Timestamp) -> Result<()> {
    if store::mailing::reschedule(tx.conn(), id, due_at, tx.now()).await? {
        Ok(())
    } else {
        Err(Error::Conflict("It is under way already, or over.".to_owned()))
    }
}

/// Holds a mailing: what is not on the wire stays. Harmless where it is held or over.
pub async fn pause(tx: &mut Tx, id: MailingId) -> Result<()> {
    store::mailing::pause(tx.conn(), id).await
}

/// Lets a held mailing go on.
pub async fn resume(tx: &mut Tx, id: MailingId) -> Result<()> {
    store::mailing::resume(tx.conn(), id).await
}

/// Ends a mailing: what has not left does not leave.
pub async fn stop(tx: &mut Tx, id: MailingId) -> Result<()> {
    store::mailing::stop(tx.conn(), id, tx.now()).await
}

/// Somebody has left a thing: what its mailings have not yet sent to them does not go.
pub async fn leave(tx: &mut Tx, kind: &str, id: Uuid, account: Uuid) -> Result<()> {
    store::mailing::leave(tx.conn(), kind, id, account, tx.now()).await
}

/// One mailing.
pub async fn mailing(cx: &Cx, id: MailingId) -> Result<Mailing> {
    store::mailing::by_id(cx.conn(), id, cx.now()).await?.ok_or(Error::NotFound("mailing"))
}

/// Mailings that belong to a thing, newest first.
pub async fn about(cx: &Cx, kind: &str, id: Uuid) -> Result<Vec<Mailing>> {
    store::mailing::about(cx.conn(), kind, id, cx.now()).await
}

/// How far a mailing is: one statement along an index.
pub async fn progress(cx: &Cx, id: MailingId) -> Result<Progress> {
    store::mailing::progress(cx.conn(), id).await?.ok_or(Error::NotFound("mailing"))
}

/// Its delivery log: letters, newest first, at most `limit`, of one state where one is given; the next page begins before the
/// last of this one. Opens are not tracked.
pub async fn log(
    cx: &Cx,
    id: MailingId,
    state: Option<&str>,
    before: Option<LetterId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    store::mailing::log(cx.conn(), id, state, before, limit).await
}

/// How letters of these mailings to some accounts went: mailing, account, state of the letter. For a line beside each person.
pub async fn to_accounts(cx: &Cx, mailings: &[MailingId], accounts: &[Uuid]) -> Result<Vec<(MailingId, Uuid, String)>> {
    store::mailing::to_accounts(cx.conn(), mailings, accounts).await
}
