//! Who may edit which digest. Pure. Everything not permitted here is refused.

use crate::people::OrganizationId;
use crate::platform::{Actor, Permit, Place, Result, Role};

/// Whether the actor runs the installation.
pub fn administers(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// The offices that the actor works in as a mayor's office.
pub fn offices(actor: &Actor) -> Vec<OrganizationId> {
    let grants = actor.person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let office = |place| match place {
        Place::Organization(id) if actor.has(Role::Mayor, place) => Some(OrganizationId(id)),
        _ => None,
    };
    grants.iter().filter_map(|grant| office(grant.place)).collect()
}

/// Editing and publishing the digest of a city: its mayor's office, and administrators. `cities` are those where the actor's offices
/// are.
pub fn edit(actor: &Actor, city: &str, cities: &[String]) -> Result<Permit> {
    let may = administers(actor) || cities.iter().any(|one| one == city);
    Permit::when(actor, may, "Only the mayor's office of a city and the city's administrators edit its digests.")
}

/// Seeing drafts at all: whoever may edit some.
pub fn enter(actor: &Actor) -> Result<()> {
    let may = administers(actor) || !offices(actor).is_empty();
    if may { Ok(()) } else { edit(actor, "", &[]).map(drop) }
}

/// Drafting: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}
