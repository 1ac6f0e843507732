//! Who may look after the outbox. Pure. Everything not permitted here is refused.

use crate::platform::{Actor, Permit, Result};

/// Stopping letters, letting them go again, trying given-up ones once more: whoever runs the program.
pub fn operate(actor: &Actor) -> Result<Permit> {
    Permit::when(
        actor,
        actor.is_system(),
        "Letters are looked after with the command line, by whoever runs this service.",
    )
}

/// Reading what a letter says, where somebody has to look after it.
pub fn look_after(actor: &Actor) -> Result<()> {
    operate(actor).map(|_| ())
}
