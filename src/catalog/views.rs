//! What the pages of practices show: plain values, printed by the templates beside this file.

pub mod compare;

use askama::Template;

use crate::web::views::{Chrome, Link, PagePiece, ResultMark, SchoolLine, UsedBy};

/// Where an imported record came from.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Name of the source, with its URL; an empty URL prints the name only.
    pub source: Link,
    /// When it was imported.
    pub on: String,
}

/// The page shows a version that is not the latest.
#[derive(Clone, Debug, Default)]
pub struct OldVersion {
    /// Number of the latest version.
    pub latest: u32,
    /// The bare URL, which shows the latest.
    pub latest_url: String,
}

/// The practice was taken out of the catalog; its page stays.
#[derive(Clone, Debug, Default)]
pub struct Retired {
    /// Why.
    pub reason: String,
    /// When.
    pub on: String,
    /// What to read in its place.
    pub replaced_by: Option<Link>,
}

/// The school where a practice began.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The school.
    pub school: SchoolLine,
    /// "K-5"; empty prints none.
    pub grades: String,
    /// "300 to 499 students"; empty prints none.
    pub size_band: String,
    /// Neighborhood; empty prints none.
    pub neighborhood: String,
    /// Shares of student groups in bands: "Multilingual learners: 20 to 30%".
    pub shares: Vec<String>,
}

/// A step that a colleague could follow.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What to do.
    pub what: String,
    /// Who does it; empty prints none.
    pub who: String,
    /// How long it takes; empty prints none.
    pub how_long: String,
}

/// A document, slide deck, form or recording that belongs to a practice.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Its title.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// "Lesson plan", "Form"; empty prints none.
    pub kind: String,
    /// Language, format, licence, "editable", "accessible": facts in words, in this order.
    pub facts: Vec<String>,
}

/// What is known about one outcome.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The outcome: "Decoding and word reading".
    pub outcome: String,
    /// `essa_1` ... `practitioner`; empty when not rated.
    pub tier: String,
    /// Words of the tier; empty prints "Not rated yet".
    pub tier_label: String,
    /// `helped`, `no_clear_effect`, `mixed`, `harm`; empty when the claim does not say.
    pub finding: String,
    /// Words of the finding.
    pub finding_label: String,
    /// A sentence that says what was found; empty prints none.
    pub detail: String,
    /// "The idea in general" or "This school's version".
    pub applies_to: String,
    /// "2 studies"; empty prints none.
    pub studies: String,
    /// "1,240 students"; a band under 10 is never shown as a number.
    pub students: String,
    /// "Grades K-2"; empty prints none.
    pub grades: String,
    /// "Multilingual learners, urban schools"; empty prints none.
    pub populations: String,
    /// The citation; an empty URL prints the words only; empty words print none.
    pub citation: Link,
    /// Who checked it, by role: "Catalog editor"; empty prints "Not checked by an editor yet".
    pub checked_by: String,
    /// When.
    pub checked_on: String,
}

impl Evidence {
    /// Steps of the ladder to fill, 4 for ESSA tier 1; 0 for what is outside the ESSA tiers.
    pub fn rungs(&self) -> u8 {
        match self.tier.as_str() {
            "essa_1" => 4,
            "essa_2" => 3,
            "essa_3" => 2,
            "essa_4" => 1,
            _ => 0,
        }
    }
}

/// A number the school measured itself.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    /// What was measured.
    pub measure: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// Number of students as a band: "50 to 99".
    pub students: String,
    /// From when to when.
    pub dates: String,
    /// What it is compared with; empty prints "Nothing".
    pub compared_with: String,
    /// Where the numbers come from.
    pub source: String,
}

/// Why a practice was stopped.
#[derive(Clone, Debug, Default)]
pub struct Stopped {
    /// The reason, in the school's words, as HTML.
    pub because_html: String,
    /// What replaced it, as HTML; empty prints none.
    pub replaced_by_html: String,
}

