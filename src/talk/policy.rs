//! Who may talk, to whom (product.md, sections 2 and 7). Pure; everything not permitted here is refused.

use super::circle::Standing;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Actor, Permit, Place, Result, Role};

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: SchoolId) -> bool {
    let place = Place::School(school.0);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

fn is(actor: &Actor, account: AccountId) -> bool {
    actor.account() == Some(account.0)
}

fn belongs(actor: &Actor, school: SchoolId) -> bool {
    actor.person().is_some_and(|person| person.belongs_to(Place::School(school.0)))
}

/// Asking in the name of a school: its people.
pub fn ask(actor: &Actor, school: Option<SchoolId>) -> Result<Permit> {
    let here = school.is_some_and(|school| belongs(actor, school));
    Permit::when(actor, here, "Only people of a school ask; join yours under Places.")
}

/// Answering: people of the school where the practice began, and of those that use it or did.
pub fn answer(actor: &Actor, standing: Option<&Standing>) -> Result<Permit> {
    let here = standing.is_some_and(|standing| belongs(actor, standing.school));
    let sentence = "People of the school where it began answer, and of schools that use it.";
    Permit::when(actor, here, sentence)
}

/// Saying which answer is the one: who asked, and the leads of the school where the practice began.
pub fn accept(actor: &Actor, asker: AccountId, origin: Option<SchoolId>) -> Result<Permit> {
    let may = accepts(actor, asker, origin);
    Permit::when(actor, may, "Who asked accepts an answer, or whoever leads the school where the practice began.")
}

/// The same, for showing the button.
pub fn accepts(actor: &Actor, asker: AccountId, origin: Option<SchoolId>) -> bool {
    is(actor, asker) || origin.is_some_and(|school| leads(actor, school))
}

/// Wanting to know it too: people with a place here.
pub fn want(actor: &Actor) -> Result<Permit> {
    let placed = actor.person().is_some_and(|person| !person.grants.is_empty());
    Permit::when(actor, placed, "Only people of a school or an office ask; join your school under Places.")
}

/// Taking back what one wrote.
pub fn take_back(actor: &Actor, author: AccountId) -> Result<Permit> {
    Permit::when(actor, is(actor, author), "This was written by somebody else.")
}

/// Writing to the contact of a practice: people with a place here, because somebody vouches for them.
pub fn write(actor: &Actor) -> Result<Permit> {
    let placed = actor.person().is_some_and(|person| !person.grants.is_empty());
    Permit::when(
        actor,
        placed,
        "Only people of a school or an office write letters here; join your school under Places.",
    )
}

/// Answering a letter: whom it went to.
pub fn reply(actor: &Actor, reader: AccountId) -> Result<Permit> {
    Permit::when(actor, is(actor, reader), "This letter went to somebody else.")
}

/// Naming who gets the letters: the leads of the school where the practice began.
pub fn name_contact(actor: &Actor, origin: Option<SchoolId>) -> Result<Permit> {
    let may = origin.is_some_and(|school| leads(actor, school));
    Permit::when(actor, may, "Whoever leads the school where the practice began names its contact.")
}

/// Asking for a visit in the name of a school that is not the host.
pub fn ask_for_visit(actor: &Actor, school: Option<SchoolId>, host: SchoolId) -> Result<Permit> {
    let here = school.is_some_and(|school| school != host && belongs(actor, school));
    Permit::when(actor, here, "People of other schools ask for a visit; join your school under Places.")
}

/// Deciding about a visit: the leads of the host.
pub fn host(actor: &Actor, host: SchoolId) -> Result<Permit> {
    Permit::when(actor, leads(actor, host), "Whoever leads the school decides about visits.")
}

/// Agreeing to a day, or giving a visit back: who asked for it.
pub fn visitor(actor: &Actor, asker: AccountId) -> Result<Permit> {
    Permit::when(actor, is(actor, asker), "This visit was asked for by somebody else.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || is(actor, account), "This belongs to somebody else.")
}

/// What time makes due.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself does this.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_let_in_nowhere() {
        let (account, school) = (AccountId(uuid::Uuid::from_u128(1)), SchoolId(uuid::Uuid::from_u128(2)));
        let visitor = Actor::Visitor;
        for refused in [
            ask(&visitor, Some(school)),
            answer(&visitor, None),
            accept(&visitor, account, Some(school)),
            want(&visitor),
            take_back(&visitor, account),
            write(&visitor),
            reply(&visitor, account),
            name_contact(&visitor, Some(school)),
            ask_for_visit(&visitor, Some(school), SchoolId(uuid::Uuid::from_u128(3))),
            host(&visitor, school),
            super::visitor(&visitor, account),
            erase(&visitor, account),
            keep_time(&visitor),
        ] {
            assert!(refused.is_err());
        }
    }
}
