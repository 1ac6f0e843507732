//! What happened, for those who answer for it: the event log as evidence.
//!
//! Every operation writes an event in its own transaction (`platform::Event`). Here the events are sealed into a chain of
//! hashes ([`chain::seal`]), so that a row changed behind the program's back is found ([`chain::verify`]). Triggers refuse
//! to change or take out rows; who switches them off, or edits the file, breaks the chain.
//!
//! City administrators read the log, filter it and take it along as CSV. It holds ids and codes, never a name or an
//! address: what a person has erased is not in it (P4), and names are looked up when it is read.

pub mod api;
pub mod chain;
mod export;
mod policy;
mod sentences;
mod store;
pub mod views;
pub mod web;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use uuid::Uuid;

pub use self::chain::{Broken, Head, Verified, keep_sealing, seal, verify};
pub use self::export::csv_head;
pub use self::sentences::sentence;
use crate::people::{self, AccountId};
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result, Timestamp};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `visitor`, `person` or `system`.
    pub actor_kind: String,
    /// The account's id, or the part of the program.
    pub actor: Option<String>,
    /// What: `account.signed_in`.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one; none for many at once.
    pub subject: Option<Uuid>,
    /// Ids, counts, codes.
    pub detail: serde_json::Value,
    /// `sign_in:ID` or `token:ID`.
    pub via: Option<String>,
}

impl Entry {
    /// The account that acted.
    pub fn account(&self) -> Option<AccountId> {
        self.actor.as_deref().filter(|_| self.actor_kind == "person").and_then(|id| id.parse().ok())
    }
}

/// Which events are wanted, as somebody typed it. What is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Code of what happened.
    pub action: String,
    /// Id or address of an account, or the part of the program: events by it and about it.
    pub person: String,
    /// Kind of the thing it happened to.
    pub subject_kind: String,
    /// Its id.
    pub subject: String,
    /// First day, in UTC.
    pub from: String,
    /// Last day, in UTC.
    pub to: String,
}

/// The same, understood.
#[derive(Clone, Debug, Default)]
struct Filter {
    action: Option<String>,
    actor: Option<String>,
    subject_kind: Option<String>,
    subject: Option<Uuid>,
    from: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// Some of the log, the newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// This page of it.
    pub entries: Vec<Entry>,
    /// How many there are in all.
    pub total: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How the people who acted are called.
    pub names: HashMap<AccountId, String>,
}

/// Events on a page.
pub const PAGE: u64 = 100;

/// One page of what was asked for: at most five statements.
pub async fn page(cx: &Cx, asked: &Asked, cursor: Option<&str>, limit: u64) -> Result<Page> {
    policy::read(cx.actor())?;
    let before = cursor.map(place).transpose()?;
    let filter = understand(cx, asked).await?;
    let total = store::count(cx.conn(), &filter).await?;
    let mut entries = store::newest(cx.conn(), &filter, before, limit + 1).await?;
    let more = entries.len() as u64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    let names = names(cx, &entries).await?;
    Ok(Page { entries, total, next, names })
}

/// What happened so far, by code, in alphabetical order.
pub async fn actions(cx: &Cx) -> Result<Vec<String>> {
    policy::read(cx.actor())?;
    store::actions(cx.conn()).await
}

/// The end of the chain, to be written down somewhere else: who shortens the log cannot shorten that.
pub async fn head(cx: &Cx) -> Result<Head> {
    policy::read(cx.actor())?;
    store::head(cx.conn()).await
}

/// Rows of an export at most.
pub const EXPORTED: u64 = 100_000;

/// How many rows an export reads at once.
const BATCH: u64 = 1_000;

/// An export that is read piece by piece: what was asked for, the newest first, as lines of CSV.
pub struct Export {
    db: Db,
    actor: Actor,
    filter: Filter,
    before: Option<i64>,
    left: u64,
}

/// Begins an export.
pub async fn export(db: &Db, actor: &Actor, asked: &Asked) -> Result<Export> {
    let cx = db.cx(actor.clone());
    policy::read(cx.actor())?;
    let filter = understand(&cx, asked).await?;
    Ok(Export { db: db.clone(), actor: actor.clone(), filter, before: None, left: EXPORTED })
}

impl Export {
    /// The next lines; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let cx = self.db.cx(self.actor.clone());
        let entries = store::newest(cx.conn(), &self.filter, self.before, BATCH.min(self.left)).await?;
        let Some(last) = entries.last() else { return Ok(None) };
        self.before = Some(last.id);
        self.left -= entries.len() as u64;
        let names = names(&cx, &entries).await?;
        Ok(Some(export::lines(&entries, &names)?))
    }
}

async fn names(cx: &Cx, entries: &[Entry]) -> Result<HashMap<AccountId, String>> {
    let mut wanted: Vec<AccountId> = entries.iter().filter_map(Entry::account).collect();
    wanted.sort_unstable();
    wanted.dedup();
    people::personal::names(cx, &wanted).await
}

async fn understand(cx: &Cx, asked: &Asked) -> Result<Filter> {
    let mut errors = FieldErrors::default();
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut day = |field: &str, typed: &str| match typed.trim() {
        "" => None,
        typed => {
            let day = typed.parse::<NaiveDate>().ok();
            if day.is_none() {
                errors.add(field, "Give a day as year, month, day: 2026-10-14.");
            }
            day
        }
    };
    let (from, to) = (day("from", &asked.from), day("to", &asked.to));
    let subject = text(&asked.subject).map(|typed| typed.parse::<Uuid>());
    if matches!(subject, Some(Err(_))) {
        errors.add("subject", "Give an id as the log shows it.");
    }
    for (field, typed) in [("action", &asked.action), ("person", &asked.person), ("subject_kind", &asked.subject_kind)]
    {
        if typed.contains(char::is_control) || typed.len() > 254 {
            errors.add(field, "Give one short line.");
        }
    }
    errors.or(())?;
    let actor = match text(&asked.person) {
        // Nobody of this address: no event has an empty actor.
        Some(typed) if typed.contains('@') => {
            let account = people::personal::of_address(cx, &typed).await?;
            Some(account.map(|id| id.to_string()).unwrap_or_default())
        }
        Some(typed) => Some(typed),
        None => None,
    };
    let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    Ok(Filter {
        action: text(&asked.action),
        actor,
        subject_kind: text(&asked.subject_kind),
        subject: subject.and_then(Result::ok),
        from: from.map(start),
        before: to.map(|day| start(day) + TimeDelta::days(1)),
    })
}

fn place(cursor: &str) -> Result<i64> {
    cursor.parse().map_err(|_| Error::Unreadable {
        parameter: "cursor",
        message: "Give the `next` of the page before, or leave it out.".to_owned(),
    })
}
