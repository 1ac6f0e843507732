//! What the page of a practice gets: the way to save it.

use async_trait::async_trait;

use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Result};

/// "Save" on the page of a practice that is in the catalog. The page is the same for everybody, so the page behind it says whether
/// it is saved already.
pub struct SavePart;

#[async_trait]
impl PagePart for SavePart {
    async fn of_practice(&self, _: &Cx, practice: &Practice) -> Result<Part> {
        let save = ("Save".to_owned(), format!("/practices/{}/saved", practice.slug));
        let actions = if practice.status == PracticeStatus::RETIRED { Vec::new() } else { vec![save] };
        Ok(Part { actions, section: None })
    }
}
