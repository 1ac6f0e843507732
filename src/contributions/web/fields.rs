//! How each field of a record is asked for, and how a form becomes a draft again. Nothing typed is lost on the way: what is not a value
//! yet stays the text it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog::draft::PracticeDraft;
use crate::catalog::fields::{FIELDS, Field, Need, Section};
use crate::catalog::guard::Finding;
use crate::contributions::merge::{Conflict, said};
use crate::contributions::views::{FieldView, HeldView, MineView, RowView};
use crate::platform::FieldErrors;
use crate::platform::vocabulary::terms;
use crate::web::form::{Corrections, Form};
use crate::web::views::Choice;

/// How a value is asked for.
#[derive(Clone, Copy)]
enum Shape {
    /// One line.
    Line,
    /// A sentence or two.
    Short,
    /// Paragraphs, in Markdown.
    Long,
    /// A list, a line for each entry.
    Lines,
    /// One of a vocabulary.
    One(&'static str),
    /// Any of a vocabulary.
    Many(&'static str),
    /// Yes, no, or not said.
    YesNo,
    /// Rows of several values; what one row is called.
    Rows(&'static str, &'static [Cell]),
}

/// A value in a row: key, label, shape.
type Cell = (&'static str, &'static str, Shape);

const STEP: &[Cell] = &[
    ("what", "What is done", Shape::Short),
    ("who", "Who does it", Shape::Line),
    ("how_long", "How long it takes", Shape::Line),
];

const MATERIAL: &[Cell] = &[
    ("title", "Title", Shape::Line),
    ("kind", "What it is", Shape::One("material_kind")),
    ("url", "Web address", Shape::Line),
    ("language", "Language", Shape::Line),
    ("license", "License", Shape::Line),
    ("editable", "Can it be changed?", Shape::YesNo),
    ("accessible", "Was it made or checked for people with disabilities?", Shape::YesNo),
];

const CLAIM: &[Cell] = &[
    ("outcome", "Outcome", Shape::Line),
    ("finding", "What was found", Shape::One("finding")),
    ("tier", "How strong the evidence is", Shape::One("evidence_tier")),
    ("applies_to", "What it speaks of", Shape::One("applies_to")),
    ("citation", "Source, in words", Shape::Line),
    ("citation_url", "Web address of the source", Shape::Line),
    ("studies", "Number of studies", Shape::Line),
    ("students", "Students in those studies", Shape::Line),
    ("grades", "Grades studied", Shape::Line),
    ("populations", "Who the students were", Shape::Line),
];

/// What an editor keeps of a claim; a form carries it along.
const CARRIED: [&str; 3] = ["rating", "checked_by", "checked_on"];

const MEASURE: &[Cell] = &[
    ("measure", "What was measured", Shape::Line),
    ("before", "Before, with its unit", Shape::Line),
    ("after", "After, with its unit", Shape::Line),
    ("students_band", "How many students", Shape::One("students_band")),
    ("dates", "From when to when", Shape::Line),
    ("compared_with", "Compared with", Shape::Line),
    ("source", "Where the numbers come from", Shape::Line),
];

/// Shape and guidance of a field. What only an import brings along is not asked for.
fn asked(name: &str) -> Option<(Shape, &'static str)> {
    use Shape::{Line, Lines, Long, Many, One, Rows, Short, YesNo};
    Some(match name {
        "title" => (Line, "Say what people do, in at most 80 characters."),
        "summary" => (Short, "Two sentences: what people do; what changes."),
        "problem" => (Long, "One paragraph: what was wrong before you began."),
        "practice_type" => (One("practice_type"), ""),
        "topics" => (Many("topic"), "One to three."),
        "grade_bands" => (Many("grade_band"), ""),
        "subjects" => (Many("subject"), ""),
        "student_groups" => (Many("student_group"), ""),
        "settings" => (Many("setting"), ""),
        "mtss_tiers" => (Many("mtss_tier"), ""),
        "in_use_since" => (Line, "The year it began."),
        "result" => (One("result"), "What did not work is welcome too."),
        "steps" => (Rows("Step", STEP), "Three to ten steps, so that a colleague could try it from this."),
        "core_parts" => (Lines, "What has to stay for it to work: two to five, one in each line."),
        "can_change" => (Lines, "What others may change to fit, one in each line."),
        "a_day_or_week" => (Long, "What a day or a week of it looks like."),
        "materials" => (Rows("Material", MATERIAL), "Forms, slides, recordings: what a colleague needs to do it."),
        "evidence_claims" => (
            Rows("Claim", CLAIM),
            "What is known, an entry for each outcome. Tiers 1 to 3 are set by an editor who has read the source.",
        ),
        "local_measures" => (Rows("Measure", MEASURE), "Your own numbers. Never a count of fewer than ten students."),
        "what_we_do_not_know" => (Short, "One sentence."),
        "time_to_start" => (One("time_to_start"), "From the decision to the first day."),
        "weekly_time" => (One("weekly_time"), "Time of staff."),
        "cost_band" => (One("cost_band"), "New spending in a year."),
        "cost_note" => (Short, ""),
        "staffing" => (Many("staffing"), ""),
        "conditions" => (Many("condition"), "What has to be true of a school. \"None\" stands alone."),
        "conditions_note" => (Long, ""),
        "training_hours" => (Line, "Hours for one person."),
        "space_and_technology" => (Long, "Rooms and devices."),
        "timeline" => (Lines, "What happened when, one in each line."),
        "who_decided" => (Long, "By role, not by name."),
        "first_week" => (Lines, "What to do in the first week, one in each line."),
        "prerequisites" => (Lines, "What must be in place, one in each line."),
        "pitfalls" => (Lines, "What goes wrong, one in each line."),
        "how_to_keep_it_going" => (Long, "What keeps it alive when people leave."),
        "not_a_fit_when" => (Lines, "When to leave it alone, one in each line."),
        "stopped_because" => (Long, "For a practice that was stopped."),
        "what_replaced_it" => (Long, "For a practice that was stopped. \"Nothing\" is an answer."),
        "contact_role" => (Line, "The role of the person who knows it best. Their address is never shown."),
        "open_to_visits" => (YesNo, ""),
        "visit_rules" => (Long, "How a visit is arranged."),
        "max_visits_per_term" => (Line, "How many your school can receive in a term."),
        "license" => (One("license"), "What others may do with the record."),
        "contributors" => (Lines, "By role or team, one in each line. A name only of who agreed to be named."),
        _ => return None,
    })
}

/// The parts of a record, as addresses name them.
pub const SECTIONS: [(Section, &str); 6] = [
    (Section::Snapshot, "snapshot"),
    (Section::What, "what"),
    (Section::Worked, "worked"),
    (Section::How, "how"),
    (Section::Before, "before"),
    (Section::More, "more"),
];

/// The section of an address.
pub fn section(slug: &str) -> Option<Section> {
    SECTIONS.iter().find(|(_, name)| *name == slug).map(|(section, _)| *section)
}

/// The address of a section.
pub fn slug(section: Section) -> &'static str {
    SECTIONS.iter().find(|(other, _)| *other == section).map_or("snapshot", |(_, name)| name)
}

/// The fields that are asked for in a section.
pub fn of_section(section: Section) -> Vec<&'static str> {
    let here = FIELDS.iter().filter(|field| field.section == section);
    here.filter(|field| asked(field.name).is_some()).map(|field| field.name).collect()
}