/// One school that uses a practice, or tried it.
#[derive(Clone, Debug, Default)]
pub struct Adoption {
    /// The school.
    pub school: SchoolLine,
    /// `planning`, `piloting`, `in_use`, `sustained`, `stopped`.
    pub stage: String,
    /// Words of the stage.
    pub stage_label: String,
    /// "Since September 2025"; empty prints none.
    pub since: String,
    /// The school tried it, and its sector differs from the origin's.
    pub across: bool,
    /// Its page; empty prints no link.
    pub url: String,
    /// What the school changed; empty prints none.
    pub changed: String,
    /// How it went, in the school's words; empty prints none.
    pub note: String,
}

/// A practice that may also interest the reader, and why.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// The practice.
    pub practice: Link,
    /// Its school.
    pub school: Option<SchoolLine>,
    /// The reason in words: "Same topic, other sector".
    pub why: String,
}

/// One version in the history.
#[derive(Clone, Debug, Default)]
pub struct VersionLine {
    /// Its number.
    pub number: u32,
    /// `/practices/{slug}/v/{n}`.
    pub url: String,
    /// When it was published.
    pub on: String,
    /// What changed; empty prints none.
    pub note: String,
    /// The one on this page.
    pub shown: bool,
}

/// Something a record does not say yet.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// What: "What to do in the first week".
    pub what: String,
    /// Why it helps: "Readers ask this first".
    pub why: String,
}

/// How much of the expected record is there.
#[derive(Clone, Debug, Default)]
pub struct Completeness {
    /// Fields filled.
    pub done: u32,
    /// Fields expected.
    pub total: u32,
    /// What is missing, most useful first.
    pub missing: Vec<Missing>,
}

/// The pages `/practices/{slug}` and `/practices/{slug}/v/{n}`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "practice.html")]
pub struct PracticePage {
    /// The frame.
    pub chrome: Chrome,
    /// Title of the practice.
    pub title: String,
    /// `/practices/{slug}`.
    pub url: String,
    /// Absolute URL that never changes.
    pub permalink: String,
    /// Set when the record was imported and not reviewed here.
    pub imported: Option<Imported>,
    /// Set when nobody but its writers and reviewers sees the page; leads back to where it is written.
    pub preview: Option<Link>,
    /// Set when a version is shown that is not the latest.
    pub old_version: Option<OldVersion>,
    /// Set when the practice was retired.
    pub retired: Option<Retired>,
    /// Number of the version shown.
    pub version: u32,
    /// How it went.
    pub result: ResultMark,
    /// Two sentences: what they do; what changes.
    pub summary: String,
    /// One paragraph, as HTML; empty prints none.
    pub problem_html: String,
    /// "Classroom routine"; empty prints none.
    pub practice_type: String,
    /// Topics, each a link to its search.
    pub topics: Vec<Link>,
    /// Grade bands, each a link to its search.
    pub grades: Vec<Link>,
    /// Subjects.
    pub subjects: Vec<Link>,
    /// Student groups.
    pub student_groups: Vec<Link>,
    /// Settings.
    pub settings: Vec<Link>,
    /// Where it began.
    pub origin: Option<Origin>,
    /// "2022"; empty prints none.
    pub in_use_since: String,
    /// When this version was published; empty prints none.
    pub published_on: String,
    /// When somebody last checked that it is still true; empty prints none.
    pub last_checked_on: String,
    /// When it will be checked again; empty prints none.
    pub check_by: String,
    /// Nobody has said since that it still holds.
    pub overdue: bool,
    /// Whether its school is asked now and then whether it still holds.
    pub checks: bool,
    /// Steps, in order.
    pub steps: Vec<Step>,
    /// "Keep these".
    pub core_parts: Vec<String>,
    /// "Change these to fit".
    pub can_change: Vec<String>,
    /// A day or a week of it; empty prints none.
    pub a_day_or_week_html: String,
    /// Materials.
    pub materials: Vec<Material>,
    /// Evidence, one entry per outcome.
    pub evidence: Vec<Evidence>,
    /// The school's own numbers.
    pub measures: Vec<Measure>,
    /// One sentence; empty prints none.
    pub what_we_do_not_know: String,
    /// "Within a month"; empty prints none.
    pub time_to_start: String,
    /// "Under 30 minutes a week"; empty prints none.
    pub weekly_time: String,
    /// "Under $1,000"; empty prints none.
    pub cost: String,
    /// What the money is for; empty prints none.
    pub cost_note: String,
    /// Who it takes.
    pub staffing: Vec<String>,
    /// What has to be true; one entry "None" is an answer too.
    pub conditions: Vec<String>,
    /// The conditions in the school's words; empty prints none.
    pub conditions_note_html: String,
    /// "6 hours"; empty prints none.
    pub training: String,
    /// Space and technology; empty prints none.
    pub space_and_technology_html: String,
    /// Timeline; empty prints none.
    pub timeline: Vec<String>,
    /// Who decided; empty prints none.
    pub who_decided_html: String,
    /// What to do in the first week; empty prints none.
    pub first_week: Vec<String>,
    /// What must be in place.
    pub prerequisites: Vec<String>,
    /// What goes wrong.
    pub pitfalls: Vec<String>,
    /// How to keep it going; empty prints none.
    pub how_to_keep_it_going_html: String,
    /// When it is not a fit.
    pub not_a_fit_when: Vec<String>,
    /// Set for a practice that was stopped.
    pub stopped: Option<Stopped>,
    /// Role of the person who knows it best; empty prints none.
    pub contact_role: String,
    /// "Open to visits"; empty prints none.
    pub visits: String,
    /// How a visit is arranged, as HTML; empty prints none.
    pub visit_rules_html: String,
    /// Schools that use it, by sector.
    pub used_by: UsedBy,
    /// Those schools, and those that stopped.
    pub adoptions: Vec<Adoption>,
    /// Related practices.
    pub related: Vec<Related>,
    /// Licence with its URL; empty words print none.
    pub license: Link,
    /// Contributors by role, or by name where they agreed.
    pub contributors: Vec<String>,
    /// How to cite it, in one line.
    pub citation: String,
    /// Versions, newest first.
    pub versions: Vec<VersionLine>,
    /// How much of the record is there; `None` hides the bar.
    pub completeness: Option<Completeness>,
    /// What a reader may do with it.
    pub actions: Vec<Link>,
    /// Parts that other features add.
    pub parts: Vec<PagePiece>,
}

