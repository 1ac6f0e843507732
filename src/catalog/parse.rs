//! From a draft to a record: every rule about what a practice may say, all broken ones told at once.
//!
//! Places of errors are the keys of the draft, inside lists with the position from 0: `steps/2/what`.
//! Each sentence says what to do. What is given is checked under every rule; the rules differ in what they
//! miss.

use chrono::{Datelike, NaiveDate};

use super::clean::{Checker, LINE, PARAGRAPH, SMALLEST_COUNT};
use super::draft::{ClaimDraft, MaterialDraft, MeasureDraft, PracticeDraft, StepDraft};
use super::record::{EvidenceClaim, LocalMeasure, Material, PracticeRecord, Step};
use crate::platform::FieldErrors;
use crate::platform::vocabulary::{Condition, CostBand, EvidenceTier, Finding, License};

/// Longest title, in characters.
pub const TITLE: usize = 80;
/// Fewest students behind tiers 1 and 2, the bar of the What Works Clearinghouse (P-2).
pub const STUDENTS_FOR_TIERS_1_AND_2: u32 = 350;
/// Longest summary, in characters: two sentences.
const SUMMARY: usize = 600;
/// Most entries of a list.
const ENTRIES: usize = 20;
/// Most evidence claims.
const CLAIMS: usize = 40;
/// Before this year nothing here was in use.
const FIRST_YEAR: u16 = 1900;

/// What has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Everything the product requires to publish.
    Full,
    /// A title: enough to keep, to show and to review a beginning (P-1).
    Draft,
    /// A title and the source's stable id; what is missing shows in the completeness bar.
    Imported,
}

/// Who asks. Tiers 1 to 3 and the mark "checked by" are an editor's (P-2).
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// An author, who may carry on, word for word, what an editor has set in `reviewed` before.
    Author {
        /// Evidence claims of the version the author started from.
        reviewed: &'a [EvidenceClaim],
    },
    /// An editor, or an import by the operator of the installation.
    Editor,
}

/// A practice that keeps the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPractice {
    /// The stable id in its source, of an imported practice: `wwc:229`.
    pub source: Option<String>,
    /// The school it began at as the draft names it: id, NCES id, slug or exact name. The caller looks it up.
    pub origin_school: Option<String>,
    /// What it says.
    pub record: PracticeRecord,
}

