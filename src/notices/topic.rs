//! Topics, and how soon somebody hears of each. Pure.

use crate::platform::{Grant, Role};

/// What notices belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What became of seats of their staff, for those who lead a school.
    StaffSeats,
    /// What happens to sessions that they run.
    Hosting,
    /// Reminders of sessions that they come to or run.
    Reminders,
    /// Questions to them: surveys, polls, what came of a practice; sessions that they asked for.
    Questions,
    /// Their practices: the review, questions, who takes them over.
    Practices,
    /// Practices that their school takes over: how it goes, and what changed since.
    Adoptions,
    /// Compacts, statements and highlights that they have a part in.
    Collaborations,
    /// News of what they follow.
    Follow,
    /// New matches of searches that they saved.
    SavedSearch,
    /// Announcements of a city that they follow.
    Announcements,
}

/// How soon somebody hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// By a letter at once.
    Instant,
    /// In a letter a day.
    Daily,
    /// In a letter a week.
    Weekly,
    /// In no letter; the list has it.
    Off,
}

impl Topic {
    /// Every topic, in the order of the settings page.
    pub const ALL: [Self; 10] = [
        Self::StaffSeats,
        Self::Hosting,
        Self::Reminders,
        Self::Questions,
        Self::Practices,
        Self::Adoptions,
        Self::Collaborations,
        Self::Follow,
        Self::SavedSearch,
        Self::Announcements,
    ];

    /// As the database, the API and a List-Id spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::StaffSeats => "staff-seats",
            Self::Hosting => "hosting",
            Self::Reminders => "reminders",
            Self::Questions => "questions",
            Self::Practices => "practices",
            Self::Adoptions => "adoptions",
            Self::Collaborations => "collaborations",
            Self::Follow => "follow",
            Self::SavedSearch => "saved-searches",
            Self::Announcements => "announcements",
        }
    }

    /// The topic of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }

    /// Its name, as pages and the head of a letter say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::StaffSeats => "Seats of your staff",
            Self::Hosting => "Sessions you run",
            Self::Reminders => "Reminders of sessions",
            Self::Questions => "Surveys, polls and wishes",
            Self::Practices => "Your practices",
            Self::Adoptions => "Practices you take over",
            Self::Collaborations => "Compacts and highlights",
            Self::Follow => "What you follow",
            Self::SavedSearch => "Saved searches",
            Self::Announcements => "Announcements",
        }
    }

    /// What is in it, one sentence.
    pub fn explained(self) -> &'static str {
        match self {
            Self::StaffSeats => "What became of seats of people at your school, and who is out when.",
            Self::Hosting => "Who asked for a seat, left or waits, and what your sessions need of you.",
            Self::Reminders => "Before a session that you come to or run.",
            Self::Questions => "Questions to you after a session, polls on times, and sessions that you asked for.",
            Self::Practices => "Review of what you contribute, questions about it, and schools that take it over.",
            Self::Adoptions => {
                "How it goes with practices that your school takes over, and what changed in them since."
            }
            Self::Collaborations => {
                "Commitments that you hold, statements that you signed or write, and words about your school that need your yes."
            }
            Self::Follow => "New practices and sessions of schools, topics and others that you follow.",
            Self::SavedSearch => "What is new for searches that you saved.",
            Self::Announcements => "What the office of your city writes to everybody there.",
        }
    }

    /// Whether it concerns somebody with these roles.
    pub fn concerns(self, grants: &[Grant]) -> bool {
        let holds = |roles: &[Role]| grants.iter().any(|grant| roles.contains(&grant.role));
        match self {
            Self::StaffSeats => holds(&[Role::Principal, Role::Delegate]),
            Self::Hosting => holds(&[Role::Principal, Role::Delegate, Role::Organizer]),
            Self::Reminders
            | Self::Questions
            | Self::Practices
            | Self::Adoptions
            | Self::Collaborations
            | Self::Follow
            | Self::SavedSearch
            | Self::Announcements => true,
        }
    }

    /// How soon, where the person has not chosen.
    pub fn default_pace(self) -> Pace {
        match self {
            Self::StaffSeats
            | Self::Reminders
            | Self::Questions
            | Self::Practices
            | Self::Adoptions
            | Self::Collaborations
            | Self::Announcements => Pace::Instant,
            Self::Hosting | Self::Follow | Self::SavedSearch => Pace::Daily,
        }
    }
}

impl Pace {
    /// Every pace, the soonest first.
    pub const ALL: [Self; 4] = [Self::Instant, Self::Daily, Self::Weekly, Self::Off];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Off => "off",
        }
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Instant => "At once",
            Self::Daily => "Once a day",
            Self::Weekly => "Once a week",
            Self::Off => "No letters",
        }
    }

    /// The pace of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.code() == code)
    }
}
