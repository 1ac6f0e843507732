//! What this feature adds to the page of a practice: links that do not answer.

use askama::Template;
use async_trait::async_trait;

use super::store;
use super::views::{DeadLink, DeadLinks};
use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part, PartSection};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Place, Result};

/// So many weekly checks in a row must fail until everybody is told.
const TOLD: i32 = 3;

/// Links that do not answer.
pub struct LinkPart;

#[async_trait]
impl PagePart for LinkPart {
    async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Part> {
        let person = cx.actor().person();
        let ours = practice
            .origin_school
            .is_some_and(|school| person.is_some_and(|it| it.belongs_to(Place::School(school.0))));
        // Those who can put it right hear of it at the first failure.
        let after = if ours { 1 } else { TOLD };
        let dead = store::links::dead(cx.conn(), practice.id.0, after).await?;
        if dead.is_empty() || practice.status == PracticeStatus::RETIRED {
            return Ok(Part::default());
        }
        let links = dead.into_iter().map(|link| DeadLink {
            url: link.url,
            since: link.since.map(|since| since.date_naive()).unwrap_or_default(),
            told: link.failures >= TOLD,
        });
        let view = DeadLinks { links: links.collect(), ours };
        let body_html = view.render().map_err(Error::internal)?;
        let section = PartSection { id: "dead-links", heading: "Links that do not answer".to_owned(), body_html };
        Ok(Part { actions: Vec::new(), section: Some(section) })
    }
}
