//! Who may do what around adoptions (product.md, section 7). Pure; everything not permitted here is refused. Putting an adoption
//! on record is asked of the catalog, which keeps them.

use crate::people::{AccountId, SchoolId};
use crate::platform::{Actor, Permit, Place, Result, Role};

/// Whether the actor belongs to the school.
pub fn belongs(actor: &Actor, school: SchoolId) -> bool {
    actor.person().is_some_and(|person| person.belongs_to(Place::School(school.0)))
}

/// Answering how it goes, and keeping the log of what was tried: people of the school.
pub fn work(actor: &Actor, school: SchoolId) -> Result<Permit> {
    Permit::when(
        actor,
        actor.is_system() || belongs(actor, school),
        "Only people of the school tell of its use of a practice.",
    )
}

/// Whether the actor reads what a school shared and with whom: its principal and delegates, and administrators.
pub fn reads_record(actor: &Actor, school: SchoolId) -> bool {
    let place = Place::School(school.0);
    let leads = actor.has(Role::Principal, place) || actor.has(Role::Delegate, place);
    actor.is_system() || leads || actor.has(Role::CityAdmin, Place::Installation)
}

/// What time makes due: the program alone.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself does this.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_let_in() {
        let school = SchoolId(uuid::Uuid::from_u128(1));
        let account = AccountId(uuid::Uuid::from_u128(2));
        assert!(work(&Actor::Visitor, school).is_err() && !reads_record(&Actor::Visitor, school));
        assert!(keep_time(&Actor::Visitor).is_err() && keep_time(&Actor::System("test")).is_ok());
        assert!(erase(&Actor::Visitor, account).is_err());
    }
}
