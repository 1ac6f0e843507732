//! Who may look after the outbox. Pure. Everything not permitted here is refused.

use crate::platform::{Actor, Permit, Place, Result, Role};

const SENTENCE: &str = "Letters are looked after by the city's administrators, and on the command line.";

fn looks_after(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// Stopping letters, letting them go again, trying given-up ones once more, reading what one says.
pub fn operate(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, looks_after(actor), SENTENCE)
}

/// Looking at the outbox: who gets what, and how it went.
pub fn look_after(actor: &Actor) -> Result<()> {
    if looks_after(actor) { Ok(()) } else { Permit::when(actor, false, SENTENCE).map(drop) }
}

/// A letter whole, with the links that act for its reader: whoever runs the program, who has the database anyway.
pub fn whole(actor: &Actor) -> Result<()> {
    Permit::when(actor, actor.is_system(), "A letter is for its reader.").map(drop)
}
