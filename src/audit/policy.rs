//! Who reads the log. Pure; everybody else is refused.

use crate::platform::{Actor, Error, Place, Result, Role};

/// The city's administrators, with the second step their role asks for.
pub fn read(actor: &Actor) -> Result<()> {
    if actor.is_system() || actor.has(Role::CityAdmin, Place::Installation) {
        return Ok(());
    }
    let sentence = "Only the city's administrators read the audit log.";
    match actor {
        Actor::Visitor => Err(Error::SignInRequired),
        Actor::Person(person) if person.lacks_second_step() => Err(Error::Forbidden(format!(
            "{sentence} Your role asks for a second step when you sign in: set it up under Security, or sign in with it."
        ))),
        _ => Err(Error::Forbidden(sentence.to_owned())),
    }
}
