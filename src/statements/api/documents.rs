//! What the operations take and answer.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};

use crate::platform::Timestamp;

/// A statement in a list.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct StatementLine {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// `framework`, `open_letter` or `shared_ask`.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// To whom it speaks.
    pub addressee: String,
    /// `open`, `delivered`, `closed` or `withdrawn`.
    pub state: String,
    /// Number of its newest version.
    pub version: i32,
    /// Sign-ons that stand behind the newest version.
    pub behind_newest: u64,
    /// Sign-ons that stand behind an earlier one and are asked again.
    pub behind_earlier: u64,
    /// How many have to sign before it is delivered.
    pub threshold: Option<i32>,
    /// The last day of sign-ons.
    pub deadline: Option<String>,
    /// When it was first published.
    pub published_at: Timestamp,
}

/// Statements that are published.
#[derive(Debug, Object)]
#[oai(example)]
pub struct StatementList {
    /// The last published first.
    pub items: Vec<StatementLine>,
    /// How many there are.
    pub total: u64,
}

/// A point of a text.
#[derive(Debug, Object)]
#[oai(rename = "StatementPoint", example)]
pub struct PointDocument {
    /// Its number, from 1.
    pub number: u64,
    /// Names it over all versions: what amendments point at.
    pub key: i32,
    /// Its title.
    pub title: String,
    /// What it says, in Markdown.
    pub text: String,
}

/// A version in the list of them.
#[derive(Debug, Object)]
#[oai(rename = "StatementVersionLine", example, skip_serializing_if_is_none)]
pub struct VersionLine {
    /// From 1.
    pub number: i32,
    /// Its page, for good.
    pub url: String,
    /// When it was published; nothing of it changed since.
    pub published_at: Timestamp,
    /// Why it was made; absent for the first.
    pub note: Option<String>,
    /// SHA-256 over the canonical JSON (RFC 8785) of its title, preamble and points, as the manifest has them.
    pub sha256: String,
}

/// What one sector counts.
#[derive(Debug, Object)]
#[oai(rename = "StatementSectorCount", example, skip_serializing_if_is_none)]
pub struct SectorCount {
    /// Code of the sector; absent for what belongs to none, or to several.
    pub sector: Option<String>,
    /// Its name.
    pub label: String,
    /// Sign-ons that stand.
    pub leaders: u64,
    /// Schools that signed, and those of organizations that signed, each once.
    pub schools: u64,
    /// Students of these schools by their published totals.
    pub students: u64,
    /// Schools among them that have published no total.
    pub schools_without_number: u64,
}

/// How many stand behind a statement: counted at this moment.
#[derive(Debug, Object)]
#[oai(rename = "StatementCounts", example)]
pub struct CountsDocument {
    /// Sign-ons that stand.
    pub leaders: u64,
    /// Schools that signed, and those of organizations that signed, each once.
    pub schools: u64,
    /// Students of these schools by their published totals.
    pub students: u64,
    /// Schools among them that have published no total.
    pub schools_without_number: u64,
    /// Sign-ons that stand behind the newest version.
    pub behind_newest: u64,
    /// Sign-ons that stand behind an earlier one and are asked again.
    pub behind_earlier: u64,
    /// Sign-ons that were withdrawn.
    pub withdrawn: u64,
    /// The same by sector.
    pub by_sector: Vec<SectorCount>,
}

/// A sign-on.
#[derive(Debug, Object)]
#[oai(rename = "StatementSignature", example, skip_serializing_if_is_none)]
pub struct SignatureDocument {
    /// Its id.
    pub id: String,
    /// `school` or `organization`.
    pub kind: String,
    /// Id of the school or organization.
    pub place: String,
    /// Its name.
    pub name: String,
    /// The leader's role; absent on one that is withdrawn.
    pub role: Option<String>,
    /// The leader's name, where they show it.
    pub leader: Option<String>,
    /// The version that it stands behind.
    pub version: i32,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When a later version was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// Since when it stands no more.
    pub withdrawn_at: Option<Timestamp>,
    /// What they said to everybody.
    pub comment: Option<String>,
    /// Every step in its order; withdrawing and signing again takes none away.
    pub history: Vec<SigningDocument>,
}

/// A step of a sign-on.
#[derive(Debug, Object)]
#[oai(rename = "StatementSigning", example)]
pub struct SigningDocument {
    /// `signed`, `confirmed` or `withdrawn`.
    pub did: String,
    /// The version that was signed or confirmed, or that the place stood behind when it withdrew.
    pub version: i32,
    /// When.
    pub at: Timestamp,
}

