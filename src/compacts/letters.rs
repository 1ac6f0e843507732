//! Letters to those who hold a commitment: each with one action, by offices and never by names.

use serde_json::json;
use uuid::Uuid;

use super::commitment::{Commitment, Holder, Rating, Step};
use super::compact::{Compact, Party};
use crate::mail::Letter;
use crate::notices::{self, Notice, Postroom, Topic};
use crate::people::account::{self, Account, AccountState};
use crate::people::membership;
use crate::platform::vocabulary::CommitmentStatus;
use crate::platform::{Place, Result, Role, Tx};

/// Roles that answer for a party.
const ROLES: [Role; 3] = [Role::CompactOwner, Role::Principal, Role::Mayor];

/// What a letter tells.
pub struct News<'a> {
    /// Its kind, for the log.
    pub kind: &'static str,
    /// What it tells of, unique with the reader.
    pub event: String,
    /// Its subject.
    pub subject: String,
    /// Its paragraphs.
    pub says: Vec<String>,
    /// Words of its button, and where that leads.
    pub button: (&'a str, String),
    /// Why one gets it.
    pub why: String,
}

/// Tells these people of a commitment; how many there were.
pub async fn tell(tx: &mut Tx, room: &Postroom, of: &Commitment, to: &[Account], news: &News<'_>) -> Result<usize> {
    let mut notices = Vec::new();
    for reader in to {
        let Some(email) = reader.email.as_ref() else { continue };
        let mut letter = Letter::new(news.kind, news.event.clone(), email.as_str(), news.subject.clone());
        for paragraph in &news.says {
            letter = letter.say(paragraph.clone());
        }
        let letter = letter.button(news.button.0, room.head.link(&news.button.1)).because(news.why.clone());
        notices.push(Notice {
            account: reader.id,
            topic: Topic::Collaborations,
            event: news.event.clone(),
            about: ("commitment", of.id.0),
            line: news.subject.clone(),
            path: news.button.1.clone(),
            letter: Some(letter.of(reader.id.0)),
        });
    }
    let told = notices.len();
    notices::tell_many(tx, room, notices).await?;
    Ok(told)
}

/// Who holds it on one side, while they may use their account and answer for the party; with nobody named, whoever answers there.
pub async fn readers(tx: &Tx, holder: &Holder) -> Result<Vec<Account>> {
    let Some(place) = holder.party.as_ref().filter(|party| party.takes_part()).and_then(|party| party.place) else {
        return Ok(Vec::new());
    };
    let Some(id) = holder.account else {
        return if holder.gone_on.is_some() { Ok(Vec::new()) } else { membership::holders(tx, &ROLES, place).await };
    };
    let found = account::accounts_in(tx, &[id]).await?.remove(&id);
    let Some(found) = found.filter(|found| found.state == AccountState::Active) else { return Ok(Vec::new()) };
    let holds = membership::held(tx, id).await?.into_iter().any(|grant| super::promises::holds(grant, place));
    Ok(if holds { vec![found] } else { Vec::new() })
}

/// Who answers for a place.
pub async fn answering(tx: &Tx, place: Place) -> Result<Vec<Account>> {
    membership::holders(tx, &ROLES, place).await
}

/// The lead of a compact: who answers for its contact office; without one, the mayor's offices and compact owners among its parties.
pub async fn leads(tx: &Tx, compact: &Compact, parties: &[Party]) -> Result<Vec<Account>> {
    let contact = parties.iter().find(|party| Some(party.id) == compact.contact_party && party.takes_part());
    if let Some(place) = contact.and_then(|party| party.place) {
        let there = membership::holders(tx, &ROLES, place).await?;
        if !there.is_empty() {
            return Ok(there);
        }
    }
    let mut found: Vec<Account> = Vec::new();
    for place in parties.iter().filter(|party| party.takes_part()).filter_map(|party| party.place) {
        found.extend(membership::holders(tx, &[Role::Mayor, Role::CompactOwner], place).await?);
    }
    found.sort_by_key(|account| account.id);
    found.dedup_by_key(|account| account.id);
    Ok(found)
}

/// The page of a commitment.
pub fn path(compact: &Compact, of: &Commitment) -> String {
    format!("{}/commitments/{}", compact.path(), of.number)
}

