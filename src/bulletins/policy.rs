//! Who may announce what. Pure. Everything not permitted here is refused.

use crate::people::city;
use crate::platform::{Actor, Permit, Result};

/// Announcing to a city: its mayor's office, and administrators. `cities` are those where the actor's offices are.
pub fn announce(actor: &Actor, city: &str, cities: &[String]) -> Result<Permit> {
    let may = actor.administers() || cities.iter().any(|one| one == city);
    Permit::when(actor, may, "Only the mayor's office of a city and the city's administrators announce to it.")
}

/// Seeing announcements before they are sent, and how far they are: whoever may announce to some city.
pub fn enter(actor: &Actor) -> Result<()> {
    let may = actor.administers() || !city::offices(actor).is_empty();
    if may { Ok(()) } else { announce(actor, "", &[]).map(drop) }
}

/// Seeing which address got what: administrators. A mayor's office sees numbers (M-4).
pub fn reads_log(actor: &Actor) -> bool {
    actor.administers()
}

/// Asking for a newsletter, saying yes to it, leaving it: whoever holds the mailbox. The operations see to that.
pub fn subscribe(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// What time makes due: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::platform::{Grant, Person, Place, Role, Scope, Via};

    fn person(role: Role, place: Place, strong: bool, scope: Scope) -> Actor {
        Actor::Person(Arc::new(Person {
            account: Uuid::from_u128(1),
            name: "Ada".to_owned(),
            via: Via::SignIn(Uuid::from_u128(2)),
            scope,
            strong,
            recent: true,
            grants: vec![Grant { role, place }],
        }))
    }

    #[test]
    fn only_the_city_s_own_office_and_administrators_announce() {
        let office = Place::Organization(Uuid::from_u128(3));
        let mayor = person(Role::Mayor, office, false, Scope::Write);
        let here = ["rivermark-ny".to_owned()];
        assert!(announce(&mayor, "rivermark-ny", &here).is_ok());
        assert!(announce(&mayor, "elsewhere-ny", &here).is_err());
        assert!(enter(&mayor).is_ok() && !reads_log(&mayor));
        assert!(announce(&person(Role::Mayor, office, false, Scope::Read), "rivermark-ny", &here).is_err());
        let admin = person(Role::CityAdmin, Place::Installation, true, Scope::Admin);
        assert!(announce(&admin, "anywhere", &[]).is_ok() && reads_log(&admin));
        let weak = person(Role::CityAdmin, Place::Installation, false, Scope::Admin);
        let teacher = person(Role::Teacher, Place::School(Uuid::from_u128(4)), true, Scope::Admin);
        let organizer = person(Role::Organizer, office, true, Scope::Admin);
        for other in [&weak, &teacher, &organizer, &Actor::Visitor] {
            assert!(enter(other).is_err() && announce(other, "rivermark-ny", &[]).is_err(), "{other:?}");
        }
    }
}
