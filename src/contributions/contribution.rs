//! A contribution: a practice, or the next version of one, on its way into the catalog.

use chrono::NaiveDate;

use crate::catalog::draft::PracticeDraft;
use crate::catalog::guard::{self, Finding};
use crate::catalog::parse::{self, UNTITLED};
use crate::catalog::{PracticeId, PracticeRecord};
use crate::people::{AccountId, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{FieldErrors, Timestamp};

typed_id!(
    /// A contribution.
    ContributionId
);

/// What somebody writes, until it is published or declined. Nobody but those who write it, the leads of its school and editors may
/// know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Its id.
    pub id: ContributionId,
    /// The practice that it is or becomes; a new one is in the catalog only once this is published.
    pub practice: PracticeId,
    /// The version it was written against; 0 for a new practice.
    pub after: i32,
    /// The school where the practice began.
    pub school: SchoolId,
    /// Who began it.
    pub author: AccountId,
    /// Where it is: draft, submitted, changes requested, approved (waiting for the principal), declined, published.
    pub state: PracticeStatus,
    /// What it says so far.
    pub draft: PracticeDraft,
    /// Marks of pieces of its text that a writer says name no student.
    pub cleared: Vec<String>,
    /// Counts the saves.
    pub revision: i32,
    /// What changed, for a next version.
    pub note: Option<String>,
    /// The practice it began as a copy of; the reference stays.
    pub copied_from: Option<PracticeId>,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// The editor who approved it, and when.
    pub approved: Option<(AccountId, Timestamp)>,
    /// Who said yes for the school, and when.
    pub confirmed: Option<(AccountId, Timestamp)>,
    /// The version that it became.
    pub published_version: Option<i32>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Contribution {
    /// What it is called so far.
    pub fn title(&self) -> &str {
        self.draft.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(UNTITLED)
    }

    /// The record that it makes as it stands, and the rules that what is there breaks. What is not there yet is not told.
    pub fn so_far(&self, today: NaiveDate) -> (PracticeRecord, FieldErrors) {
        parse::so_far(&self.draft, today)
    }

    /// Pieces of its text that may point at a student and of which nobody has said that they do not.
    pub fn held_back(&self) -> Vec<Finding> {
        let mut found = guard::findings(&self.draft);
        found.retain(|finding| !self.cleared.contains(&finding.mark));
        found
    }

    /// Whether its writers may change it now: not while it is looked at, and not once it is through.
    pub fn is_open(&self) -> bool {
        matches!(self.state, PracticeStatus::DRAFT | PracticeStatus::CHANGES_REQUESTED)
    }

    /// Whether it is the next version of a practice that is in the catalog.
    pub fn is_next_version(&self) -> bool {
        self.after > 0
    }
}
