//! Letters of the time after a session: to each person who was there, each once, while its time lasts.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::json;

use super::desk::Desk;
use super::seat::Registration;
use super::session::{Session, SessionId};
use super::{policy, store};
use crate::catalog::{self, Practice};
use crate::mail::Letter;
use crate::notices::{self, Notice, Topic};
use crate::people::AccountId;
use crate::people::account::{self, Account, AccountState};
use crate::platform::{Actor, Cx, Db, Event, Result};

/// At most so many letters in one turn.
const BATCH: u64 = 200;

/// One letter of that time.
pub(super) struct Kind {
    /// Its name in the table of letters that are written.
    pub code: &'static str,
    /// What is recorded when some are written.
    pub action: &'static str,
    /// So long after the end it is due.
    pub after: TimeDelta,
    /// So much later it is of no use any more: whoever is marked as present until then still gets it.
    pub lasts: TimeDelta,
    /// Whether it asks about the practice that the session showed.
    pub practice: bool,
    /// The page of a session that asks the same: `survey`.
    pub page: &'static str,
}

/// Writes what is due of a kind, a transaction for each session, and says how many.
pub(super) async fn write<F>(db: &Db, desk: &Desk, kind: &Kind, letter: F) -> Result<usize>
where
    F: Fn(&Session, Option<&Practice>, &Registration, &Account) -> Option<Letter>,
{
    let cx = db.cx(Actor::System("sessions"));
    let until = cx.now() - kind.after;
    let ended = store::afterwards::ended_between(cx.conn(), until - kind.lasts, until, kind.practice).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    let due = store::afterwards::unwritten(cx.conn(), &ended, kind.code, BATCH).await?;
    let mut ids: Vec<SessionId> = due.iter().map(|registration| registration.session).collect();
    ids.dedup();
    if ids.is_empty() {
        return Ok(0);
    }
    let practices = if kind.practice { practices(&cx, &ids).await? } else { HashMap::new() };
    let mut done = 0;
    for id in ids {
        let mut tx = db.write(Actor::System("sessions")).await?;
        let permit = policy::keep_time(tx.actor())?;
        let (session, _) = super::held(&tx, id).await?;
        // Looked up again: another node may have been here, and the session may have moved.
        let still = session.ends_at.is_some_and(|end| end <= until && end > until - kind.lasts);
        let rows =
            if still { store::afterwards::unwritten(tx.conn(), &[id], kind.code, BATCH).await? } else { Vec::new() };
        let accounts: Vec<AccountId> = rows.iter().map(|registration| registration.account).collect();
        let accounts = account::accounts_in(&tx, &accounts).await?;
        let practice = session.practice.and_then(|id| practices.get(&id));
        let now = tx.now();
        let mut notices = Vec::with_capacity(rows.len());
        for registration in &rows {
            if !store::afterwards::write_once(tx.conn(), registration, kind.code, now).await? {
                continue;
            }
            done += 1;
            let reader = accounts.get(&registration.account).filter(|account| account.state == AccountState::Active);
            let wanted = reader.and_then(|account| letter(&session, practice, registration, account));
            if let Some(letter) = wanted {
                notices.push(Notice {
                    account: registration.account,
                    topic: Topic::Questions,
                    event: letter.event.clone(),
                    about: ("session", id.0),
                    line: letter.content.subject.clone(),
                    path: format!("/sessions/{id}/{}", kind.page),
                    letter: Some(letter),
                });
            }
        }
        let letters = notices.len();
        notices::tell_many(&mut tx, &desk.postroom(), notices).await?;
        if letters > 0 {
            let event = Event::about(kind.action, "session", id.0).with(json!({ "people": letters }));
            tx.record(&permit, event).await?;
        }
        tx.commit().await?;
    }
    Ok(done)
}

async fn practices(cx: &Cx, sessions: &[SessionId]) -> Result<HashMap<catalog::PracticeId, Practice>> {
    let found = store::sessions::by_ids(cx.conn(), sessions).await?;
    let ids: Vec<_> = found.values().filter_map(|session| session.practice).collect();
    catalog::practices(cx, &ids).await
}
