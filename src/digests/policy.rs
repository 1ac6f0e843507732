//! Who may edit which digest. Pure. Everything not permitted here is refused.

use crate::people::city;
use crate::platform::{Actor, Permit, Result};

/// Editing and publishing the digest of a city: its mayor's office, and administrators. `cities` are those where the actor's offices
/// are.
pub fn edit(actor: &Actor, city: &str, cities: &[String]) -> Result<Permit> {
    let may = actor.administers() || cities.iter().any(|one| one == city);
    Permit::when(actor, may, "Only the mayor's office of a city and the city's administrators edit its digests.")
}

/// Seeing drafts at all: whoever may edit some.
pub fn enter(actor: &Actor) -> Result<()> {
    let may = actor.administers() || !city::offices(actor).is_empty();
    if may { Ok(()) } else { edit(actor, "", &[]).map(drop) }
}

/// Drafting: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}
