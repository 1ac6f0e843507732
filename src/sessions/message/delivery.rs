//! How messages of a session went: progress of each, letters of one, and the newest to each person.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Message, MessageState};
use crate::mail::LetterId;
use crate::mail::mailing::{self, Mailing, MailingId, MailingState, Progress};
use crate::mail::outbox::Kept;
use crate::people::AccountId;
use crate::platform::{Cx, Result};
use crate::sessions::policy::{self, Grounds};
use crate::sessions::session::Session;

/// Messages that the lines of people tell of: the newest ones.
const NEWEST: usize = 5;

/// How far a message is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its mailing.
    pub mailing: Mailing,
    /// Its letters in numbers.
    pub progress: Progress,
}

impl Standing {
    /// Whether somebody holds it.
    pub fn is_paused(&self) -> bool {
        self.mailing.state == MailingState::Paused
    }

    /// Whether letters of it may still leave.
    pub fn is_going(&self) -> bool {
        matches!(self.mailing.state, MailingState::Scheduled | MailingState::Sending | MailingState::Paused)
    }
}

/// How far a message is that the actor may know of; `None` before it goes, and for one that went to nobody.
pub async fn standing(cx: &Cx, message: &Message) -> Result<Option<Standing>> {
    let Some(id) = message.mailing else { return Ok(None) };
    Ok(Some(Standing { mailing: mailing::mailing(cx, id).await?, progress: mailing::progress(cx, id).await? }))
}

/// Letters of a message that the actor may know of, newest first, of one state where one is given.
pub async fn log(
    cx: &Cx,
    message: &Message,
    state: Option<&str>,
    before: Option<LetterId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    match message.mailing {
        Some(id) => mailing::log(cx, id, state, before, limit).await,
        None => Ok(Vec::new()),
    }
}

/// How the newest message to each of these people went: the state of its letter. For those who run the session; for others
/// nobody got anything. At most two statements.
pub async fn newest(
    cx: &Cx,
    session: &Session,
    grounds: &Grounds,
    people: &[AccountId],
) -> Result<HashMap<AccountId, String>> {
    if !policy::runs(cx.actor(), session, grounds) {
        return Ok(HashMap::new());
    }
    let messages = super::messages(cx, session, grounds).await?;
    let sent = messages.iter().filter(|message| message.state != MessageState::Draft);
    let mailings: Vec<MailingId> = sent.filter_map(|message| message.mailing).take(NEWEST).collect();
    if mailings.is_empty() || people.is_empty() {
        return Ok(HashMap::new());
    }
    let accounts: Vec<Uuid> = people.iter().map(|account| account.0).collect();
    let mut found = HashMap::new();
    let mut letters = mailing::to_accounts(cx, &mailings, &accounts).await?;
    // Ids of mailings are made in order: what is newer comes later, and stays.
    letters.sort_by_key(|(mailing, ..)| mailing.0);
    for (_, account, state) in letters {
        found.insert(AccountId(account), state);
    }
    Ok(found)
}

/// The state of a letter in words.
pub fn words(state: &str) -> &'static str {
    match state {
        "ready" => "Waiting",
        "paused" => "Held",
        "sending" => "On its way",
        "uncertain" => "Perhaps sent",
        "sent" => "Sent",
        "failed" => "Bounced",
        "expired" => "Too late",
        _ => "Not sent",
    }
}
