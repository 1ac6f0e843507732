//! Practices as something that can be reported. A published version never changes and cannot be hidden; a practice can be taken out
//! of the catalog, with the reason on its page (P-8).

use std::collections::HashMap;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Moderated, Thing, beginning};
use crate::catalog::{self, Practice, PracticeId};
use crate::people::AccountId;
use crate::people::membership::leads_of;
use crate::platform::{Cx, Result, Tx};

/// Practices.
pub struct Practices;

fn thing(practice: &Practice) -> Thing {
    let record = &practice.record;
    let text = record.summary.as_deref().or(record.problem.as_deref()).unwrap_or_default();
    Thing { title: record.title.clone(), excerpt: beginning(text, 300), path: format!("/practices/{}", practice.slug) }
}

#[async_trait]
impl Moderated for Practices {
    fn code(&self) -> &'static str {
        "practice"
    }

    fn label(&self) -> &'static str {
        "Practice"
    }

    fn noun(&self) -> &'static str {
        "a practice"
    }

    fn retires(&self) -> bool {
        true
    }

    async fn seen(&self, cx: &Cx, id: Uuid) -> Result<Thing> {
        Ok(thing(&catalog::practice(cx, &id.to_string()).await?))
    }

    async fn things(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, Thing>> {
        let ids: Vec<PracticeId> = ids.iter().copied().map(PracticeId).collect();
        let found = catalog::practices(cx, &ids).await?;
        Ok(found.into_iter().map(|(id, practice)| (id.0, thing(&practice))).collect())
    }

    async fn told(&self, tx: &Tx, id: Uuid) -> Result<Thing> {
        Ok(catalog::practice_in(tx, &id.to_string()).await?.as_ref().map(thing).unwrap_or_default())
    }

    async fn authors(&self, tx: &Tx, id: Uuid) -> Result<Vec<AccountId>> {
        let practice = catalog::practice_in(tx, &id.to_string()).await?;
        let Some(school) = practice.and_then(|practice| practice.origin_school) else { return Ok(Vec::new()) };
        let (principals, delegates) = leads_of(tx, school).await?;
        Ok(principals.into_iter().chain(delegates).map(|account| account.id).collect())
    }

    fn authors_because(&self) -> &'static str {
        "You get this because you lead the school where the practice began."
    }

    async fn retire(&self, tx: &mut Tx, id: Uuid, reason: &str) -> Result<()> {
        catalog::retire(tx, PracticeId(id), reason).await
    }
}
