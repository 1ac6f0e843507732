//! What was reported, and what was done: codes and their words, without I/O.

use uuid::Uuid;

use crate::people::AccountId;
use crate::platform::Timestamp;
use crate::platform::ids::typed_id;

typed_id!(
    /// Everything that was reported about one thing.
    CaseId
);
typed_id!(
    /// A report.
    ReportId
);
typed_id!(
    /// A decision.
    DecisionId
);

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A student can be recognized.
    StudentData,
    /// It is not true.
    NotTrue,
    /// It harms or insults somebody.
    Harmful,
    /// It sells something or has nothing to do with schools.
    Spam,
    /// It belongs to somebody who did not agree.
    Copyright,
    /// Something else, in words.
    Other,
}

impl Reason {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 6] =
        [Self::StudentData, Self::NotTrue, Self::Harmful, Self::Spam, Self::Copyright, Self::Other];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::StudentData => "student_data",
            Self::NotTrue => "not_true",
            Self::Harmful => "harmful",
            Self::Spam => "spam",
            Self::Copyright => "copyright",
            Self::Other => "other",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// In a word or two: "Student data".
    pub fn label(self) -> &'static str {
        match self {
            Self::StudentData => "Student data",
            Self::NotTrue => "Not true",
            Self::Harmful => "Harmful",
            Self::Spam => "Spam",
            Self::Copyright => "Copyright",
            Self::Other => "Something else",
        }
    }

    /// As a form asks it.
    pub fn explained(self) -> &'static str {
        match self {
            Self::StudentData => "A student can be recognized: a name, a face, a number",
            Self::NotTrue => "It is not true",
            Self::Harmful => "It harms or insults somebody",
            Self::Spam => "It is advertising, or has nothing to do with schools",
            Self::Copyright => "It belongs to somebody who did not agree",
            Self::Other => "Something else: say what",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was hidden by a report of student data, until somebody looks at it.
    HiddenAtOnce,
    /// It was hidden.
    Hidden,
    /// It was shown again: what was reported does not hold, or was put right.
    Shown,
    /// Its author was asked to change it.
    ChangeAsked,
    /// Nothing had to be done.
    Dismissed,
    /// It was taken out of the catalog.
    Retired,
}

impl Done {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::HiddenAtOnce, Self::Hidden, Self::Shown, Self::ChangeAsked, Self::Dismissed, Self::Retired];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::HiddenAtOnce => "hidden_at_once",
            Self::Hidden => "hidden",
            Self::Shown => "shown",
            Self::ChangeAsked => "change_asked",
            Self::Dismissed => "dismissed",
            Self::Retired => "retired",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As the log says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::HiddenAtOnce => "Hidden until somebody looked at it",
            Self::Hidden => "Hidden",
            Self::Shown => "Shown again",
            Self::ChangeAsked => "The author was asked to change it",
            Self::Dismissed => "Report dismissed",
            Self::Retired => "Taken out of the catalog",
        }
    }

    /// As the form of a decision says it.
    pub fn imperative(self) -> &'static str {
        match self {
            Self::HiddenAtOnce | Self::Hidden => "Hide it from everybody but its author",
            Self::Shown => "Show it again",
            Self::ChangeAsked => "Ask its author to change it",
            Self::Dismissed => "Dismiss: nothing has to be done",
            Self::Retired => "Take it out of the catalog; its page then shows your words",
        }
    }

    /// Whether the decision needs words of whoever decides: somebody has to act by them, or everybody reads them.
    pub fn needs_words(self) -> bool {
        matches!(self, Self::Hidden | Self::ChangeAsked | Self::Retired)
    }
}

/// Everything that was reported about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Code of the kind of thing: `practice`, `question`, `answer`, `collection`.
    pub kind: String,
    /// Which.
    pub thing: Uuid,
    /// Whether somebody has to look at it.
    pub open: bool,
    /// Whether something of a student may stand there.
    pub urgent: bool,
    /// Whether it is hidden by a decision.
    pub hidden: bool,
    /// When the first report that nobody has looked at came.
    pub opened_at: Timestamp,
    /// When it was last decided.
    pub closed_at: Option<Timestamp>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// About what.
    pub case: CaseId,
    /// Who reported it; a visitor is nobody.
    pub reporter: Option<AccountId>,
    /// What is wrong.
    pub reason: Reason,
    /// In their words.
    pub words: Option<String>,
    /// What came of it.
    pub decision: Option<DecisionId>,
    /// When it came.
    pub created_at: Timestamp,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id; those made later sort later.
    pub id: DecisionId,
    /// About what.
    pub case: CaseId,
    /// What was done.
    pub done: Done,
    /// Why.
    pub reason: Reason,
    /// What whoever decided wrote.
    pub words: Option<String>,
    /// Who decided; nobody where a report did.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// "3 days", "5 hours", "a few minutes": how long ago.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let plural = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let passed = now - then;
    match (passed.num_days(), passed.num_hours()) {
        (0, 0) => "less than an hour".to_owned(),
        (0, hours) => plural(hours, "hour"),
        (days, _) => plural(days, "day"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn codes_come_back_as_they_went() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.code()), Some(reason));
        }
        for done in Done::ALL {
            assert_eq!(Done::parse(done.code()), Some(done));
        }
        assert_eq!((Reason::parse("none"), Done::parse("none")), (None, None));
    }

    #[test]
    fn ages_read_as_words() {
        let now: Timestamp = "2026-10-14T16:00:00Z".parse().unwrap();
        let ago = |delta| age(now, now - delta);
        assert_eq!(ago(TimeDelta::minutes(59)), "less than an hour");
        assert_eq!(ago(TimeDelta::hours(1)), "1 hour");
        assert_eq!(ago(TimeDelta::hours(30)), "1 day");
        assert_eq!(ago(TimeDelta::days(9)), "9 days");
    }
}