/// What a form says in these fields, with its empty rows.
pub fn read(form: &Form, fields: &[&'static str]) -> PracticeDraft {
    let mut map = Map::new();
    for name in fields {
        let Some((shape, _)) = asked(name) else { continue };
        map.insert((*name).to_owned(), read_value(form, name, shape));
    }
    serde_json::from_value(Value::Object(map)).unwrap_or_default()
}

fn read_value(form: &Form, name: &str, shape: Shape) -> Value {
    match shape {
        Shape::Line | Shape::Short | Shape::Long | Shape::One(_) | Shape::YesNo => form.raw(name).into(),
        Shape::Lines => form.raw(name).lines().map(str::to_owned).collect::<Vec<_>>().into(),
        Shape::Many(_) => form.all(name).into(),
        Shape::Rows(_, cells) => {
            let mut rows: BTreeMap<usize, Map<String, Value>> = BTreeMap::new();
            for (key, _) in form.starting(&format!("{name}/")) {
                let mut parts = key.split('/').skip(1);
                let at = parts.next().and_then(|at| at.parse::<usize>().ok());
                let (Some(at), Some(cell)) = (at, parts.next()) else { continue };
                if cells.iter().any(|(known, ..)| *known == cell)
                    || name == "evidence_claims" && CARRIED.contains(&cell)
                {
                    rows.entry(at).or_default().insert(cell.to_owned(), form.raw(key).into());
                }
            }
            Value::Array(rows.into_values().map(Value::Object).collect())
        }
    }
}

/// The draft with a row more or less, where the form asks for that: `add=steps`, `remove=steps/1`.
pub fn rows_changed(form: &Form, draft: &PracticeDraft) -> Option<PracticeDraft> {
    let (adds, removes) = (form.get("add"), form.get("remove"));
    let name = if adds.is_empty() { removes.split('/').next().unwrap_or_default() } else { adds };
    if name.is_empty() || !matches!(asked(name), Some((Shape::Rows(..), _))) {
        return None;
    }
    let mut map = match serde_json::to_value(draft) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let list = map.entry(name).or_insert_with(|| json!([])).as_array_mut()?;
    if adds.is_empty() {
        let at: usize = removes.split('/').nth(1)?.parse().ok()?;
        if at < list.len() {
            list.remove(at);
        }
    } else {
        list.push(json!({}));
    }
    serde_json::from_value(Value::Object(map)).ok()
}

/// What stands beside the fields of a form.
#[derive(Default)]
pub struct Beside<'a> {
    /// What to put right.
    pub corrections: Corrections,
    /// Pieces that may point at a student.
    pub held: &'a [Finding],
    /// Fields that somebody else changed too.
    pub conflicts: &'a [Conflict],
}

