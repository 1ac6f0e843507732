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

/// Drawing the consequence of what came back: the program itself, which has looked at the signature.
pub fn take_in(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "What comes back by mail is taken in by the program alone.")
}

/// Saying that a mailbox is well again: whose it is; the operation looks whose.
pub fn try_again(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.person().is_some(), "Sign in first.")
}

/// Letting letters go to an address again: the city's administrators.
pub fn lift(actor: &Actor) -> Result<Permit> {
    let administers = actor.is_system() || actor.has(Role::CityAdmin, Place::Installation);
    Permit::when(actor, administers, "Only the city's administrators look after addresses that get no letters.")
}

/// Reading which addresses get no letters, and what is to be published for mail: the same people.
pub fn see(actor: &Actor) -> Result<()> {
    lift(actor).map(|_| ())
}
