//! A highlight and its parts: types and rules, no I/O (M-1).

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::numbers::Number;
use crate::catalog::{AdoptionId, PracticeId, guard};
use crate::materials::FileKind;
use crate::people::{AccountId, SchoolId};
use crate::platform::chance::sha256;
use crate::platform::ids::typed_id;
use crate::platform::{FieldErrors, Timestamp, Zone};
use crate::sessions::SessionId;

typed_id!(
    /// A highlight.
    HighlightId
);
typed_id!(
    /// The words of a highlight about one school: what that school is asked about.
    PassageId
);

/// Longest headline.
pub const HEADLINE: usize = 90;
/// Longest story, in characters; it is of two sentences.
pub const STORY: usize = 500;
/// Longest text about one school.
pub const WORDS: usize = 600;
/// Longest quote.
pub const QUOTE: usize = 400;
/// Longest role of a speaker.
pub const ROLE: usize = 120;
/// Longest description of a picture.
pub const ALT: usize = 300;
/// Longest reason, and longest word of a school.
pub const REASON: usize = 1_000;
/// Most schools of one highlight.
pub const SCHOOLS: usize = 4;
/// So far ahead an embargo ends at most.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// Where a highlight stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is written.
    Draft,
    /// Its schools are asked.
    Reviewing,
    /// Every school said yes to what it says now.
    Approved,
    /// Everybody reads it.
    Published,
    /// It was taken back for good.
    Withdrawn,
}

impl State {
    /// All of them, in the order of their life.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Reviewing, Self::Approved, Self::Published, Self::Withdrawn];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewing => "reviewing",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Reviewing => "With its schools",
            Self::Approved => "Approved",
            Self::Published => "Published",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Who in a picture agreed to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Everybody in it is an adult and agreed in writing, or nobody is in it.
    Adults,
    /// Students are in it, and the school holds the written consent of their families.
    Recorded,
}

impl Consent {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Adults, Self::Recorded];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Adults => "adults",
            Self::Recorded => "recorded",
        }
    }

    /// The statement that whoever sends the picture makes.
    pub fn label(self) -> &'static str {
        match self {
            Self::Adults => "Everybody in it agreed in writing, and no student is in it",
            Self::Recorded => {
                "Everybody in it agreed in writing; students are in it, and their school holds the consent of their families"
            }
        }
    }

    /// The statement of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Names its bytes in the storage.
    pub key: String,
    /// What it is.
    pub kind: FileKind,
    /// What it shows, for who cannot see it.
    pub alt: String,
    /// Who agreed.
    pub consent: Consent,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Their words.
    pub text: String,
    /// Their role: "Fifth-grade teacher".
    pub role: String,
    /// Their school: one of the highlight's.
    pub school: SchoolId,
    /// Who they are, where they themselves said that they may be named.
    pub speaker: Option<AccountId>,
}

/// What a school said about the words about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They may appear.
    Yes,
    /// They must be changed.
    Changes,
}

impl Answer {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Changes => "changes",
        }
    }

    /// The answer of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Yes, Self::Changes].into_iter().find(|answer| answer.code() == code)
    }
}

/// The words about one school, and what it said to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its id.
    pub id: PassageId,
    /// The school.
    pub school: SchoolId,
    /// Its sector when it was written down here.
    pub sector: Option<String>,
    /// What the school did.
    pub words: String,
    /// When it was asked last.
    pub asked_at: Option<Timestamp>,
    /// About which words.
    pub asked_print: Option<String>,
    /// What it answered last.
    pub answer: Option<Answer>,
    /// To which words.
    pub answer_print: Option<String>,
    /// Who answered for it; nobody once their account is erased.
    pub answered_by: Option<AccountId>,
    /// When.
    pub answered_at: Option<Timestamp>,
    /// What it wants changed, or why it took its yes back.
    pub note: Option<String>,
}

impl Passage {
    /// Words about a school that nobody was asked about.
    pub fn fresh(school: SchoolId, words: String) -> Self {
        Self {
            id: PassageId::fresh(),
            school,
            sector: None,
            words,
            asked_at: None,
            asked_print: None,
            answer: None,
            answer_print: None,
            answered_by: None,
            answered_at: None,
            note: None,
        }
    }
}

