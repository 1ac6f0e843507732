//! The entrance: how people prove who they are, and how they stay recognized.
//!
//! Somebody proves who they are in one of several ways and gets a sign-in ([`visit`]): a browser then carries a ticket in a
//! cookie, and every request looks it up again, so that what ended a moment ago counts no more (A3). Programs carry a
//! personal token ([`token`]). Secrets are 256 bits of chance, shown once and kept as hashes (A5).
//!
//! The edge that recognizes who asks is [`web::identify`]; everything behind it finds an `Actor` with the request.

pub mod api;
pub mod personal;
mod policy;
pub mod second_step;
mod store;
pub mod token;
pub mod visit;
pub mod web;

use std::sync::Arc;

use crate::mail::Letterhead;
use crate::platform::{Clock, Config, Secret};

/// What stands at the entrance of this node: made once, shared by all requests.
#[derive(Clone)]
pub struct Entrance {
    /// Signs and seals what comes back to us.
    pub secret: Secret,
    /// What letters begin and end with.
    pub letterhead: Arc<Letterhead>,
}

impl Entrance {
    /// The entrance of an installation.
    pub fn new(secret: Secret, letterhead: Letterhead, _config: &Config, _clock: &Clock) -> Self {
        Self { secret, letterhead: Arc::new(letterhead) }
    }
}