impl NewPractice {
    /// Checks a draft. `today` bounds years and dates.
    ///
    /// # Errors
    /// Every broken rule: what is wrong with what was given in the order of the page, then what is missing.
    pub fn parse(draft: PracticeDraft, rules: Rules, trust: Trust<'_>, today: NaiveDate) -> Result<Self, FieldErrors> {
        let mut check = Checker::default();
        let source = check.line("source", draft.source, 200);
        match rules {
            Rules::Imported => {
                check.require("source", source.is_some(), "Give the id that the practice has in its source.")
            }
            _ if source.is_some() => check.refuse("source", "Leave this out; only imported practices have a source."),
            _ => {}
        }
        let origin_school = check.line("origin_school", draft.origin_school, LINE);
        let this_year = u16::try_from(today.year()).unwrap_or(u16::MAX);
        let c = &mut check;
        let record = PracticeRecord {
            title: c.line("title", draft.title, TITLE).unwrap_or_default(),
            summary: c.line("summary", draft.summary, SUMMARY),
            problem: c.paragraph("problem", draft.problem),
            practice_type: c.code("practice_type", draft.practice_type),
            topics: c.codes("topics", draft.topics, 3),
            grade_bands: c.codes("grade_bands", draft.grade_bands, ENTRIES),
            subjects: c.codes("subjects", draft.subjects, ENTRIES),
            student_groups: c.codes("student_groups", draft.student_groups, ENTRIES),
            settings: c.codes("settings", draft.settings, ENTRIES),
            mtss_tiers: c.codes("mtss_tiers", draft.mtss_tiers, ENTRIES),
            in_use_since: c.number("in_use_since", draft.in_use_since, FIRST_YEAR..=this_year, "the year it began"),
            result: c.code("result", draft.result),
            steps: steps(c, draft.steps, rules),
            core_parts: c.entries("core_parts", draft.core_parts, 5),
            can_change: c.entries("can_change", draft.can_change, ENTRIES),
            a_day_or_week: c.paragraph("a_day_or_week", draft.a_day_or_week),
            materials: materials(c, draft.materials),
            evidence_claims: claims(c, draft.evidence_claims, trust, today),
            local_measures: measures(c, draft.local_measures),
            what_we_do_not_know: c.line("what_we_do_not_know", draft.what_we_do_not_know, SUMMARY),
            time_to_start: c.code("time_to_start", draft.time_to_start),
            weekly_time: c.code("weekly_time", draft.weekly_time),
            cost_band: c.code("cost_band", draft.cost_band),
            cost_note: c.line("cost_note", draft.cost_note, SUMMARY),
            staffing: c.codes("staffing", draft.staffing, ENTRIES),
            conditions: c.codes("conditions", draft.conditions, ENTRIES),
            conditions_note: c.paragraph("conditions_note", draft.conditions_note),
            training_hours: c.number("training_hours", draft.training_hours, 0.0..=1_000.0, "hours of training"),
            space_and_technology: c.paragraph("space_and_technology", draft.space_and_technology),
            timeline: c.entries("timeline", draft.timeline, ENTRIES),
            who_decided: c.paragraph("who_decided", draft.who_decided),
            first_week: c.entries("first_week", draft.first_week, ENTRIES),
            prerequisites: c.entries("prerequisites", draft.prerequisites, ENTRIES),
            pitfalls: c.entries("pitfalls", draft.pitfalls, ENTRIES),
            how_to_keep_it_going: c.paragraph("how_to_keep_it_going", draft.how_to_keep_it_going),
            not_a_fit_when: c.entries("not_a_fit_when", draft.not_a_fit_when, ENTRIES),
            stopped_because: c.paragraph("stopped_because", draft.stopped_because),
            what_replaced_it: c.paragraph("what_replaced_it", draft.what_replaced_it),
            contact_role: c.line("contact_role", draft.contact_role, LINE),
            open_to_visits: c.flag("open_to_visits", draft.open_to_visits),
            visit_rules: c.paragraph("visit_rules", draft.visit_rules),
            max_visits_per_term: c.number(
                "max_visits_per_term",
                draft.max_visits_per_term,
                0..=200,
                "a number of visits",
            ),
            license: c.code("license", draft.license).unwrap_or_default(),
            contributors: c.entries("contributors", draft.contributors, ENTRIES),
            imported_from: c.line("imported_from", draft.imported_from, LINE),
            imported_url: c.url("imported_url", draft.imported_url),
            original_name: c.line("original_name", draft.original_name, LINE),
        };
        c.require(
            "title",
            !record.title.is_empty(),
            "Give it a title of at most 80 characters that says what people do.",
        );
        if record.conditions.len() > 1 && record.conditions.contains(&Condition::NONE) {
            c.refuse("conditions", "Choose either \"none\" or the conditions that hold, not both.");
        }
        if rules == Rules::Full {
            full(c, &record, origin_school.is_some());
        }
        check.finish(Self { source, origin_school, record })
    }
}

/// The record that a draft makes as it stands: what keeps the rules, beside every broken rule of what does not. A draft may be half
/// done and is shown all the same.
pub fn so_far(draft: &PracticeDraft, today: NaiveDate) -> (PracticeRecord, FieldErrors) {
    let given = PracticeDraft { source: None, origin_school: None, ..draft.clone() };
    let parse = |draft: PracticeDraft| NewPractice::parse(draft, Rules::Draft, Trust::Editor, today);
    let errors = match parse(given.clone()) {
        Ok(new) => return (new.record, FieldErrors::default()),
        Err(errors) => errors,
    };
    let kept = without(&given, &errors);
    let title = kept.title.clone().or_else(|| Some(UNTITLED.to_owned()));
    let record = parse(PracticeDraft { title, ..kept }).map(|new| new.record);
    let nothing = || PracticeRecord { title: UNTITLED.to_owned(), ..PracticeRecord::default() };
    (record.unwrap_or_else(|_| nothing()), errors)
}

/// What a draft without a title is called.
pub const UNTITLED: &str = "A practice without a title yet";

/// The draft without the values that an error names: the entry of a list, or the whole value.
fn without(draft: &PracticeDraft, errors: &FieldErrors) -> PracticeDraft {
    let Ok(serde_json::Value::Object(mut map)) = serde_json::to_value(draft) else { return PracticeDraft::default() };
    for error in errors.iter() {
        let mut parts = error.field.split('/');
        let Some(name) = parts.next() else { continue };
        let at: Option<usize> = parts.next().and_then(|at| at.parse().ok());
        match (map.get_mut(name).and_then(serde_json::Value::as_array_mut), at) {
            // Emptied, so that those behind it keep their numbers; an empty entry is no entry.
            (Some(list), Some(at)) if at < list.len() => {
                list[at] = if list[at].is_string() { "".into() } else { serde_json::json!({}) };
            }
            _ => {
                map.remove(name);
            }
        }
    }
    serde_json::from_value(serde_json::Value::Object(map)).unwrap_or_default()
}

