//! The words people choose from: every vocabulary of the product, its codes, their order and their labels,
//! read out of one file, `vocabularies.json`.
//!
//! The file holds `"name": [["code", "Label", "more"?], ...]`, one entry a line; the order is the order of
//! forms and facets. `more` is for the few that need a third fact: the single grades of a grade band, the
//! URL of a licence. Each vocabulary is a small `Copy` type that can only hold a code of the file, so that a
//! parsed value needs no second look. In JSON and in the database it is the code.
//!
//! Codes are never taken out: old versions and other people's files hold them.
//!
//! A named constant (`EvidenceTier::ESSA_1`) is looked up in the file by the compiler: a code that is not
//! there does not build. Sectors are not here; they are a table of the installation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// The file as it is.
const TEXT: &str = include_str!("vocabularies.json");

static VOCABULARIES: LazyLock<BTreeMap<String, Vec<Term>>> = LazyLock::new(|| {
    let rows: BTreeMap<String, Vec<Vec<String>>> = serde_json::from_str(TEXT).unwrap_or_default();
    rows.into_iter().map(|(name, rows)| (name, rows.into_iter().map(Term::from_row).collect())).collect()
});

/// One entry of a vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is stored and sent: `k_2`.
    pub code: String,
    /// What people read: "K-2".
    pub label: String,
    /// The third fact of the vocabularies that have one; else empty.
    pub more: String,
}

impl Term {
    fn from_row(row: Vec<String>) -> Self {
        let mut cells = row.into_iter();
        let mut next = || cells.next().unwrap_or_default();
        Self { code: next(), label: next(), more: next() }
    }
}

/// Names of all vocabularies, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    VOCABULARIES.keys().map(String::as_str)
}

/// The entries of a vocabulary in their order; none when there is no such vocabulary.
pub fn terms(vocabulary: &str) -> &'static [Term] {
    VOCABULARIES.get(vocabulary).map(Vec::as_slice).unwrap_or_default()
}

/// A code that its vocabulary does not hold. Printed, it says what to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    /// Name of the vocabulary: `grade_band`.
    pub vocabulary: &'static str,
    /// What was given.
    pub code: String,
}

impl UnknownCode {
    /// The code whose label was given in its place: people write "CC BY 4.0", not `cc_by_4`.
    pub fn by_label(&self) -> Option<&'static str> {
        let same = |term: &&Term| term.label.eq_ignore_ascii_case(&self.code);
        terms(self.vocabulary).iter().find(same).map(|term| term.code.as_str())
    }
}

/// Up to this many codes are listed in a refusal; of a longer vocabulary the nearest one is named.
const LISTED: usize = 13;

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given: String = self.code.chars().filter(|c| !c.is_control()).take(40).collect();
        write!(f, "There is no {} \"{given}\"; ", self.vocabulary.replace('_', " "))?;
        let terms = terms(self.vocabulary);
        if terms.len() <= LISTED {
            let codes: Vec<&str> = terms.iter().map(|term| term.code.as_str()).collect();
            return write!(f, "choose one of {}.", codes.join(", "));
        }
        match nearest(terms, &given.to_lowercase()) {
            Some(term) => write!(f, "did you mean {} ({})?", term.code, term.label),
            None => write!(f, "choose one of its {} codes, such as {}.", terms.len(), terms[0].code),
        }
    }
}

impl std::error::Error for UnknownCode {}

