//! What links of letters about talk are for: `/talk/{errand}/{token}`.

use chrono::TimeDelta;

use crate::people::errand;
pub use crate::people::errand::{actor, path, read};

/// A link holds so long: as long as letters are kept.
pub const AGE: TimeDelta = TimeDelta::days(90);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Answering a letter that was passed on.
    Reply,
    /// Answering about a visit.
    Visit,
}

impl Errand {
    fn code(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Visit => "visit",
        }
    }
}

impl errand::Errand for Errand {
    const AGE: TimeDelta = AGE;

    fn purpose(self) -> String {
        format!("talk:{}", self.code())
    }

    fn base(self) -> String {
        format!("/talk/{}/", self.code())
    }
}
