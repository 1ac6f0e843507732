//! What is sent and answered about compacts.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};

use crate::api::day::Day;
use crate::platform::Timestamp;

/// A compact in the list.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CompactItem {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// `compact`, `campus_agreement` or `school_partnership`.
    pub kind: String,
    /// Name of its city in addresses.
    pub city: Option<String>,
    /// Whether it is a draft, which its parties alone see.
    pub draft: bool,
    /// When it was signed.
    pub signed_on: Option<Day>,
    /// How many commitments it has.
    pub commitments: u64,
    /// How many of them are open and had no update in 180 days.
    pub silent: u64,
    /// How many of them are open after the day on which they were due.
    pub overdue: u64,
}

/// A page of compacts.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CompactList {
    /// This page of them, by name.
    pub items: Vec<CompactItem>,
    /// How many there are.
    pub total: u64,
    /// `cursor` of the next page.
    pub next: Option<String>,
}

/// Compacts, with the address of the next page.
#[derive(Debug, ApiResponse)]
pub enum CompactPage {
    /// This page of them.
    #[oai(status = 200)]
    Ok(
        Json<CompactList>,
        /// The next page (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// A party of a compact.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CompactParty {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Code of its sector; `city` for an office of a city, `other` for a partner of none.
    pub sector: String,
    /// `invited`, `board_vote`, `signed` or `withdrawn`.
    pub state: String,
    /// Since when.
    pub state_on: Day,
    /// Where that can be read.
    pub link: Option<String>,
}

/// A seat among those who govern a compact.
#[derive(Debug, Object)]
pub struct CompactSeat {
    /// Id of the party whose seat it is.
    pub party: String,
    /// The role of who sits there.
    pub role: String,
}

/// A compact with everything on it.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CompactDocument {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// `compact`, `campus_agreement` or `school_partnership`.
    pub kind: String,
    /// Name of its city in addresses.
    pub city: Option<String>,
    /// Whether it is a draft, which its parties alone see.
    pub draft: bool,
    /// When it was signed.
    pub signed_on: Option<Day>,
    /// When it is looked at again.
    pub review_on: Option<Day>,
    /// When it ends.
    pub ends_on: Option<Day>,
    /// The office that answers for it: id of a party.
    pub contact_party: Option<String>,
    /// The role of whoever answers there.
    pub contact_role: Option<String>,
    /// Its parties, in their order.
    pub parties: Vec<CompactParty>,
    /// Who governs it, by role.
    pub seats: Vec<CompactSeat>,
    /// The number of its newest text; absent where it has none.
    pub text_version: Option<i32>,
    /// Its newest text, in Markdown.
    pub text: Option<String>,
    /// Its commitments, by number.
    pub commitments: Vec<CommitmentDocument>,
}

/// How a party sees a commitment. Each party has its own word; those of one sector may differ.
#[derive(Debug, Object)]
pub struct CommitmentRating {
    /// Id of the party that said so.
    pub party: String,
    /// Code of the sector.
    pub sector: String,
    /// A code of `commitment_status`.
    pub status: String,
    /// When it said so.
    pub at: Timestamp,
}

/// A number that tells how far a commitment is, as its owner reports it.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CommitmentMeasure {
    /// What is counted.
    pub name: String,
    /// Where it began.
    pub baseline: Option<String>,
    /// Where it should be.
    pub target: Option<String>,
    /// Where it is.
    pub latest: Option<String>,
    /// On which day it was there.
    pub as_of: Option<Day>,
}

/// What counts for a commitment, counted from what is here.
#[derive(Debug, Object)]
pub struct CommitmentCounts {
    /// Completed public sessions.
    pub sessions: u64,
    /// Of these, joint by who came.
    pub joint_sessions: u64,
    /// Full hours of all educators at them.
    pub educator_hours: i64,
    /// Practices in the catalog.
    pub practices: u64,
    /// Adoptions that came as far as a pilot.
    pub adoptions: u64,
    /// Of those that began a year ago or longer, how many were in use a year later.
    pub kept: u64,
    /// How many began a year ago or longer.
    pub kept_of: u64,
}

/// What a side gets.
#[derive(Debug, Object)]
pub struct CommitmentGain {
    /// Code of its sector.
    pub sector: String,
    /// What it gets.
    pub text: String,
}

