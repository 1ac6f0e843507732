//! What files may know of contributions: whose draft it is, and its list of materials.

use async_trait::async_trait;
use uuid::Uuid;

use super::contribution::ContributionId;
use super::writing::{self, Change, Outcome};
use super::{may_write, policy, store, under_way, with_editors};
use crate::catalog::PracticeId;
use crate::catalog::draft::{MaterialDraft, PracticeDraft};
use crate::materials::{Folder, Shelf};
use crate::platform::{Cx, Error, Result, Tx};

/// Most materials of a record.
const MOST: usize = 40;

/// Contributions, as a shelf for files.
pub struct DraftShelf;

#[async_trait]
impl Shelf for DraftShelf {
    async fn folder(&self, cx: &Cx, contribution: Uuid) -> Result<Folder> {
        let (found, editors) = with_editors(cx, ContributionId(contribution)).await?;
        Ok(Folder {
            contribution,
            practice: found.practice,
            title: found.title().to_owned(),
            named: found.draft.materials.iter().filter_map(|one| one.url.clone()).collect(),
            writable: may_write(cx, &found, &editors),
        })
    }

    async fn under_way(&self, cx: &Cx, practice: PracticeId) -> Result<Uuid> {
        Ok(under_way(cx, practice).await?.ok_or(Error::NotFound("practice"))?.id.0)
    }

    async fn add(&self, tx: &mut Tx, contribution: Uuid, material: MaterialDraft) -> Result<()> {
        let title = material.title.clone();
        let kept = change(tx, contribution, |draft| {
            if draft.materials.len() >= MOST {
                let sentence = format!("A practice has at most {MOST} materials; take one out first.");
                return Err(Error::invalid("file", sentence));
            }
            draft.materials.push(material);
            Ok(())
        });
        let Outcome::Held(held) = kept.await? else { return Ok(()) };
        let quote = held.into_iter().next().map(|found| found.quote).or(title).unwrap_or_default();
        let sentence = format!("Take out what may point at a student: \u{201c}{quote}\u{201d}.");
        Err(Error::invalid("title", sentence))
    }

    async fn remove(&self, tx: &mut Tx, contribution: Uuid, url: &str) -> Result<()> {
        change(tx, contribution, |draft| {
            draft.materials.retain(|one| one.url.as_deref() != Some(url));
            Ok(())
        })
        .await?;
        Ok(())
    }

    async fn there(&self, cx: &Cx, contributions: &[Uuid]) -> Result<Vec<Uuid>> {
        store::there(cx.conn(), contributions).await
    }
}

/// Saves a change of the list of materials, with the draft held: nobody else's save comes between.
async fn change(
    tx: &mut Tx,
    contribution: Uuid,
    how: impl FnOnce(&mut PracticeDraft) -> Result<()> + Send,
) -> Result<Outcome<writing::Saved>> {
    let id = ContributionId(contribution);
    let (now, editors) = writing::held_for(tx, id).await?;
    let _permit = policy::write(tx.actor(), &now, &editors)?;
    let mut draft = now.draft.clone();
    how(&mut draft)?;
    writing::save(tx, id, Change { base: now.revision, fields: vec!["materials"], draft, cleared: Vec::new() }).await
}
