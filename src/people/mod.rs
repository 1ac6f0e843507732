//! Who takes part: sectors, organizations and their schools.
//!
//! A sector is a row of a table, because some cities have three. A school belongs to one organization (a
//! district, a charter network) and to one sector, or to none that is known: a school whose sector the
//! source does not state stays without one, and nothing guesses. Schools come from the federal file
//! ([`import_schools`]) or are added one by one ([`add_school`]).
//!
//! People have an [`account`], and belong to schools and offices in a role ([`membership`]); what they may do with people and
//! places is in `policy`. How they prove who they are is another feature's (`sign_in`).
//!
//! Other features never read these tables: they hold a [`SchoolId`] and ask for [`schools`] in one batch.

pub mod account;
pub mod api;
mod import;
pub mod membership;
pub mod my_data;
pub mod personal;
mod policy;
pub mod school;
mod search;
mod store;
pub mod views;
pub mod web;

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

pub use self::account::{Account, AccountId, AccountState};
pub use self::import::{ImportReport, schools as import_schools};
pub use self::membership::{Membership, MembershipId, MembershipState, VerifiedBy};
pub use self::school::{GradeSpan, Organization, OrganizationId, School, SchoolId, Sector, Share};
pub use self::search::{SchoolSource, card as school_card};
use self::store::{organization as organization_row, school as school_row};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};

/// Sectors in use, in their order.
pub async fn sectors(cx: &Cx) -> Result<Vec<Sector>> {
    store::sectors(cx.conn()).await
}

