//! What contributions add to the pages of practices and schools.

use askama::Template;
use async_trait::async_trait;

use super::store;
use super::views::OriginPart;
use crate::catalog::parts::{PagePart, Part, PartSection};
use crate::catalog::{self, Practice};
use crate::people::{School, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};

/// Ways to write a practice, and what one began as.
pub struct WritingPart;

#[async_trait]
impl PagePart for WritingPart {
    /// One statement, and one more for a practice that began as a copy.
    async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Part> {
        let mut part = Part::default();
        if practice.status != PracticeStatus::RETIRED {
            let path = format!("/practices/{}", practice.slug);
            part.actions.push(("Start your own from this".to_owned(), format!("{path}/copy")));
            if practice.origin_school.is_some() {
                part.actions.push(("Propose a change".to_owned(), format!("{path}/change")));
            }
        }
        let Some(from) = store::copied_from(cx.conn(), practice.id).await? else { return Ok(part) };
        let Some(from) = catalog::practices(cx, &[from]).await?.remove(&from) else { return Ok(part) };
        let part_of = OriginPart { url: format!("/practices/{}", from.slug), title: from.record.title };
        let body_html = part_of.render().map_err(Error::internal)?;
        part.section = Some(PartSection { id: "began", heading: "Where it comes from".to_owned(), body_html });
        Ok(part)
    }

    async fn of_school(&self, _cx: &Cx, school: &School, _family: &[SchoolId]) -> Result<Part> {
        let action = ("Contribute a practice".to_owned(), format!("/practices/new?school={}", school.slug));
        let open = school.closed_on.is_none();
        Ok(Part { actions: if open { vec![action] } else { Vec::new() }, section: None })
    }
}
