//! How a practice gets into the catalog: somebody writes a draft with colleagues, editors review it in a conversation on the record,
//! the principal of the school says yes, and it is published as a version that never changes.

pub mod contribution;
mod policy;
mod store;
pub mod web;

pub use self::contribution::{Contribution, ContributionId};
use crate::platform::{Cx, Error, Result};

/// A contribution, for those who may know of it.
pub async fn contribution(cx: &Cx, id: ContributionId) -> Result<Contribution> {
    let found = store::by_id(cx.conn(), id).await?.ok_or(Error::NotFound("practice"))?;
    let editors = store::editors(cx.conn(), id).await?;
    if policy::knows(cx.actor(), &found, &editors) { Ok(found) } else { Err(Error::NotFound("practice")) }
}