/// The fields as a page shows them.
pub fn views(draft: &PracticeDraft, names: &[&'static str], beside: &Beside<'_>) -> Vec<FieldView> {
    names
        .iter()
        .filter_map(|name| {
            let (field, (shape, hint)) = (Field::named(name)?, asked(name)?);
            let mut view = view(name, field.label, shape, &said(draft, name), &beside.corrections);
            hint.clone_into(&mut view.hint);
            field.why.clone_into(&mut view.why);
            view.optional = field.need == Need::Optional;
            let conflict = beside.conflicts.iter().find(|conflict| conflict.field == *name);
            view.mine = conflict.map(|conflict| MineView {
                words: words(&conflict.mine),
                theirs: words(&conflict.theirs),
                json: conflict.mine.to_string(),
            });
            Some(view)
        })
        .collect()
}

fn view(name: &str, label: &str, shape: Shape, value: &Value, corrections: &Corrections) -> FieldView {
    let text = value.as_str().unwrap_or_default();
    let mut view = FieldView {
        name: name.to_owned(),
        label: label.to_owned(),
        wrong: corrections.at(name).unwrap_or_default().to_owned(),
        ..FieldView::default()
    };
    match shape {
        Shape::Line => (view.shape, view.value) = ("line", text.to_owned()),
        Shape::Short => (view.shape, view.value) = ("short", text.to_owned()),
        Shape::Long => (view.shape, view.value) = ("long", text.to_owned()),
        Shape::Lines => (view.shape, view.value) = ("lines", words(value)),
        Shape::One(vocabulary) => {
            view.shape = "one";
            view.choices =
                vec![Choice { value: String::new(), label: "Not said yet".to_owned(), selected: text.is_empty() }];
            // Only an editor sets tiers 1 to 3: an author sees the one that was set, and no other.
            let open = |code: &str| vocabulary != "evidence_tier" || !code.starts_with("essa_") || code == "essa_4";
            let listed = terms(vocabulary).iter().filter(|term| open(&term.code) || term.code == text);
            view.choices.extend(listed.map(|term| Choice {
                value: term.code.clone(),
                label: term.label.clone(),
                selected: term.code == text || term.label.eq_ignore_ascii_case(text),
            }));
            // What is no code yet is not lost.
            if !text.is_empty() && !view.choices.iter().any(|choice| choice.selected) {
                view.choices.push(Choice { value: text.to_owned(), label: text.to_owned(), selected: true });
            }
        }
        Shape::Many(vocabulary) => {
            view.shape = "many";
            let chosen: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            view.choices = terms(vocabulary)
                .iter()
                .map(|term| Choice {
                    value: term.code.clone(),
                    label: term.label.clone(),
                    selected: chosen.iter().any(|code| *code == term.code || code.eq_ignore_ascii_case(&term.label)),
                })
                .collect();
        }
        Shape::YesNo => {
            view.shape = "one";
            let known = |code: &str| match code {
                "true" => ["true", "yes", "on", "1"].contains(&text.to_lowercase().as_str()),
                "false" => ["false", "no", "off", "0"].contains(&text.to_lowercase().as_str()),
                _ => text.is_empty(),
            };
            view.choices = [("", "Not said yet"), ("true", "Yes"), ("false", "No")]
                .map(|(code, label)| Choice { value: code.to_owned(), label: label.to_owned(), selected: known(code) })
                .into();
        }
        Shape::Rows(noun, cells) => {
            view.shape = "rows";
            view.noun = noun.to_owned();
            let empty = Vec::new();
            let rows = value.as_array().unwrap_or(&empty);
            // A practice has steps: the first three stand there to be filled.
            let at_least = if name == "steps" && rows.is_empty() { 3 } else { rows.len() };
            let nothing = json!({});
            view.rows = (0..at_least)
                .map(|at| row(name, at, noun, cells, rows.get(at).unwrap_or(&nothing), corrections))
                .collect();
        }
    }
    view
}

fn row(name: &str, at: usize, noun: &str, cells: &[Cell], value: &Value, corrections: &Corrections) -> RowView {
    let said = |key: &str| value.get(key).unwrap_or(&Value::Null);
    let path = |key: &str| format!("{name}/{at}/{key}");
    let carried = CARRIED.iter().filter(|_| name == "evidence_claims");
    RowView {
        heading: format!("{noun} {}", at + 1),
        place: format!("{name}/{at}"),
        cells: cells
            .iter()
            .map(|(key, label, shape)| view(&path(key), label, *shape, said(key), corrections))
            .collect(),
        hidden: carried
            .filter_map(|key| Some((path(key), said(key).as_str().filter(|text| !text.is_empty())?.to_owned())))
            .collect(),
        note: said("checked_by")
            .as_str()
            .map(|by| format!("Checked by {by}; what you change here is no longer checked."))
            .unwrap_or_default(),
    }
}

/// What a value says, in lines.
pub fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join("\n"),
        Value::Object(map) => map.values().map(words).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Broken rules, at fields that the page has: entries of a list are one field of a form.
pub fn placed(errors: &FieldErrors, names: &[&'static str]) -> FieldErrors {
    let mut placed = FieldErrors::default();
    for error in errors.iter() {
        let mut parts = error.field.split('/');
        let name = parts.next().unwrap_or_default();
        if !names.contains(&name) && !error.field.is_empty() {
            continue;
        }
        match asked(name) {
            Some((Shape::Rows(..), _)) | None => placed.add(error.field.clone(), error.message.clone()),
            Some((Shape::Lines, _)) => match parts.next().and_then(|at| at.parse::<usize>().ok()) {
                Some(at) => placed.add(name, format!("Line {}: {}", at + 1, error.message)),
                None => placed.add(name, error.message.clone()),
            },
            Some(_) => placed.add(name, error.message.clone()),
        }
    }
    placed
}

/// Pieces that may point at a student, as a page asks about them.
pub fn held_views(held: &[Finding]) -> Vec<HeldView> {
    held.iter()
        .map(|finding| {
            let name = finding.field.split('/').next().unwrap_or_default();
            HeldView {
                mark: finding.mark.clone(),
                quote: finding.quote.clone(),
                sentence: finding.kind.sentence().to_owned(),
                label: Field::named(name).map(|field| field.label).unwrap_or_default().to_owned(),
                anchor: anchor(&finding.field),
            }
        })
        .collect()
}

/// The id of the input in which something stands.
fn anchor(field: &str) -> String {
    let name = field.split('/').next().unwrap_or_default();
    match asked(name) {
        Some((Shape::Rows(..), _)) => field.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_asked_for_but_what_an_import_brings() {
        let missing: Vec<&str> = FIELDS.iter().map(|f| f.name).filter(|name| asked(name).is_none()).collect();
        assert_eq!(missing, ["imported_from", "imported_url", "original_name"]);
        let all: usize = SECTIONS.iter().map(|(section, _)| of_section(*section).len()).sum();
        assert_eq!(all + missing.len(), FIELDS.len());
        for (section, name) in SECTIONS {
            assert_eq!((super::section(name), slug(section)), (Some(section), name));
        }
    }

    #[test]
    fn what_is_typed_comes_back() {
        let body =
            "title=+Door&pitfalls=a%0D%0Ab&topics=mtss&topics=sel&steps/0/what=Greet&steps/2/who=All&steps/2/x=1";
        let form = Form::parse(body.as_bytes()).unwrap();
        let draft = read(&form, &["title", "pitfalls", "topics", "steps"]);
        assert_eq!(draft.title.as_deref(), Some(" Door"));
        assert_eq!((draft.pitfalls.len(), draft.topics.len(), draft.steps.len()), (2, 2, 2));
        let more = rows_changed(&Form::parse(b"add=steps").unwrap(), &draft).unwrap();
        assert_eq!(more.steps.len(), 3);
        let less = rows_changed(&Form::parse(b"remove=steps/0").unwrap(), &more).unwrap();
        assert_eq!((less.steps.len(), less.steps[0].who.as_deref()), (2, Some("All")));
        assert!(rows_changed(&Form::parse(b"add=title").unwrap(), &draft).is_none());
        let views = views(&draft, &["steps", "topics"], &Beside::default());
        assert_eq!((views[0].rows.len(), views[0].rows[1].cells[1].value.as_str()), (2, "All"));
        assert_eq!(views[1].choices.iter().filter(|choice| choice.selected).count(), 2);
    }
}
