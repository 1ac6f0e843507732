//! Who may do what with people and places (product.md, section 7). Pure: who acts and what is asked, nothing else.
//! Everything not permitted here is refused.

use super::account::AccountId;
use super::membership::{VerifiedBy, fits};
use crate::platform::{Actor, Error, Grant, Permit, Person, Place, Result, Role, Via};

/// Whether the actor runs the installation.
pub fn administers(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: uuid::Uuid) -> bool {
    let place = Place::School(school);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

/// Schools, organizations, their facts, merging and closing.
pub fn administer_places(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators add or change schools and organizations.")
}

/// An account opens for whoever proves an address, is invited, or is on a roster: the operations in front of it see to that.
pub fn open_account(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Giving a role: by administrators any; by the lead of a school teachers and organizers of it, and delegates by its
/// principal; by the person, what a proven domain or an invitation gives.
pub fn appoint(actor: &Actor, account: AccountId, grant: Grant, because: VerifiedBy) -> Result<Permit> {
    if !fits(grant.role, grant.place) {
        return Err(Error::invalid("role", "This role cannot be held there; choose another place or another role."));
    }
    let proven = actor.account() == Some(account.0)
        && match because {
            VerifiedBy::Domain => grant.role == Role::Teacher,
            VerifiedBy::Invitation => true,
            _ => false,
        };
    let led = match (grant.role, grant.place) {
        (Role::Teacher | Role::Organizer, Place::School(school)) => leads(actor, school),
        (Role::Delegate, place @ Place::School(_)) => actor.has(Role::Principal, place),
        _ => false,
    };
    // Nobody makes a lead of themselves by leading.
    let led = led && because == VerifiedBy::Principal;
    Permit::when(
        actor,
        administers(actor) || proven || led,
        "Only the school's principal or the city's administrators give this role.",
    )
}

/// Erasing an account: the person alone, from a browser. A token that got away ends nobody.
pub fn erase_account(actor: &Actor, account: AccountId) -> Result<Permit> {
    let here = |person: &Person| person.account == account.0 && matches!(person.via, Via::SignIn(_));
    Permit::when(actor, actor.person().is_some_and(here), "Only you erase your account, signed in with your browser.")
}

/// A person's own profile, follows and places asked for.
pub fn own_account(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(
        actor,
        actor.is_system() || actor.account() == Some(account.0),
        "Only you change what you say about yourself.",
    )
}
