//! Who may do what with contributions (product.md, section 7). Pure; everything not permitted here is refused.

use super::contribution::Contribution;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Actor, Permit, Place, Result, Role};

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: SchoolId) -> bool {
    let place = Place::School(school.0);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

/// Whether the actor reviews practices.
pub fn edits(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::Editor, Place::Installation)
}

/// Whether the actor writes it: who began it, and the co-editors.
pub fn writes(actor: &Actor, contribution: &Contribution, editors: &[AccountId]) -> bool {
    let is = |account: AccountId| actor.account() == Some(account.0);
    actor.is_system() || is(contribution.author) || editors.iter().any(|editor| is(*editor))
}

/// Whether the actor may know of it: its writers and the leads of its school at any time, editors once it was submitted.
pub fn knows(actor: &Actor, contribution: &Contribution, editors: &[AccountId]) -> bool {
    writes(actor, contribution, editors)
        || leads(actor, contribution.school)
        || (edits(actor) && contribution.submitted_at.is_some())
}

/// Beginning one for a school: its people.
pub fn begin(actor: &Actor, school: SchoolId) -> Result<Permit> {
    let here = actor.person().is_some_and(|person| person.belongs_to(Place::School(school.0)));
    Permit::when(actor, actor.is_system() || here, "Only people of the school contribute its practices.")
}

/// Saying who else writes it: its writers, and the leads of its school, who may have to find somebody when its author has left.
pub fn name_writers(actor: &Actor, contribution: &Contribution, editors: &[AccountId]) -> Result<Permit> {
    let may = writes(actor, contribution, editors) || leads(actor, contribution.school);
    Permit::when(actor, may, "Only those who write this practice and the leads of its school say who writes it.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}

/// Changing what it says.
pub fn write(actor: &Actor, contribution: &Contribution, editors: &[AccountId]) -> Result<Permit> {
    Permit::when(actor, writes(actor, contribution, editors), "Only those who write this practice change it.")
}

/// Reviewing it: editors, but never what they wrote themselves.
pub fn review(actor: &Actor, wrote: bool) -> Result<Permit> {
    if wrote && edits(actor) {
        return Permit::when(actor, false, "You wrote this yourself; another editor reviews it.");
    }
    Permit::when(actor, edits(actor), "Only editors review practices.")
}

/// Reading the queue of reviews: editors.
pub fn read_queue(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, edits(actor), "Only editors see what waits for review.")
}

/// Saying something in its review: everybody who may know of it.
pub fn speak(actor: &Actor, contribution: &Contribution, editors: &[AccountId]) -> Result<Permit> {
    Permit::when(actor, knows(actor, contribution, editors), "Only those who write or review this practice speak here.")
}

/// The school's yes or no (P-4): its principal, or a delegate.
pub fn confirm(actor: &Actor, contribution: &Contribution) -> Result<Permit> {
    let sentence = "Only the principal of the school, or who acts for them, says yes to its publication.";
    Permit::when(actor, leads(actor, contribution.school), sentence)
}

/// What the program does of itself when time has come.
pub fn remind(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The program does this of itself.")
}