/// A highlight.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// Its id.
    pub id: HighlightId,
    /// Its name in addresses once it was published; its id before.
    pub slug: String,
    /// Name of its city in addresses.
    pub city: String,
    /// The city in words: "Rivermark, NY".
    pub city_name: String,
    /// Who began it.
    pub author: AccountId,
    /// Its headline.
    pub headline: String,
    /// Its story of two sentences.
    pub story: String,
    /// The neighborhood it is about.
    pub neighborhood: Option<String>,
    /// The joint session it began with.
    pub session: Option<SessionId>,
    /// The practice it tells of.
    pub practice: Option<PracticeId>,
    /// The adoption it tells of.
    pub adoption: Option<AdoptionId>,
    /// The commitment of a compact that it serves.
    pub commitment: Option<Uuid>,
    /// One to three numbers.
    pub numbers: Vec<Number>,
    /// What somebody said.
    pub quote: Option<Quote>,
    /// Its picture.
    pub photo: Option<Photo>,
    /// Before this moment it is not published.
    pub embargo_until: Option<Timestamp>,
    /// The zone in which its times are said.
    pub zone: Zone,
    /// Where it stands.
    pub state: State,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// Rises with every change.
    pub revision: i32,
    /// First publication.
    pub published_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// The words about each school, in their order.
    pub schools: Vec<Passage>,
}

impl Highlight {
    /// Names exactly what a school says yes to: everything that stands beside its name. The words about another school are that school's
    /// own; that the other is named at all is everybody's.
    pub fn print(&self, passage: &Passage) -> String {
        let quote = self.quote.as_ref().map(|quote| json!([quote.text, quote.role, quote.school]));
        let photo = self.photo.as_ref().map(|photo| json!([photo.key, photo.alt, photo.consent.code()]));
        let numbers: Vec<_> = self.numbers.iter().map(Number::json).collect();
        let mut named: Vec<SchoolId> = self.schools.iter().map(|one| one.school).collect();
        named.sort_unstable();
        let place = json!([self.city_name, self.neighborhood]);
        let links = json!([self.session, self.practice, self.adoption, self.commitment]);
        let said = json!([self.headline, self.story, passage.school, passage.words, quote, photo, numbers]);
        sha256(json!([said, named, place, links]).to_string().as_bytes())
    }

    /// Whether the school's yes holds for what stands there now.
    pub fn is_approved_by(&self, passage: &Passage) -> bool {
        passage.answer == Some(Answer::Yes) && passage.answer_print.as_deref() == Some(self.print(passage).as_str())
    }

    /// Whether every school said yes to what stands there now.
    pub fn is_approved(&self) -> bool {
        !self.schools.is_empty() && self.schools.iter().all(|passage| self.is_approved_by(passage))
    }

    /// Schools whose yes is missing.
    pub fn waiting(&self) -> impl Iterator<Item = &Passage> {
        self.schools.iter().filter(|passage| !self.is_approved_by(passage))
    }

    /// Its page.
    pub fn path(&self) -> String {
        format!("/highlights/{}", self.slug)
    }

    /// Whether it may not be published yet at a moment.
    pub fn is_embargoed(&self, now: Timestamp) -> bool {
        self.embargo_until.is_some_and(|until| until > now)
    }

    /// What is missing before schools are asked.
    pub fn missing(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.headline.is_empty() {
            errors.add("headline", "Give it a headline.");
        }
        if self.story.is_empty() {
            errors.add("story", "Tell the story in two sentences.");
        }
        let known: Vec<&str> = self.schools.iter().filter_map(|one| one.sector.as_deref()).collect();
        if !known.iter().any(|sector| known.first() != Some(sector)) {
            errors.add("schools", "Name schools of two sectors at least: a highlight shows what they did together.");
        }
        if self.schools.iter().any(|one| one.words.is_empty()) {
            errors.add("schools", "Say for each school what it did.");
        }
        if self.numbers.is_empty() {
            errors.add("numbers", "Choose one to three numbers.");
        }
        errors
    }
}

/// What a highlight says, as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Its city, by its name in addresses; of a new one alone.
    pub city: String,
    /// Its headline.
    pub headline: String,
    /// Its story.
    pub story: String,
    /// Its neighborhood.
    pub neighborhood: String,
    /// The joint session it tells of, by its id; empty for none.
    pub session: String,
    /// The practice it tells of, by its id or name in addresses.
    pub practice: String,
    /// The adoption it tells of, by its id.
    pub adoption: String,
    /// The commitment that it serves, by its id.
    pub commitment: String,
    /// Schools by id or name in addresses, each with what it did.
    pub schools: Vec<(String, String)>,
    /// Its numbers.
    pub numbers: Vec<super::numbers::Typed>,
    /// What somebody said.
    pub quote: String,
    /// In which role.
    pub quote_role: String,
    /// At which of the schools, by id or name in addresses.
    pub quote_school: String,
    /// What its picture shows.
    pub photo_alt: String,
    /// On the wall there: `2026-11-02T09:00`, or a moment; empty for no embargo.
    pub embargo: String,
    /// The zone of that; empty for New York.
    pub zone: String,
    /// That no text is about a student, after that was asked.
    pub no_student: bool,
}

