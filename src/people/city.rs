//! A city: the schools that say they are there. It has no row of its own; its name in addresses is made of name and state.

use super::account::AccountId;
use super::school::OrganizationId;
use super::store::cities as store;
use crate::mail::Email;
use crate::platform::{Actor, Cx, Error, Place, Result, Role, Tx};

/// A city with schools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Its name in addresses: `rivermark-ny`.
    pub slug: String,
    /// Its name: "Rivermark".
    pub name: String,
    /// Two-letter state, where its schools state one.
    pub state: Option<String>,
    /// The ways its schools write it, which the name in addresses does not tell apart.
    pub(super) spellings: Vec<String>,
}

impl City {
    /// The ways its schools write its name.
    pub fn spellings(&self) -> &[String] {
        &self.spellings
    }

    /// "Rivermark, NY".
    pub fn place(&self) -> String {
        self.state.as_ref().map_or_else(|| self.name.clone(), |state| format!("{}, {state}", self.name))
    }
}

/// The name in addresses of a city.
pub fn slug_of(name: &str, state: Option<&str>) -> String {
    slug::slugify(format!("{name} {}", state.unwrap_or_default()))
}

/// The city of a name in addresses, where schools are. At most two statements.
pub async fn city(cx: &Cx, reference: &str) -> Result<City> {
    Error::unless_nameable(reference, "city")?;
    store::city(cx.conn(), reference).await?.ok_or(Error::NotFound("city"))
}

/// The same inside a transaction.
pub async fn city_in(tx: &Tx, reference: &str) -> Result<City> {
    Error::unless_nameable(reference, "city")?;
    store::city(tx.conn(), reference).await?.ok_or(Error::NotFound("city"))
}

/// The mayor's offices that the actor works in: an office speaks for the city where it is, and for no other.
pub fn offices(actor: &Actor) -> Vec<OrganizationId> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let office = |place| match place {
        Place::Organization(id) if actor.has(Role::Mayor, place) => Some(OrganizationId(id)),
        _ => None,
    };
    grants.iter().filter_map(|grant| office(grant.place)).collect()
}

/// Whether the actor speaks for some city: its office, and administrators. What a page offers by this, its operation decides.
pub fn writes(actor: &Actor) -> bool {
    actor.has(Role::CityAdmin, Place::Installation) || !offices(actor).is_empty()
}

/// Names in addresses of the cities whose office the actor works in. At most one statement.
pub async fn of_actor(cx: &Cx) -> Result<Vec<String>> {
    of_organizations(cx, &offices(cx.actor())).await
}

/// The same inside a transaction.
pub async fn of_actor_in(tx: &Tx) -> Result<Vec<String>> {
    of_organizations_in(tx, &offices(tx.actor())).await
}

/// Names in addresses of the cities where these organizations are. One statement.
pub async fn of_organizations(cx: &Cx, ids: &[OrganizationId]) -> Result<Vec<String>> {
    store::of_organizations(cx.conn(), ids).await
}

/// The same inside a transaction.
pub async fn of_organizations_in(tx: &Tx, ids: &[OrganizationId]) -> Result<Vec<String>> {
    store::of_organizations(tx.conn(), ids).await
}

/// Open schools of the city in the order of their names, to choose from: name in addresses, and name. One statement.
pub async fn schools(cx: &Cx, city: &City, limit: u64) -> Result<Vec<(String, String)>> {
    store::schools(cx.conn(), city, limit).await
}

/// People who belong to a school of the city now and have proven their address, in the order of their ids, after one of them.
/// For features that know why they ask.
pub async fn people_of_city(
    tx: &Tx,
    city: &City,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<(AccountId, Email)>> {
    store::people(tx.conn(), city, after, limit).await
}

/// The addresses among these that belong to an account that may be used. One statement for every 900.
pub async fn accounts_at(tx: &Tx, emails: &[String]) -> Result<Vec<(String, AccountId)>> {
    let found = super::store::memberships::accounts_by_email(tx.conn(), emails).await?;
    let active = found.into_iter().filter(|(_, account)| account.state == super::AccountState::Active);
    Ok(active.map(|(email, account)| (email, account.id)).collect())
}
