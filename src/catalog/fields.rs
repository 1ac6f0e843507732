//! The fields of a record, each described once: what it is called, where it stands, whether it is needed,
//! why it helps, and how it reads as text. Completeness, comparisons and forms are made from this table.
//!
//! `source` and `origin_school` are not in it: they belong to the practice, not to a version of it.

use super::record::{EvidenceClaim, LocalMeasure, Material, PracticeRecord, Step};

/// A part of the practice page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What it is, for whom.
    Snapshot,
    /// Steps, core parts, materials.
    What,
    /// Evidence and measures.
    Worked,
    /// Time, money, people, conditions.
    How,
    /// What to know before trying it.
    Before,
    /// Contact, visits, licence.
    More,
}

impl Section {
    /// Its heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Snapshot => "Snapshot",
            Self::What => "What they do",
            Self::Worked => "Did it work?",
            Self::How => "How they did it",
            Self::Before => "Before you adopt it",
            Self::More => "More",
        }
    }
}

/// Whether a field is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing is published without it.
    Required,
    /// Required of a practice that was stopped; nothing to say for others.
    WhenStopped,
    /// Feeds the completeness bar.
    Expected,
    /// Welcome.
    Optional,
}

/// One field of the record.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Where it stands on the page.
    pub section: Section,
    /// Whether it is needed.
    pub need: Need,
    /// Its share of the completeness bar; 0 is not counted.
    pub weight: u32,
    /// One short sentence: what a reader gains from it. Empty where the weight is 0.
    pub why: &'static str,
    text: fn(&PracticeRecord) -> String,
}

impl Field {
    /// What a record says there, in words, one line for each entry; empty when it says nothing.
    pub fn text(&self, record: &PracticeRecord) -> String {
        (self.text)(record)
    }

    /// The field of a key.
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }
}

/// The key somebody may have meant by an unknown one: its plural, a longer name, a letter in the wrong place.
pub fn similar(name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "").trim_end_matches('s').to_owned();
    let letters = |text: &str| {
        let mut letters = text.as_bytes().to_vec();
        letters.sort_unstable();
        letters
    };
    let given = plain(name);
    if given.len() < 4 {
        return None;
    }
    let keys: Vec<&str> = FIELDS.iter().map(|field| field.name).chain(["source", "origin_school"]).collect();
    let find = |fits: &dyn Fn(&str) -> bool| keys.iter().copied().find(|key| fits(&plain(key)));
    find(&|key| key == given)
        .or_else(|| find(&|key| key.starts_with(&given)))
        .or_else(|| find(&|key| key.len() > 4 && given.starts_with(key)))
        .or_else(|| find(&|key| letters(key) == letters(&given)))
}

use Need::{Expected, Optional, Required, WhenStopped};
use Section::{Before, How, More, Snapshot, What, Worked};

