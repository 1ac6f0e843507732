//! Who may do what with highlights (product.md, section 7). Pure. Everything not permitted here is refused.

use super::highlight::{Highlight, State};
use crate::people::{AccountId, SchoolId, city};
use crate::platform::{Actor, Permit, Place, Result, Role};

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: SchoolId) -> bool {
    let place = Place::School(school.0);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

/// Writing, asking schools, publishing and withdrawing highlights of a city: its mayor's office, and administrators. `cities` are
/// those where the actor's offices are.
pub fn write(actor: &Actor, city: &str, cities: &[String]) -> Result<Permit> {
    let may = actor.administers() || cities.iter().any(|one| one == city);
    Permit::when(actor, may, "Only the mayor's office of a city and the city's administrators write its highlights.")
}

/// Whether the actor writes highlights of some city; asked before anything is looked up.
pub fn enter(actor: &Actor) -> Result<()> {
    let may = actor.administers() || !city::offices(actor).is_empty();
    if may { Ok(()) } else { write(actor, "", &[]).map(drop) }
}

/// Whether the actor may know of it: everybody once it is published, those who write it, and the leads of its schools once they are
/// asked.
pub fn knows(actor: &Actor, highlight: &Highlight, cities: &[String]) -> bool {
    let office = actor.administers() || cities.contains(&highlight.city);
    let asked = highlight.schools.iter().any(|one| one.asked_at.is_some() && leads(actor, one.school));
    highlight.state == State::Published || office || asked
}

/// A school's yes or no to the words about it, and taking its yes back (M-2): its principal, or a delegate.
pub fn answer(actor: &Actor, school: SchoolId) -> Result<Permit> {
    let sentence = "Only the principal of the school, or who acts for them, answers for it.";
    Permit::when(actor, leads(actor, school), sentence)
}

/// What time makes due: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::platform::{Grant, Person, Scope, Via};

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
    fn an_office_writes_and_only_a_school_answers() {
        let (office, school) = (Place::Organization(Uuid::from_u128(3)), SchoolId(Uuid::from_u128(4)));
        let mayor = person(Role::Mayor, office, false, Scope::Write);
        let here = ["rivermark-ny".to_owned()];
        assert!(write(&mayor, "rivermark-ny", &here).is_ok() && enter(&mayor).is_ok());
        assert!(write(&mayor, "elsewhere-ny", &here).is_err() && answer(&mayor, school).is_err());
        assert!(write(&person(Role::Mayor, office, false, Scope::Read), "rivermark-ny", &here).is_err());
        let admin = person(Role::CityAdmin, Place::Installation, true, Scope::Admin);
        assert!(
            write(&admin, "anywhere", &[]).is_ok() && answer(&admin, school).is_err(),
            "nobody answers for a school"
        );
        for role in [Role::Principal, Role::Delegate] {
            let lead = person(role, Place::School(school.0), false, Scope::Write);
            assert!(answer(&lead, school).is_ok() && enter(&lead).is_err());
            assert!(answer(&lead, SchoolId(Uuid::from_u128(5))).is_err());
        }
        let teacher = person(Role::Teacher, Place::School(school.0), true, Scope::Admin);
        for other in [&teacher, &Actor::Visitor] {
            assert!(enter(other).is_err() && answer(other, school).is_err(), "{other:?}");
        }
        assert!(keep_time(&Actor::System("test")).is_ok() && keep_time(&mayor).is_err());
    }
}
