//! Who may do what with files. Whose draft it is, the shelf knows ([`super::Shelf`]); everything not permitted here is refused.

use crate::people::AccountId;
use crate::platform::{Actor, Permit, Result};

const WRITERS: &str =
    "Only those who write this practice change its files, while it is a draft or changes to it are asked for.";

/// Adding a file to a draft, or taking one out: those who write it, as the shelf says.
pub fn write(actor: &Actor, writes: bool) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || writes, WRITERS)
}

/// What happens by itself over time.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "This happens by itself.")
}

/// Taking out what is kept about somebody who has their account erased.
pub fn erase(actor: &Actor, account: AccountId) -> Result<Permit> {
    Permit::when(actor, actor.is_system() || actor.account() == Some(account.0), "This belongs to somebody else.")
}
