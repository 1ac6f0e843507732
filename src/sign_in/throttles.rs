//! How often somebody may try at the entrance (O5). Two hundred people of one building share one address and are not
//! disturbed; one address, one mailbox and one account are.

use std::time::Duration;

use crate::people::AccountId;
use crate::platform::throttle::{Allowance, Throttle};
use crate::platform::{Clock, Result, chance};

/// Passwords for one account: ten at once, then thirty an hour. A password we take would stand for centuries.
const PASSWORD: Allowance = Allowance { burst: 10, every: Duration::from_secs(120) };
/// Passwords from one network: a whole building in the first minutes of a day, then one a second.
const BUILDING: Allowance = Allowance { burst: 400, every: Duration::from_secs(1) };
/// Letters to one mailbox that somebody asks for without being signed in.
const MAILBOX: Allowance = Allowance { burst: 4, every: Duration::from_secs(600) };
/// Such letters from one network: everybody of a workshop joins.
const ROOM: Allowance = Allowance { burst: 250, every: Duration::from_secs(5) };

/// The throttles of this node.
#[derive(Clone, Debug)]
pub struct Throttles {
    password: Throttle,
    building: Throttle,
    mailbox: Throttle,
    room: Throttle,
}

impl Throttles {
    /// On this clock.
    pub fn new(clock: &Clock) -> Self {
        let throttle = |allowance| Throttle::new(clock, allowance);
        Self {
            password: throttle(PASSWORD),
            building: throttle(BUILDING),
            mailbox: throttle(MAILBOX),
            room: throttle(ROOM),
        }
    }

    /// One try of a password, from this network, for whatever was typed as the address.
    pub fn password(&self, network: &str, typed: &str) -> Result<()> {
        self.building.attempt(network)?;
        self.password.attempt(&key(typed))
    }

    /// One try of a signed-in person to change how they sign in.
    pub fn own_password(&self, account: AccountId) -> Result<()> {
        self.password.attempt(&format!("account:{account}"))
    }

    /// One letter to a mailbox, asked for from this network.
    pub fn letter(&self, network: &str, mailbox: &str) -> Result<()> {
        self.room.attempt(network)?;
        self.mailbox.attempt(&key(mailbox))
    }
}

/// However long what was typed is, its key is short, and no address stays in memory.
fn key(typed: &str) -> String {
    chance::sha256(typed.trim().to_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Error;

    #[test]
    fn one_account_is_guarded_and_a_building_is_not_disturbed() {
        let throttles = Throttles::new(&Clock::fixed("2026-10-14T16:00:00Z".parse().unwrap()));
        for person in 0..200 {
            throttles.password("192.0.2.7", &format!("teacher{person}@school.example")).unwrap();
            throttles.letter("192.0.2.7", &format!("teacher{person}@school.example")).unwrap();
        }
        let guesses = (0..50).filter(|n| throttles.password(&format!("192.0.2.{n}"), "Ada@school.example ").is_ok());
        assert_eq!(guesses.count(), 10, "wherever they come from");
        assert!(matches!(throttles.password("198.51.100.1", "ada@school.example"), Err(Error::TooMany { .. })));
        let letters = (0..50).filter(|n| throttles.letter(&format!("192.0.2.{n}"), "ada@school.example").is_ok());
        assert_eq!(letters.count(), 4);
        let sprayed = (0..2000).filter(|n| throttles.password("203.0.113.9", &format!("{n}@school.example")).is_ok());
        assert_eq!(sprayed.count(), 400, "one network over many accounts");
    }
}
