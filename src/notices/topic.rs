//! Topics, and how soon somebody hears of each. Pure.

/// What notices belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What became of seats of their staff, for those who lead a school.
    StaffSeats,
    /// What happens to sessions that they run.
    Hosting,
    /// Reminders of sessions that they come to or run.
    Reminders,
    /// Questions after a session: the survey, what came of it.
    Questions,
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
    pub const ALL: [Self; 7] = [
        Self::StaffSeats,
        Self::Hosting,
        Self::Reminders,
        Self::Questions,
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
            Self::Follow => "follow",
            Self::SavedSearch => "saved-searches",
            Self::Announcements => "announcements",
        }
    }

    /// The topic of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }

    /// How soon, where the person has not chosen.
    pub fn default_pace(self) -> Pace {
        match self {
            Self::StaffSeats | Self::Reminders | Self::Questions | Self::Announcements => Pace::Instant,
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

    /// The pace of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.code() == code)
    }
}
