//! A statement and where it stands: types and rules, no I/O.

use chrono::{NaiveDate, TimeDelta};

use crate::people::AccountId;
use crate::platform::ids::typed_id;
use crate::platform::{Place, Timestamp};

typed_id!(
    /// A statement.
    StatementId
);

/// Characters of a title.
pub const TITLE: usize = 160;
/// Characters of an addressee.
pub const ADDRESSEE: usize = 200;
/// Characters of a reason or a note.
pub const REASON: usize = 1_000;

/// What a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// Aims that many work by.
    #[default]
    Framework,
    /// A letter in public.
    OpenLetter,
    /// What sectors ask of a legislature together.
    SharedAsk,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Framework, Self::OpenLetter, Self::SharedAsk];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Framework => "framework",
            Self::OpenLetter => "open_letter",
            Self::SharedAsk => "shared_ask",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Framework => "Framework",
            Self::OpenLetter => "Open letter",
            Self::SharedAsk => "Shared ask to a legislature",
        }
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is written; its circle alone knows of it.
    Draft,
    /// It can be signed.
    Open,
    /// It was handed over.
    Delivered,
    /// It takes no more sign-ons.
    Closed,
    /// Its author took it back.
    Withdrawn,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Open, Self::Delivered, Self::Closed, Self::Withdrawn];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Delivered => "delivered",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Private draft",
            Self::Open => "Open for sign-ons",
            Self::Delivered => "Delivered",
            Self::Closed => "Closed",
            Self::Withdrawn => "Withdrawn",
        }
    }
}

/// A statement, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// What it is.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// To whom it speaks.
    pub addressee: String,
    /// It is delivered when so many organizations and schools signed; `None` where that is not said.
    pub threshold: Option<i32>,
    /// The last day of sign-ons.
    pub deadline: Option<NaiveDate>,
    /// Who sponsors it: a school or an organization.
    pub sponsor: Place,
    /// Who wrote it; `None` once that account is erased.
    pub author: Option<AccountId>,
    /// Where it stands.
    pub state: State,
    /// Why it was closed or withdrawn, or what came of its delivery.
    pub ending: Option<String>,
    /// The day of that.
    pub ended_on: Option<NaiveDate>,
    /// Number of the newest published version; 0 before the first.
    pub version: i32,
    /// When it was first published.
    pub published_at: Option<Timestamp>,
    /// When its author was told that the threshold is reached.
    pub reached_at: Option<Timestamp>,
    /// When its author was reminded of the deadline, or it was seen that nothing is to be reminded of.
    pub reminded_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl Statement {
    /// Its page.
    pub fn path(&self) -> String {
        format!("/statements/{}", self.slug)
    }

    /// Whether it takes sign-ons at a moment. Its last day ends when it has ended everywhere on earth.
    pub fn takes_signatures(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.deadline.is_none_or(|day| now < ends(day))
    }
}

/// When a day is over everywhere: noon of the next, in UTC.
fn ends(day: NaiveDate) -> Timestamp {
    (day.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(36)).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.code()), Some(state));
        }
        assert!(Kind::parse("memo").is_none() && State::parse("").is_none());
    }

    #[test]
    fn the_last_day_ends_everywhere() {
        let end = ends("2026-10-14".parse().unwrap());
        assert_eq!(end.to_rfc3339(), "2026-10-15T12:00:00+00:00");
    }
}
