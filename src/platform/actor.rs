//! Who acts, and with what power.

use std::sync::Arc;

use uuid::Uuid;

/// Who an operation is done for. Every operation gets one, and asks its feature's policy about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in: may search and read.
    Visitor,
    /// A signed-in person.
    Person(Arc<Person>),
    /// The program itself, or whoever runs it from the command line; the name says which part: `import`.
    System(&'static str),
}

/// A signed-in person as policies see them: read from the database with every request, so that what ended a moment ago
/// counts no more (A3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: Uuid,
    /// How the person is called.
    pub name: String,
    /// What the request came with.
    pub via: Via,
    /// What a token lets its holder do; a browser lets the person do everything.
    pub scope: Scope,
    /// Whether a second step was passed.
    pub strong: bool,
    /// Whether the person has just shown who they are, by a second step or a sign-in of the last minutes. A browser that
    /// was left open is not enough to open another way into an account.
    pub recent: bool,
    /// Every role the person holds now.
    pub grants: Vec<Grant>,
}

/// What a request came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A browser's sign-in.
    SignIn(Uuid),
    /// A personal token.
    Token(Uuid),
    /// A signed link of a letter, which acts for one thing alone: the thing.
    Letter(Uuid),
}

/// What a request may be used for. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read what the person may read.
    Read,
    /// And do what the person may do.
    Write,
    /// And what editors and administrators may do.
    Admin,
}

/// What somebody may do, by the table of roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Teaches or works at a school.
    Teacher,
    /// Leads a school.
    Principal,
    /// Acts for the principal.
    Delegate,
    /// Runs joint sessions for a school or an office.
    Organizer,
    /// Reviews practices, sets evidence, keeps synonyms.
    Editor,
    /// Holds commitments of a compact.
    CompactOwner,
    /// Works in a mayor's office.
    Mayor,
    /// Runs the installation.
    CityAdmin,
}

impl Role {
    /// Every role, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Teacher,
        Self::Principal,
        Self::Delegate,
        Self::Organizer,
        Self::Editor,
        Self::CompactOwner,
        Self::Mayor,
        Self::CityAdmin,
    ];

    /// As files, the API and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Principal => "principal",
            Self::Delegate => "delegate",
            Self::Organizer => "organizer",
            Self::Editor => "editor",
            Self::CompactOwner => "compact_owner",
            Self::Mayor => "mayor",
            Self::CityAdmin => "city_admin",
        }
    }

    /// The role of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Teacher => "Teacher or staff",
            Self::Principal => "Principal",
            Self::Delegate => "Principal's delegate",
            Self::Organizer => "Session organizer",
            Self::Editor => "Editor",
            Self::CompactOwner => "Compact owner",
            Self::Mayor => "Mayor's office",
            Self::CityAdmin => "City administrator",
        }
    }

    /// Whether it asks for a second step at sign-in: what it may do reaches everybody.
    pub fn needs_second_step(self) -> bool {
        matches!(self, Self::Editor | Self::CityAdmin)
    }
}

/// Where a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// At a school.
    School(Uuid),
    /// At a district, a network, an office.
    Organization(Uuid),
    /// Everywhere.
    Installation,
}

/// A role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where.
    pub place: Place,
}

impl Person {
    /// Whether the person holds the role here, now: with the second step where the role asks for it, and with a token
    /// whose scope reaches it.
    pub fn has(&self, role: Role, place: Place) -> bool {
        let usable = !role.needs_second_step() || (self.strong && self.scope >= Scope::Admin);
        usable && self.grants.contains(&Grant { role, place })
    }

    /// Whether the person belongs to the place in any role.
    pub fn belongs_to(&self, place: Place) -> bool {
        self.grants.iter().any(|grant| grant.place == place)
    }

    /// Whether one of the person's roles waits for a second step.
    pub fn lacks_second_step(&self) -> bool {
        !self.strong && self.grants.iter().any(|grant| grant.role.needs_second_step())
    }
}

impl Actor {
    /// Whether the program itself acts (the command line, a job).
    pub fn is_system(&self) -> bool {
        matches!(self, Self::System(_))
    }

    /// The signed-in person.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Visitor | Self::System(_) => None,
        }
    }

    /// The account of the signed-in person.
    pub fn account(&self) -> Option<Uuid> {
        self.person().map(|person| person.account)
    }

    /// Whether a signed-in person holds the role at the place ([`Person::has`]).
    pub fn has(&self, role: Role, place: Place) -> bool {
        self.person().is_some_and(|person| person.has(role, place))
    }

    /// Whether the actor runs the installation: a city administrator with the second step passed, or the program itself.
    pub fn administers(&self) -> bool {
        self.is_system() || self.has(Role::CityAdmin, Place::Installation)
    }

    /// `visitor`, `person` or `system`, as the event log spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Person(_) => "person",
            Self::System(_) => "system",
        }
    }

    /// The account's id or the part's name.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Visitor => None,
            Self::Person(person) => Some(person.account.to_string()),
            Self::System(part) => Some((*part).to_owned()),
        }
    }

    /// `sign_in:ID`, `token:ID` or `letter:ID`, as the event log spells it.
    pub fn via(&self) -> Option<String> {
        self.person().map(|person| match person.via {
            Via::SignIn(id) => format!("sign_in:{id}"),
            Via::Token(id) => format!("token:{id}"),
            Via::Letter(id) => format!("letter:{id}"),
        })
    }
}
