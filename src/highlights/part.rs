//! What highlights add to the page of a practice.

use async_trait::async_trait;

use super::policy;
use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Result};

/// "Draft a highlight", for who writes some.
pub struct HighlightPart;

#[async_trait]
impl PagePart for HighlightPart {
    async fn of_practice(&self, cx: &Cx, practice: &Practice) -> Result<Part> {
        if practice.status == PracticeStatus::RETIRED || policy::enter(cx.actor()).is_err() {
            return Ok(Part::default());
        }
        let action = ("Draft a highlight".to_owned(), format!("/highlights/new?practice={}", practice.slug));
        Ok(Part { actions: vec![action], section: None })
    }
}