impl PracticePage {
    /// The address of this page: the bare one for the latest version, the numbered one for an older one.
    pub fn page_url(&self) -> String {
        match self.old_version {
            Some(_) => format!("{}/v/{}", self.url, self.version),
            None => self.url.clone(),
        }
    }

    /// Whether the section "Snapshot" has anything to say.
    pub fn tells_snapshot(&self) -> bool {
        !(self.problem_html.is_empty()
            && self.practice_type.is_empty()
            && self.topics.is_empty()
            && self.subjects.is_empty()
            && self.student_groups.is_empty()
            && self.settings.is_empty()
            && self.origin.is_none()
            && self.in_use_since.is_empty())
    }

    /// Whether the section "What they do" has anything to say.
    pub fn tells_what(&self) -> bool {
        !(self.steps.is_empty()
            && self.core_parts.is_empty()
            && self.can_change.is_empty()
            && self.a_day_or_week_html.is_empty()
            && self.materials.is_empty())
    }

    /// Whether the section "How they did it" has anything to say.
    pub fn tells_how(&self) -> bool {
        !(self.time_to_start.is_empty()
            && self.weekly_time.is_empty()
            && self.cost.is_empty()
            && self.staffing.is_empty()
            && self.conditions.is_empty()
            && self.timeline.is_empty())
    }

    /// Whether the section "Before you adopt it" has anything to say.
    pub fn tells_before(&self) -> bool {
        !(self.first_week.is_empty()
            && self.prerequisites.is_empty()
            && self.pitfalls.is_empty()
            && self.how_to_keep_it_going_html.is_empty()
            && self.not_a_fit_when.is_empty())
    }
}

#[cfg(test)]
mod samples;
