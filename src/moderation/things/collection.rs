//! Collections as something that can be reported.

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Moderated, Thing, beginning};
use crate::collections::{self, Collection, CollectionId};
use crate::people::AccountId;
use crate::platform::{Cx, Error, Permit, Result, Tx};

/// Collections.
pub struct Collections;

fn thing(one: &Collection) -> Thing {
    Thing {
        title: one.title.clone(),
        excerpt: beginning(one.description.as_deref().unwrap_or_default(), 300),
        path: one.path().unwrap_or_default(),
    }
}

#[async_trait]
impl Moderated for Collections {
    fn code(&self) -> &'static str {
        "collection"
    }

    fn label(&self) -> &'static str {
        "Collection"
    }

    fn noun(&self) -> &'static str {
        "a collection"
    }

    fn hides(&self) -> bool {
        true
    }

    async fn seen(&self, cx: &Cx, id: Uuid) -> Result<Thing> {
        // Who reads it by its link knows its id from the page, and nobody else does.
        let found = collections::to_report(cx, CollectionId(id)).await?;
        Ok(thing(&found))
    }

    async fn things(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, Thing>> {
        let ids: Vec<CollectionId> = ids.iter().copied().map(CollectionId).collect();
        let found = collections::for_moderation(cx, &ids).await?;
        // What its owner took back is theirs alone again.
        let shared = found.iter().filter(|one| one.path().is_some());
        Ok(shared.map(|one| (one.id.0, thing(one))).collect())
    }

    async fn told(&self, tx: &Tx, id: Uuid) -> Result<Thing> {
        Ok(collections::collection_in(tx, CollectionId(id)).await?.as_ref().map(thing).unwrap_or_default())
    }

    async fn authors(&self, tx: &Tx, id: Uuid) -> Result<Vec<AccountId>> {
        Ok(collections::collection_in(tx, CollectionId(id)).await?.into_iter().map(|one| one.owner).collect())
    }

    fn is_personal(&self) -> bool {
        true
    }

    fn authors_because(&self) -> &'static str {
        "You get this because the collection is yours."
    }

    async fn set_hidden(&self, tx: &mut Tx, permit: &Permit, id: Uuid, hidden: bool) -> Result<()> {
        let id = CollectionId(id);
        let done =
            if hidden { collections::hide(tx, permit, id).await } else { collections::unhide(tx, permit, id).await };
        match done {
            // Its owner deleted it meanwhile: nobody sees it.
            Err(Error::NotFound(_)) => Ok(()),
            done => done,
        }
    }
}
