//! What the API says of highlights, with an example of each.

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object};

use crate::highlights::highlight::Draft;
use crate::highlights::numbers::Typed;
use crate::platform::Timestamp;

/// A school of a highlight.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightSchool {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Code of its sector.
    pub sector: Option<String>,
    /// What it did.
    pub words: String,
    /// Whether it said yes to what stands there now.
    pub approved: bool,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// When it was asked last; for those who write it and its schools.
    pub asked_at: Option<Timestamp>,
    /// What it wants changed; for the same.
    pub asks_for: Option<String>,
    /// Names the words that it answers to; for the same.
    pub print: Option<String>,
}

/// A number of a highlight.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightNumber {
    /// "14", "not enough data: fewer than 5 people".
    pub value: String,
    /// What it counts.
    pub label: String,
    /// How it is counted, where the program counts it.
    pub definition: Option<String>,
    /// As of when, in words.
    pub dated: Option<String>,
    /// Where a typed number comes from.
    pub source: Option<String>,
    /// The address of that.
    pub source_url: Option<String>,
}

/// What somebody said.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightQuote {
    /// Their words.
    pub text: String,
    /// Their role.
    pub role: String,
    /// Id of their school, which approved the quote.
    pub school: String,
    /// Their name, where they themselves said that it may stand there.
    pub name: Option<String>,
}

