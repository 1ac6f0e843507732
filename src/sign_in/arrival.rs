//! Somebody at the entrance: their browser, and how they come in once they have proven who they are.

use super::Entrance;
use super::second_step::{self, Proceeding};
use super::visit::{self, Method, Visit};
use crate::people::{self, AccountId};
use crate::platform::{Cx, Result, Tx};

/// What is known of a browser that wants in.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// Its network, as throttles count it.
    pub network: String,
    /// "Firefox on Android".
    pub device: String,
    /// The sign-in that it has already.
    pub visit: Option<Visit>,
}

impl Arrival {
    /// Goes on after a first proof. The browser gets a new ticket, and the one it had ends: a stolen one is worth nothing
    /// after the next sign-in.
    pub async fn enter(
        &self,
        tx: &mut Tx,
        entrance: &Entrance,
        account: AccountId,
        method: Method,
    ) -> Result<Proceeding> {
        let proceeding = second_step::proceed(tx, entrance, account, method, &self.device).await?;
        // Who has the second step before them is not in yet, and keeps what they have until then.
        if !matches!(proceeding, Proceeding::SecondStep(_)) {
            self.end_former(tx).await?;
        }
        Ok(proceeding)
    }

    /// Ends the sign-in that the browser had, because it has just got another.
    pub async fn end_former(&self, tx: &mut Tx) -> Result<()> {
        match &self.visit {
            Some(before) => visit::replace(tx, before).await,
            None => Ok(()),
        }
    }
}

/// Where somebody goes now: to `next`, the first time by way of the welcome, which waits while the second step does. `next`
/// is a page of ours; empty is the front page.
pub async fn onward(cx: &Cx, proceeding: &Proceeding, account: AccountId, next: &str) -> Result<String> {
    let next = if next.is_empty() { "/" } else { next };
    let waits = matches!(proceeding, Proceeding::SecondStep(_));
    if waits || people::account::account(cx, account).await?.welcomed_at.is_some() {
        return Ok(next.to_owned());
    }
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    Ok(format!("/welcome?{query}"))
}
