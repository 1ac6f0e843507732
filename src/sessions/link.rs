//! What links of letters about seats are for: `/r/{errand}/{token}`.

use crate::people::errand;
pub use crate::people::errand::{actor, path, read};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Answering for a school whether somebody may come.
    Decide,
    /// Taking or declining a seat of the waitlist.
    Offer,
    /// Agreeing to a material change.
    Keep,
    /// Giving a seat or a place in line back.
    Leave,
    /// Answering the survey.
    Survey,
    /// "Did you use it?" after 30 days.
    Use30,
    /// The same after 90.
    Use90,
}

impl Errand {
    /// As addresses spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Offer => "offer",
            Self::Keep => "keep",
            Self::Leave => "leave",
            Self::Survey => "survey",
            Self::Use30 => "use-30",
            Self::Use90 => "use-90",
        }
    }
}

impl errand::Errand for Errand {
    fn purpose(self) -> String {
        format!("errand:{}", self.code())
    }

    fn base(self) -> String {
        format!("/r/{}/", self.code())
    }
}