fn words(day: chrono::NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// A reminder that time makes due (C-6).
pub fn reminder<'a>(compact: &Compact, of: &Commitment, step: Step) -> News<'a> {
    let page = path(compact, of);
    let sentence = format!("\u{201c}{}\u{201d} ({}, commitment {})", of.sentence, compact.name, of.number);
    match step {
        Step::DueIn(days) => {
            let due = of.due_on.map(words).unwrap_or_default();
            News {
                kind: "commitment_due",
                event: format!("commitment:{}:due:{}:{days}", of.id, of.due_on.map(|day| day.to_string()).unwrap_or_default()),
                subject: format!("Due {due}: {}", of.sentence),
                says: vec![
                    format!("{sentence} is due on {due}."),
                    "Say how it goes. Missed, paused and dropped are answers too, with their reason.".to_owned(),
                ],
                button: ("Look at the commitment", page),
                why: "You hold this commitment, or hold it with another sector. You are reminded 30 and 7 days before it is due."
                    .to_owned(),
            }
        }
        Step::SilentFor(days) => {
            let since = words(of.spoken_on());
            let lead = days >= 120;
            News {
                kind: "commitment_silent",
                event: format!("commitment:{}:silent:{}:{days}", of.id, of.spoken_on()),
                subject: format!("No update since {since}: {}", of.sentence),
                says: vec![
                    format!("Nobody has said how {sentence} goes since {since}."),
                    "After 90 days its page says that an update is due; after 180, that there is none.".to_owned(),
                ],
                button: ("Look at the commitment", page),
                why: if lead {
                    "Your office answers for this compact. It hears of a commitment after 120 days without an update."
                        .to_owned()
                } else {
                    "You hold this commitment, or hold it with another sector. You are reminded after 75 days without an update."
                        .to_owned()
                },
            }
        }
    }
}

/// One holder is gone: the other is told once.
pub fn vacant<'a>(compact: &Compact, of: &Commitment, gone: &Holder) -> News<'a> {
    let office = gone.party.as_ref().map(|party| party.name.clone()).unwrap_or_default();
    let since = gone.gone_on.map(|day| day.to_string()).unwrap_or_default();
    News {
        kind: "commitment_vacant",
        event: format!(
            "commitment:{}:vacant:{since}:{}",
            of.id,
            gone.party.as_ref().map(|p| p.id.0).unwrap_or_default()
        ),
        subject: format!("Owner vacant at {office}: {}", of.sentence),
        says: vec![
            format!(
                "Nobody at {office} holds \u{201c}{}\u{201d} ({}, commitment {}) any more.",
                of.sentence, compact.name, of.number
            ),
            "Its page says so until the office names somebody. Whoever answers for that office can take it over there."
                .to_owned(),
        ],
        button: ("Look at the commitment", path(compact, of)),
        why: "You hold this commitment with that office, answer for that office, or lead the compact.".to_owned(),
    }
}

/// A commitment is reported as met, and waits for the word of another sector (C-5).
pub fn reported<'a>(compact: &Compact, of: &Commitment) -> News<'a> {
    let owner = of.owner.party.as_ref().map_or("Its owner", |party| party.name.as_str());
    News {
        kind: "commitment_reported_met",
        event: format!("commitment:{}:reported:{}", of.id, of.status_at.timestamp_micros()),
        subject: format!("Your word is needed: {}", of.sentence),
        says: vec![
            format!("{owner} reports \u{201c}{}\u{201d} ({}, commitment {}) as met.", of.sentence, compact.name, of.number),
            "It counts as met once a party of another sector says so. If your side sees it differently, say that: both words are shown."
                .to_owned(),
        ],
        button: ("Say how your side sees it", format!("{}/confirmation", path(compact, of))),
        why: "You hold this commitment for another sector.".to_owned(),
    }
}

/// Another sector has said how it sees a commitment.
pub fn rated<'a>(compact: &Compact, of: &Commitment, by: &Party, event: Uuid) -> News<'a> {
    // Another party may have confirmed it before: this letter tells what this one says.
    let met = |word: &Rating| word.party == by.id && word.status == CommitmentStatus::MET;
    let agrees = of.status == CommitmentStatus::MET && of.ratings.iter().any(met);
    let subject = if agrees {
        format!("{} confirms it is met: {}", by.name, of.sentence)
    } else {
        format!("{} says how it sees it: {}", by.name, of.sentence)
    };
    News {
        kind: "commitment_rated",
        event: format!("commitment:{}:rated:{event}", of.id),
        says: vec![format!(
            "{} has said how its side sees \u{201c}{}\u{201d} ({}, commitment {}).",
            by.name, of.sentence, compact.name, of.number
        )],
        subject,
        button: ("Look at the commitment", path(compact, of)),
        why: "You hold this commitment.".to_owned(),
    }
}

/// What an event of a reminder keeps.
pub fn detail(step: Step, people: usize) -> serde_json::Value {
    match step {
        Step::DueIn(days) => json!({ "due_in": days, "people": people }),
        Step::SilentFor(days) => json!({ "silent_for": days, "people": people }),
    }
}