/// The term somebody may have meant: they wrote its label, a part of it, or the code in another spelling.
fn nearest(terms: &'static [Term], given: &str) -> Option<&'static Term> {
    let plain = |text: &str| text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let given = plain(given);
    if given.len() < 3 {
        return None;
    }
    let same = |term: &&Term| plain(&term.code) == given || plain(&term.label) == given;
    let part = |term: &&Term| plain(&term.code).contains(&given) || plain(&term.label).contains(&given);
    let close = |term: &&Term| {
        let code = plain(&term.code);
        code.len().abs_diff(given.len()) <= 2
            && code.bytes().zip(given.bytes()).take_while(|(a, b)| a == b).count() + 2 >= code.len()
    };
    terms.iter().find(same).or_else(|| terms.iter().find(part)).or_else(|| terms.iter().find(close))
}

/// Position of a code in its vocabulary, read from the file while compiling. A name or code that the file
/// does not hold stops the compiler.
const fn position(vocabulary: &str, code: &str) -> u8 {
    let text = TEXT.as_bytes();
    let mut at = 0;
    while !(quoted(text, at, vocabulary.as_bytes()) && text[at + vocabulary.len() + 2] == b':') {
        at += 1;
        assert!(at < text.len(), "the file holds no vocabulary of this name");
    }
    at += vocabulary.len() + 3;
    let mut found = 0;
    loop {
        // Entries end in `"]`, the vocabulary ends in a bracket on a line of its own.
        assert!(!(text[at] == b']' && text[at - 1] != b'"'), "the vocabulary holds no such code");
        if text[at] == b'[' && text[at + 1] == b'"' {
            if quoted(text, at + 1, code.as_bytes()) {
                return found;
            }
            found += 1;
        }
        at += 1;
    }
}

/// Whether `text` at `at` is `word` between quotes.
const fn quoted(text: &[u8], at: usize, word: &[u8]) -> bool {
    if at + word.len() + 2 >= text.len() || text[at] != b'"' || text[at + word.len() + 1] != b'"' {
        return false;
    }
    let mut i = 0;
    while i < word.len() {
        if text[at + 1 + i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Makes the type of a vocabulary: `/// doc` `Name, "name_in_the_file" { CONSTANT = "code" }`.
macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident, $vocabulary:literal $({ $($constant:ident = $code:literal),+ $(,)? })?;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u8);

        impl $name {
            /// Name of the vocabulary in `vocabularies.json`.
            pub const VOCABULARY: &'static str = $vocabulary;
            $($(
                #[doc = concat!("`", $code, "`.")]
                pub const $constant: Self = Self(position($vocabulary, $code));
            )+)?

            /// The value of a code; refuses every other text.
            pub fn parse(code: &str) -> Result<Self, UnknownCode> {
                let at = terms($vocabulary).iter().position(|term| term.code == code);
                match at.and_then(|at| u8::try_from(at).ok()) {
                    Some(at) => Ok(Self(at)),
                    None => Err(UnknownCode { vocabulary: $vocabulary, code: code.to_owned() }),
                }
            }

            /// What is stored and sent.
            pub fn code(self) -> &'static str {
                &self.term().code
            }

            /// What people read.
            pub fn label(self) -> &'static str {
                &self.term().label
            }

            /// Every value, in the order of forms and facets.
            pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
                (0..u8::try_from(terms($vocabulary).len()).unwrap_or(u8::MAX)).map(Self)
            }

            fn term(self) -> &'static Term {
                &terms($vocabulary)[usize::from(self.0)]
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.code())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownCode;
            fn from_str(code: &str) -> Result<Self, UnknownCode> {
                Self::parse(code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&code).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

vocabulary! {
    /// Grades in five bands.
    GradeBand, "grade_band" { PREK = "prek", K_2 = "k_2", G3_5 = "g3_5", G6_8 = "g6_8", G9_12 = "g9_12" };
    /// School subjects.
    Subject, "subject";
    /// What a practice or session is about.
    Topic, "topic";
    /// Whom a practice serves.
    StudentGroup, "student_group" { ALL_STUDENTS = "all_students" };
    /// What kind of thing a practice is.
    PracticeType, "practice_type";
    /// Where it happens.
    Setting, "setting";
    /// New spending, in bands.
    CostBand, "cost_band" { NONE = "none" };
    /// From the decision to the first day.
    TimeToStart, "time_to_start";
    /// Time of staff each week, in bands.
    WeeklyTime, "weekly_time";
    /// Who it takes.
    Staffing, "staffing";
    /// What has to be true of a school for a practice to work there; `none` is an answer.
    Condition, "condition" { NONE = "none" };
    /// Students of a school, in bands.
    SizeBand, "size_band";
    /// Share of a student group in a school, in bands.
    ShareBand, "share_band";
    /// How far a school is with a practice of another; later stages compare greater, `stopped` greatest.
    AdoptionStage, "adoption_stage" {
        INTERESTED = "interested", PLANNING = "planning", PILOTING = "piloting", IN_USE = "in_use",
        SUSTAINED = "sustained", STOPPED = "stopped",
    };
    /// Whether an adopter kept the core parts.
    KeptCore, "kept_core";
    /// Why an adopter stopped.
    StopReason, "stop_reason";
    /// How strong the evidence for one outcome is. Tiers 1 to 3 are set by an editor (P-2).
    EvidenceTier, "evidence_tier" {
        ESSA_1 = "essa_1", ESSA_2 = "essa_2", ESSA_3 = "essa_3", ESSA_4 = "essa_4",
        LOCAL_DATA = "local_data", PRACTITIONER = "practitioner",
    };
    /// What was found about one outcome.
    Finding, "finding" { HELPED = "helped", NO_CLEAR_EFFECT = "no_clear_effect", MIXED = "mixed", HARM = "harm" };
    /// Whether evidence speaks of the idea or of this school's version.
    AppliesTo, "applies_to" { IDEA = "idea", THIS_VERSION = "this_version" };
    /// Number of students behind a measure; starts at 10 (P-3).
    StudentsBand, "students_band";
    /// How it went at the school where it began.
    PracticeResult, "result" { WORKED = "worked", MIXED = "mixed", STOPPED = "stopped" };
    /// Where a practice is on its way.
    PracticeStatus, "practice_status" {
        DRAFT = "draft", SUBMITTED = "submitted", CHANGES_REQUESTED = "changes_requested", APPROVED = "approved",
        DECLINED = "declined", PUBLISHED = "published", IMPORTED = "imported", RETIRED = "retired",
    };
    /// Tiers of a multi-tiered system of supports.
    MtssTier, "mtss_tier";
    /// What kind of thing a material is.
    MaterialKind, "material_kind" { OTHER = "other" };
    /// Open licences.
    License, "license" { CC_BY_4 = "cc_by_4", CC0 = "cc0", PUBLIC_DOMAIN = "public_domain" };
    /// Formats of a joint session.
    SessionFormat, "session_format" { WORKSHOP = "workshop", WEBINAR = "webinar" };
    /// How much of a school day a session takes.
    CoverageNeed, "coverage_need" { NONE = "none" };
    /// Where a session is in its life.
    SessionStatus, "session_status" {
        DRAFT = "draft", SUBMITTED = "submitted", PUBLISHED = "published", REGISTRATION_CLOSED = "registration_closed",
        RUNNING = "running", COMPLETED = "completed", CANCELLED = "cancelled", POSTPONED = "postponed",
    };
    /// Where a session is held.
    SessionMode, "session_mode" { IN_PERSON = "in_person", ONLINE = "online", HYBRID = "hybrid" };
    /// How one person takes part.
    Way, "session_way" { IN_PERSON = "in_person", ONLINE = "online" };
    /// Who sees a session.
    Visibility, "session_visibility" { PUBLIC = "public", MEMBERS = "members", INVITED = "invited" };
    /// Whether the co-host agrees.
    Consent, "cohost_consent" { NONE = "none", ASKED = "asked", GIVEN = "given", DECLINED = "declined" };
    /// What somebody has: one of the three facts of a registration (J-2).
    Seat, "seat" {
        HELD = "held", CONFIRMED = "confirmed", WAITLISTED = "waitlisted", OFFERED = "offered", RELEASED = "released",
    };
    /// What the principal said (J-2).
    Approval, "seat_approval" {
        NOT_NEEDED = "not_needed", WAITING = "waiting", APPROVED = "approved", DECLINED = "declined", EXPIRED = "expired",
    };
    /// Whether somebody takes the person's classes.
    SeatCoverage, "seat_coverage" { NOT_NEEDED = "not_needed", NEEDED = "needed", ARRANGED = "arranged" };
    /// Whether somebody was at a meeting (J-2).
    Attendance, "attendance" {
        UNKNOWN = "unknown", PRESENT = "present", PARTIAL = "partial", ABSENT = "absent", EXCUSED = "excused",
    };
    /// What somebody needs in order to take part; never why (J-11).
    AccessNeed, "access_need";
    /// What a compact's commitment is about.
    CommitmentArea, "commitment_area";
    /// Where a commitment stands; `missed`, `paused` and `dropped` need a public reason (C-3).
    CommitmentStatus, "commitment_status" {
        NOT_STARTED = "not_started", IN_PROGRESS = "in_progress", MET = "met", PARTLY_MET = "partly_met",
        MISSED = "missed", PAUSED = "paused", DROPPED = "dropped",
    };
}

impl GradeBand {
    /// The single grades of the band: "K", "1", "2".
    pub fn grades(self) -> impl Iterator<Item = &'static str> {
        self.term().more.split(' ')
    }

    /// The band of a single grade, written as school files write it: `PK`, `Pre-K`, `K`, `KG`,
    /// `Kindergarten`, `1`, `01` ... `12`, and `13` (an extra year of high school). `None` for ungraded,
    /// adult education and what is no grade.
    pub fn of_grade(grade: &str) -> Option<Self> {
        let grade = grade.trim().to_lowercase();
        let grade = match grade.as_str() {
            "pk" | "pre-k" | "prek" => "PK",
            "k" | "kg" | "kindergarten" => "K",
            "13" => "12",
            number => number.trim_start_matches('0'),
        };
        Self::all().find(|band| band.grades().any(|g| g == grade))
    }

    /// The bands from the lowest to the highest grade of a school; none when either is unknown.
    pub fn span(low: &str, high: &str) -> Vec<Self> {
        match (Self::of_grade(low), Self::of_grade(high)) {
            (Some(low), Some(high)) => Self::all().filter(|band| (low..=high).contains(band)).collect(),
            _ => Vec::new(),
        }
    }
}