impl Draft {
    /// Checks lengths and texts; what needs the database is checked where it is looked up.
    pub fn check(&self, errors: &mut FieldErrors) {
        let long = |field: &str| field == "story" || field == "quote" || field.starts_with("words_");
        let line = |errors: &mut FieldErrors, field: &str, text: &str, most: usize| {
            if text.trim().chars().count() > most {
                errors.add(field, format!("Use up to {most} characters."));
            } else if text.trim().contains(|c: char| c.is_control() && !(long(field) && "\n\r\t".contains(c))) {
                errors.add(field, "Leave out line ends and signs that cannot be printed.");
            }
            guard::ask(errors, field, text, self.no_student);
        };
        line(errors, "headline", &self.headline, HEADLINE);
        line(errors, "story", &self.story, STORY);
        line(errors, "neighborhood", &self.neighborhood, 120);
        line(errors, "quote", &self.quote, QUOTE);
        line(errors, "quote_role", &self.quote_role, ROLE);
        line(errors, "photo_alt", &self.photo_alt, ALT);
        for (at, (_, words)) in self.schools.iter().enumerate() {
            line(errors, &format!("words_{}", at + 1), words, WORDS);
        }
        if self.headline.trim().is_empty() {
            errors.add("headline", "Give it a headline.");
        }
        if sentences(&self.story) > 2 {
            errors.add("story", "Tell it in two sentences; what each school did has its own place.");
        }
        match (self.quote.trim().is_empty(), self.quote_role.trim().is_empty()) {
            (false, true) => errors.add("quote_role", "Say in which role: Fifth-grade teacher. No name."),
            (true, false) => errors.add("quote", "Write what they said, or leave the role out."),
            _ => {}
        }
        if self.schools.len() > SCHOOLS {
            errors.add("schools", format!("Name {SCHOOLS} schools at most."));
        }
    }

    /// When its embargo ends.
    pub fn embargo(&self, now: Timestamp, errors: &mut FieldErrors) -> (Option<Timestamp>, Zone) {
        let zone = match self.zone.trim() {
            "" => Zone::default(),
            name => Zone::parse(name).unwrap_or_else(|_| {
                errors.add("zone", "Choose a time zone of the list.");
                Zone::default()
            }),
        };
        if self.embargo.trim().is_empty() {
            return (None, zone);
        }
        match zone.read(self.embargo.trim()) {
            Ok(at) if at > now + AHEAD => {
                errors.add("embargo", "Give a time within a year.");
                (None, zone)
            }
            Ok(at) => (Some(at), zone),
            Err(message) => {
                errors.add("embargo", message);
                (None, zone)
            }
        }
    }
}

/// Sentences of a text: what ends with a full stop, a question mark or an exclamation mark before a space or the end. A title or an
/// initial ("St.", "a.m.") ends none.
fn sentences(text: &str) -> usize {
    let words: Vec<&str> = text.split_whitespace().collect();
    let ends = |word: &&&str| {
        let word = word.trim_end_matches(['"', '\u{201d}', '\'', ')']);
        let stem = word.trim_end_matches(['.', '?', '!']);
        let dotted = stem.contains('.') && !stem.contains(|c: char| c.is_ascii_digit());
        let short = stem.chars().count() <= 2 || dotted || ["Mrs", "Prof", "No"].contains(&stem);
        let short = short && word.ends_with('.');
        stem.len() < word.len() && !short
    };
    let ended = words.iter().filter(ends).count();
    let open = words.last().is_some_and(|last| !ends(&last));
    ended + usize::from(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_counted() {
        for (text, number) in [
            ("", 0),
            ("They met.", 1),
            ("They met. It helped!", 2),
            ("They met. It helped. And again", 3),
            ("St. Anne and Dr. King met at 9.30 a.m. sharp.", 1),
            ("\u{201c}We tried.\u{201d} It held.", 2),
        ] {
            assert_eq!(sentences(text), number, "{text}");
        }
    }

    #[test]
    fn a_draft_is_refused_with_everything_at_once() {
        let mut errors = FieldErrors::default();
        let draft = Draft {
            story: "One. Two. Three.".to_owned(),
            quote: "We learned it from them.".to_owned(),
            schools: vec![(String::new(), "x".repeat(WORDS + 1))],
            ..Draft::default()
        };
        draft.check(&mut errors);
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["words_1", "headline", "story", "quote_role"]);
    }
}
