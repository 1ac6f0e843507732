//! A look for what may identify a student, before a text is kept (P-3): names told with a grade, an age or a fact of a child's file,
//! numbers of a student, birth dates, phone numbers, e-mail addresses, counts of fewer than ten.
//!
//! It asks, it does not decide: whoever wrote the text may say that a piece is no student, and it is kept. So it may miss little, and
//! must not cry at ordinary texts; `tests/it/guard.rs` prints how often it does either.

mod counts;
mod names;
mod numbers;
mod words;

use serde_json::Value;

use self::words::Words;
use super::draft::PracticeDraft;
use super::fields::FIELDS;
use crate::platform::FieldErrors;
use crate::platform::chance::sha256;

/// What a piece of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A name with something that is told of a student.
    Name,
    /// The number of a student: an id, a Social Security number.
    Id,
    /// A birth date.
    BirthDate,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A count of fewer than ten students.
    SmallCount,
}

impl Kind {
    /// Names it in marks.
    fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
            Self::BirthDate => "birth_date",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::SmallCount => "small_count",
        }
    }

    /// What it looks like, and what to write in its place.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Name => "This may name a student. Write \"a student\" or \"one of our readers\" in its place.",
            Self::Id => "This looks like the number of a student. Leave it out.",
            Self::BirthDate => "This looks like a birth date. Write a grade in its place.",
            Self::Phone => "This looks like a phone number. Leave it out; people write through the contact form.",
            Self::Email => "This is an e-mail address. Leave it out; people write through the contact form.",
            Self::SmallCount => {
                "This counts fewer than ten students, which can point at a child. Write \"some\" or a share."
            }
        }
    }
}

/// A piece of a text that may point at a student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: `problem`, `steps/2/what`.
    pub field: String,
    /// What it looks like.
    pub kind: Kind,
    /// The piece, as written.
    pub quote: String,
    /// Names the piece when somebody says that it is no student.
    pub mark: String,
}

/// Keys whose values are codes, addresses, numbers or citations: nobody tells of a student there, and those who wrote a study are named.
const NO_PROSE: [&str; 20] = [
    "kind",
    "url",
    "editable",
    "language",
    "license",
    "accessible",
    "tier",
    "finding",
    "applies_to",
    "citation",
    "citation_url",
    "studies",
    "students",
    "rating",
    "checked_by",
    "checked_on",
    "students_band",
    "imported_from",
    "imported_url",
    "original_name",
];

/// Everything in a draft that may point at a student, in the order of the page.
pub fn findings(draft: &PracticeDraft) -> Vec<Finding> {
    let Ok(value) = serde_json::to_value(draft) else { return Vec::new() };
    let mut found = Vec::new();
    for field in FIELDS {
        if let Some(value) = value.get(field.name) {
            look(&mut found, field.name, field.name, value);
        }
    }
    found
}

fn look(found: &mut Vec<Finding>, place: &str, key: &str, value: &Value) {
    match value {
        Value::String(text) if !NO_PROSE.contains(&key) => found.extend(of_text(place, text)),
        Value::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                look(found, &format!("{place}/{at}"), key, item);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                look(found, &format!("{place}/{key}"), key, item);
            }
        }
        _ => {}
    }
}

/// What in one text may point at a student, in the order of the text.
pub fn of_text(field: &str, text: &str) -> Vec<Finding> {
    let words = Words::of(text);
    let mut spans: Vec<(usize, usize, Kind)> = Vec::new();
    spans.extend(numbers::emails(&words).into_iter().map(|(from, to)| (from, to, Kind::Email)));
    spans.extend(numbers::birth_dates(&words).into_iter().map(|(from, to)| (from, to, Kind::BirthDate)));
    spans.extend(numbers::ids(&words).into_iter().map(|(from, to)| (from, to, Kind::Id)));
    spans.extend(numbers::phones(&words).into_iter().map(|(from, to)| (from, to, Kind::Phone)));
    spans.extend(counts::small(&words).into_iter().map(|(from, to)| (from, to, Kind::SmallCount)));
    spans.extend(names::students(&words).into_iter().map(|(from, to)| (from, to, Kind::Name)));
    spans.sort_unstable();
    let mut found: Vec<Finding> = Vec::new();
    let mut end = 0;
    for (from, to, kind) in spans {
        // One piece is asked about once.
        if from < end {
            continue;
        }
        end = to;
        let quote = words.text[from..to].to_owned();
        let mark = sha256(format!("{}:{}", kind.code(), quote.to_lowercase()).as_bytes())[..16].to_owned();
        if !found.iter().any(|other| other.mark == mark) {
            found.push(Finding { field: field.to_owned(), kind, quote, mark });
        }
    }
    found
}

/// Asks whoever wrote a short text about the first piece of it that may point at a student; `cleared` is their word that it is about
/// none. The field of that word is `no_student`, and it is asked for once however many texts there are.
pub fn ask(errors: &mut FieldErrors, field: &str, text: &str, cleared: bool) {
    if cleared {
        return;
    }
    if let Some(found) = of_text(field, text).first() {
        errors.add(field, format!("\u{201c}{}\u{201d}: {}", found.quote, found.kind.sentence()));
        if !errors.iter().any(|error| error.field == "no_student") {
            errors.add("no_student", "If it is about no student, say so here.");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, String)> {
        of_text("x", text).into_iter().map(|found| (found.kind, found.quote)).collect()
    }

    #[test]
    fn each_kind_is_seen_and_quoted() {
        let one = |kind, quote: &str| vec![(kind, quote.to_owned())];
        assert_eq!(kinds("We tried it with Jayden, a third grader."), one(Kind::Name, "Jayden"));
        assert_eq!(kinds("His student ID is 20418837."), one(Kind::Id, "student ID is 20418837"));
        assert_eq!(kinds("She was born on May 3, 2014."), one(Kind::BirthDate, "born on May 3, 2014"));
        assert_eq!(kinds("Call (518) 555-0142 first."), one(Kind::Phone, "(518) 555-0142"));
        assert_eq!(kinds("Write to a.b@school.example now"), one(Kind::Email, "a.b@school.example"));
        assert_eq!(kinds("Only 3 students were suspended."), one(Kind::SmallCount, "3 students"));
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for text in [
            "Groups of 3 students read together for 20 minutes.",
            "In grade 3 students track the count on a chart.",
            "Ms. Rivera teaches third grade and leads the team.",
            "Rosa Parks Elementary began it in 2019-2020.",
            "Two students share one laptop.",
            "Every Monday the fifth grade team meets at 8:15.",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    #[test]
    fn a_draft_is_searched_where_people_write_prose() {
        let draft = PracticeDraft::from_json(&json!({
            "title": "Check-in", "steps": [{"what": "Meet"}, {"what": "Call Jayden's mom at 518-555-0142"}],
            "evidence_claims": [{"outcome": "Reading", "citation": "Smith, Jayden (2014), grade 3 students"}]
        }))
        .unwrap();
        let found = findings(&draft);
        let places: Vec<&str> = found.iter().map(|found| found.field.as_str()).collect();
        assert_eq!(places, ["steps/1/what", "steps/1/what"]);
        assert!(found[0].mark != found[1].mark && found[0].mark.len() == 16);
    }
}