/// A highlight.
#[derive(Debug, Object)]
#[oai(rename = "Highlight", example, skip_serializing_if_is_none)]
pub struct HighlightDocument {
    /// Its id.
    pub id: String,
    /// Its name in addresses, once it was published.
    pub slug: Option<String>,
    /// Its page.
    pub url: String,
    /// Name of its city in addresses.
    pub city: String,
    /// The city in words.
    pub city_name: String,
    /// Its neighborhood.
    pub neighborhood: Option<String>,
    /// Its headline.
    pub headline: String,
    /// Its story of two sentences.
    pub story: String,
    /// Its schools.
    pub schools: Vec<HighlightSchool>,
    /// Its numbers as they are now; lists leave them out.
    pub numbers: Vec<HighlightNumber>,
    /// What somebody said.
    pub quote: Option<HighlightQuote>,
    /// Its picture.
    pub photo_url: Option<String>,
    /// What the picture shows.
    pub photo_alt: Option<String>,
    /// Id of the joint session it tells of.
    pub session: Option<String>,
    /// Id of the practice it tells of.
    pub practice: Option<String>,
    /// Id of the adoption it tells of.
    pub adoption: Option<String>,
    /// Id of the commitment that it serves.
    pub commitment: Option<String>,
    /// Before this it is not published; for those who write it.
    pub embargo_until: Option<Timestamp>,
    /// `draft`, `reviewing` (its schools are asked), `approved`, `published`, `withdrawn`.
    pub state: String,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// First publication.
    pub published_at: Option<Timestamp>,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Highlights, the newest first.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightList {
    /// This page of them.
    pub items: Vec<HighlightDocument>,
    /// How many there are.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A page of highlights.
#[derive(Debug, ApiResponse)]
pub enum HighlightPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<HighlightList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// A new highlight.
#[derive(Debug, ApiResponse)]
pub enum MadeHighlight {
    /// It is a draft now.
    #[oai(status = 201)]
    Made(
        Json<HighlightDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// A school and what it did.
#[derive(Debug, Object)]
#[oai(example)]
pub struct HighlightSchoolInput {
    /// Its id or name in addresses.
    pub school: String,
    /// What it did, up to 600 characters.
    pub words: String,
}

/// A number to show.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightNumberInput {
    /// `session_people`, `session_hours`, `practice_schools`, `metric:CODE` of the city report, or `typed`.
    pub kind: String,
    /// First day that is counted, of a number of the report.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Only of the highlight's neighborhood.
    pub neighborhood: Option<bool>,
    /// Only of its schools.
    pub schools: Option<bool>,
    /// A typed number: what the program counts is refused.
    pub value: Option<String>,
    /// What a typed number counts.
    pub label: Option<String>,
    /// Where a typed number comes from.
    pub source: Option<String>,
    /// The address of that: https.
    pub source_url: Option<String>,
}

/// What a highlight says. Nothing about a student.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightInput {
    /// Name of its city in addresses; cannot be changed later.
    pub city: Option<String>,
    /// Its headline, up to 90 characters.
    pub headline: String,
    /// Its story, two sentences.
    pub story: String,
    /// Its neighborhood.
    pub neighborhood: Option<String>,
    /// Schools of two sectors at least, four at most.
    pub schools: Vec<HighlightSchoolInput>,
    /// One to three numbers.
    pub numbers: Vec<HighlightNumberInput>,
    /// What somebody said.
    pub quote: Option<String>,
    /// In which role; no name.
    pub quote_role: Option<String>,
    /// At which of the schools, written as in `schools`.
    pub quote_school: Option<String>,
    /// Id of the joint session it tells of.
    pub session: Option<String>,
    /// Id or name in addresses of the practice it tells of.
    pub practice: Option<String>,
    /// Id of the adoption it tells of.
    pub adoption: Option<String>,
    /// Id of the commitment that it serves.
    pub commitment: Option<String>,
    /// What its picture shows, where it has one.
    pub photo_alt: Option<String>,
    /// Not before: a moment (RFC 3339), or a time on the wall in `zone`.
    pub embargo: Option<String>,
    /// A time zone of the IANA data; `America/New_York` where nobody says another.
    pub zone: Option<String>,
    /// That its texts are about no student, after that was asked.
    pub no_student: Option<bool>,
}

impl HighlightInput {
    /// As the operations take it.
    pub fn draft(self) -> Draft {
        let text = |text: Option<String>| text.unwrap_or_default();
        let number = |one: HighlightNumberInput| Typed {
            kind: one.kind,
            from: text(one.from),
            to: text(one.to),
            neighborhood: one.neighborhood.unwrap_or_default(),
            schools: one.schools.unwrap_or_default(),
            value: text(one.value),
            label: text(one.label),
            source: text(one.source),
            link: text(one.source_url),
        };
        Draft {
            city: text(self.city),
            headline: self.headline,
            story: self.story,
            neighborhood: text(self.neighborhood),
            session: text(self.session),
            practice: text(self.practice),
            adoption: text(self.adoption),
            commitment: text(self.commitment),
            schools: self.schools.into_iter().map(|one| (one.school, one.words)).collect(),
            numbers: self.numbers.into_iter().map(number).collect(),
            quote: text(self.quote),
            quote_role: text(self.quote_role),
            quote_school: text(self.quote_school),
            photo_alt: text(self.photo_alt),
            embargo: text(self.embargo),
            zone: text(self.zone),
            no_student: self.no_student.unwrap_or_default(),
        }
    }
}

/// Asks its schools, or answers for one.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightAnswer {
    /// Id or name in addresses of the school that answers; left out, its schools are asked.
    pub school: Option<String>,
    /// `yes` or `changes`.
    pub answer: Option<String>,
    /// The `print` of the words that were read; a yes needs it.
    pub print: Option<String>,
    /// What is to be changed, or why the yes is taken back.
    pub note: Option<String>,
    /// That whoever answers said the quote themselves and may be named beside it.
    pub named: Option<bool>,
    /// That the note is about no student, after that was asked.
    pub no_student: Option<bool>,
}

/// Why it is withdrawn.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct HighlightReason {
    /// Its page shows this.
    pub reason: String,
    /// That the reason is about no student, after that was asked.
    pub no_student: Option<bool>,
}

const SCHOOL: &str = "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17";

