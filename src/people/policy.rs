//! Who may do what with people and places (product.md, section 7). Pure: who acts and what is asked, nothing else.
//! Everything not permitted here is refused.

use super::account::AccountId;
use super::membership::{Membership, MembershipState, VerifiedBy, fits};
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

/// Whether the actor may know of a membership: their own, one of a school they lead, or any as an administrator.
pub fn knows_of(actor: &Actor, membership: &Membership) -> bool {
    actor.account() == Some(membership.account.0) || oversees(actor, membership.grant.place)
}

/// Whether the actor may know who belongs to a place, who asks to and who is invited: its leads and administrators. Colleagues
/// know each other without our list.
pub fn oversees(actor: &Actor, place: Place) -> bool {
    administers(actor) || matches!(place, Place::School(school) if leads(actor, school))
}

/// Asking to belong to a school: everybody for themselves, as a teacher.
pub fn ask(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.account() == Some(account.0), "Only you ask for your own place at a school.")
}

/// Answering a request: the leads of the school, and administrators.
pub fn answer(actor: &Actor, membership: &Membership) -> Result<Permit> {
    let may = oversees(actor, membership.grant.place);
    Permit::when(actor, may, "Only the school's principal, a delegate or an administrator answers this.")
}

/// Whether somebody with these powers gives this role away: the same for inviting, and for ending it. Principals give and take
/// delegates, teachers and organizers of their school; delegates the last two; administrators everything.
fn bestows(administers: bool, holds: impl Fn(Role) -> bool, grant: Grant) -> bool {
    let school = matches!(grant.place, Place::School(_));
    match grant.role {
        _ if administers => true,
        Role::Teacher | Role::Organizer => school && (holds(Role::Principal) || holds(Role::Delegate)),
        Role::Delegate => school && holds(Role::Principal),
        _ => false,
    }
}

/// Ending what holds, or taking a request back: by the person; by whoever gives this role. So a delegate ends no principal, and
/// no principal another one.
pub fn end(actor: &Actor, membership: &Membership) -> Result<Permit> {
    let grant = membership.grant;
    let own = actor.account() == Some(membership.account.0);
    let led = membership.state == MembershipState::Current
        && bestows(administers(actor), |role| actor.has(role, grant.place), grant);
    Permit::when(actor, own || led, "Only the person, the school's principal or an administrator ends this.")
}

/// Naming a delegate: the principal, and administrators.
pub fn name_delegate(actor: &Actor, school: uuid::Uuid) -> Result<Permit> {
    let may = administers(actor) || actor.has(Role::Principal, Place::School(school));
    Permit::when(actor, may, "Only the school's principal names delegates.")
}

/// Inviting somebody to a role, and withdrawing the invitation.
pub fn invite(actor: &Actor, grant: Grant) -> Result<Permit> {
    if !fits(grant.role, grant.place) {
        return Err(Error::invalid("role", "This role cannot be held there; choose another place or another role."));
    }
    let may = bestows(administers(actor), |role| actor.has(role, grant.place), grant);
    Permit::when(actor, may, "Only the school's principal or an administrator invites to this role.")
}

/// Whether an invitation still stands on somebody who may give the role, by what they hold now. `None` sent it: the program.
pub fn still_invites(inviter: Option<&[Grant]>, grant: Grant) -> bool {
    let Some(held) = inviter else { return true };
    let holds = |role, place| held.contains(&Grant { role, place });
    bestows(holds(Role::CityAdmin, Place::Installation), |role| holds(role, grant.place), grant)
}

/// Accepting an invitation: whoever brings its secret, which went to the mailbox alone. The operation sees to that.
pub fn accept_invitation(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Taking out what is kept about a person: the person, or an administrator whom they asked.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    let own = actor.account() == Some(account.0);
    Permit::when(actor, own || administers(actor), "Only you or an administrator you ask has your data taken out.")
}

/// Bringing a roster in: the command line.
pub fn import_roster(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Rosters are imported on the command line.")
}

// --- The administration ---

/// Looking at what only administrators see: people with their addresses and roles, open invitations, email domains.
pub fn look_after(actor: &Actor) -> Result<()> {
    if administers(actor) {
        return Ok(());
    }
    Permit::when(actor, false, "Only the city's administrators see the administration.").map(drop)
}

/// Closing accounts and opening them again.
pub fn administer_accounts(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators close accounts and open them again.")
}
