//! What is sent and answered about adoptions.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object};

use crate::api::day::Day;
use crate::search::api::SchoolRef;

/// What a school puts on record.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AdoptionRequest {
    /// Your school: its id or its name in addresses.
    pub school: String,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// Since when it is there.
    pub since: Day,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask; `false` where it is left out.
    pub contact_ok: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
    /// Why it stopped: a code of `stop_reason`, for the stage `stopped` alone.
    pub stopped_reason: Option<String>,
    /// Id of a session at which you saw the practice.
    pub learned_from_session: Option<String>,
}

/// A change of what is on record. What is left out stays; an empty text takes out.
#[derive(Debug, Default, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AdoptionChange {
    /// How far it is: a code of `adoption_stage`. Another stage is another step.
    pub stage: Option<String>,
    /// Since when it is there; left out with another stage, since today.
    pub since: Option<Day>,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
    /// Why it stopped: a code of `stop_reason`, with the stage `stopped` alone.
    pub stopped_reason: Option<String>,
    /// The newer version that the school took over.
    pub version: Option<i32>,
}

/// A practice by name.
#[derive(Debug, Object)]
pub struct PracticeName {
    /// Its id.
    pub id: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
}

/// One step of an adoption.
#[derive(Debug, Object)]
#[oai(rename = "AdoptionStep", skip_serializing_if_is_none)]
pub struct StepDocument {
    /// Where it came to: a code of `adoption_stage`.
    pub stage: String,
    /// Since when.
    pub since: Day,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
}

/// A question to the school, and its answer.
#[derive(Debug, Object)]
#[oai(rename = "FollowUp", example, skip_serializing_if_is_none)]
pub struct FollowUpDocument {
    /// Its id, for people of the school while it can be answered.
    pub id: Option<String>,
    /// Days after the pilot began: 30, 90 or 365.
    pub day: i32,
    /// `still_using`, `changed` or `stopped`; absent has not been answered.
    pub answer: Option<String>,
    /// In the school's words.
    pub note: Option<String>,
}

/// A school's use of a practice, with every step.
#[derive(Debug, Object)]
#[oai(rename = "AdoptionRecord", example, skip_serializing_if_is_none)]
pub struct AdoptionDocument {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// The practice.
    pub practice: PracticeName,
    /// The school, as it is today.
    pub school: SchoolRef,
    /// Code of the school's sector when it began.
    pub sector_at_start: Option<String>,
    /// Whether it crossed the line between sectors: a pilot at least, and both sectors known.
    pub across: bool,
    /// The version it uses.
    pub version: i32,
    /// The newest version; greater means: changed since it was adopted.
    pub newest_version: i32,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// When it reached the stage.
    pub stage_since: Day,
    /// When it began.
    pub started_on: Day,
    /// The first day on which the school tried it.
    pub piloted_on: Option<Day>,
    /// Whether it counts as using the practice.
    pub counts: bool,
    /// Who leads it, by role.
    pub lead_role: Option<String>,
    /// What the school changed.
    pub changed_what: Option<String>,
    /// Whether it kept the core parts: a code of `kept_core`.
    pub kept_core: Option<String>,
    /// How it went, in the school's words.
    pub result_note: Option<String>,
    /// Whether the school would recommend it.
    pub would_recommend: Option<bool>,
    /// Whether others may ask.
    pub contact_ok: bool,
    /// Why it stopped: a code of `stop_reason`.
    pub stopped_reason: Option<String>,
    /// Id of the session where it was learned, where everybody may see it.
    pub learned_from_session: Option<String>,
    /// Every step, in their order.
    pub steps: Vec<StepDocument>,
    /// What was asked since and answered; for people of the school also what waits for an answer.
    pub follow_ups: Vec<FollowUpDocument>,
}

/// An adoption of one of your schools.
#[derive(Debug, Object)]
pub struct MyAdoption {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// The practice.
    pub practice: PracticeName,
    /// Your school.
    pub school: SchoolRef,
    /// The version it uses.
    pub version: i32,
    /// The newest version.
    pub newest_version: i32,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// When it reached the stage.
    pub stage_since: Day,
}