/// Schools by id, in one batch; ids of no school are left out.
pub async fn schools(cx: &Cx, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, School>> {
    Ok(store::schools(cx.conn(), wanted).await?.into_iter().map(|school| (school.id, school)).collect())
}

/// One school by its name in addresses, its id or its federal id.
pub async fn school(cx: &Cx, reference: &str) -> Result<School> {
    Error::unless_nameable(reference, "school")?;
    store::school(cx.conn(), reference).await?.ok_or(Error::NotFound("school"))
}

/// Which schools texts of an import mean: by name in addresses, id, federal id, or a name only one school has.
pub async fn resolve_schools(tx: &Tx, references: &HashSet<String>) -> Result<HashMap<String, SchoolId>> {
    store::resolve(tx.conn(), references).await
}

/// The sector of each school, inside a transaction.
pub async fn sectors_of(tx: &Tx, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, Option<String>>> {
    Ok(store::schools(tx.conn(), wanted).await?.into_iter().map(|school| (school.id, school.sector)).collect())
}

/// Number of schools, and of those by sector; `None` is unknown.
pub async fn school_counts(cx: &Cx) -> Result<Vec<(Option<String>, i64)>> {
    store::counts(cx.conn()).await
}

/// One organization by its name in addresses, its id or its federal id.
pub async fn organization(cx: &Cx, reference: &str) -> Result<Organization> {
    Error::unless_nameable(reference, "organization")?;
    store::organization(cx.conn(), reference).await?.ok_or(Error::NotFound("organization"))
}

/// One page of organizations in the order of names, after the name and id given, and how many there are.
pub async fn organizations(
    cx: &Cx,
    wanted: Option<&str>,
    kind: Option<&str>,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<(u64, Vec<Organization>)> {
    let wanted = wanted.map(|text| text.replace(char::is_control, " "));
    store::organizations(cx.conn(), wanted.as_deref(), kind, after, limit).await
}

/// An organization as somebody names it.
#[derive(Clone, Debug, Default)]
pub struct NewOrganization {
    /// `district`, `charter_network`, `city_office`, `other`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
}

/// Adds an organization.
pub async fn add_organization(tx: &mut Tx, new: NewOrganization) -> Result<OrganizationId> {
    let permit = policy::administer_places(tx.actor())?;
    let mut errors = FieldErrors::default();
    if !["district", "charter_network", "city_office", "other"].contains(&new.kind.as_str()) {
        errors.add("kind", "Choose district, charter_network, city_office or other.");
    }
    check_name(&mut errors, &new.name);
    errors.or(())?;
    let slug = slug::slugify(&new.name);
    let slugs = [slug.clone()];
    let taken = !store::taken_organization_slugs(tx.conn(), &slugs).await?.is_empty();
    let id = OrganizationId::fresh();
    let row = organization_row::Model {
        id: id.0,
        slug: if taken { format!("{slug}-{}", short(id.0)) } else { slug },
        kind: new.kind,
        name: new.name.trim().to_owned(),
        nces_id: None,
        city: new.city,
        state: new.state,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert_organizations(tx.conn(), vec![row]).await?;
    tx.record(&permit, Event::about("organization.added", "organization", id.0)).await?;
    Ok(id)
}

/// A school as somebody describes it.
#[derive(Clone, Debug, Default)]
pub struct NewSchool {
    /// Its name.
    pub name: String,
    /// Code of its sector.
    pub sector: Option<String>,
    /// District or network.
    pub organization: Option<OrganizationId>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// Neighborhood.
    pub neighborhood: Option<String>,
    /// Campus shared with other schools.
    pub campus: Option<String>,
    /// Grades.
    pub grades: Option<GradeSpan>,
    /// Number of students.
    pub students: Option<i32>,
    /// Shares of student groups in bands.
    pub shares: Vec<Share>,
    /// Kind of school.
    pub school_type: Option<String>,
    /// A sentence about itself.
    pub profile: Option<String>,
}

/// Adds a school that is in no federal file.
pub async fn add_school(tx: &mut Tx, new: NewSchool) -> Result<SchoolId> {
    let permit = policy::administer_places(tx.actor())?;
    let mut errors = FieldErrors::default();
    check_name(&mut errors, &new.name);
    let sectors = store::sectors(tx.conn()).await?;
    if let Some(code) = &new.sector
        && !sectors.iter().any(|sector| &sector.code == code)
    {
        errors.add("sector", "Choose one of the sectors of this installation.");
    }
    if new.students.is_some_and(|n| !(0..=100_000).contains(&n)) {
        errors.add("students", "Give a whole number from 0 to 100,000.");
    }
    errors.or(())?;
    let slug = slug::slugify(&new.name);
    let taken = !store::taken_school_slugs(tx.conn(), std::slice::from_ref(&slug)).await?.is_empty();
    let blank = import::blank(slug.clone(), None, tx.now());
    let row = school_row::Model {
        slug: if taken { format!("{slug}-{}", short(blank.id)) } else { slug },
        name: new.name.trim().to_owned(),
        sector_source: new.sector.as_ref().map(|_| "the school".to_owned()),
        sector: new.sector,
        organization_id: new.organization.map(|id| id.0),
        city: new.city,
        state: new.state,
        neighborhood: new.neighborhood,
        campus: new.campus,
        grade_low: new.grades.map(|span| span.low),
        grade_high: new.grades.map(|span| span.high),
        students: new.students,
        shares: serde_json::to_value(&new.shares).map_err(Error::internal)?,
        school_type: new.school_type,
        profile: new.profile,
        facts_from: "the school".to_owned(),
        ..blank
    };
    let id = SchoolId(row.id);
    store::insert_schools(tx.conn(), vec![row]).await?;
    tx.record(&permit, Event::about("school.added", "school", id.0)).await?;
    crate::search::touch(tx, crate::search::Kind::School, &[id.0]).await?;
    Ok(id)
}

fn check_name(errors: &mut FieldErrors, name: &str) {
    if name.trim().is_empty() || name.chars().count() > 200 {
        errors.add("name", "Give a name of 1 to 200 characters.");
    }
}

/// The last eight digits of an id: enough to tell two of the same name apart in an address.
fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 8..].to_owned()
}
