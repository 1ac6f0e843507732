//! What the operations of `/me` take and give.

use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object};

use crate::people::account::{Account, ProfileChange};
use crate::people::{Membership, MembershipState};
use crate::platform::{Place, Scope, Timestamp};
use crate::sign_in::token::{Token, scope_code};
use crate::sign_in::visit::Visit;

/// The signed-in person.
#[derive(Debug, Object)]
#[oai(rename = "Me", example, skip_serializing_if_is_none)]
pub struct MeDocument {
    /// Id of the account; never changes.
    pub id: String,
    /// How you are called.
    pub name: String,
    /// Your address.
    pub email: Option<String>,
    /// What you do, in your own words.
    pub title: Option<String>,
    /// IANA name of your time zone; absent for the installation's.
    pub time_zone: Option<String>,
    /// Codes of `grade_band`.
    pub grades: Vec<String>,
    /// Codes of `subject`.
    pub subjects: Vec<String>,
    /// Where you belong or asked to.
    pub places: Vec<PlaceDocument>,
    /// When the account was opened.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

/// A role at a place.
#[derive(Debug, Object)]
#[oai(rename = "MyPlace", skip_serializing_if_is_none)]
pub struct PlaceDocument {
    /// Code of the role: `teacher`, `principal`, `delegate`, `organizer`, `editor`, `compact_owner`, `mayor`, `city_admin`.
    pub role: String,
    /// `school`, `organization` or `installation`.
    pub place: String,
    /// Id of the school or organization.
    pub place_id: Option<String>,
    /// Its name.
    pub place_name: Option<String>,
    /// `asked` or `current`.
    pub state: String,
    /// Since when it holds.
    pub since: Option<Timestamp>,
}

impl MeDocument {
    /// Of an account, what it belongs to, and how a place is called.
    pub fn of(account: Account, memberships: &[Membership], name: impl Fn(uuid::Uuid) -> Option<String>) -> Self {
        let open = memberships.iter().filter(|one| {
            // What ended is history: it is in the export.
            matches!(one.state, MembershipState::Asked | MembershipState::Current)
        });
        let place = |one: &Membership| {
            let (kind, id) = match one.grant.place {
                Place::School(id) => ("school", Some(id)),
                Place::Organization(id) => ("organization", Some(id)),
                Place::Installation => ("installation", None),
            };
            PlaceDocument {
                role: one.grant.role.code().to_owned(),
                place: kind.to_owned(),
                place_id: id.map(|id| id.to_string()),
                place_name: id.and_then(&name),
                state: one.state.code().to_owned(),
                since: one.started_at,
            }
        };
        Self {
            id: account.id.to_string(),
            name: account.name,
            email: account.email.map(|email| email.as_str().to_owned()),
            title: account.title,
            time_zone: account.time_zone,
            grades: account.grades,
            subjects: account.subjects,
            places: open.map(place).collect(),
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

/// What you say about yourself, all of it: what is left out is emptied.
#[derive(Debug, Object)]
#[oai(rename = "MyProfile", example)]
pub struct ProfileDocument {
    /// How you are called: 1 to 120 characters.
    pub name: String,
    /// What you do, in your own words: up to 120 characters.
    pub title: Option<String>,
    /// Codes of `grade_band`.
    #[oai(default)]
    pub grades: Vec<String>,
    /// Codes of `subject`.
    #[oai(default)]
    pub subjects: Vec<String>,
    /// IANA name of your time zone; left out for the installation's.
    pub time_zone: Option<String>,
}

impl From<ProfileDocument> for ProfileChange {
    fn from(document: ProfileDocument) -> Self {
        Self {
            name: document.name,
            title: document.title.unwrap_or_default(),
            grades: document.grades,
            subjects: document.subjects,
            time_zone: document.time_zone.unwrap_or_default(),
            lang: None,
        }
    }
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", rename = "TokenScope")]
pub enum ScopeDocument {
    /// Read what you may read.
    Read,
    /// And do what you may do.
    Write,
    /// And what editors and administrators do; only for them, signed in with a second step.
    Admin,
}

impl From<ScopeDocument> for Scope {
    fn from(scope: ScopeDocument) -> Self {
        match scope {
            ScopeDocument::Read => Self::Read,
            ScopeDocument::Write => Self::Write,
            ScopeDocument::Admin => Self::Admin,
        }
    }
}

/// A token to make.
#[derive(Debug, Object)]
#[oai(rename = "NewToken", example)]
pub struct NewTokenDocument {
    /// What you call it: 1 to 80 characters.
    pub name: String,
    /// What it may be used for.
    pub scope: ScopeDocument,
    /// Days until it ends: 1 to 366.
    pub days: i64,
}

/// A personal token, without its secret.
#[derive(Debug, Object)]
#[oai(rename = "Token", example, skip_serializing_if_is_none)]
pub struct TokenDocument {
    /// Its id.
    pub id: String,
    /// What you call it.
    pub name: String,
    /// `read`, `write` or `admin`.
    pub scope: String,
    /// Its last four characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the day.
    pub used_at: Option<Timestamp>,
}

impl From<Token> for TokenDocument {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.to_string(),
            scope: scope_code(token.scope).to_owned(),
            name: token.name,
            hint: token.hint,
            created_at: token.created_at,
            expires_at: token.expires_at,
            used_at: token.used_at,
        }
    }
}

/// Tokens that hold.
#[derive(Debug, Object)]
#[oai(example)]
pub struct TokenList {
    /// All of them, the newest first.
    pub items: Vec<TokenDocument>,
    /// How many there are.
    pub total: u64,
}

/// A token that was made: the only time its secret is shown.
#[derive(Debug, Object)]
#[oai(rename = "MadeToken", example)]
pub struct MadeToken {
    /// Its id.
    pub id: String,
    /// The token itself, for `Authorization: Bearer`. It is kept nowhere.
    pub token: String,
}

/// What making a token answers.
#[derive(ApiResponse)]
pub enum Made {
    /// It holds from now on.
    #[oai(status = 201)]
    Created(
        Json<MadeToken>,
        /// Where it is ended.
        #[oai(header = "Location")]
        String,
    ),
}

/// What ending something answers.
#[derive(ApiResponse)]
pub enum Gone {
    /// It holds no more.
    #[oai(status = 204)]
    Done,
}

/// A sign-in that holds.
#[derive(Debug, Object)]
#[oai(rename = "SignIn", example, skip_serializing_if_is_none)]
pub struct SignInDocument {
    /// Its id.
    pub id: String,
    /// How it began: `password`, `link`, `oidc`, `passkey` or `invitation`.
    pub method: String,
    /// The browser, as far as it said.
    pub device: String,
    /// When a second step was passed.
    pub second_step_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Whether this request came with it.
    pub current: bool,
}

impl SignInDocument {
    /// Of a sign-in.
    pub fn of(visit: Visit, current: bool) -> Self {
        Self {
            id: visit.id.to_string(),
            method: visit.method.code().to_owned(),
            device: visit.device,
            second_step_at: visit.strong_at,
            created_at: visit.created_at,
            seen_at: visit.seen_at,
            expires_at: visit.expires_at,
            current,
        }
    }
}

/// Sign-ins that hold.
#[derive(Debug, Object)]
#[oai(example)]
pub struct SignInList {
    /// All of them, the newest first.
    pub items: Vec<SignInDocument>,
    /// How many there are.
    pub total: u64,
}

const SOME_ID: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

impl Example for MeDocument {
    fn example() -> Self {
        Self {
            id: SOME_ID.to_owned(),
            name: "Ada Quill".to_owned(),
            email: Some("ada@example.org".to_owned()),
            title: Some("Grade 3 teacher".to_owned()),
            time_zone: Some("America/New_York".to_owned()),
            grades: vec!["g3_5".to_owned()],
            subjects: vec!["math".to_owned()],
            places: vec![PlaceDocument {
                role: "teacher".to_owned(),
                place: "school".to_owned(),
                place_id: Some("01998c1e-5b70-7a31-8c55-3f1f62b0c1db".to_owned()),
                place_name: Some("Tamsin Row Elementary".to_owned()),
                state: "current".to_owned(),
                since: Some(at("2026-09-01T14:00:00Z")),
            }],
            created_at: at("2026-09-01T13:55:00Z"),
            updated_at: at("2026-09-01T14:10:00Z"),
        }
    }
}

impl Example for ProfileDocument {
    fn example() -> Self {
        Self {
            name: "Ada Quill".to_owned(),
            title: Some("Grade 3 teacher".to_owned()),
            grades: vec!["g3_5".to_owned()],
            subjects: vec!["math".to_owned()],
            time_zone: Some("America/New_York".to_owned()),
        }
    }
}

impl Example for NewTokenDocument {
    fn example() -> Self {
        Self { name: "Roster sync".to_owned(), scope: ScopeDocument::Read, days: 90 }
    }
}

impl Example for TokenDocument {
    fn example() -> Self {
        Self {
            id: SOME_ID.to_owned(),
            name: "Roster sync".to_owned(),
            scope: "read".to_owned(),
            hint: "x7Qa".to_owned(),
            created_at: at("2026-10-14T16:00:00Z"),
            expires_at: at("2027-01-12T16:00:00Z"),
            used_at: None,
        }
    }
}

impl Example for TokenList {
    fn example() -> Self {
        Self { items: vec![TokenDocument::example()], total: 1 }
    }
}

impl Example for MadeToken {
    fn example() -> Self {
        Self { id: SOME_ID.to_owned(), token: "cg_9nS0mEtHiNgThAtNoBoDyGuEsSeS0123456789x7Qa".to_owned() }
    }
}

impl Example for SignInDocument {
    fn example() -> Self {
        Self {
            id: SOME_ID.to_owned(),
            method: "password".to_owned(),
            device: "Firefox on Android".to_owned(),
            second_step_at: None,
            created_at: at("2026-10-14T16:00:00Z"),
            seen_at: at("2026-10-14T16:05:00Z"),
            expires_at: at("2026-10-28T16:00:00Z"),
            current: true,
        }
    }
}

impl Example for SignInList {
    fn example() -> Self {
        Self { items: vec![SignInDocument::example()], total: 1 }
    }
}
