//! Who may do what with practices (product.md, section 7). Pure; everything not permitted here is refused.

use crate::people::{AccountId, SchoolId};
use crate::platform::{Actor, Permit, Place, Result, Role};

fn edits(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::Editor, Place::Installation)
}

/// Publishing at once, without the conversation of a review.
pub fn publish(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "A practice is published by an editor, with the principal's yes.")
}

/// Publishing what passed its review: the principal's yes, or the editor's where it came first, lets it go.
pub fn release(actor: &Actor, origin: SchoolId) -> Result<Permit> {
    let place = Place::School(origin.0);
    let leads = actor.has(Role::Principal, place) || actor.has(Role::Delegate, place);
    Permit::when(actor, edits(actor) || leads, "A practice is published by an editor, with the principal's yes.")
}

/// Bringing in many practices from a file.
pub fn import(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Practices are imported from the command line.")
}

/// Whether the actor leads the school where a practice began.
fn leads(actor: &Actor, origin: Option<SchoolId>) -> bool {
    origin
        .map(|school| Place::School(school.0))
        .is_some_and(|place| actor.has(Role::Principal, place) || actor.has(Role::Delegate, place))
}

/// Taking a practice out of the catalog: editors, and those who lead the school where it began.
pub fn retire(actor: &Actor, origin: Option<SchoolId>) -> Result<Permit> {
    let sentence = "Only an editor, or who leads the school where it began, takes a practice out of the catalog.";
    Permit::when(actor, edits(actor) || leads(actor, origin), sentence)
}

/// Saying that a practice still holds: people of the school where it began, and editors.
pub fn check(actor: &Actor, origin: Option<SchoolId>) -> Result<Permit> {
    let here = |school: SchoolId| actor.person().is_some_and(|person| person.belongs_to(Place::School(school.0)));
    let may = edits(actor) || origin.is_some_and(here);
    Permit::when(actor, may, "Only people of the school where a practice began say that it still holds.")
}

/// Asking schools whether their practices still hold.
pub fn ask_for_checks(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The program asks for checks of itself.")
}

/// Telling of a school's use of a practice.
pub fn adopt(actor: &Actor, school: SchoolId) -> Result<Permit> {
    let here = actor.person().is_some_and(|person| person.belongs_to(Place::School(school.0)));
    Permit::when(actor, actor.is_system() || here, "Only people of the school tell of its use of a practice.")
}

/// What time makes due of adoptions: the program alone.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself does this.")
}

/// Taking out who put an adoption on record, where they have their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}
