//! Practices in the order of their changes and of their ids: for feeds, harvesting, sitemaps and the export.
//!
//! A practice keeps one place in the order of changes, at its newest one. Who walks through the order forwards and meets a
//! practice that changes meanwhile meets it again further on: nothing is lost.

use super::practice::{Practice, PracticeId, Version};
use super::store::changes as store;
use crate::platform::{Cx, Result, Timestamp};

/// A place in the order of changes: when, and which practice.
pub type Place = (Timestamp, PracticeId);

/// Which changes are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub before: Option<Timestamp>,
    /// After this place.
    pub after: Option<Place>,
}

/// Practices by their newest change, oldest change first; those that were taken out of the catalog too. One statement.
pub async fn oldest_first(cx: &Cx, window: Window, limit: u64) -> Result<Vec<Practice>> {
    store::oldest_first(cx.conn(), window, limit).await
}

/// Practices that the catalog shows, newest change first, from behind a place. One statement.
pub async fn newest_first(cx: &Cx, behind: Option<Place>, limit: u64) -> Result<Vec<Practice>> {
    store::newest_first(cx.conn(), behind, limit).await
}

/// The newest changes of these practices, in no order. One statement for 900 practices.
pub async fn places(cx: &Cx, ids: &[PracticeId]) -> Result<Vec<Place>> {
    store::places(cx.conn(), ids).await
}

/// When the first change was that still is some practice's newest. One statement.
pub async fn first(cx: &Cx) -> Result<Option<Timestamp>> {
    let found = store::oldest_first(cx.conn(), Window::default(), 1).await?;
    Ok(found.first().map(|practice| practice.updated_at))
}

/// Public practices in the order of their ids, those taken out too, after one of them. One statement.
pub async fn in_order(cx: &Cx, after: Option<PracticeId>, limit: u64) -> Result<Vec<Practice>> {
    store::in_order(cx.conn(), after, limit).await
}

/// How many that are. One statement.
pub async fn count(cx: &Cx) -> Result<u64> {
    store::count(cx.conn()).await
}

/// Names in addresses of the practices that the catalog shows, with their newest changes, in the order of ids. One statement.
pub async fn addresses(cx: &Cx, skip: u64, limit: u64) -> Result<Vec<(String, Timestamp)>> {
    store::addresses(cx.conn(), skip, limit).await
}

/// Every version of these practices with its record, in their order. One statement for 900 practices.
pub async fn versions(cx: &Cx, ids: &[PracticeId]) -> Result<Vec<(PracticeId, Version)>> {
    store::versions(cx.conn(), ids).await
}
