//! The chain: each event gets a number of its own and a hash over the one before and everything its row holds (P5).
//!
//! Numbers of events may commit out of order (T9), so sealing asks for rows that have no seal and not for rows above the
//! last one; numbers of seals are given under a lock, and have no gaps. The end of the chain is noted in a row of its own.
//! What the chain cannot show by itself is a cut of its end together with that note: an operator writes number and hash
//! down somewhere else, `commonground check` prints them.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::{Entry, store};
use crate::platform::chance::sha256;
use crate::platform::{Actor, Cx, Db, Result};

/// A seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// The number of its event.
    pub event: i64,
    /// SHA-256 over the hash before and the row, in hexadecimal.
    pub hash: String,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many events are sealed.
    pub number: i64,
    /// The newest hash.
    pub hash: String,
}

/// What [`verify`] found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The end of the chain.
    pub head: Head,
    /// Events whose seal holds.
    pub sealed: u64,
    /// Events that wait for their seal.
    pub unsealed: u64,
    /// The first place where the chain does not hold.
    pub broken: Option<Broken>,
}

/// Where and how the chain does not hold. Printed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The event is not what was sealed, or a hash was changed.
    Changed {
        /// Place in the chain.
        seal: i64,
        /// Number of the event.
        event: i64,
    },
    /// The event of a seal is gone.
    EventMissing {
        /// Place in the chain.
        seal: i64,
        /// Number of the event.
        event: i64,
    },
    /// A seal is gone.
    SealMissing {
        /// Place in the chain.
        seal: i64,
    },
    /// The chain ends elsewhere than noted: its end was cut, or rows were added.
    OtherEnd {
        /// Where it should end.
        noted: i64,
        /// Where it ends.
        newest: i64,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seal, event } => {
                write!(f, "Event {event} is not what was sealed as number {seal}: somebody changed the database.")
            }
            Self::EventMissing { seal, event } => {
                write!(f, "Event {event}, sealed as number {seal}, is gone: somebody changed the database.")
            }
            Self::SealMissing { seal } => write!(f, "Seal number {seal} is gone: somebody changed the database."),
            Self::OtherEnd { noted, newest } => {
                write!(f, "The chain should end at number {noted} and ends at {newest}: somebody changed the database.")
            }
        }
    }
}

/// Events sealed or verified at once.
const BATCH: u64 = 1_000;

/// The seal of an event that commits so many numbers late is not looked for every second, but at the next start.
const LATE: i64 = 10_000;

/// Bookkeeping follows a commit after this: what comes together is sealed together.
const SOON: Duration = Duration::from_millis(500);

/// What another process wrote waits at most so long.
const AT_TIMES: Duration = Duration::from_secs(60);

/// Seals every event that has no seal; says how many it were.
pub async fn seal(db: &Db) -> Result<u64> {
    seal_above(db, 0).await
}

/// Seals what happens, until the future that runs it is dropped.
pub async fn keep_sealing(db: &Db) {
    let mut commits = db.commits();
    let mut above = 0;
    loop {
        commits.borrow_and_update();
        match seal_above(db, above).await {
            Ok(_) => match store::newest_sealed(db.cx(Actor::System("audit")).conn()).await {
                Ok(newest) => above = (newest - LATE).max(0),
                Err(error) => tracing::warn!(%error, "the chain of events cannot be read"),
            },
            Err(error) => tracing::warn!(%error, "events were not sealed"),
        }
        // An end of the sender is the end of the program.
        let _ = tokio::time::timeout(AT_TIMES, commits.changed()).await;
        tokio::time::sleep(SOON).await;
    }
}

async fn seal_above(db: &Db, above: i64) -> Result<u64> {
    let mut sealed = 0;
    loop {
        // Most commits have been sealed by somebody already, and none of them should wait for the writer.
        if store::unsealed(db.cx(Actor::System("audit")).conn(), above, 1).await?.is_empty() {
            return Ok(sealed);
        }
        let tx = db.write(Actor::System("audit")).await?;
        let mut head = store::lock_head(tx.conn()).await?;
        let entries = store::unsealed(tx.conn(), above, BATCH).await?;
        if entries.is_empty() {
            return Ok(sealed);
        }
        let mut seals = Vec::with_capacity(entries.len());
        for entry in &entries {
            head = Head { number: head.number + 1, hash: hash(&head.hash, entry) };
            seals.push(Seal { seq: head.number, event: entry.id, hash: head.hash.clone() });
        }
        store::insert(tx.conn(), &seals).await?;
        store::set_head(tx.conn(), &head).await?;
        tx.commit().await?;
        sealed += seals.len() as u64;
    }
}

