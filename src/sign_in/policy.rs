//! Who may do what at the entrance. Pure; everything not permitted here is refused.

use uuid::Uuid;

use crate::platform::{Actor, Permit, Result, Scope, Via};

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