/// Every field, in the order of the page.
#[rustfmt::skip]
pub static FIELDS: &[Field] = &[
    row("title", "Title", Snapshot, (Required, 3), "Readers choose by it.", |r| r.title.clone()),
    row("summary", "Summary", Snapshot, (Required, 3), "It is what a search result shows.", |r| one(&r.summary)),
    row("problem", "Problem it answers", Snapshot, (Required, 3), "Readers look for their own problem first.", |r| one(&r.problem)),
    row("practice_type", "Type of practice", Snapshot, (Required, 1), "It tells a classroom routine from a schedule change.", |r| label(r.practice_type.map(|c| c.label()))),
    row("topics", "Topics", Snapshot, (Required, 2), "Search finds it by topic.", |r| labels(r.topics.iter().map(|c| c.label()))),
    row("grade_bands", "Grades", Snapshot, (Required, 2), "Teachers filter by their grade.", |r| labels(r.grade_bands.iter().map(|c| c.label()))),
    row("subjects", "Subjects", Snapshot, (Required, 1), "Teachers filter by their subject.", |r| labels(r.subjects.iter().map(|c| c.label()))),
    row("student_groups", "Student groups", Snapshot, (Required, 2), "It says whose needs it was made for.", |r| labels(r.student_groups.iter().map(|c| c.label()))),
    row("settings", "Where it happens", Snapshot, (Required, 1), "It shows whether it fits a class, a team or a school.", |r| labels(r.settings.iter().map(|c| c.label()))),
    row("mtss_tiers", "MTSS tiers", Snapshot, (Optional, 0), "", |r| labels(r.mtss_tiers.iter().map(|c| c.label()))),
    row("in_use_since", "In use since", Snapshot, (Required, 1), "A practice that lasted is worth more of a reader's time.", |r| count(r.in_use_since)),
    row("result", "Result", Snapshot, (Required, 2), "Knowing what did not work saves others the year.", |r| label(r.result.map(|c| c.label()))),
    row("steps", "Steps", What, (Required, 5), "A colleague can try it from the steps.", |r| lines(r.steps.iter().enumerate().map(step))),
    row("core_parts", "Core parts: keep these", What, (Expected, 3), "Adopters learn what must stay for it to work.", |r| lines(r.core_parts.iter().cloned())),
    row("can_change", "What can change to fit", What, (Expected, 2), "Adopters learn what they may make their own.", |r| lines(r.can_change.iter().cloned())),
    row("a_day_or_week", "A day or a week of it", What, (Optional, 0), "", |r| one(&r.a_day_or_week)),
    row("materials", "Materials", What, (Expected, 3), "Ready materials save each adopter hours.", |r| lines(r.materials.iter().map(material))),
    row("evidence_claims", "Evidence", Worked, (Expected, 3), "Readers see what is known about each outcome.", |r| lines(r.evidence_claims.iter().map(claim))),
    row("local_measures", "Local measures", Worked, (Expected, 3), "Your own numbers convince a colleague.", |r| lines(r.local_measures.iter().map(measure))),
    row("what_we_do_not_know", "What we do not know", Worked, (Expected, 2), "Saying what is unknown makes the rest believable.", |r| one(&r.what_we_do_not_know)),
    row("time_to_start", "Time to start", How, (Required, 1), "Readers see whether it can start this month.", |r| label(r.time_to_start.map(|c| c.label()))),
    row("weekly_time", "Weekly time", How, (Required, 1), "Time is the first thing teachers ask about.", |r| label(r.weekly_time.map(|c| c.label()))),
    row("cost_band", "Cost", How, (Required, 1), "Principals need to know what to budget.", |r| label(r.cost_band.map(|c| c.label()))),
    row("cost_note", "What the money is for", How, (Required, 1), "A sum means little without what it buys.", |r| one(&r.cost_note)),
    row("staffing", "Staffing", How, (Required, 1), "It shows whose time is needed.", |r| labels(r.staffing.iter().map(|c| c.label()))),
    row("conditions", "What has to be true here", How, (Required, 2), "It answers \"that only works because of who they are\".", |r| labels(r.conditions.iter().map(|c| c.label()))),
    row("conditions_note", "Conditions in words", How, (Optional, 0), "", |r| one(&r.conditions_note)),
    row("training_hours", "Training hours", How, (Optional, 0), "", |r| count(r.training_hours)),
    row("space_and_technology", "Space and technology", How, (Optional, 0), "", |r| one(&r.space_and_technology)),
    row("timeline", "Timeline", How, (Expected, 2), "Adopters plan their first year by it.", |r| lines(r.timeline.iter().cloned())),
    row("who_decided", "Who decided", How, (Optional, 0), "", |r| one(&r.who_decided)),
    row("first_week", "The first week", Before, (Expected, 2), "It turns interest into a start.", |r| lines(r.first_week.iter().cloned())),
    row("prerequisites", "Prerequisites", Before, (Expected, 1), "Nobody starts without what it needs.", |r| lines(r.prerequisites.iter().cloned())),
    row("pitfalls", "Pitfalls", Before, (Expected, 2), "Others need not make the same mistakes.", |r| lines(r.pitfalls.iter().cloned())),
    row("how_to_keep_it_going", "How to keep it going", Before, (Expected, 1), "Most practices fade when people leave.", |r| one(&r.how_to_keep_it_going)),
    row("not_a_fit_when", "Not a fit when", Before, (Expected, 1), "It spares schools a try that cannot work.", |r| lines(r.not_a_fit_when.iter().cloned())),
    row("stopped_because", "Why it was stopped", Before, (WhenStopped, 3), "The reason is what others learn from.", |r| one(&r.stopped_because)),
    row("what_replaced_it", "What replaced it", Before, (WhenStopped, 1), "Readers see what to try in its place.", |r| one(&r.what_replaced_it)),
    row("contact_role", "Contact", More, (Required, 1), "Colleagues have one question before they start.", |r| one(&r.contact_role)),
    row("open_to_visits", "Open to visits", More, (Expected, 1), "Seeing it is worth ten pages.", |r| flag(r.open_to_visits)),
    row("visit_rules", "Rules for visits", More, (Expected, 1), "Visitors know what to expect.", |r| one(&r.visit_rules)),
    row("max_visits_per_term", "Visits in a term", More, (Expected, 1), "It protects your staff's time.", |r| count(r.max_visits_per_term)),
    row("license", "License", More, (Required, 1), "Adopters know what they may do with it.", |r| r.license.label().to_owned()),
    row("contributors", "Contributors", More, (Expected, 1), "Credit is due to those who did the work.", |r| lines(r.contributors.iter().cloned())),
    row("imported_from", "Imported from", More, (Optional, 0), "", |r| one(&r.imported_from)),
    row("imported_url", "Address at the source", More, (Optional, 0), "", |r| one(&r.imported_url)),
    row("original_name", "Name at the source", More, (Optional, 0), "", |r| one(&r.original_name)),
];

