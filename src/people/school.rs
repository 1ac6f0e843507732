//! A school and its facts: types and rules, no I/O.

use serde::{Deserialize, Serialize};

use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{GradeBand, ShareBand, SizeBand, StudentGroup};

typed_id!(
    /// A school.
    SchoolId
);
typed_id!(
    /// A district, a charter network, a city office.
    OrganizationId
);

/// Lowest and highest grade, both included: -1 is Pre-K, 0 is kindergarten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeSpan {
    /// Lowest grade.
    pub low: i16,
    /// Highest grade, not below `low`.
    pub high: i16,
}

impl GradeSpan {
    /// A span from two words as the federal files and people write them ("Pre-K", "Kindergarten", "K", "9").
    /// `None` for what is no grade: "Ungraded", "Adult education", an empty cell, a span upside down.
    pub fn parse(low: &str, high: &str) -> Option<Self> {
        let span = Self { low: grade(low)?, high: grade(high)? };
        (span.low <= span.high).then_some(span)
    }

    /// A span written as one word: "PK-5", "K-8", "9-12".
    pub fn parse_range(text: &str) -> Option<Self> {
        let (low, high) = text.split_once(['-', '–'])?;
        Self::parse(low, high)
    }

    /// The grade bands that the span touches, lowest first.
    pub fn bands(self) -> Vec<GradeBand> {
        let touches = |band: &GradeBand| band.grades().filter_map(grade).any(|g| (self.low..=self.high).contains(&g));
        GradeBand::all().filter(touches).collect()
    }
}

impl std::fmt::Display for GradeSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = |grade: i16| match grade {
            -1 => "PK".to_owned(),
            0 => "K".to_owned(),
            n => n.to_string(),
        };
        if self.low == self.high {
            write!(f, "{}", word(self.low))
        } else {
            write!(f, "{}\u{2013}{}", word(self.low), word(self.high))
        }
    }
}

fn grade(word: &str) -> Option<i16> {
    match word.trim().to_ascii_lowercase().as_str() {
        "pre-k" | "prek" | "pk" => Some(-1),
        "kindergarten" | "kg" | "k" => Some(0),
        number => number.parse().ok().filter(|n| (1..=13).contains(n)),
    }
}

/// The size band of a number of students, for "schools like mine" (F-6).
pub fn size_band(students: i32) -> Option<SizeBand> {
    let code = match students {
        ..250 => "under_250",
        250..500 => "250_499",
        500..1000 => "500_999",
        _ => "1000_plus",
    };
    SizeBand::parse(code).ok()
}

/// Share of one student group in a school, as a band and never as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which students.
    pub group: StudentGroup,
    /// How large a share.
    pub band: ShareBand,
}

/// A school as pages, the API and other features show it.
#[derive(Clone, Debug, PartialEq)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Federal school id, 12 digits, where it has one.
    pub nces_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Code of its sector; `None` is unknown, which is never guessed.
    pub sector: Option<String>,
    /// Where the sector is known from.
    pub sector_source: Option<String>,
    /// District or network.
    pub organization: Option<Organization>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Neighborhood.
    pub neighborhood: Option<String>,
    /// Name of a campus it shares with other schools.
    pub campus: Option<String>,
    /// Grades.
    pub grades: Option<GradeSpan>,
    /// Kind of school as the federal file words it: "Regular school".
    pub school_type: Option<String>,
    /// City, suburb, town or rural, as the federal file words it.
    pub locale: Option<String>,
    /// Number of students.
    pub students: Option<i32>,
    /// Shares of student groups in bands.
    pub shares: Vec<Share>,
    /// A sentence about itself.
    pub profile: Option<String>,
    /// Latitude and longitude in degrees.
    pub position: Option<(f64, f64)>,
    /// Where the facts come from.
    pub facts_from: String,
    /// When a fact last changed here.
    pub updated_at: crate::platform::Timestamp,
    /// The day it closed.
    pub closed_on: Option<chrono::NaiveDate>,
    /// The school it became part of, which stands for it everywhere.
    pub merged_into: Option<SchoolId>,
}

impl School {
    /// Whether people can join it: it was neither closed nor merged into another.
    pub fn is_open(&self) -> bool {
        self.closed_on.is_none() && self.merged_into.is_none()
    }

    /// Size in words.
    pub fn size(&self) -> Option<SizeBand> {
        self.students.and_then(size_band)
    }

    /// "Old Mill, Rivermark" or "Albertville, AL".
    pub fn place(&self) -> String {
        [&self.neighborhood, &self.city, &self.state].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
    }

    /// What makes another school like this one: `grade:k_2`, `size:under_250`, `share:mll:10_24` (F-6).
    pub fn traits(&self) -> Vec<String> {
        let mut traits = Vec::new();
        if let Some(grades) = self.grades {
            traits.extend(grades.bands().iter().map(|band| format!("grade:{band}")));
        }
        traits.extend(self.size().map(|size| format!("size:{size}")));
        traits.extend(self.shares.iter().map(|share| format!("share:{}:{}", share.group, share.band)));
        traits
    }
}

/// A district, a charter network, a city office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name in addresses.
    pub slug: String,
    /// `district`, `charter_network`, `city_office`, `other`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Federal agency id, 7 digits.
    pub nces_id: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
}

impl Organization {
    /// Its kind in words.
    pub fn kind_label(&self) -> &'static str {
        match self.kind.as_str() {
            "district" => "District or agency",
            "charter_network" => "Charter network",
            "city_office" => "City office",
            _ => "Organization",
        }
    }
}

/// A sector of public schooling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sector {
    /// Its code: `charter`.
    pub code: String,
    /// Its name: "Charter".
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_read_and_never_guessed() {
        assert_eq!(GradeSpan::parse("Pre-K", "5"), Some(GradeSpan { low: -1, high: 5 }));
        assert_eq!(GradeSpan::parse_range("K-8").unwrap().to_string(), "K\u{2013}8");
        assert_eq!(GradeSpan::parse("9", "9").unwrap().to_string(), "9");
        for (low, high) in [("Ungraded", "Ungraded"), ("", ""), ("8", "5"), ("Adult education", "12"), ("14", "14")] {
            assert_eq!(GradeSpan::parse(low, high), None, "{low}-{high}");
        }
    }

    #[test]
    fn a_span_touches_its_bands() {
        let codes = |low, high| GradeSpan { low, high }.bands().iter().map(|b| b.code()).collect::<Vec<_>>();
        assert_eq!(codes(-1, 5), ["prek", "k_2", "g3_5"]);
        assert_eq!(codes(6, 12), ["g6_8", "g9_12"]);
    }
}
