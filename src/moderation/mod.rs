//! Problems that people report, what was done about them, and the public log of it.
//!
//! Anybody reports a thing by its address `/report?about=collection:ID` ([`report`]), also without an account. All that was ever
//! reported about one thing is a [`Case`](case::Case); editors and administrators find the open ones in their queue and decide
//! ([`decision`]): hide it, show it again, ask its author to change it, dismiss, or retire it. The author and who reported it are
//! told by letter; everybody reads in the log what was done, without names and texts.
//!
//! A report of student data hides the thing at once, until somebody has looked at it, wherever it can be hidden. What it means to
//! show, hide and retire a kind of thing, and whose it is, is said by its [`Moderated`](things::Moderated), of which `app.rs`
//! registers one for each kind.

pub mod api;
pub mod case;
pub mod decision;
mod letters;
pub mod part;
pub mod personal;
mod policy;
pub mod report;
mod store;
pub mod things;
pub mod views;
pub mod web;

use std::sync::Arc;
use std::time::Duration;

pub use self::case::{CaseId, Reason};
use self::things::Moderated;
use crate::notices::Postroom;
use crate::people::AccountId;
use crate::platform::throttle::{Allowance, Throttle};
use crate::platform::{Actor, Clock, Error, Result};

/// What moderation needs besides the database; cheap to clone.
#[derive(Clone)]
pub struct Moderation {
    things: Arc<[Arc<dyn Moderated>]>,
    room: Postroom,
    /// Reports of one person, or from one address.
    each: Throttle,
    /// Reports of visitors, all of them together.
    visitors: Throttle,
}

impl Moderation {
    /// For an installation where these things can be reported.
    pub fn new(things: Vec<Arc<dyn Moderated>>, room: Postroom, clock: &Clock) -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            things: things.into(),
            room,
            each: Throttle::new(clock, Allowance { burst: 5, every: minutes(10) }),
            visitors: Throttle::new(clock, Allowance { burst: 60, every: minutes(1) }),
        }
    }

    /// The kind of a code; none that is not registered.
    pub(crate) fn kind(&self, code: &str) -> Option<&dyn Moderated> {
        self.things.iter().find(|thing| thing.code() == code).map(AsRef::as_ref)
    }

    /// Counts one report of the actor, who comes from a network.
    fn attempt(&self, actor: &Actor, network: &str) -> Result<()> {
        match actor.account() {
            Some(account) => self.each.attempt(&AccountId(account).to_string()),
            None => {
                self.each.attempt(network)?;
                self.visitors.attempt("visitors")
            }
        }
    }
}

/// The kind and id of `collection:ID`.
///
/// # Errors
/// `NotFound` for what is not of this form; a kind that nobody registered is found out later.
pub fn about(text: &str) -> Result<(String, uuid::Uuid)> {
    let (kind, id) = text.trim().split_once(':').ok_or(Error::NotFound("page"))?;
    let id = id.parse().map_err(|_| Error::NotFound("page"))?;
    Ok((kind.to_owned(), id))
}
