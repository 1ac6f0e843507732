//! What the page of a practice gets: the way to report a problem.

use async_trait::async_trait;

use crate::catalog::Practice;
use crate::catalog::parts::{PagePart, Part};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Result};

/// "Report a problem" on the page of a practice that is in the catalog.
pub struct ReportPart;

#[async_trait]
impl PagePart for ReportPart {
    async fn of_practice(&self, _: &Cx, practice: &Practice) -> Result<Part> {
        let report = ("Report a problem".to_owned(), format!("/report?about=practice:{}", practice.id));
        let actions = if practice.status == PracticeStatus::RETIRED { Vec::new() } else { vec![report] };
        Ok(Part { actions, section: None })
    }
}