/// What is required to publish.
fn full(c: &mut Checker, r: &PracticeRecord, has_school: bool) {
    c.require("summary", r.summary.is_some(), "Write two sentences: what people do; what changes.");
    c.require("problem", r.problem.is_some(), "Describe in one paragraph the problem it answers.");
    c.require("practice_type", r.practice_type.is_some(), "Choose what kind of practice it is.");
    c.require("topics", !r.topics.is_empty(), "Choose one to three topics.");
    c.require("grade_bands", !r.grade_bands.is_empty(), "Choose the grades it is used in.");
    c.require("subjects", !r.subjects.is_empty(), "Choose its subjects, or \"not tied to a subject\".");
    c.require("student_groups", !r.student_groups.is_empty(), "Choose whom it serves, or \"all students\".");
    c.require("settings", !r.settings.is_empty(), "Choose where it happens.");
    c.require("origin_school", has_school, "Choose the school where it began.");
    c.require("in_use_since", r.in_use_since.is_some(), "Write the year it began.");
    c.require("result", r.result.is_some(), "Say how it went: worked, mixed or stopped.");
    c.require("steps", r.steps.len() >= 3, "Describe it in 3 to 10 steps, so that a colleague can try it.");
    c.require("core_parts", r.core_parts.len() != 1, "Name two to five core parts, or none.");
    c.require("time_to_start", r.time_to_start.is_some(), "Choose how long it takes to start.");
    c.require("weekly_time", r.weekly_time.is_some(), "Choose how much time it takes each week.");
    c.require("cost_band", r.cost_band.is_some(), "Choose what it costs.");
    c.require("cost_note", r.cost_note.is_some() || r.is_free(), "Say what the money is for.");
    c.require("staffing", !r.staffing.is_empty(), "Choose who it takes.");
    c.require("conditions", !r.conditions.is_empty(), "Choose what has to be true of a school; \"none\" is an answer.");
    if r.is_stopped() {
        c.require("stopped_because", r.stopped_because.is_some(), "Say why it was stopped.");
        c.require("what_replaced_it", r.what_replaced_it.is_some(), "Say what replaced it; \"nothing\" is an answer.");
    }
    c.require("contact_role", r.contact_role.is_some(), "Name the role of the person who knows it best.");
}

fn steps(c: &mut Checker, given: Vec<StepDraft>, rules: Rules) -> Vec<Step> {
    if !c.at_most("steps", given.len(), 10) {
        return Vec::new();
    }
    let mut steps = Vec::new();
    for (i, step) in given.into_iter().enumerate() {
        if step == StepDraft::default() {
            continue;
        }
        let at = |key: &str| format!("steps/{i}/{key}");
        let what = c.line(&at("what"), step.what, 1_000).unwrap_or_default();
        c.require(&at("what"), !what.is_empty(), "Say what is done in this step.");
        let who = c.line(&at("who"), step.who, LINE);
        let how_long = c.line(&at("how_long"), step.how_long, LINE);
        if rules == Rules::Full {
            c.require(&at("who"), who.is_some(), "Say who does it.");
            c.require(&at("how_long"), how_long.is_some(), "Say how long it takes.");
        }
        steps.push(Step { what, who, how_long });
    }
    steps
}

fn materials(c: &mut Checker, given: Vec<MaterialDraft>) -> Vec<Material> {
    if !c.at_most("materials", given.len(), 40) {
        return Vec::new();
    }
    let mut materials = Vec::new();
    for (i, material) in given.into_iter().enumerate() {
        if material == MaterialDraft::default() {
            continue;
        }
        let at = |key: &str| format!("materials/{i}/{key}");
        let title = c.line(&at("title"), material.title, LINE).unwrap_or_default();
        c.require(&at("title"), !title.is_empty(), "Name the material.");
        materials.push(Material {
            title,
            kind: c.code(&at("kind"), material.kind),
            url: c.link(&at("url"), material.url),
            editable: c.flag(&at("editable"), material.editable),
            language: c.line(&at("language"), material.language, LINE),
            license: c.line(&at("license"), material.license, LINE).map(|words| license_words(&words)),
            accessible: c.flag(&at("accessible"), material.accessible),
        });
    }
    materials
}

fn measures(c: &mut Checker, given: Vec<MeasureDraft>) -> Vec<LocalMeasure> {
    if !c.at_most("local_measures", given.len(), ENTRIES) {
        return Vec::new();
    }
    let mut measures = Vec::new();
    for (i, draft) in given.into_iter().enumerate() {
        if draft == MeasureDraft::default() {
            continue;
        }
        let at = |key: &str| format!("local_measures/{i}/{key}");
        let mut words = |key: &str, text: Option<String>| {
            let text = c.line(&at(key), text, LINE);
            c.no_small_counts(&at(key), text.as_ref());
            text
        };
        let measure = LocalMeasure {
            measure: words("measure", draft.measure).unwrap_or_default(),
            before: words("before", draft.before),
            after: words("after", draft.after),
            students_band: None,
            dates: words("dates", draft.dates),
            compared_with: words("compared_with", draft.compared_with),
            source: words("source", draft.source),
        };
        c.require(&at("measure"), !measure.measure.is_empty(), "Say what was measured.");
        let students_band = c.code(&at("students_band"), draft.students_band);
        measures.push(LocalMeasure { students_band, ..measure });
    }
    measures
}

