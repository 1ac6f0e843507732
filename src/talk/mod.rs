//! Talk about practices: questions with answers, letters to whoever knows a practice best, and visits.
//!
//! A [`question`] is asked in public by somebody of a school, and answered by people of the school where the practice began or of
//! one that uses it ([`circle`]); whoever asked, or leads that school, accepts an answer. A letter to the contact of a practice
//! ([`contact`]) is passed on without an address on either side: answers go by a signed link. A [`visit`] is asked for where the
//! practice is open to visits, and decided by the leads of the school within its number for a term. Everybody is named by role
//! and school, and by name where they say so ([`signature`]).

pub mod api;
pub mod circle;
pub mod contact;
pub mod jobs;
mod letters;
mod limit;
pub mod link;
pub mod moderated;
pub mod part;
pub mod personal;
mod policy;
pub mod question;
pub mod signature;
mod store;
pub mod views;
pub mod visit;
pub mod web;
mod words;

use std::sync::Arc;

pub use self::circle::Circle;
pub use self::letters::date;
pub use self::moderated::{Excerpt, Kind, excerpt, excerpt_in, excerpts, hide, unhide};
pub use self::words::Words;
use crate::mail::Letterhead;
use crate::notices::Postroom;
use crate::platform::Secret;

/// What operations of this feature need besides the database; cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    /// What letters begin and end with.
    pub head: Arc<Letterhead>,
    /// Signs links of letters.
    pub secret: Secret,
    /// Whether visits are counted while their term is held. Always, but for one test.
    holds: bool,
}

impl Exchange {
    /// The exchange of an installation.
    pub fn new(head: Arc<Letterhead>, secret: Secret) -> Self {
        Self { head, secret, holds: true }
    }

    /// An exchange that counts visits without holding their term: the control of the test that a school never gets more than it
    /// takes. It must give more, or that test sees nothing.
    #[must_use]
    pub fn without_holding(self) -> Self {
        Self { holds: false, ..self }
    }

    fn postroom(&self) -> Postroom {
        Postroom { head: Arc::clone(&self.head), secret: self.secret.clone() }
    }
}
