//! The desk: what every change of a seat needs besides the database.

use std::sync::Arc;

use crate::mail::Letterhead;
use crate::notices::Postroom;
use crate::platform::Secret;

/// What stands behind the operations of this feature on this node; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// What letters begin and end with.
    pub head: Arc<Letterhead>,
    /// Signs links of letters and of calendars.
    pub secret: Secret,
    /// Whether seats are counted while the session's row is held. Always, but for one test.
    pub(super) holds: bool,
}

impl Desk {
    /// The desk of an installation.
    pub fn new(head: Arc<Letterhead>, secret: Secret) -> Self {
        Self { head, secret, holds: true }
    }

    /// What notices need of it.
    pub fn postroom(&self) -> Postroom {
        Postroom { head: Arc::clone(&self.head), secret: self.secret.clone() }
    }

    /// A desk that counts without holding the row: the control of the test that no session is oversold. It must oversell, or
    /// that test sees nothing.
    #[must_use]
    pub fn without_holding(self) -> Self {
        Self { holds: false, ..self }
    }
}
