//! Who may change what search goes by. Pure; everything not permitted here is refused.

use crate::platform::{Actor, Permit, Place, Result, Role};

/// The synonym list (F-3).
pub fn synonyms(actor: &Actor) -> Result<Permit> {
    let edits = actor.is_system() || actor.has(Role::Editor, Place::Installation);
    Permit::when(actor, edits, "Only editors change the synonym list.")
}
