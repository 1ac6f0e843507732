//! A practice: the thing that keeps its address while its record goes through versions.

use chrono::NaiveDate;

use super::record::PracticeRecord;
use crate::people::SchoolId;
use crate::platform::Timestamp;
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::PracticeStatus;

typed_id!(
    /// A practice.
    PracticeId
);

/// A practice with its latest record.
#[derive(Clone, Debug, PartialEq)]
pub struct Practice {
    /// Its id.
    pub id: PracticeId,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Its stable name where it was imported from.
    pub source: Option<String>,
    /// Where it is on its way.
    pub status: PracticeStatus,
    /// Where it began.
    pub origin_school: Option<SchoolId>,
    /// The number of its latest version.
    pub version: i32,
    /// Its latest record.
    pub record: PracticeRecord,
    /// When it was first published.
    pub published_on: Option<NaiveDate>,
    /// When somebody last checked that it still holds.
    pub last_checked_on: Option<NaiveDate>,
    /// When somebody should check again: 24 months after the last time.
    pub check_by: Option<NaiveDate>,
    /// Who imported it, for imported ones: the name of the file or of the source.
    pub imported_by: Option<String>,
    /// Why it was taken out of the catalog.
    pub retired_reason: Option<String>,
    /// What to read in its place, for one that was taken out.
    pub replaced_by: Option<PracticeId>,
    /// When it came here.
    pub created_at: Timestamp,
    /// When it last changed here.
    pub updated_at: Timestamp,
}

impl Practice {
    /// Whether anyone may read it: a retired one too, as a tombstone with its reason (P-8).
    pub fn is_public(&self) -> bool {
        matches!(self.status, PracticeStatus::PUBLISHED | PracticeStatus::IMPORTED | PracticeStatus::RETIRED)
    }

    /// Whether it came from a file and nobody here has reviewed it.
    pub fn is_imported(&self) -> bool {
        self.status == PracticeStatus::IMPORTED
    }
}

/// One version, which never changes (P-6).
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// 1, 2, 3 ...
    pub number: i32,
    /// The record as it was.
    pub record: PracticeRecord,
    /// What changed, in the author's words.
    pub note: Option<String>,
    /// When it became the latest.
    pub created_at: Timestamp,
}

/// What is known of a version without its record.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionLine {
    /// 1, 2, 3 ...
    pub number: i32,
    /// What changed.
    pub note: Option<String>,
    /// When it became the latest.
    pub created_at: Timestamp,
}
