//! Who acts.

use uuid::Uuid;

/// Who an operation is done for. Every operation gets one, and asks its feature's policy about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in: may search and read.
    Visitor,
    /// A signed-in person.
    Person {
        /// The person's account.
        account: Uuid,
    },
    /// The program itself, or whoever runs it from the command line; the name says which part: `import`.
    System(&'static str),
}

impl Actor {
    /// Whether the program itself acts (the command line, a job).
    pub fn is_system(&self) -> bool {
        matches!(self, Self::System(_))
    }

    /// `visitor`, `person` or `system`, as the event log spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Person { .. } => "person",
            Self::System(_) => "system",
        }
    }

    /// The account's id or the part's name.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Visitor => None,
            Self::Person { account } => Some(account.to_string()),
            Self::System(part) => Some((*part).to_owned()),
        }
    }
}