/// A sign-on to make.
#[derive(Debug, Object)]
#[oai(rename = "SignRequest", example, skip_serializing_if_is_none)]
pub struct SignRequest {
    /// For whom: `school:ID` or `organization:ID`.
    pub place: String,
    /// The leader's role, up to 120 characters.
    pub role: String,
    /// The version that you have read.
    pub version: i32,
    /// Whether readers see your name.
    #[oai(default)]
    pub shows_name: bool,
    /// What you say with it, up to 600 characters. Nothing about a student.
    pub comment: Option<String>,
    /// Whether everybody reads that; otherwise the authors alone do.
    #[oai(default)]
    pub comment_public: bool,
    /// That the words are about no student, after they were asked about.
    #[oai(default)]
    pub no_student: bool,
}

/// An amendment.
#[derive(Debug, Object)]
#[oai(rename = "StatementAmendment", example, skip_serializing_if_is_none)]
pub struct AmendmentDocument {
    /// Its id.
    pub id: String,
    /// `change`, `add` or `strike`.
    pub kind: String,
    /// Key of the point that is changed or struck, or after which a new one comes.
    pub point: Option<i32>,
    /// The new title.
    pub title: Option<String>,
    /// The new words.
    pub text: Option<String>,
    /// Why.
    pub reason: String,
    /// The signer for whom it was proposed; absent for a commenter or an author.
    pub proposed_by: Option<String>,
    /// `waiting`, `accepted` or `declined`.
    pub state: String,
    /// What the authors say.
    pub answer: Option<String>,
    /// The version that took it up; absent while that is not published.
    pub made_version: Option<i32>,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it was answered.
    pub decided_at: Option<Timestamp>,
}

/// An amendment to propose.
#[derive(Debug, Object)]
#[oai(rename = "AmendmentRequest", example, skip_serializing_if_is_none)]
pub struct AmendmentRequest {
    /// `change`, `add` or `strike`.
    pub kind: String,
    /// Key of a point; left out, a new point comes last.
    pub point: Option<i32>,
    /// The new title; left out, a changed point keeps its own.
    pub title: Option<String>,
    /// The new words.
    pub text: Option<String>,
    /// Why: everybody reads it.
    pub reason: String,
    /// That the words are about no student, after they were asked about.
    #[oai(default)]
    pub no_student: bool,
}

/// A statement.
#[derive(Debug, Object)]
#[oai(rename = "Statement", example, skip_serializing_if_is_none)]
pub struct StatementDocument {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub url: String,
    /// The export that can be proved.
    pub manifest_url: String,
    /// `framework`, `open_letter` or `shared_ask`.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// To whom it speaks.
    pub addressee: String,
    /// Who sponsors it.
    pub sponsor: String,
    /// `open`, `delivered`, `closed` or `withdrawn`.
    pub state: String,
    /// What came of it, or why it was closed or withdrawn.
    pub ending: Option<String>,
    /// The day of that.
    pub ended_on: Option<String>,
    /// How many have to sign before it is delivered.
    pub threshold: Option<i32>,
    /// The last day of sign-ons.
    pub deadline: Option<String>,
    /// Number of its newest version.
    pub version: i32,
    /// What stands before the points, in Markdown.
    pub preamble: String,
    /// The points of the newest version.
    pub points: Vec<PointDocument>,
    /// Every version, the oldest first.
    pub versions: Vec<VersionLine>,
    /// How many stand behind it.
    pub counts: CountsDocument,
    /// Every sign-on, in the order of the first signing.
    pub signatures: Vec<SignatureDocument>,
    /// Every amendment, the oldest first.
    pub amendments: Vec<AmendmentDocument>,
    /// When it was first published.
    pub published_at: Timestamp,
    /// When something of it last changed, sign-ons aside.
    pub updated_at: Timestamp,
}

/// A new sign-on.
#[derive(Debug, ApiResponse)]
pub enum MadeSignature {
    /// It stands.
    #[oai(status = 201)]
    Made(
        Json<SignatureDocument>,
        /// Where it is withdrawn.
        #[oai(header = "Location")]
        String,
    ),
}

/// A new amendment.
#[derive(Debug, ApiResponse)]
pub enum MadeAmendment {
    /// It waits for an answer.
    #[oai(status = 201)]
    Made(
        Json<AmendmentDocument>,
        /// Where it is read.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing more to say.
#[derive(Debug, ApiResponse)]
pub enum Gone {
    /// It is over.
    #[oai(status = 204)]
    Done,
}
