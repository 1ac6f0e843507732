//! Who may report what, and who decides (product.md, section 7). Pure; everything not permitted here is refused.

use crate::people::AccountId;
use crate::platform::{Actor, Error, Permit, Place, Result, Role};

const MODERATORS: &str = "Only editors and the city's administrators look after what was reported.";

/// Whether the actor looks after reports.
pub fn moderates(actor: &Actor) -> bool {
    let holds = |role| actor.has(role, Place::Installation);
    actor.is_system() || holds(Role::Editor) || holds(Role::CityAdmin)
}

/// Reporting a problem with something that the actor may see: anybody.
pub fn report(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Seeing what was reported, and by whom. A token that may only read will do.
pub fn enter(actor: &Actor) -> Result<()> {
    match Permit::when(actor, moderates(actor), MODERATORS) {
        Err(error) if !moderates(actor) => Err(error),
        _ => Ok(()),
    }
}

/// Deciding about a thing of these people. Nobody decides about their own.
pub fn decide(actor: &Actor, authors: &[AccountId]) -> Result<Permit> {
    let permit = Permit::when(actor, moderates(actor), MODERATORS)?;
    if authors.iter().any(|author| actor.account() == Some(author.0)) {
        return Err(Error::Conflict("This is yours: another editor or an administrator decides about it.".to_owned()));
    }
    Ok(permit)
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

    fn person(role: Role, place: Place, strong: bool) -> Actor {
        Actor::Person(Arc::new(Person {
            account: Uuid::from_u128(1),
            name: "Ada".to_owned(),
            via: Via::SignIn(Uuid::from_u128(2)),
            scope: Scope::Admin,
            strong,
            recent: true,
            grants: vec![Grant { role, place }],
        }))
    }

    #[test]
    fn editors_and_administrators_decide_and_not_about_their_own() {
        let others = [AccountId(Uuid::from_u128(7))];
        for role in Role::ALL {
            let may = matches!(role, Role::Editor | Role::CityAdmin);
            let actor = person(role, Place::Installation, true);
            assert_eq!(decide(&actor, &others).is_ok(), may, "{role:?}");
            assert_eq!(enter(&actor).is_ok(), may, "{role:?}");
            assert!(enter(&person(role, Place::Installation, false)).is_err(), "{role:?} without a second step");
            assert!(enter(&person(role, Place::School(Uuid::from_u128(3)), true)).is_err(), "{role:?} of a school");
            assert!(report(&actor).is_ok());
        }
        let own = [AccountId(Uuid::from_u128(1))];
        assert!(matches!(decide(&person(Role::Editor, Place::Installation, true), &own), Err(Error::Conflict(_))));
        assert!(decide(&Actor::Visitor, &others).is_err() && report(&Actor::Visitor).is_ok());
    }
}
