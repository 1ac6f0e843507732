//! How a practice gets into the catalog: somebody writes a draft with colleagues, editors review it in a conversation on the record,
//! the principal of the school says yes, and it is published as a version that never changes.
//!
//! Writing is [`writing`]: a short form is enough to begin, sections save themselves, and two people who write at once lose nothing
//! ([`merge`]). A draft is kept as it was typed, half done; what it breaks is told and refused only when it is submitted.
//!
//! Review is [`review`]: what the program sees ([`checks`]), the conversation ([`entry`]), an editor's answer, and evidence. The yes of
//! the school is [`confirm`]: a letter with a signed link to those who lead it, and publication in the same transaction.

pub mod api;
pub mod checks;
pub mod clockwork;
pub mod confirm;
pub mod contribution;
pub mod editors;
pub mod entry;
mod letters;
pub mod merge;
pub mod parts;
pub mod personal;
mod policy;
pub mod queue;
pub mod reading;
pub mod recheck;
pub mod review;
pub mod review_data;
pub mod school_days;
mod shelf;
mod store;
pub mod views;
pub mod web;
pub mod writing;

pub use self::contribution::{Contribution, ContributionId};
pub use self::shelf::DraftShelf;
pub use self::store::Save;
use crate::catalog::PracticeId;
use crate::people::AccountId;
use crate::platform::{Cx, Error, Result};

/// A contribution, for those who may know of it.
pub async fn contribution(cx: &Cx, id: ContributionId) -> Result<Contribution> {
    Ok(with_editors(cx, id).await?.0)
}

/// The same with its co-editors, the first one first.
pub async fn with_editors(cx: &Cx, id: ContributionId) -> Result<(Contribution, Vec<AccountId>)> {
    let found = store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("practice"))?;
    let editors = store::editors(cx.conn(), id).await?;
    if policy::knows(cx.actor(), &found, &editors) { Ok((found, editors)) } else { Err(Error::NotFound("practice")) }
}

/// Whether the actor may change what it says, now.
pub fn may_write(cx: &Cx, contribution: &Contribution, editors: &[AccountId]) -> bool {
    contribution.is_open() && policy::writes(cx.actor(), contribution, editors)
}

/// Whether the actor may say who writes it.
pub fn may_name_writers(cx: &Cx, contribution: &Contribution, editors: &[AccountId]) -> bool {
    policy::name_writers(cx.actor(), contribution, editors).is_ok()
}

/// The contribution that is under way for a practice, for those who may know of it.
pub async fn under_way(cx: &Cx, practice: PracticeId) -> Result<Option<Contribution>> {
    let Some(found) = store::under_way(cx.conn(), practice).await? else { return Ok(None) };
    let editors = store::editors(cx.conn(), found.id).await?;
    Ok(Some(found).filter(|found| policy::knows(cx.actor(), found, &editors)))
}

/// The last hundred contributions that the actor writes, the newest change first.
pub async fn mine(cx: &Cx) -> Result<Vec<Contribution>> {
    let Some(account) = cx.actor().account() else { return Err(Error::SignInRequired) };
    store::written_by(cx.conn(), AccountId(account), 100).await
}

/// Saves of a contribution with lower numbers than `before`, newest first, for those who may know of it.
pub async fn saves(cx: &Cx, id: ContributionId, before: i32, limit: u64) -> Result<Vec<Save>> {
    with_editors(cx, id).await?;
    store::saves(cx.conn(), id, before, limit).await
}

/// What a practice began as a copy of.
pub async fn copied_from(cx: &Cx, practice: PracticeId) -> Result<Option<PracticeId>> {
    store::copied_from(cx.conn(), practice).await
}
