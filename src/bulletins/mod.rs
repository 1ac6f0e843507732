//! Announcements to those who belong to a city or follow it, and its newsletter for people without an account.
//!
//! A mayor's office writes an [`announcement::Announcement`], looks at the exact letter, sends it to itself, and gives it a time.
//! When that has come, [`sending`] adds its readers in pieces to two mailings, one for accounts and one for addresses without;
//! the outbox does the rest. Who left before the time came is not asked for, and who leaves later is passed over by the outbox.
//!
//! An address without an account gets nothing before it has said yes itself ([`newsletter`]), and one click ends it. Whether an
//! address is known shows nowhere but in its own mailbox.

pub mod announcement;
pub mod api;
pub mod clockwork;
pub mod jobs;
pub mod newsletter;
pub mod personal;
mod policy;
pub mod readers;
pub mod sending;
mod store;
mod token;
pub mod views;
pub mod web;

use std::time::Duration;

use crate::notices::Postroom;
use crate::platform::throttle::{Allowance, Throttle};
use crate::platform::{Clock, Result, chance};

/// Letters to one mailbox that somebody asks for without being signed in: as at the entrance.
const MAILBOX: Allowance = Allowance { burst: 4, every: Duration::from_secs(600) };
/// Such letters from one network: everybody in a library subscribes.
const ROOM: Allowance = Allowance { burst: 250, every: Duration::from_secs(5) };

/// What stands behind the operations of this feature on this node; cheap to clone.
#[derive(Clone)]
pub struct Press {
    /// What letters begin and end with, and what signs their links.
    pub room: Postroom,
    mailbox: Throttle,
    network: Throttle,
}

impl Press {
    /// The press of an installation.
    pub fn new(room: Postroom, clock: &Clock) -> Self {
        Self { room, mailbox: Throttle::new(clock, MAILBOX), network: Throttle::new(clock, ROOM) }
    }

    /// One letter to a mailbox, asked for from this network. No address stays in memory.
    fn letter(&self, network: &str, mailbox: &str) -> Result<()> {
        self.network.attempt(network)?;
        self.mailbox.attempt(&chance::sha256(mailbox.as_bytes()))
    }
}