fn claims(c: &mut Checker, given: Vec<ClaimDraft>, trust: Trust<'_>, today: NaiveDate) -> Vec<EvidenceClaim> {
    if !c.at_most("evidence_claims", given.len(), CLAIMS) {
        return Vec::new();
    }
    let mut claims: Vec<EvidenceClaim> = Vec::new();
    for (i, draft) in given.into_iter().enumerate() {
        if draft == ClaimDraft::default() {
            continue;
        }
        let at = |key: &str| format!("evidence_claims/{i}/{key}");
        let students = "the number of students, 10 or more, smaller groups can point at a child";
        let claim = EvidenceClaim {
            outcome: c.line(&at("outcome"), draft.outcome, LINE).unwrap_or_default(),
            tier: c.code(&at("tier"), draft.tier),
            finding: c.code(&at("finding"), draft.finding),
            applies_to: c.code(&at("applies_to"), draft.applies_to),
            citation: c.line(&at("citation"), draft.citation, 1_000),
            citation_url: c.url(&at("citation_url"), draft.citation_url),
            studies: c.number(&at("studies"), draft.studies, 1..=10_000, "the number of studies"),
            students: c.number(&at("students"), draft.students, SMALLEST_COUNT..=100_000_000, students),
            grades: c.line(&at("grades"), draft.grades, LINE),
            populations: c.line(&at("populations"), draft.populations, PARAGRAPH),
            rating: c.line(&at("rating"), draft.rating, LINE),
            checked_by: c.line(&at("checked_by"), draft.checked_by, LINE),
            checked_on: c.day(&at("checked_on"), draft.checked_on, today),
        };
        c.require(&at("outcome"), !claim.outcome.is_empty(), "Name the outcome that this evidence is about.");
        let twin = |other: &EvidenceClaim| {
            other.outcome.eq_ignore_ascii_case(&claim.outcome) && other.applies_to == claim.applies_to
        };
        if !claim.outcome.is_empty() && claims.iter().any(twin) {
            c.refuse(&at("outcome"), "Join this with the other claim about the same outcome; there is one for each.");
        }
        tier_rules(c, &at, &claim, trust);
        claims.push(claim);
    }
    claims
}

/// P-2: who may set a tier, and what it takes.
fn tier_rules(c: &mut Checker, at: &dyn Fn(&str) -> String, claim: &EvidenceClaim, trust: Trust<'_>) {
    let reviewed = claim.tier.is_some_and(|tier| tier <= EvidenceTier::ESSA_3);
    if let Trust::Author { reviewed: carried } = trust
        && !carried.contains(claim)
    {
        if reviewed {
            c.refuse(&at("tier"), "Leave the tier out; an editor sets tiers 1 to 3 after reading the source.");
        }
        if claim.checked_by.is_some() || claim.checked_on.is_some() {
            c.refuse(&at("checked_by"), "Leave this out; the editor who checks the evidence signs it.");
        }
    }
    if !reviewed {
        return;
    }
    c.require(&at("citation"), claim.citation.is_some(), "Cite the study; tiers 1 to 3 need a citation.");
    if matches!(claim.finding, Some(Finding::NO_CLEAR_EFFECT | Finding::HARM)) {
        c.refuse(&at("tier"), "Leave the tier out; tiers 1 to 3 say that it helped, and this finding does not.");
    }
    let few = claim.students.is_some_and(|students| students < STUDENTS_FOR_TIERS_1_AND_2);
    if few && claim.tier.is_some_and(|tier| tier <= EvidenceTier::ESSA_2) {
        c.refuse(
            &at("tier"),
            format!("Choose tier 3 or lower; tiers 1 and 2 need at least {STUDENTS_FOR_TIERS_1_AND_2} students."),
        );
    }
}

/// A material may have any licence; ours are written by their names.
fn license_words(words: &str) -> String {
    License::parse(words).map_or_else(|_| words.to_owned(), |license| license.label().to_owned())
}

impl PracticeRecord {
    /// Whether it needs no new spending, so that there is no money to explain.
    pub(super) fn is_free(&self) -> bool {
        self.cost_band == Some(CostBand::NONE)
    }
}

#[cfg(test)]
pub(super) mod tests;
