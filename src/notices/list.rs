//! The list of what is new for somebody: every notice is in it, however soon it was told by letter.

use uuid::Uuid;

use super::topic::Topic;
use super::{policy, store};
use crate::people::AccountId;
use crate::platform::ids::typed_id;
use crate::platform::{Cx, Error, Result, Timestamp, Tx};

typed_id!(
    /// A notice.
    NoticeId
);

/// Unread notices are counted up to so many.
pub const MOST_COUNTED: u64 = 100;

/// A notice as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: NoticeId,
    /// What it belongs to.
    pub topic: Topic,
    /// What it is about.
    pub about: (String, Uuid),
    /// One line of words.
    pub line: String,
    /// The page where more is said.
    pub path: String,
    /// When it was told.
    pub created_at: Timestamp,
    /// When it was marked as read.
    pub read_at: Option<Timestamp>,
}

/// The notices of the actor, the newest first; those after `before`. One statement.
pub async fn mine(cx: &Cx, before: Option<NoticeId>, limit: u64) -> Result<Vec<Kept>> {
    store::of_account(cx.conn(), owner(cx)?, before, limit).await
}

/// How many the actor has.
pub async fn total(cx: &Cx) -> Result<u64> {
    store::count(cx.conn(), owner(cx)?).await
}

/// How many of an account are not read, counted up to [`MOST_COUNTED`]. One statement along an index: every page of a
/// signed-in person asks.
pub async fn unread(cx: &Cx, account: AccountId) -> Result<u64> {
    store::unread(cx.conn(), account, MOST_COUNTED).await
}

/// Marks notices of the actor as read: these, and all up to one. Those of others stay as they are.
pub async fn read(tx: &mut Tx, ids: &[NoticeId], up_to: Option<NoticeId>) -> Result<u64> {
    let account = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    // That somebody has read something is no event of the log: it would tell when they were here.
    let _permit = policy::own(tx.actor(), account)?;
    store::read(tx.conn(), account, ids, up_to, tx.now()).await
}

fn owner(cx: &Cx) -> Result<AccountId> {
    cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)
}
