//! Why a number is not told, in words: not one sentence for everything, because what a reader can do about it differs.

use std::fmt;

use chrono::NaiveDate;

/// Why a number is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Fewer than five people, or people of fewer than three schools.
    FewPeople,
    /// Fewer than three schools.
    FewSchools,
    /// Enough, and told it would tell another row that is of few.
    Beside,
    /// There is nothing yet to count or to hold it against.
    Nothing,
    /// What was added between the two days is of few people; later months may bring enough.
    Waits,
    /// The months asked for are counted from a day on that has not come.
    Later(NaiveDate),
    /// It is counted by whole months.
    Months,
    /// Each person counts once, from July 1 on and for one school year.
    FromJuly,
    /// A sum over several school years is told of whole ones that are told in full.
    Years,
    /// By neighborhood it is told for school years that are over.
    YearsOver,
    /// It is counted for the whole city, or for the whole service.
    City,
    /// People are not told of chosen schools.
    Chosen,
}

/// "fewer than 5 people, or people of fewer than 3 schools": after "not enough data" or "not told".
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::FewPeople => "fewer than 5 people, or people of fewer than 3 schools",
            Self::FewSchools => "fewer than 3 schools",
            Self::Beside => "few here, or few in another row that this one would tell",
            Self::Nothing => "nothing yet to hold it against",
            Self::Waits => "waits until enough new people came",
            Self::Later(day) => return write!(f, "counted from {} on", day.format("%B %-d, %Y")),
            Self::Months => "counted by whole months",
            Self::FromJuly => "counts each person once, from July 1 on and within one school year",
            Self::Years => "over several school years, told for whole ones that are counted in full",
            Self::YearsOver => "told by neighborhood for school years that are over",
            Self::City => "counted for all neighborhoods together",
            Self::Chosen => "not told for chosen schools",
        };
        f.write_str(words)
    }
}

impl Why {
    /// The same with what stands in place of the number: "not enough data: fewer than 3 schools", "not told: waits until ..".
    pub fn sentence(self) -> String {
        let data = matches!(self, Self::FewPeople | Self::FewSchools | Self::Beside | Self::Nothing);
        format!("{}: {self}", if data { "not enough data" } else { "not told" })
    }
}
