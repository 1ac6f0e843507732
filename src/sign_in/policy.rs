//! Who may do what at the entrance. Pure; everything not permitted here is refused.

use uuid::Uuid;

use crate::platform::{Actor, Error, Permit, Place, Result, Role, Scope, Via};

/// Beginning a sign-in: whoever has just proven who they are. The proof is the operation's business.
pub fn enter(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, true, "")
}

/// Ending sign-ins, making and revoking tokens, passwords, second steps: the person alone, from a browser. A token cannot
/// make another one, nor lock its owner out.
pub fn own(actor: &Actor, account: Uuid) -> Result<Permit> {
    let here = actor.person().is_some_and(|person| person.account == account && matches!(person.via, Via::SignIn(_)));
    Permit::when(actor, actor.is_system() || here, "Only you can do this, signed in with your browser.")
}

/// Opening another way into an account (an app, a passkey, a token, a provider): the person alone, who has just shown who they
/// are.
pub fn way_in(actor: &Actor, account: Uuid) -> Result<Permit> {
    let permit = own(actor, account)?;
    if actor.person().is_some_and(|person| !person.recent) { Err(Error::SignInAgain) } else { Ok(permit) }
}

/// Changing the second step: the person alone, who has just shown who they are, and where one is set up, signed in with it.
/// A sign-in without it could otherwise give itself one.
pub fn change_second_step(actor: &Actor, account: Uuid, is_set_up: bool) -> Result<Permit> {
    let permit = own(actor, account)?;
    if !is_set_up {
        return way_in(actor, account);
    }
    if actor.person().is_some_and(|person| !person.strong) {
        let sentence = "Sign in again with your second step to change it.";
        return Err(Error::Forbidden(sentence.to_owned()));
    }
    Ok(permit)
}

/// Taking away a second step that is lost: an administrator, who has made sure who asks for it.
pub fn lift_second_step(actor: &Actor) -> Result<Permit> {
    let allowed = actor.is_system() || actor.has(Role::CityAdmin, Place::Installation);
    Permit::when(actor, allowed, "Only an administrator takes away somebody's second step.")
}

/// A second step that nobody confirmed: for invented people.
pub fn arrange(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself sets up a second step for somebody.")
}

/// The widest scope a token of this person may have.
pub fn widest(actor: &Actor) -> Scope {
    match actor.person() {
        Some(person) if person.strong && person.grants.iter().any(|grant| grant.role.needs_second_step()) => {
            Scope::Admin
        }
        _ if actor.is_system() => Scope::Admin,
        _ => Scope::Write,
    }
}
