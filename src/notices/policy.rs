//! Who may read and settle what somebody hears. Pure. Everything not permitted here is refused.

use crate::people::AccountId;
use crate::platform::{Actor, Permit, Result};

/// Marking one's notices as read, and choosing what one hears: the person alone.
pub fn own(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.account() == Some(account.0), "Only the person themself settles what they hear.")
}

/// What the program does by itself: digests, forgetting, and leaving a list by the signed link of a letter.
pub fn keep(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "Only the program itself does this.")
}

/// Taking out what is kept about an account, when it is erased: the person, or the program for them.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(
        actor,
        actor.is_system() || actor.account() == Some(account.0),
        "Only the person themself has their account erased.",
    )
}
