//! Who takes part: sectors, organizations and their schools.
//!
//! A sector is a row of a table, because some cities have three. A school belongs to one organization (a
//! district, a charter network) and to one sector, or to none that is known: a school whose sector the
//! source does not state stays without one, and nothing guesses. Schools come from the federal file
//! ([`import_schools`]) or are added one by one ([`add_school`]). A school may close, and it may become part of another,
//! which then stands for it everywhere ([`school_admin`]).
//!
//! People have an [`account`], and belong to schools and offices in a role ([`membership`]); what they may do with people and
//! places is in `policy`. How they prove who they are is another feature's (`sign_in`).
//!
//! Other features never read these tables: they hold a [`SchoolId`] and ask for [`schools`] in one batch.

pub mod account;
pub mod admin;
pub mod api;
pub mod city;
pub mod domain;
pub mod errand;
pub mod follow;
mod import;
pub mod invitation;
pub mod membership;
pub mod my_data;
pub mod offices;
pub mod personal;
mod policy;
pub mod roster;
pub mod school;
pub mod school_admin;
mod search;
mod store;
pub mod views;
pub mod web;
pub mod welcome;

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

pub use self::account::{Account, AccountId, AccountState};
pub use self::import::{ImportReport, schools as import_schools};
pub use self::membership::{Membership, MembershipId, MembershipState, VerifiedBy};
pub use self::school::{GradeSpan, Organization, OrganizationId, School, SchoolId, Sector, Share};
pub use self::school_admin::{NewSchool, add_school};
pub use self::search::{SchoolSource, card as school_card};
use self::store::organization as organization_row;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Tx};

/// Sectors in use, in their order.
pub async fn sectors(cx: &Cx) -> Result<Vec<Sector>> {
    store::sectors(cx.conn()).await
}

/// The same as [`sectors`], inside a transaction.
pub async fn sectors_in(tx: &Tx) -> Result<Vec<Sector>> {
    store::sectors(tx.conn()).await
}

/// Codes of the sectors that have schools with people here. One statement.
pub async fn sectors_with_people(tx: &Tx) -> Result<Vec<String>> {
    store::memberships::sectors(tx.conn()).await
}

/// Schools by the ids asked for, in one batch; ids of no school are left out. A school that was merged is answered with the
/// one it became part of, so that what was written down for it shows that one.
pub async fn schools(cx: &Cx, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, School>> {
    store::places::standing(cx.conn(), wanted).await
}

/// The same as [`schools`], inside a transaction.
pub async fn schools_in(tx: &Tx, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, School>> {
    store::places::standing(tx.conn(), wanted).await
}

/// One school by its name in addresses, its id or its federal id; by those of a school that was merged, the one it became
/// part of.
pub async fn school(cx: &Cx, reference: &str) -> Result<School> {
    Error::unless_nameable(reference, "school")?;
    let found = store::school(cx.conn(), reference).await?.ok_or(Error::NotFound("school"))?;
    let Some(into) = found.merged_into else { return Ok(found) };
    store::schools(cx.conn(), &[into]).await?.pop().ok_or(Error::NotFound("school"))
}

/// Schools that a text means: by id, name in addresses or federal id; else those called exactly so; else those whose name holds it. At
/// most `limit`, and six statements.
pub async fn schools_called(cx: &Cx, text: &str, limit: u64) -> Result<Vec<School>> {
    if text.is_empty() || text.contains(char::is_control) {
        return Ok(Vec::new());
    }
    Ok(store::places::named(cx.conn(), text, limit).await?.0)
}

/// Schools in the order of their ids, after one of them, closed ones too; not those that became part of another. Two statements.
pub async fn schools_in_order(cx: &Cx, after: Option<SchoolId>, limit: u64) -> Result<Vec<School>> {
    store::places::in_order(cx.conn(), after, limit).await
}

/// How many that are. One statement.
pub async fn count_schools(cx: &Cx) -> Result<u64> {
    store::places::count(cx.conn()).await
}

/// Their names in addresses, in the same order. One statement.
pub async fn school_addresses(cx: &Cx, skip: u64, limit: u64) -> Result<Vec<String>> {
    store::places::addresses(cx.conn(), skip, limit).await
}

/// A school and those that became part of it: what began at any of them stands on its page.
pub async fn school_family(cx: &Cx, id: SchoolId) -> Result<Vec<SchoolId>> {
    let merged = store::places::merged_into(cx.conn(), &[id.0]).await?;
    Ok(std::iter::once(id).chain(merged.into_iter().map(SchoolId)).collect())
}

/// The schools of these organizations, closed ones too. One statement.
pub async fn schools_at(cx: &Cx, organizations: &[OrganizationId]) -> Result<Vec<SchoolId>> {
    if organizations.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::schools_of(cx.conn(), organizations).await?.into_iter().map(SchoolId).collect())
}

/// Schools that became part of these: what they show changes when these do.
pub async fn merged_schools(tx: &Tx, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    store::places::merged_into(tx.conn(), ids).await
}

/// Which schools texts of an import mean: by name in addresses, id, federal id, or a name only one school has.
pub async fn resolve_schools(tx: &Tx, references: &HashSet<String>) -> Result<HashMap<String, SchoolId>> {
    store::resolve(tx.conn(), references).await
}

/// The sector of each school, inside a transaction.
pub async fn sectors_of(tx: &Tx, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, Option<String>>> {
    let found = store::places::standing(tx.conn(), wanted).await?;
    Ok(found.into_iter().map(|(id, school)| (id, school.sector)).collect())
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
    let tidy = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (city, state) = (tidy(new.city), tidy(new.state));
    if city.as_ref().is_some_and(|city| city.chars().count() > 80 || city.contains(char::is_control)) {
        errors.add("city", "Use up to 80 characters.");
    }
    if state.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase())) {
        errors.add("state", "Give the state in two capital letters, like NY.");
    }
    errors.or(())?;
    let slug = slug::slugify(&new.name);
    let slugs = [slug.clone()];
    let taken = !store::taken_organization_slugs(tx.conn(), &slugs).await?.is_empty();
    let id = OrganizationId::fresh();
    let row = organization_row::Model {
        id: id.0,
        slug: if taken || slug.is_empty() { format!("{slug}-{}", short(id.0)) } else { slug },
        kind: new.kind,
        name: new.name.trim().to_owned(),
        nces_id: None,
        city,
        state,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert_organizations(tx.conn(), vec![row]).await?;
    tx.record(&permit, Event::about("organization.added", "organization", id.0)).await?;
    Ok(id)
}

fn check_name(errors: &mut FieldErrors, name: &str) {
    if name.trim().is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        errors.add("name", "Give a name of 1 to 200 characters.");
    }
}

/// The last eight digits of an id: enough to tell two of the same name apart in an address.
fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text[text.len() - 8..].to_owned()
}
