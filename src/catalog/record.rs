//! A practice as one version says it: the fields of the record, typed.
//!
//! Keys are the product's field names in JSON and in the database. What is required to publish is a rule
//! of [`parse`](super::parse), not of the type: an imported record may hold little more than a title, so
//! what may be missing is an `Option` or an empty list. What the system keeps (status, version, dates of
//! publication and checks), the origin school, and people (co-editors, endorsers) stand beside the record:
//! a version is immutable, and a person's yes to being named is not.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::platform::vocabulary::{
    AppliesTo, Condition, CostBand, EvidenceTier, Finding, GradeBand, License, MaterialKind, MtssTier, PracticeResult,
    PracticeType, Setting, Staffing, StudentGroup, StudentsBand, Subject, TimeToStart, Topic, WeeklyTime,
};

/// The full record. Texts are trimmed, never empty inside an `Option`, without control characters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PracticeRecord {
    /// Says what people do; 1 to 80 characters.
    pub title: String,
    /// Two sentences: what they do; what changes.
    pub summary: Option<String>,
    /// One paragraph.
    pub problem: Option<String>,
    /// What kind of thing it is.
    pub practice_type: Option<PracticeType>,
    /// One to three.
    pub topics: Vec<Topic>,
    /// Grades, in bands.
    pub grade_bands: Vec<GradeBand>,
    /// Subjects.
    pub subjects: Vec<Subject>,
    /// Whom it serves.
    pub student_groups: Vec<StudentGroup>,
    /// Where it happens.
    pub settings: Vec<Setting>,
    /// Tiers of support it belongs to.
    pub mtss_tiers: Vec<MtssTier>,
    /// The year it began.
    pub in_use_since: Option<u16>,
    /// How it went.
    pub result: Option<PracticeResult>,
    /// What to do, in order; 3 to 10 in a published record.
    pub steps: Vec<Step>,
    /// "Keep these"; 2 to 5 when given in a published record.
    pub core_parts: Vec<String>,
    /// "Change these to fit".
    pub can_change: Vec<String>,
    /// What a day or a week of it looks like.
    pub a_day_or_week: Option<String>,
    /// What one needs to do it.
    pub materials: Vec<Material>,
    /// What is known, one entry per outcome.
    pub evidence_claims: Vec<EvidenceClaim>,
    /// The school's own numbers.
    pub local_measures: Vec<LocalMeasure>,
    /// One sentence.
    pub what_we_do_not_know: Option<String>,
    /// From the decision to the first day.
    pub time_to_start: Option<TimeToStart>,
    /// Time of staff each week.
    pub weekly_time: Option<WeeklyTime>,
    /// New spending.
    pub cost_band: Option<CostBand>,
    /// What the money is for.
    pub cost_note: Option<String>,
    /// Who it takes.
    pub staffing: Vec<Staffing>,
    /// What has to be true of a school; `none` stands alone.
    pub conditions: Vec<Condition>,
    /// The conditions in the school's words.
    pub conditions_note: Option<String>,
    /// Hours of training for one person.
    pub training_hours: Option<f32>,
    /// Rooms and devices.
    pub space_and_technology: Option<String>,
    /// What happened when, in order.
    pub timeline: Vec<String>,
    /// Who decided, by role.
    pub who_decided: Option<String>,
    /// What to do in the first week.
    pub first_week: Vec<String>,
    /// What must be in place.
    pub prerequisites: Vec<String>,
    /// What goes wrong.
    pub pitfalls: Vec<String>,
    /// What keeps it alive when people leave.
    pub how_to_keep_it_going: Option<String>,
    /// When to leave it alone.
    pub not_a_fit_when: Vec<String>,
    /// Why it was stopped.
    pub stopped_because: Option<String>,
    /// What came after.
    pub what_replaced_it: Option<String>,
    /// The role of the person who knows it best; letters go through the relay form.
    pub contact_role: Option<String>,
    /// Whether colleagues may come and see.
    pub open_to_visits: Option<bool>,
    /// How a visit is arranged.
    pub visit_rules: Option<String>,
    /// Visits the school can receive in a term.
    pub max_visits_per_term: Option<u16>,
    /// The licence of the record.
    pub license: License,
    /// Credits by role or team; a personal name only where the person agreed.
    pub contributors: Vec<String>,
    /// Name of the source of an imported record: "What Works Clearinghouse".
    pub imported_from: Option<String>,
    /// Where the source describes it.
    pub imported_url: Option<String>,
    /// The source's name for it, where the title had to differ.
    pub original_name: Option<String>,
}

impl PracticeRecord {
    /// Whether the school gave it up; such records are published like others (P-5).
    pub fn is_stopped(&self) -> bool {
        self.result == Some(PracticeResult::STOPPED)
    }
}

/// Something a colleague does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// What.
    pub what: String,
    /// Who does it, by role.
    pub who: Option<String>,
    /// How long it takes: "20 minutes a day".
    pub how_long: Option<String>,
}

/// A document, form, deck or recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Material {
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: Option<MaterialKind>,
    /// An `http(s)` address, or a path of this site for an uploaded file.
    pub url: Option<String>,
    /// Whether it can be changed.
    pub editable: Option<bool>,
    /// Its language, in words.
    pub language: Option<String>,
    /// Its licence, in words; materials of others have others.
    pub license: Option<String>,
    /// Whether it was made or checked for people with disabilities.
    pub accessible: Option<bool>,
}

/// A number the school measured itself. Never counts under 10 (P-3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocalMeasure {
    /// What was measured.
    pub measure: String,
    /// Before, with its unit.
    pub before: Option<String>,
    /// After, with its unit.
    pub after: Option<String>,
    /// How many students.
    pub students_band: Option<StudentsBand>,
    /// From when to when.
    pub dates: Option<String>,
    /// What it is compared with.
    pub compared_with: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
}

/// What is known about one outcome.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EvidenceClaim {
    /// The outcome: "Decoding and word reading".
    pub outcome: String,
    /// How strong; `None` is "not rated". Tiers 1 to 3 are an editor's and carry a citation (P-2).
    pub tier: Option<EvidenceTier>,
    /// What was found.
    pub finding: Option<Finding>,
    /// Whether it speaks of the idea or of this school's version.
    pub applies_to: Option<AppliesTo>,
    /// The source, in words.
    pub citation: Option<String>,
    /// The source, as a link.
    pub citation_url: Option<String>,
    /// Studies behind it.
    pub studies: Option<u32>,
    /// Students in those studies; 10 or more (P-3).
    pub students: Option<u32>,
    /// Grades studied, in words.
    pub grades: Option<String>,
    /// Who the students were, in words.
    pub populations: Option<String>,
    /// The source's own rating, word for word: "Potentially Positive Effects".
    pub rating: Option<String>,
    /// Who checked it, by role.
    pub checked_by: Option<String>,
    /// When.
    pub checked_on: Option<NaiveDate>,
}