const fn row(
    name: &'static str,
    label: &'static str,
    section: Section,
    (need, weight): (Need, u32),
    why: &'static str,
    text: fn(&PracticeRecord) -> String,
) -> Field {
    Field { name, label, section, need, weight, why, text }
}

fn one(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn label(label: Option<&str>) -> String {
    label.unwrap_or_default().to_owned()
}

fn labels(labels: impl Iterator<Item = &'static str>) -> String {
    labels.collect::<Vec<_>>().join(", ")
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn count(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn flag(flag: Option<bool>) -> String {
    label(flag.map(|yes| if yes { "Yes" } else { "No" }))
}

/// "Outcome (a; b; c)": what is there of `facts`, in parentheses.
fn with_facts(name: &str, facts: &[Option<String>]) -> String {
    let facts: Vec<&str> = facts.iter().flatten().map(String::as_str).collect();
    if facts.is_empty() { name.to_owned() } else { format!("{name} ({})", facts.join("; ")) }
}

fn step((at, step): (usize, &Step)) -> String {
    with_facts(&format!("{}. {}", at + 1, step.what), &[step.who.clone(), step.how_long.clone()])
}

fn material(material: &Material) -> String {
    let either = |flag: Option<bool>, yes: &str, no: &str| flag.map(|is| if is { yes } else { no }.to_owned());
    with_facts(
        &material.title,
        &[
            material.kind.map(|kind| kind.label().to_owned()),
            material.url.clone(),
            either(material.editable, "editable", "not editable"),
            material.language.clone(),
            material.license.clone(),
            either(material.accessible, "accessible", "not checked for accessibility"),
        ],
    )
}

fn measure(measure: &LocalMeasure) -> String {
    let worded = |words: &str, text: &Option<String>| text.as_ref().map(|text| format!("{words} {text}"));
    with_facts(
        &measure.measure,
        &[
            worded("before:", &measure.before),
            worded("after:", &measure.after),
            measure.students_band.map(|band| format!("{} students", band.label())),
            measure.dates.clone(),
            worded("compared with", &measure.compared_with),
            worded("source:", &measure.source),
        ],
    )
}

fn claim(claim: &EvidenceClaim) -> String {
    let counted = |number: Option<u32>, word: &str| number.map(|number| format!("{word}: {number}"));
    let tier = claim.tier.map_or("Not rated", |tier| tier.label());
    with_facts(
        &claim.outcome,
        &[
            Some(tier.to_owned()),
            claim.finding.map(|finding| finding.label().to_owned()),
            claim.applies_to.map(|applies_to| applies_to.label().to_owned()),
            claim.rating.clone(),
            counted(claim.studies, "studies"),
            counted(claim.students, "students"),
            claim.grades.clone(),
            claim.populations.clone(),
            claim.citation.clone(),
            claim.citation_url.clone(),
            claim.checked_by.as_ref().map(|by| format!("checked by {by}")),
            claim.checked_on.map(|on| format!("checked on {on}")),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_field_of_the_record() {
        let record = serde_json::to_value(PracticeRecord::default()).unwrap();
        let mut keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        let mut names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        keys.sort_unstable();
        names.sort_unstable();
        assert_eq!(keys, names);
    }

    #[test]
    fn what_counts_says_why() {
        for field in FIELDS {
            assert_eq!(field.weight > 0, field.why.ends_with('.'), "{}", field.name);
            assert_eq!(field.weight == 0, field.need == Optional, "{}", field.name);
        }
    }

    #[test]
    fn entries_read_as_sentences() {
        let step_two =
            Step { what: "Meet".into(), who: Some("Grade team".into()), how_long: Some("20 minutes".into()) };
        assert_eq!(step((1, &step_two)), "2. Meet (Grade team; 20 minutes)");
        assert_eq!(
            claim(&EvidenceClaim { outcome: "Attendance".into(), ..Default::default() }),
            "Attendance (Not rated)"
        );
    }
}
