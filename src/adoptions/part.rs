//! What adoptions add to the page of a practice and of a school.

use askama::Template;
use async_trait::async_trait;

use super::views::part::SchoolPart;
use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part, PartSection};
use crate::people::{School, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Error, Result};
use crate::sessions::outreach;

/// "Use it at our school", and what a school shared.
pub struct AdoptionPart;

#[async_trait]
impl PagePart for AdoptionPart {
    async fn of_practice(&self, _: &Cx, practice: &Practice) -> Result<Part> {
        if practice.status == PracticeStatus::RETIRED {
            return Ok(Part::default());
        }
        let action = ("Use it at our school".to_owned(), format!("/practices/{}/adoption", practice.slug));
        Ok(Part { actions: vec![action], section: None })
    }

    async fn of_school(&self, cx: &Cx, school: &School, family: &[SchoolId]) -> Result<Part> {
        let counts = outreach::counts(cx, family).await?;
        let record_url = format!("/schools/{}/dissemination", school.slug);
        let section = SchoolPart { hosted: counts.hosted, attended: counts.attended, record_url };
        let body_html = section.render().map_err(Error::internal)?;
        let section = PartSection { id: "sharing", heading: "Sharing with other schools".to_owned(), body_html };
        Ok(Part { actions: Vec::new(), section: Some(section) })
    }
}
