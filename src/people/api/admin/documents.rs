//! What the administration sends and takes, with an example of each.

use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Enum, Object};

use crate::api::day::Day;
use crate::people::api::KindParameter;
use crate::people::{AccountState, Share};
use crate::platform::{FieldErrors, Role, Timestamp};

/// A role.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", rename = "RoleCode")]
pub enum RoleParameter {
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

impl From<RoleParameter> for Role {
    fn from(role: RoleParameter) -> Self {
        match role {
            RoleParameter::Teacher => Self::Teacher,
            RoleParameter::Principal => Self::Principal,
            RoleParameter::Delegate => Self::Delegate,
            RoleParameter::Organizer => Self::Organizer,
            RoleParameter::Editor => Self::Editor,
            RoleParameter::CompactOwner => Self::CompactOwner,
            RoleParameter::Mayor => Self::Mayor,
            RoleParameter::CityAdmin => Self::CityAdmin,
        }
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", rename = "AccountState")]
pub enum AccountStateParameter {
    /// It may.
    Active,
    /// An administrator closed it.
    Deactivated,
    /// Its person had it erased.
    Erased,
}

impl From<AccountStateParameter> for AccountState {
    fn from(state: AccountStateParameter) -> Self {
        match state {
            AccountStateParameter::Active => Self::Active,
            AccountStateParameter::Deactivated => Self::Deactivated,
            AccountStateParameter::Erased => Self::Erased,
        }
    }
}

/// One page of people.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct PersonList {
    /// This page of them, in the order of names.
    pub items: Vec<PersonDocument>,
    /// How many there are, exactly.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A person as administrators see them: never a password, a token or a second step.
#[derive(Debug, Object)]
#[oai(rename = "AdministeredPerson", example, skip_serializing_if_is_none)]
pub struct PersonDocument {
    /// Id of the account.
    pub id: String,
    /// How the person is called.
    pub name: String,
    /// Their address; absent once it is erased.
    pub email: Option<String>,
    /// When they last proved that it is theirs.
    pub email_confirmed_at: Option<Timestamp>,
    /// What they do, in their own words.
    pub title: Option<String>,
    /// `active`, `deactivated` or `erased`.
    pub state: String,
    /// Roles; in a list of people those that hold or are asked for, of one person all.
    pub roles: Vec<HeldRole>,
    /// When the account was opened.
    pub created_at: Timestamp,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

/// A role that somebody holds, asked for or held.
#[derive(Debug, Object)]
#[oai(rename = "HeldRole", example, skip_serializing_if_is_none)]
pub struct HeldRole {
    /// Its id.
    pub id: String,
    /// `teacher`, `principal`, `delegate`, `organizer`, `editor`, `compact_owner`, `mayor` or `city_admin`.
    pub role: String,
    /// Where.
    pub place: PlaceDocument,
    /// `asked`, `current`, `ended` or `declined`.
    pub state: String,
    /// Why it is believed: `nobody` (not yet), `domain`, `invitation`, `roster`, `admin` or `principal`.
    pub verified_by: String,
    /// When it was asked for or given.
    pub created_at: Timestamp,
    /// Since when it holds.
    pub started_at: Option<Timestamp>,
    /// When it ended or was declined.
    pub ended_at: Option<Timestamp>,
}

/// What kind of place.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", rename = "RolePlaceKind")]
pub enum PlaceKind {
    /// A school.
    School,
    /// A district, a network, an office.
    Organization,
    /// Everywhere.
    Installation,
}

/// Where a role holds.
#[derive(Debug, Object)]
#[oai(rename = "RolePlace", skip_serializing_if_is_none)]
pub struct PlaceDocument {
    /// What it is.
    pub kind: PlaceKind,
    /// Its id; absent for the installation.
    pub id: Option<String>,
    /// Its name; absent for the installation.
    pub name: Option<String>,
}

/// A role to give.
#[derive(Debug, Object)]
#[oai(rename = "NewRole", example)]
pub struct RoleInput {
    /// Which.
    pub role: RoleParameter,
    /// Where.
    pub place: PlaceInput,
}

/// Where a role shall hold.
#[derive(Debug, Object)]
#[oai(rename = "NewRolePlace", skip_serializing_if_is_none)]
pub struct PlaceInput {
    /// What it is.
    pub kind: PlaceKind,
    /// Its id; not needed for the installation.
    pub id: Option<String>,
}

/// The facts of a new school. What is absent is unknown.
#[derive(Debug, Object)]
#[oai(rename = "NewSchool", example, skip_serializing_if_is_none)]
pub struct SchoolFacts {
    /// Its name: 1 to 200 characters.
    pub name: String,
    /// Code of its sector, see `/sectors`.
    pub sector: Option<String>,
    /// Id of its district or network.
    pub organization: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Neighborhood.
    pub neighborhood: Option<String>,
    /// Name of a campus it shares with other schools.
    pub campus: Option<String>,
    /// Its grades.
    pub grades: Option<GradesInput>,
    /// Number of students.
    pub students: Option<i32>,
    /// Shares of student groups, in bands.
    pub shares: Option<Vec<ShareInput>>,
    /// Kind of school.
    pub school_type: Option<String>,
    /// A sentence about itself.
    pub profile: Option<String>,
}

/// Changes to the facts of a school: what is absent stays, `null` takes a fact out.
#[derive(Debug, Object)]
#[oai(example)]
pub struct SchoolChanges {
    /// Its name: 1 to 200 characters.
    #[oai(skip_serializing_if_is_none)]
    pub name: Option<String>,
    /// Code of its sector, see `/sectors`.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub sector: MaybeUndefined<String>,
    /// Id of its district or network.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub organization: MaybeUndefined<String>,
    /// City.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub city: MaybeUndefined<String>,
    /// Two-letter state.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub state: MaybeUndefined<String>,
    /// Neighborhood.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub neighborhood: MaybeUndefined<String>,
    /// Name of a campus it shares with other schools.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub campus: MaybeUndefined<String>,
    /// Its grades.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub grades: MaybeUndefined<GradesInput>,
    /// Number of students.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub students: MaybeUndefined<i32>,
    /// Shares of student groups, in bands; all of them anew.
    #[oai(skip_serializing_if_is_none)]
    pub shares: Option<Vec<ShareInput>>,
    /// Kind of school.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub school_type: MaybeUndefined<String>,
    /// A sentence about itself.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub profile: MaybeUndefined<String>,
}

/// Lowest and highest grade, both included: `PK`, `K`, `1` to `13`.
#[derive(Debug, Object)]
#[oai(rename = "NewGrades")]
pub struct GradesInput {
    /// Lowest grade.
    pub low: String,
    /// Highest grade.
    pub high: String,
}

/// Share of one student group in a school.
#[derive(Debug, Object)]
#[oai(rename = "NewShare")]
pub struct ShareInput {
    /// Which students: a code of `student_group`.
    pub group: String,
    /// How large a share: a code of `share_band`.
    pub band: String,
}

/// The shares that were sent.
pub(super) fn shares(sent: Vec<ShareInput>, errors: &mut FieldErrors) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for (at, share) in sent.into_iter().enumerate() {
        match (share.group.parse(), share.band.parse()) {
            (Ok(group), Ok(band)) if !shares.iter().any(|known| known.group == group) => {
                shares.push(Share { group, band });
            }
            (Ok(_), Ok(_)) => errors.add(format!("shares/{at}/group"), "Name each group once."),
            (Err(_), _) => errors.add(format!("shares/{at}/group"), "Choose a code of student_group."),
            (_, Err(_)) => errors.add(format!("shares/{at}/band"), "Choose a code of share_band."),
        }
    }
    shares
}

/// The end of a school.
#[derive(Debug, Object)]
#[oai(rename = "SchoolClosure", example)]
pub struct Closure {
    /// The day it closed; not in the future.
    pub closed_on: Day,
}

/// A school that becomes part of another.
#[derive(Debug, Object)]
#[oai(rename = "SchoolMerger", example)]
pub struct Merger {
    /// The school that stays: its id, its name in addresses or its federal id (NCES).
    pub into: String,
}

/// An organization to add.
#[derive(Debug, Object)]
#[oai(rename = "NewOrganization", example, skip_serializing_if_is_none)]
pub struct NewOrganizationInput {
    /// What it is.
    pub kind: KindParameter,
    /// Its name: 1 to 200 characters.
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
}

const SCHOOL: &str = "01998c1e-5b70-7a31-8c55-3f1f62b0c1da";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap_or_default()
}

impl Example for HeldRole {
    fn example() -> Self {
        Self {
            id: "01999d55-10aa-7c1f-9a3e-2b60f1d7e001".to_owned(),
            role: "principal".to_owned(),
            place: PlaceDocument { kind: PlaceKind::School, id: text(SCHOOL), name: text("Tamsin Row Elementary") },
            state: "current".to_owned(),
            verified_by: "admin".to_owned(),
            created_at: at("2026-08-20T14:00:00Z"),
            started_at: Some(at("2026-08-20T14:00:00Z")),
            ended_at: None,
        }
    }
}

impl Example for PersonDocument {
    fn example() -> Self {
        Self {
            id: "01999d54-88f0-7d02-b1c4-77aa01e2f310".to_owned(),
            name: "Robin Sample".to_owned(),
            email: text("robin@tamsin-row.example"),
            email_confirmed_at: Some(at("2026-08-20T13:55:00Z")),
            title: text("Principal"),
            state: "active".to_owned(),
            roles: vec![HeldRole::example()],
            created_at: at("2026-08-20T13:55:00Z"),
            updated_at: at("2026-08-20T13:55:00Z"),
        }
    }
}

impl Example for PersonList {
    fn example() -> Self {
        Self { items: vec![PersonDocument::example()], total: 1, next: None }
    }
}

impl Example for RoleInput {
    fn example() -> Self {
        Self { role: RoleParameter::Principal, place: PlaceInput { kind: PlaceKind::School, id: text(SCHOOL) } }
    }
}

impl Example for SchoolFacts {
    fn example() -> Self {
        Self {
            name: "Lantern Hill Academy".to_owned(),
            sector: text("charter"),
            organization: None,
            city: text("Rivermark"),
            state: None,
            neighborhood: text("Lantern Hill"),
            campus: None,
            grades: Some(GradesInput { low: "K".to_owned(), high: "8".to_owned() }),
            students: Some(340),
            shares: Some(vec![ShareInput { group: "mll".to_owned(), band: "10_24".to_owned() }]),
            school_type: None,
            profile: None,
        }
    }
}

impl Example for SchoolChanges {
    fn example() -> Self {
        let absent = || MaybeUndefined::Undefined;
        Self {
            name: None,
            sector: MaybeUndefined::Value("charter".to_owned()),
            organization: absent(),
            city: absent(),
            state: absent(),
            neighborhood: absent(),
            campus: MaybeUndefined::Null,
            grades: MaybeUndefined::Undefined,
            students: MaybeUndefined::Value(355),
            shares: None,
            school_type: absent(),
            profile: absent(),
        }
    }
}

impl Example for Closure {
    fn example() -> Self {
        Self { closed_on: Day("2026-06-30".parse().unwrap_or_default()) }
    }
}

impl Example for Merger {
    fn example() -> Self {
        Self { into: SCHOOL.to_owned() }
    }
}

impl Example for NewOrganizationInput {
    fn example() -> Self {
        Self {
            kind: KindParameter::CharterNetwork,
            name: "Harbor Lights Network".to_owned(),
            city: text("Rivermark"),
            state: None,
        }
    }
}