/// A commitment.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CommitmentDocument {
    /// Its id.
    pub id: String,
    /// Its page, for good.
    pub url: String,
    /// Id of its compact.
    pub compact: String,
    /// Its number within the compact.
    pub number: i32,
    /// A code of `commitment_area`.
    pub area: String,
    /// What is promised.
    pub sentence: String,
    /// Who does it, in words.
    pub who: Option<String>,
    /// What each side gets.
    pub gets: Vec<CommitmentGain>,
    /// When it is due.
    pub due_on: Option<Day>,
    /// When it was due first, where that was moved since.
    pub first_due_on: Option<Day>,
    /// Whether it is open after the day on which it was due is over everywhere.
    pub overdue: bool,
    /// What is shown: a code of `commitment_status`, or `reported_met` while another sector has not confirmed it.
    pub status: String,
    /// The same in words: "Reported met, waiting for Quillwater Charter School".
    pub status_words: String,
    /// What its owner says.
    pub reported_status: String,
    /// Why it was missed, paused or dropped.
    pub reason: Option<String>,
    /// How each party sees it, since its status last changed.
    pub ratings: Vec<CommitmentRating>,
    /// Whether two parties see it differently. What is disputed does not count as met.
    pub disputed: bool,
    /// `fresh` under 90 days, `due` to 180, `silent` after; computed.
    pub freshness: String,
    /// When its owner last said how it goes.
    pub last_update_at: Option<Timestamp>,
    /// Its measure.
    pub measure: Option<CommitmentMeasure>,
    /// Id of the party that answers for it.
    pub owner_party: Option<String>,
    /// Id of the party of another sector that answers with it.
    pub deputy_party: Option<String>,
    /// Whether one of the two offices has nobody who holds it.
    pub vacant: bool,
    /// Id of the party that confirmed it as met.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<Timestamp>,
    /// What counts for it; of one commitment alone.
    pub counted: Option<CommitmentCounts>,
}

/// A commitment with its tag.
#[derive(Debug, ApiResponse)]
pub enum CommitmentNow {
    /// As it is now.
    #[oai(status = 200)]
    Now(
        Json<CommitmentDocument>,
        /// Its tag, for `If-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A commitment that was written down.
#[derive(Debug, ApiResponse)]
pub enum CommitmentMade {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<CommitmentDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
        /// Its tag, for `If-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// What a side gets.
#[derive(Debug, Object)]
pub struct CommitmentGainRequest {
    /// Code of its sector.
    pub sector: String,
    /// What it gets.
    pub text: String,
}

/// A commitment, or a change of one. What is left out of a change stays; an empty text takes out.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CommitmentRequest {
    /// A code of `commitment_area`.
    pub area: Option<String>,
    /// What is promised, in one sentence.
    pub sentence: Option<String>,
    /// Who does it, by office and role.
    pub who: Option<String>,
    /// What each side gets.
    pub gets: Option<Vec<CommitmentGainRequest>>,
    /// When it is due: `2027-06-30`.
    pub due_on: Option<String>,
    /// What is counted.
    pub measure: Option<String>,
    /// Where it began.
    pub baseline: Option<String>,
    /// Where it should be.
    pub target: Option<String>,
    /// Id of the party that answers for it.
    pub owner_party: Option<String>,
    /// Address of the account that holds it there: a compact owner, principal or mayor's office.
    pub owner: Option<String>,
    /// Id of a party of another sector that answers with it.
    pub deputy_party: Option<String>,
    /// Address of the account that holds it there.
    pub deputy: Option<String>,
    /// Why it is changed; everybody can read it.
    pub why: Option<String>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// Evidence of an update.
#[derive(Debug, Object)]
pub struct CommitmentEvidence {
    /// What it is.
    pub title: Option<String>,
    /// Where it is: `https` alone.
    pub url: String,
}

/// How a commitment goes, as the office that answers for it says.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CommitmentUpdate {
    /// How it goes.
    pub text: String,
    /// A code of `commitment_status`; left out, it stays.
    pub status: Option<String>,
    /// Needed for `missed`, `paused` and `dropped`; everybody can read it.
    pub reason: Option<String>,
    /// Where its measure is.
    pub latest: Option<String>,
    /// On which day; left out, today.
    pub latest_on: Option<Day>,
    /// At most three; `met` needs one, here or before.
    pub evidence: Option<Vec<CommitmentEvidence>>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// Who holds a commitment at an office from now on.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CommitmentHandover {
    /// `owner` for the office that answers for it, `deputy` for the one of another sector.
    pub side: String,
    /// Address of a compact owner, principal or mayor's office there; left out, whoever asks takes it over.
    pub holder: Option<String>,
    /// Why; everybody can read it.
    pub why: Option<String>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// How another sector sees a commitment.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CommitmentWord {
    /// A code of `commitment_status`; left out, `met`, which confirms what is reported as met.
    pub status: Option<String>,
    /// What your side sees; needed where it differs from what the owner says.
    pub note: Option<String>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}
