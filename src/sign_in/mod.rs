//! The entrance: how people prove who they are, and how they stay recognized.
//!
//! Somebody proves who they are in one of several ways and gets a sign-in ([`visit`]): a browser then carries a ticket in a
//! cookie, and every request looks it up again, so that what ended a moment ago counts no more (A3). Programs carry a
//! personal token ([`token`]). Secrets are 256 bits of chance, shown once and kept as hashes (A5).
//!
//! Ways in are a file each: [`password`], [`link`] (a letter; also how an account opens). All of them end in
//! [`arrival::Arrival::enter`], which asks for the second step where one is set up. What somebody changes about how they
//! sign in ([`own_password`], [`address`]) asks for the present password or a fresh sign-in, ends what a stranger may
//! hold, and tells the mailbox. No answer says whether an address has an account (A4).
//!
//! The edge that recognizes who asks is [`web::identify`]; everything behind it finds an `Actor` with the request.

pub mod address;
pub mod api;
pub mod arrival;
pub mod jobs;
pub mod link;
pub mod oidc;
pub mod own_password;
pub mod passkey;
pub mod password;
pub mod personal;
mod policy;
mod recovery;
pub mod second_step;
mod store;
pub mod throttles;
pub mod token;
pub mod totp;
pub mod views;
pub mod visit;
pub mod web;
mod words;

use std::sync::Arc;

use self::password::Passwords;
use self::throttles::Throttles;
use crate::mail::Letterhead;
use crate::platform::{Clock, Config, Secret};

/// What stands at the entrance of this node: made once, shared by all requests.
#[derive(Clone)]
pub struct Entrance {
    /// Signs and seals what comes back to us.
    pub secret: Secret,
    /// What letters begin and end with.
    pub letterhead: Arc<Letterhead>,
    /// Hashes passwords, a few at once.
    pub passwords: Passwords,
    /// How often somebody may try.
    pub throttles: Throttles,
    /// Sign-ins of others that people come in by.
    pub providers: oidc::Providers,
    /// This site as passkeys know it.
    pub passkeys: passkey::RelyingParty,
    /// How often codes of a second step may be tried.
    pub tries: second_step::Tries,
}

impl Entrance {
    /// The entrance of an installation.
    pub fn new(secret: Secret, letterhead: Letterhead, config: &Config, clock: &Clock) -> Self {
        let passkeys = passkey::RelyingParty::of(&letterhead.base_url);
        Self {
            secret,
            letterhead: Arc::new(letterhead),
            passkeys,
            tries: second_step::Tries::new(clock),
            passwords: Passwords::default(),
            throttles: Throttles::new(clock),
            providers: oidc::Providers::new(&config.oidc, clock),
        }
    }
}