/// Reads the whole chain and every event in it, piece by piece.
pub async fn verify(cx: &Cx) -> Result<Verified> {
    super::policy::read(cx.actor())?;
    let (head, newest) = store::head_and_newest(cx.conn()).await?;
    let mut verified =
        Verified { unsealed: store::count_unsealed(cx.conn()).await?, sealed: 0, broken: None, head: head.clone() };
    let mut at = Head { number: 0, hash: "0".repeat(64) };
    while at.number < head.number {
        // What is sealed while this reads is above the head that was read first.
        let mut seals = store::seals(cx.conn(), at.number, BATCH / 2).await?;
        seals.retain(|seal| seal.seq <= head.number);
        let ids: Vec<i64> = seals.iter().map(|seal| seal.event).collect();
        let entries = store::entries(cx.conn(), &ids).await?;
        let entries: HashMap<i64, &Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
        if seals.is_empty() {
            verified.broken = Some(Broken::SealMissing { seal: at.number + 1 });
            return Ok(verified);
        }
        for seal in seals {
            let expected = at.number + 1;
            let wrong = match entries.get(&seal.event) {
                _ if seal.seq != expected => Some(Broken::SealMissing { seal: expected }),
                None => Some(Broken::EventMissing { seal: seal.seq, event: seal.event }),
                Some(entry) if hash(&at.hash, entry) != seal.hash => {
                    Some(Broken::Changed { seal: seal.seq, event: seal.event })
                }
                Some(_) => None,
            };
            if wrong.is_some() {
                verified.broken = wrong;
                return Ok(verified);
            }
            at = Head { number: seal.seq, hash: seal.hash };
            verified.sealed += 1;
        }
    }
    if newest != head.number || at.hash != head.hash {
        verified.broken = Some(Broken::OtherEnd { noted: head.number, newest });
    }
    Ok(verified)
}

/// The hash of an event behind another.
fn hash(before: &str, entry: &Entry) -> String {
    let mut bytes = before.as_bytes().to_vec();
    let subject = entry.subject.map(|id| id.to_string());
    let mut detail = String::new();
    write_json(&entry.detail, &mut detail);
    let (id, at) = (entry.id.to_string(), entry.at.timestamp_micros().to_string());
    for column in [
        Some(id.as_str()),
        Some(at.as_str()),
        Some(entry.actor_kind.as_str()),
        entry.actor.as_deref(),
        Some(entry.action.as_str()),
        Some(entry.subject_kind.as_str()),
        subject.as_deref(),
        Some(detail.as_str()),
        entry.via.as_deref(),
    ] {
        // What is absent differs from what is empty, and no text can pass for two.
        bytes.push(u8::from(column.is_some()));
        let text = column.unwrap_or_default();
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    sha256(&bytes)
}

/// JSON in one form: keys in order, no blanks. PostgreSQL keeps keys in an order of its own.
fn write_json(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for key in keys {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_json(&map[key], out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for value in list {
                write_json(value, out);
                out.push(',');
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            id: 7,
            at: "2026-10-14T16:00:00Z".parse().unwrap(),
            actor_kind: "person".to_owned(),
            actor: None,
            action: "practice.published".to_owned(),
            subject_kind: "practice".to_owned(),
            subject: None,
            detail: serde_json::json!({ "b": [1, "x"], "a": null }),
            via: None,
        }
    }

    #[test]
    fn every_column_counts() {
        let first = hash("0", &entry());
        assert_eq!(first, hash("0", &entry()));
        let id = uuid::Uuid::nil();
        let others = [
            Entry { id: 8, ..entry() },
            Entry { at: entry().at + chrono::TimeDelta::microseconds(1), ..entry() },
            Entry { actor_kind: "system".to_owned(), ..entry() },
            Entry { actor: Some(String::new()), ..entry() },
            Entry { action: "practice.publishe".to_owned(), subject_kind: "dpractice".to_owned(), ..entry() },
            Entry { subject: Some(id), ..entry() },
            Entry { detail: serde_json::json!({ "b": ["1", "x"], "a": null }), ..entry() },
            Entry { via: Some("token:x".to_owned()), ..entry() },
        ];
        for other in others {
            assert_ne!(hash("0", &other), first, "{other:?}");
        }
        assert_ne!(hash("1", &entry()), first, "and so does what was before");
    }

    #[test]
    fn json_has_one_form() {
        let mut text = String::new();
        write_json(&serde_json::json!({ "b": { "y": 1, "x": "\"" }, "a": [true, null] }), &mut text);
        assert_eq!(text, r#"{"a":[true,null,],"b":{"x":"\"","y":1,},}"#);
    }
}