impl Example for HighlightSchool {
    fn example() -> Self {
        Self {
            id: SCHOOL.to_owned(),
            name: "Harbor Charter School".to_owned(),
            sector: Some("charter".to_owned()),
            words: "Opened its first-grade rooms for a morning.".to_owned(),
            approved: true,
            approved_at: Some(Timestamp::UNIX_EPOCH),
            asked_at: None,
            asks_for: None,
            print: None,
        }
    }
}

impl Example for HighlightNumber {
    fn example() -> Self {
        Self {
            value: "14".to_owned(),
            label: "people from 2 sectors came to the session".to_owned(),
            definition: Some("People whose attendance was recorded, each once.".to_owned()),
            dated: Some("As of October 14, 2026".to_owned()),
            source: None,
            source_url: None,
        }
    }
}

impl Example for HighlightQuote {
    fn example() -> Self {
        Self {
            text: "We used the timetable on Monday.".to_owned(),
            role: "First-grade teacher".to_owned(),
            school: SCHOOL.to_owned(),
            name: None,
        }
    }
}

impl Example for HighlightDocument {
    fn example() -> Self {
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a18".to_owned(),
            slug: Some("two-schools-one-first-grade".to_owned()),
            url: "https://ground.example/highlights/two-schools-one-first-grade".to_owned(),
            city: "rivermark-ny".to_owned(),
            city_name: "Rivermark, NY".to_owned(),
            neighborhood: Some("Old Mill".to_owned()),
            headline: "Two schools, one first grade".to_owned(),
            story: "Two schools planned six weeks of reading together. Both teach it now.".to_owned(),
            schools: vec![HighlightSchool::example()],
            numbers: vec![HighlightNumber::example()],
            quote: Some(HighlightQuote::example()),
            photo_url: None,
            photo_alt: None,
            session: None,
            practice: None,
            adoption: None,
            commitment: None,
            embargo_until: None,
            state: "published".to_owned(),
            reason: None,
            published_at: Some(Timestamp::UNIX_EPOCH),
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Example for HighlightList {
    fn example() -> Self {
        Self { items: vec![HighlightDocument { numbers: Vec::new(), ..Example::example() }], total: 1, next: None }
    }
}

impl Example for HighlightSchoolInput {
    fn example() -> Self {
        Self {
            school: "harbor-charter-school".to_owned(),
            words: "Opened its first-grade rooms for a morning.".to_owned(),
        }
    }
}

impl Example for HighlightNumberInput {
    fn example() -> Self {
        Self {
            kind: "session_people".to_owned(),
            from: None,
            to: None,
            neighborhood: None,
            schools: None,
            value: None,
            label: None,
            source: None,
            source_url: None,
        }
    }
}

impl Example for HighlightInput {
    fn example() -> Self {
        let other = HighlightSchoolInput {
            school: "millbrook-elementary".to_owned(),
            words: "Took the timetable home and used it on Monday.".to_owned(),
        };
        Self {
            city: Some("rivermark-ny".to_owned()),
            headline: "Two schools, one first grade".to_owned(),
            story: "Two schools planned six weeks of reading together. Both teach it now.".to_owned(),
            neighborhood: Some("Old Mill".to_owned()),
            schools: vec![HighlightSchoolInput::example(), other],
            numbers: vec![HighlightNumberInput::example()],
            quote: None,
            quote_role: None,
            quote_school: None,
            session: Some("019a1b7c-2f10-7c44-9a51-6d0e8f3b2a19".to_owned()),
            practice: None,
            adoption: None,
            commitment: None,
            photo_alt: None,
            embargo: None,
            zone: None,
            no_student: None,
        }
    }
}

impl Example for HighlightAnswer {
    fn example() -> Self {
        Self {
            school: Some("harbor-charter-school".to_owned()),
            answer: Some("changes".to_owned()),
            print: None,
            note: Some("It was a morning, not a day.".to_owned()),
            named: None,
            no_student: None,
        }
    }
}

impl Example for HighlightReason {
    fn example() -> Self {
        Self { reason: "The story told of the wrong school.".to_owned(), no_student: None }
    }
}
