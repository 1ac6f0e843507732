//! A digest: its period, its chapters, and where it stands. Types and rules, no I/O.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::Content;
use crate::platform::Timestamp;
use crate::platform::ids::typed_id;

typed_id!(
    /// A digest.
    DigestId
);

/// Longest introduction.
pub const INTRO: usize = 2_000;
/// Longest sentence under a chapter.
pub const NOTE: usize = 400;
/// Longest correction, and longest reason of a withdrawal.
pub const CORRECTION: usize = 1_000;
/// Most corrections of one digest.
pub const CORRECTIONS: usize = 20;

/// What it tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A month.
    Month,
    /// A school year, from July to June.
    Year,
}

impl Kind {
    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The kind of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Month, Self::Year].into_iter().find(|kind| kind.code() == code)
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The program drafted it.
    Draft,
    /// Everybody reads it.
    Published,
    /// It was published and taken back; its address says why.
    Withdrawn,
}

impl State {
    /// As the API spells it; the database knows a withdrawn one by its day.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Withdrawn].into_iter().find(|state| state.code() == code)
    }
}

/// What its office put right after it was published. The words and numbers that were published stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When.
    pub at: Timestamp,
    /// What is right.
    pub text: String,
}

/// What a chapter tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The numbers of the report.
    Numbers,
    /// Sessions held.
    Held,
    /// Sessions to come.
    Coming,
    /// New practices.
    Practices,
    /// Practices that schools of another sector began to try.
    Adoptions,
    /// Commitments that moved, and those nobody speaks of.
    Commitments,
    /// Highlights published.
    Highlights,
    /// What people looked for and did not get.
    Unmet,
}

impl Section {
    /// Every chapter, in the order of a fresh draft.
    pub const ALL: [Self; 8] = [
        Self::Numbers,
        Self::Held,
        Self::Practices,
        Self::Adoptions,
        Self::Commitments,
        Self::Highlights,
        Self::Unmet,
        Self::Coming,
    ];

    /// As forms, the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Held => "held",
            Self::Coming => "coming",
            Self::Practices => "practices",
            Self::Adoptions => "adoptions",
            Self::Commitments => "commitments",
            Self::Highlights => "highlights",
            Self::Unmet => "unmet",
        }
    }

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Numbers => "In numbers",
            Self::Held => "Joint sessions held",
            Self::Coming => "Joint sessions to come",
            Self::Practices => "New practices",
            Self::Adoptions => "Taken up across sector lines",
            Self::Commitments => "Commitments",
            Self::Highlights => "Highlights",
            Self::Unmet => "What people looked for and did not get",
        }
    }

    /// What is said where there is nothing to tell.
    pub fn empty(self) -> &'static str {
        match self {
            Self::Numbers | Self::Unmet => "Nothing was counted.",
            Self::Held => "No joint session that everybody may see was held.",
            Self::Coming => "No joint session is announced yet.",
            Self::Practices => "No practice was published.",
            Self::Adoptions => "No school began to try a practice of another sector.",
            Self::Commitments => "No commitment moved, and none is silent.",
            Self::Highlights => "No highlight was published.",
        }
    }
}

/// A chapter as the office has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Which.
    pub section: Section,
    /// Whether it is in.
    pub shown: bool,
    /// The sentence under it; empty for none.
    pub note: String,
}

/// The chapters of a fresh draft.
pub fn fresh_chapters() -> Vec<Chapter> {
    Section::ALL.into_iter().map(|section| Chapter { section, shown: true, note: String::new() }).collect()
}

/// A digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// Its id.
    pub id: DigestId,
    /// Name of its city in addresses.
    pub city: String,
    /// The city in words: "Rivermark, NY".
    pub city_name: String,
    /// What it tells of.
    pub kind: Kind,
    /// The first day of that.
    pub first: NaiveDate,
    /// The last day of it.
    pub last: NaiveDate,
    /// Where it stands.
    pub state: State,
    /// What the office says first; paragraphs between line ends.
    pub intro: String,
    /// Its chapters, in their order.
    pub chapters: Vec<Chapter>,
    /// What was frozen when it was published.
    pub content: Option<Content>,
    /// Rises with every change.
    pub revision: i32,
    /// The letter to those who follow the city, once it was written.
    pub announcement: Option<Uuid>,
    /// What was put right after it was published, in order.
    pub corrections: Vec<Correction>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// When it was drafted.
    pub drafted_at: Timestamp,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Digest {
    /// "September 2026", "the school year 2025–26".
    pub fn period(&self) -> String {
        match self.kind {
            Kind::Month => format!("{} {}", MONTHS[self.first.month0() as usize], self.first.year()),
            Kind::Year => {
                format!("the school year {}\u{2013}{:02}", self.first.year(), self.last.year().rem_euclid(100))
            }
        }
    }

    /// "Rivermark, NY: September 2026".
    pub fn title(&self) -> String {
        format!("{}: {}", self.city_name, self.period())
    }

    /// Its page for everybody.
    pub fn path(&self) -> String {
        format!("/digests/{}", self.id)
    }

    /// Its page for the office.
    pub fn office_path(&self) -> String {
        format!("/office/digests/{}", self.id)
    }

    /// Its introduction in paragraphs.
    pub fn paragraphs(&self) -> Vec<String> {
        self.intro.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

/// The periods whose drafts are due on a day: the month before from the 2nd on, the school year that ended from July 10 on.
pub fn due_on(today: NaiveDate) -> Vec<(Kind, NaiveDate, NaiveDate)> {
    let mut due = Vec::new();
    let first = today.with_day(1).unwrap_or(today);
    let end = first - Days::new(1);
    if today.day() >= 2 {
        due.push((Kind::Month, end.with_day(1).unwrap_or(end), end));
    }
    let year_end = NaiveDate::from_ymd_opt(today.year(), 6, 30).unwrap_or_default();
    // In the summer alone: a service that begins in spring has no year to tell of.
    if today >= year_end + Days::new(10) && today < year_end + Months::new(3) {
        due.push((Kind::Year, year_end + Days::new(1) - Months::new(12), year_end));
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_are_due_on_the_second_and_on_the_tenth_of_july() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(due_on(day("2026-10-01")), []);
        assert_eq!(due_on(day("2026-10-02")), [(Kind::Month, day("2026-09-01"), day("2026-09-30"))]);
        assert_eq!(due_on(day("2027-01-31")), [(Kind::Month, day("2026-12-01"), day("2026-12-31"))]);
        assert_eq!(due_on(day("2026-07-09")).len(), 1);
        let july = due_on(day("2026-07-10"));
        assert_eq!(july[1], (Kind::Year, day("2025-07-01"), day("2026-06-30")));
    }

    #[test]
    fn every_chapter_is_read_as_it_is_spelled() {
        for section in Section::ALL {
            assert_eq!(serde_json::to_value(section).unwrap(), section.code());
        }
    }
}
