//! What search knows of a thing: the texts it is found by, the values it is filtered by, and the card a result
//! shows. Features fill these; the index keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kinds of things one can search for, each with an index of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Practices of the catalog.
    Practice,
    /// Schools.
    School,
    /// Joint sessions that are still to come.
    Session,
    /// Compacts, with their commitments.
    Compact,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Practice, Self::School, Self::Session, Self::Compact];

    /// The name of its folder, its change log and its metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::School => "school",
            Self::Session => "session",
            Self::Compact => "compact",
        }
    }

    /// What its cursors begin with.
    pub fn letter(self) -> char {
        match self {
            Self::Practice => 'p',
            Self::School => 's',
            Self::Session => 'm',
            Self::Compact => 'c',
        }
    }

    /// Its filters, in the order in which pages show them.
    pub fn facets(self) -> &'static [FacetSpec] {
        match self {
            Self::Practice => PRACTICE_FACETS,
            Self::School => SCHOOL_FACETS,
            Self::Session => SESSION_FACETS,
            Self::Compact => COMPACT_FACETS,
        }
    }
}

/// One filter.
#[derive(Debug)]
pub struct FacetSpec {
    /// The name of its parameter in addresses and the API.
    pub name: &'static str,
    /// Its heading.
    pub label: &'static str,
    /// The vocabulary its values come from; `None`: the value is its own label.
    pub vocabulary: Option<&'static str>,
    /// Where the search page shows it.
    pub place: Place,
}

/// Where the search page shows a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the first filters.
    First,
    /// Behind "More filters".
    More,
    /// Not at all: a filter for links and the API.
    Hidden,
}

const fn facet(name: &'static str, label: &'static str, vocabulary: Option<&'static str>, place: Place) -> FacetSpec {
    FacetSpec { name, label, vocabulary, place }
}

const PRACTICE_FACETS: &[FacetSpec] = &[
    facet("topic", "Topic", Some("topic"), Place::First),
    facet("grade_band", "Grades", Some("grade_band"), Place::First),
    facet("student_group", "Student group", Some("student_group"), Place::First),
    facet("subject", "Subject", Some("subject"), Place::First),
    facet("practice_type", "Kind of practice", Some("practice_type"), Place::More),
    facet("setting", "Setting", Some("setting"), Place::More),
    facet("cost_band", "Cost", Some("cost_band"), Place::More),
    facet("time_to_start", "Time to start", Some("time_to_start"), Place::More),
    facet("weekly_time", "Weekly time", Some("weekly_time"), Place::More),
    facet("staffing", "Who it takes", Some("staffing"), Place::More),
    facet("condition", "What has to be true", Some("condition"), Place::More),
    facet("evidence", "Evidence", Some("evidence_tier"), Place::More),
    facet("sector", "Sector", Some("sector"), Place::More),
    facet("neighborhood", "Neighborhood", None, Place::More),
    facet("result", "Result", Some("result"), Place::More),
    facet("school", "School", None, Place::Hidden),
];

const SCHOOL_FACETS: &[FacetSpec] = &[
    facet("sector", "Sector", Some("sector"), Place::First),
    facet("state", "State", None, Place::First),
    facet("grade_band", "Grades", Some("grade_band"), Place::First),
    facet("city", "City", None, Place::Hidden),
];

const SESSION_FACETS: &[FacetSpec] =
    &[facet("topic", "Topic", Some("topic"), Place::First), facet("sector", "Sector", Some("sector"), Place::First)];

const COMPACT_FACETS: &[FacetSpec] = &[facet("city", "City", None, Place::Hidden)];

/// A searchable thing.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Which one.
    pub id: Uuid,
    /// Searched first, shown marked.
    pub title: String,
    /// Searched, not shown: labels of its values, names of its places.
    pub keywords: Vec<String>,
    /// Searched and shown.
    pub summary: String,
    /// Searched; results show the passage that matches.
    pub body: String,
    /// Values by the name of their filter; a name that the kind does not have is left out.
    pub facets: Vec<(&'static str, Vec<String>)>,
    /// For "newest first": days since 1970, or any number that grows.
    pub date: i64,
    /// For "most used": number of schools.
    pub popularity: u64,
    /// What a result shows.
    pub card: Card,
}

/// What a result shows, kept beside the index so that a page of results asks the database for nothing.
#[derive(Clone, Debug, Default)]
pub enum Card {
    /// Nothing.
    #[default]
    None,
    /// A practice.
    Practice(Box<PracticeCard>),
    /// A school.
    School(SchoolCard),
    /// A joint session.
    Session(SessionCard),
    /// A compact.
    Compact(CompactCard),
}

impl Card {
    /// As the index of its kind keeps it.
    pub(super) fn write(&self) -> Vec<u8> {
        let written = match self {
            Self::None => return Vec::new(),
            Self::Practice(card) => serde_json::to_vec(card),
            Self::School(card) => serde_json::to_vec(card),
            Self::Session(card) => serde_json::to_vec(card),
            Self::Compact(card) => serde_json::to_vec(card),
        };
        // Texts, numbers and lists: this cannot fail.
        written.unwrap_or_default()
    }

    /// A card of a kind; `None` when the bytes are not one.
    pub(super) fn read(kind: Kind, bytes: &[u8]) -> Option<Self> {
        match kind {
            Kind::Practice => serde_json::from_slice(bytes).ok().map(|card| Self::Practice(Box::new(card))),
            Kind::School => serde_json::from_slice(bytes).ok().map(Self::School),
            Kind::Session => serde_json::from_slice(bytes).ok().map(Self::Session),
            Kind::Compact => serde_json::from_slice(bytes).ok().map(Self::Compact),
        }
    }
}

/// A practice in one screen of a phone (F-2).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PracticeCard {
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// Where it began.
    pub school: Option<SchoolCard>,
    /// Codes of its grade bands.
    pub grade_bands: Vec<String>,
    /// Codes of its topics.
    pub topics: Vec<String>,
    /// Code of the time it takes to start.
    pub time_to_start: Option<String>,
    /// Codes of the tiers of its evidence, strongest first, each once.
    pub evidence: Vec<String>,
    /// Code of its result.
    pub result: Option<String>,
    /// Schools that use it, by sector.
    pub used_by: BTreeMap<String, UsedBy>,
    /// Came from a file; nobody here has reviewed it.
    pub imported: bool,
}

/// Schools of one sector that use a practice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    /// Name of the sector.
    pub label: String,
    /// How many.
    pub schools: u64,
}

/// A school in one line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SchoolCard {
    /// Its id.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Code and name of its sector; `None` is unknown.
    pub sector: Option<(String, String)>,
    /// "K–5"; empty when unknown.
    pub grades: String,
    /// "Old Mill, Rivermark".
    pub place: String,
    /// What makes another school like it: `grade:k_2`, `size:small`, `share:mll:10-24%` (F-6).
    pub traits: Vec<String>,
}

/// A joint session in one line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SessionCard {
    /// Its id, and its name in addresses.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
    pub when: String,
    /// "Harbor Charter School and Millbrook Elementary".
    pub hosts: String,
}

/// A compact in one line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CompactCard {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// "Compact", "Campus agreement".
    pub kind: String,
    /// "Rivermark, NY"; empty where it has none.
    pub city: String,
}
