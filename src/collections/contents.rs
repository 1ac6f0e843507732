//! What is in a collection: practices in an order, each with a line for readers; and copies of the whole.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::collection::{Collection, CollectionId, Visibility, has_room, own};
use super::{policy, store, words};
use crate::catalog::{self, PracticeId};
use crate::people::AccountId;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

/// A collection holds so many practices at most.
pub const MOST: usize = 100;
/// Characters of a line.
pub const LINE: usize = 300;

/// A practice in a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which practice.
    pub practice: PracticeId,
    /// What its owner says of it, in a line for readers.
    pub line: Option<String>,
    /// When it came in.
    pub added_at: Timestamp,
}

/// What is in a collection that the caller was given, in its order. One statement.
pub async fn entries(cx: &Cx, collection: &Collection) -> Result<Vec<Entry>> {
    store::contents::of(cx.conn(), collection.id).await
}

/// How many practices are in each of these. One statement.
pub async fn counts(cx: &Cx, collections: &[Collection]) -> Result<HashMap<CollectionId, u64>> {
    let ids: Vec<_> = collections.iter().map(|one| one.id.0).collect();
    store::contents::counts(cx.conn(), &ids).await
}

/// Which of the actor's collections a practice is in. One statement.
pub async fn holding(cx: &Cx, practice: PracticeId) -> Result<HashSet<CollectionId>> {
    let Some(owner) = cx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    store::contents::holding(cx.conn(), owner, practice).await
}

async fn changed(tx: &mut Tx, before: Collection, action: &'static str, practices: usize) -> Result<()> {
    let permit = policy::own(tx.actor(), before.owner)?;
    let id = before.id;
    store::collections::update(tx.conn(), &Collection { updated_at: tx.now(), ..before }).await?;
    let detail = json!({ "practices": practices });
    tx.record(&permit, Event::about(action, "collection", id.0).with(detail)).await
}

/// Puts a practice into a collection of the actor's: at the end, or at a place counted from 1. One that is there gets the line
/// (`None` leaves it) and goes to the place, where one is given.
///
/// # Errors
/// `NotFound` for a collection of somebody else and a practice nobody can read, `Invalid` for a line that is too long, `Conflict`
/// for a collection that is full.
pub async fn put(
    tx: &mut Tx,
    id: CollectionId,
    practice: PracticeId,
    line: Option<&str>,
    place: Option<usize>,
) -> Result<()> {
    let before = own(tx, id).await?;
    let mut errors = FieldErrors::default();
    let line = line.map(|line| words::line(&mut errors, "line", line, LINE));
    errors.or(())?;
    let had = store::contents::of(tx.conn(), id).await?;
    let mut list = had.clone();
    let mut entry = match list.iter().position(|entry| entry.practice == practice) {
        Some(at) if place.is_some() => list.remove(at),
        Some(at) => {
            if let Some(line) = line {
                list[at].line = line;
            }
            return keep(tx, before, &had, list, "collection.arranged").await;
        }
        None => {
            if catalog::practice_in(tx, &practice.to_string()).await?.is_none() {
                return Err(Error::NotFound("practice"));
            }
            if list.len() >= MOST {
                return Err(Error::Conflict(format!(
                    "This collection holds {MOST} practices already; take one out first, or begin another."
                )));
            }
            Entry { practice, line: None, added_at: tx.now() }
        }
    };
    if let Some(line) = line {
        entry.line = line;
    }
    let action = if list.len() < had.len() { "collection.arranged" } else { "collection.added_to" };
    let place = place.map_or(list.len(), |place| place.saturating_sub(1).min(list.len()));
    list.insert(place, entry);
    keep(tx, before, &had, list, action).await
}

/// Takes a practice out of a collection of the actor's. Twice is as good as once.
pub async fn take_out(tx: &mut Tx, id: CollectionId, practice: PracticeId) -> Result<()> {
    let before = own(tx, id).await?;
    let had = store::contents::of(tx.conn(), id).await?;
    let list: Vec<Entry> = had.iter().filter(|entry| entry.practice != practice).cloned().collect();
    keep(tx, before, &had, list, "collection.taken_from").await
}

/// Puts the practices of a collection of the actor's into this order, with these lines. Those that are not named keep their lines and
/// come after; those that are not in it are passed over.
pub async fn arrange(tx: &mut Tx, id: CollectionId, order: &[(PracticeId, String)]) -> Result<()> {
    let before = own(tx, id).await?;
    let had = store::contents::of(tx.conn(), id).await?;
    let mut errors = FieldErrors::default();
    let mut rest: Vec<Entry> = had.clone();
    let mut list = Vec::with_capacity(had.len());
    let mut named = HashSet::new();
    for (practice, typed) in order {
        let Some(at) = rest.iter().position(|entry| entry.practice == *practice) else { continue };
        if named.insert(*practice) {
            let line = words::line(&mut errors, &format!("line-{practice}"), typed, LINE);
            list.push(Entry { line, ..rest.remove(at) });
        }
    }
    errors.or(())?;
    list.extend(rest);
    keep(tx, before, &had, list, "collection.arranged").await
}

async fn keep(tx: &mut Tx, before: Collection, had: &[Entry], list: Vec<Entry>, action: &'static str) -> Result<()> {
    let _permit = policy::own(tx.actor(), before.owner)?;
    if list == had {
        return Ok(());
    }
    store::contents::replace(tx.conn(), before.id, &list).await?;
    changed(tx, before, action, list.len()).await
}

/// Makes a private copy of a collection that the actor may read: its title, description, practices and lines. Where it came from
/// stays on record.
pub async fn copy(tx: &mut Tx, reference: &str) -> Result<CollectionId> {
    let owner = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let permit = policy::own(tx.actor(), owner)?;
    Error::unless_nameable(reference, "collection")?;
    let found = store::collections::by_reference(tx.conn(), reference).await?;
    let source = found.filter(|one| policy::reads(tx.actor(), one, reference)).ok_or(Error::NotFound("collection"))?;
    has_room(tx, owner).await?;
    let now = tx.now();
    let new = Collection {
        id: CollectionId::fresh(),
        owner,
        school: None,
        title: source.title.clone(),
        description: source.description.clone(),
        visibility: Visibility::Private,
        slug: None,
        key: None,
        shows_name: false,
        copied_from: Some(source.id),
        hidden_at: None,
        created_at: now,
        updated_at: now,
    };
    store::collections::insert(tx.conn(), &new).await?;
    let list = store::contents::of(tx.conn(), source.id).await?;
    let list: Vec<Entry> = list.into_iter().map(|entry| Entry { added_at: now, ..entry }).collect();
    store::contents::replace(tx.conn(), new.id, &list).await?;
    let detail = json!({ "from": source.id, "practices": list.len() });
    tx.record(&permit, Event::about("collection.copied", "collection", new.id.0).with(detail)).await?;
    Ok(new.id)
}
