//! The second step: who set one up passes it with every sign-in; editors and administrators must set one up.
//!
//! Between the first proof and the second nobody is signed in. What was proven travels in the browser, sealed.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Entrance;
use super::store::second_steps as store;
use super::visit::{self, Method};
use crate::people::AccountId;
use crate::platform::chance::Ticket;
use crate::platform::{Error, Result, Timestamp, Tx};

/// How far a first proof leads.
#[derive(Debug)]
pub enum Proceeding {
    /// In: the ticket of the new sign-in.
    In(Ticket),
    /// To the second step, with what was proven so far, sealed.
    SecondStep(String),
}

/// What was proven first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Proven {
    /// Whose account.
    pub account: AccountId,
    /// How, as [`Method::code`].
    pub method: String,
    /// Until when the second step may follow.
    pub until: Timestamp,
}

/// The second step may follow so long after the first.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

const PURPOSE: &str = "second step";

/// Goes on after a first proof (password, link, OpenID Connect): signs the person in, or asks for the second step where
/// one is set up.
pub async fn proceed(
    tx: &mut Tx,
    entrance: &Entrance,
    account: AccountId,
    method: Method,
    device: &str,
) -> Result<Proceeding> {
    if !store::is_set_up(tx.conn(), account).await? {
        return Ok(Proceeding::In(visit::begin(tx, account, method, false, device).await?));
    }
    let proven = Proven { account, method: method.code().to_owned(), until: tx.now() + PATIENCE };
    let plain = serde_json::to_vec(&proven).map_err(Error::internal)?;
    Ok(Proceeding::SecondStep(entrance.secret.seal(PURPOSE, b"", &plain)?))
}

/// What was proven first, if it still counts.
pub fn proven(entrance: &Entrance, sealed: &str, now: Timestamp) -> Option<Proven> {
    let plain = entrance.secret.open(PURPOSE, b"", sealed)?;
    serde_json::from_slice(&plain).ok().filter(|proven: &Proven| now < proven.until)
}
