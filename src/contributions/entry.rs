//! The conversation of a review: who said what, and of which words of the text. Nothing of it is changed or taken out.

use uuid::Uuid;

use crate::people::AccountId;
use crate::platform::Timestamp;

/// Longest text of an entry, in characters.
pub const TEXT: usize = 4_000;
/// Longest quote.
pub const QUOTE: usize = 600;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// Its place in the conversation, from 1.
    pub number: i32,
    /// When.
    pub at: Timestamp,
    /// Who; nobody where the program did it.
    pub by: Option<AccountId>,
    /// In what role.
    pub speaker: Speaker,
    /// What they did.
    pub kind: Kind,
    /// What they said.
    pub text: Option<String>,
    /// The field that they speak of.
    pub field: Option<String>,
    /// Words of that field.
    pub quote: Option<String>,
    /// The save that was there.
    pub revision: i32,
}

/// In what role somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// One who writes it.
    Writer,
    /// An editor.
    Editor,
    /// The principal of the school, or a delegate.
    School,
    /// The program.
    System,
}

impl Speaker {
    const ALL: [Self; 4] = [Self::Writer, Self::Editor, Self::School, Self::System];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Editor => "editor",
            Self::School => "school",
            Self::System => "system",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Writer => "Writer",
            Self::Editor => "Editor",
            Self::School => "For the school",
            Self::System => "This site",
        }
    }
}

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody says something.
    Comment,
    /// It was given to the editors.
    Submitted,
    /// Its writers took it back.
    TakenBack,
    /// An editor set evidence.
    Evidence,
    /// An editor asks for changes.
    ChangesRequested,
    /// An editor declined it.
    Declined,
    /// An editor approved it.
    Approved,
    /// The school said yes.
    Confirmed,
    /// The school said no.
    Refused,
    /// It is in the catalog.
    Published,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Comment,
        Self::Submitted,
        Self::TakenBack,
        Self::Evidence,
        Self::ChangesRequested,
        Self::Declined,
        Self::Approved,
        Self::Confirmed,
        Self::Refused,
        Self::Published,
    ];

    /// As the database and the API spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Submitted => "submitted",
            Self::TakenBack => "taken_back",
            Self::Evidence => "evidence",
            Self::ChangesRequested => "changes_requested",
            Self::Declined => "declined",
            Self::Approved => "approved",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Published => "published",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// As pages say it, behind who did it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Comment => "wrote",
            Self::Submitted => "gave it to the editors",
            Self::TakenBack => "took it back",
            Self::Evidence => "set the evidence",
            Self::ChangesRequested => "asked for changes",
            Self::Declined => "declined it",
            Self::Approved => "approved it",
            Self::Confirmed => "said yes for the school",
            Self::Refused => "said no for the school",
            Self::Published => "published it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
            assert!(!kind.words().is_empty());
        }
        for speaker in Speaker::ALL {
            assert_eq!(Speaker::parse(speaker.code()), Some(speaker));
        }
        assert_eq!(Kind::parse("accepted"), None);
    }
}
