//! Practices that people save for themselves, with private notes, and collections that they share.
//!
//! A saved practice ([`saves`]) is its person's alone: nobody else reads the list or the notes, and nothing counts it. A
//! [`Collection`] is a list of practices with a line on each. It is private until its owner shares it by a link that nobody can
//! guess, or makes it public under a name of its own; who may read it may take a copy as a start. Moderators may hide one
//! ([`hide`]): then its owner alone sees it.
//!
//! A practice that was retired stays in both lists and says so.

pub mod api;
pub mod collection;
pub mod contents;
pub mod part;
pub mod personal;
mod policy;
pub mod saves;
mod store;
pub mod views;
pub mod web;
mod words;

pub use self::collection::{Collection, CollectionId, Visibility};
pub use self::contents::Entry;
use uuid::Uuid;

use crate::people;
use crate::people::membership::{Membership, MembershipState};
use crate::platform::{Cx, Error, Event, Permit, Place, Result, Role, Tx};

/// A collection as somebody may read it, by its name in addresses, the key of its link or its id.
///
/// # Errors
/// `NotFound` for one that is not shared with the asker, and for one that was hidden unless the asker owns it or moderates.
pub async fn shared(cx: &Cx, reference: &str) -> Result<Collection> {
    Error::unless_nameable(reference, "collection")?;
    let found = store::collections::by_reference(cx.conn(), reference).await?;
    found.filter(|one| policy::reads(cx.actor(), one, reference)).ok_or(Error::NotFound("collection"))
}

/// A collection that somebody reports, by its id: they saw it, by its name or by its link.
///
/// # Errors
/// `NotFound` for one that is private or hidden.
pub async fn to_report(cx: &Cx, id: CollectionId) -> Result<Collection> {
    let found = store::collections::by_ids(cx.conn(), &[id.0]).await?.pop();
    found.filter(policy::reported).ok_or(Error::NotFound("collection"))
}

/// Who a collection is by, for its readers: the owner's role at the school they speak of, while they hold one there, and their
/// name where they show it.
pub async fn byline(cx: &Cx, collection: &Collection) -> Result<String> {
    let mut parts = Vec::new();
    if collection.shows_name {
        let names = people::personal::names(cx, &[collection.owner]).await?;
        parts.extend(names.into_values());
    }
    if let Some(school) = collection.school {
        let held = people::membership::memberships_of(cx, collection.owner).await?;
        let here =
            |one: &&Membership| one.state == MembershipState::Current && one.grant.place == Place::School(school.0);
        // The role that leads stands first in the order of the table after teachers.
        let role = held.iter().filter(here).map(|one| one.grant.role).min_by_key(|role| match role {
            Role::Principal => 0,
            Role::Delegate => 1,
            Role::Organizer => 2,
            _ => 3,
        });
        if let (Some(role), Some(school)) = (role, people::schools(cx, &[school]).await?.remove(&school)) {
            parts.extend([role.label().to_owned(), school.name]);
        }
    }
    Ok(if parts.is_empty() { "an educator".to_owned() } else { parts.join(", ") })
}

/// Collections by id, whatever became of them, for those who moderate; one statement.
pub async fn for_moderation(cx: &Cx, ids: &[CollectionId]) -> Result<Vec<Collection>> {
    policy::moderates(cx.actor())?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    store::collections::by_ids(cx.conn(), &ids).await
}

/// One collection inside a transaction, for moderation: whose it is, and whether it is shared and hidden.
pub async fn collection_in(tx: &Tx, id: CollectionId) -> Result<Option<Collection>> {
    Ok(store::collections::by_ids(tx.conn(), &[id.0]).await?.pop())
}

/// Hides a collection from everybody but its owner. Twice is as good as once. Whether that is permitted is moderation's own rule, so
/// it brings its permit.
///
/// # Errors
/// `NotFound` for one that is not there any more.
pub async fn hide(tx: &mut Tx, permit: &Permit, id: CollectionId) -> Result<()> {
    let found = store::collections::held(tx.conn(), id).await?.ok_or(Error::NotFound("collection"))?;
    if found.hidden_at.is_some() {
        return Ok(());
    }
    let now = Collection { hidden_at: Some(tx.now()), ..found };
    store::collections::update(tx.conn(), &now).await?;
    tx.record(permit, Event::about("collection.hidden", "collection", id.0)).await
}

/// Shows a hidden collection again, to whom its owner shared it. Twice is as good as once.
pub async fn unhide(tx: &mut Tx, permit: &Permit, id: CollectionId) -> Result<()> {
    let found = store::collections::held(tx.conn(), id).await?.ok_or(Error::NotFound("collection"))?;
    if found.hidden_at.is_none() {
        return Ok(());
    }
    let now = Collection { hidden_at: None, ..found };
    store::collections::update(tx.conn(), &now).await?;
    tx.record(permit, Event::about("collection.shown", "collection", id.0)).await
}