/// What your schools have on record.
#[derive(Debug, Object)]
#[oai(example)]
pub struct MyAdoptionList {
    /// The newest first, at most 200; practices that were taken out of the catalog are left out.
    pub items: Vec<MyAdoption>,
    /// How many there are here.
    pub total: u64,
}

/// An answer to "how is it going?".
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct FollowUpAnswer {
    /// `still_using`, `changed` or `stopped`.
    pub answer: String,
    /// Why it stopped: a code of `stop_reason`.
    pub reason: Option<String>,
    /// In your own words; needed for `changed`.
    pub note: Option<String>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// One try: plan, do, study, act.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CycleRequest {
    /// What you mean to try.
    pub plan: String,
    /// What you did.
    pub did: Option<String>,
    /// What you saw.
    pub saw: Option<String>,
    /// What you keep, change or drop.
    pub next: Option<String>,
    /// When it began.
    pub began_on: Day,
    /// When it ended; left out while it is under way.
    pub ended_on: Option<Day>,
    /// Whether everybody may read it; `false` where it is left out.
    pub open: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// One try.
#[derive(Debug, Object)]
#[oai(rename = "Cycle", example, skip_serializing_if_is_none)]
pub struct CycleDocument {
    /// 1, 2, 3 ...
    pub number: i32,
    /// What they meant to try.
    pub plan: String,
    /// What they did.
    pub did: Option<String>,
    /// What they saw.
    pub saw: Option<String>,
    /// What they keep, change or drop.
    pub next: Option<String>,
    /// When it began.
    pub began_on: Day,
    /// When it ended.
    pub ended_on: Option<Day>,
    /// Whether everybody may read it.
    pub open: bool,
}

/// What a school tried.
#[derive(Debug, Object)]
#[oai(example)]
pub struct CycleList {
    /// In their order.
    pub items: Vec<CycleDocument>,
    /// How many of them you may read.
    pub total: u64,
}

/// An adoption that crossed the line between sectors.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct CrossingItem {
    /// Id of the adoption.
    pub id: String,
    /// The practice.
    pub practice: PracticeName,
    /// Where it began.
    pub from: SchoolRef,
    /// Code of that sector.
    pub from_sector: String,
    /// Who took it over.
    pub to: SchoolRef,
    /// Code of that sector, when it began.
    pub to_sector: String,
    /// The first day of the pilot.
    pub piloted_on: Day,
    /// How far it is: a code of `adoption_stage`.
    pub stage: String,
    /// Whether it was in use 365 days after the pilot began; absent where that is not so long ago.
    pub kept_after_a_year: Option<bool>,
}

/// One direction in numbers.
#[derive(Debug, Object)]
#[oai(rename = "Direction", skip_serializing_if_is_none)]
pub struct DirectionDocument {
    /// Code of the sector where the practices began.
    pub from: String,
    /// Code of the sector of the schools that took them over.
    pub to: String,
    /// How many adoptions.
    pub adoptions: u64,
    /// Of how many practices.
    pub practices: u64,
    /// By how many schools.
    pub schools: u64,
    /// How many of those that began a year ago were kept; absent with fewer than three schools.
    pub kept_after_a_year: Option<u64>,
    /// How many began a year ago or longer; absent with fewer than three schools.
    pub began_a_year_ago: Option<u64>,
}

/// What crossed sector lines.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CrossingList {
    /// The newest pilot first.
    pub items: Vec<CrossingItem>,
    /// How many there are.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
    /// All of it in numbers, by direction.
    pub directions: Vec<DirectionDocument>,
}

/// A page, and where the next one is.
#[derive(Debug, ApiResponse)]
pub enum CrossingPage {
    /// What crossed.
    #[oai(status = 200)]
    Ok(
        Json<CrossingList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// An adoption that was put on record.
#[derive(Debug, ApiResponse)]
pub enum MadeAdoption {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<AdoptionDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// A cycle that was begun.
#[derive(Debug, ApiResponse)]
pub enum MadeCycle {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<CycleDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}