impl License {
    /// Where the licence is written.
    pub fn url(self) -> &'static str {
        &self.term().more
    }
}

impl Default for License {
    /// CC BY 4.0: what is shared here may be used and changed by everybody who says where it is from.
    fn default() -> Self {
        Self::CC_BY_4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_distinct_codes_and_labels() {
        assert!(names().count() >= 28, "the file could not be read");
        for name in names() {
            let terms = terms(name);
            assert!((2..=255).contains(&terms.len()), "{name}");
            for (i, term) in terms.iter().enumerate() {
                assert!(term.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{name}");
                assert!(!term.label.is_empty(), "{name}/{}", term.code);
                assert!(terms[..i].iter().all(|t| t.code != term.code && t.label != term.label), "{name}");
            }
        }
    }

    #[test]
    fn constants_are_what_their_codes_say() {
        assert_eq!(EvidenceTier::ESSA_1.code(), "essa_1");
        assert_eq!(CommitmentStatus::DROPPED, CommitmentStatus::parse("dropped").unwrap());
        assert_eq!(License::PUBLIC_DOMAIN.label(), "Public domain");
        assert!(AdoptionStage::IN_USE >= AdoptionStage::PILOTING && AdoptionStage::PLANNING < AdoptionStage::PILOTING);
        assert!(Topic::all().len() > 30);
    }

    #[test]
    fn json_holds_the_code_and_refuses_others() {
        let topic = Topic::parse("mtss").unwrap();
        assert_eq!(serde_json::to_string(&topic).unwrap(), "\"mtss\"");
        assert_eq!(serde_json::from_str::<Topic>("\"mtss\"").unwrap(), topic);
        assert!(serde_json::from_str::<Topic>("\"MTSS\"").is_err());
        assert!(serde_json::from_str::<Topic>("7").is_err());
    }

    #[test]
    fn a_refusal_says_what_to_choose() {
        let said = |e: UnknownCode| e.to_string();
        assert_eq!(
            said(GradeBand::parse("3rd").unwrap_err()),
            "There is no grade band \"3rd\"; choose one of prek, k_2, g3_5, g6_8, g9_12."
        );
        assert_eq!(
            said(Topic::parse("Early reading & phonics").unwrap_err()),
            "There is no topic \"Early reading & phonics\"; choose one of its 39 codes, such as early_reading."
        );
        assert_eq!(License::parse("cc by 4.0").unwrap_err().by_label(), Some("cc_by_4"));
        assert_eq!(License::parse("free").unwrap_err().by_label(), None);
        assert!(said(Topic::parse("phonics").unwrap_err()).contains("did you mean early_reading"));
        assert!(said(Topic::parse("early-reading").unwrap_err()).contains("did you mean early_reading"));
        assert!(said(Topic::parse("tutorin").unwrap_err()).contains("did you mean tutoring"));
        assert!(said(Topic::parse(&"\u{0}x".repeat(5000)).unwrap_err()).len() < 200);
    }

    #[test]
    fn grades_and_bands_map_both_ways() {
        let all: Vec<&str> = GradeBand::all().flat_map(GradeBand::grades).collect();
        assert_eq!(all, ["PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
        for (grade, band) in [("KG", "k_2"), ("Pre-K", "prek"), ("05", "g3_5"), ("13", "g9_12"), ("10", "g9_12")] {
            assert_eq!(GradeBand::of_grade(grade).unwrap().code(), band);
        }
        for unknown in ["", "Ungraded", "0", "14", "Adult education"] {
            assert_eq!(GradeBand::of_grade(unknown), None, "{unknown}");
        }
        assert_eq!(GradeBand::span("Kindergarten", "5"), [GradeBand::K_2, GradeBand::G3_5]);
        assert!(GradeBand::span("9", "3").is_empty() && GradeBand::span("", "5").is_empty());
    }
}
