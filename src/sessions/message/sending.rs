//! What becomes of a message when its time has come: who gets it is found out then, with the session held.

use std::collections::HashSet;

use serde_json::json;

use super::{Came, Message, MessageId, MessageState};
use crate::mail::mailing::{self, NewMailing, Reader};
use crate::mail::{Content, Letter, Priority};
use crate::people::AccountId;
use crate::people::account::{self, Account, AccountState};
use crate::platform::vocabulary::SessionStatus;
use crate::platform::{Actor, Cx, Db, Event, Permit, Result, Scope, Tx, Via};
use crate::sessions::desk::Desk;
use crate::sessions::session::{Session, SessionId};
use crate::sessions::store::{messages as store, registrations};
use crate::sessions::{policy, schedule};

/// Messages in one look.
const MOST: u64 = 20;

/// Who does it.
const SESSIONS: Actor = Actor::System("sessions");

/// Sends what is due. Says how many messages there were.
pub async fn due(db: &Db, desk: &Desk) -> Result<usize> {
    let cx = db.cx(SESSIONS);
    let mut done = 0;
    for (id, session) in store::due(cx.conn(), cx.now(), MOST).await? {
        match one(db, &cx, desk, session, id).await {
            Ok(sent) => done += usize::from(sent),
            Err(error) => tracing::error!(%error, %id, "a message of a session cannot be sent"),
        }
    }
    Ok(done)
}

async fn one(db: &Db, cx: &Cx, desk: &Desk, session: SessionId, id: MessageId) -> Result<bool> {
    let mut tx = db.write(SESSIONS).await?;
    let permit = policy::keep_time(tx.actor())?;
    let (session, grounds) = crate::sessions::held(&tx, session).await?;
    let Some(mut message) = store::by_id(tx.conn(), id).await? else { return Ok(false) };
    if message.state != MessageState::Scheduled || message.due_at.is_none_or(|at| at > tx.now()) {
        return Ok(false);
    }
    // Whoever wrote it must still run the session (A3), and a session that was called off has its own letters.
    let via = Via::Letter(message.id.0);
    let writer = account::actor(cx, message.account, via, tx.now(), Scope::Admin, true).await?;
    let runs = writer.is_some_and(|writer| policy::runs(&writer, &session, &grounds));
    if runs && session.status != SessionStatus::CANCELLED {
        go(&mut tx, desk, &session, &mut message, &permit).await?;
    } else {
        message.state = MessageState::Stopped;
        store::update(tx.conn(), &message).await?;
        let detail = json!({ "message": message.id });
        tx.record(&permit, Event::about("session.message_withheld", "session", session.id.0).with(detail)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Sends a message of a session that is held: its letters are in the outbox then.
pub(super) async fn go(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    message: &mut Message,
    permit: &Permit,
) -> Result<()> {
    let readers = readers(tx, message).await?;
    let writer = account::account_in(tx, message.account).await?.name;
    if !readers.is_empty() {
        let new = NewMailing {
            kind: "session_message",
            content: letter(desk, session, message, &writer),
            priority: Priority::Announcement,
            urgent: false,
            // Who leaves the session is taken out of all mailings about it.
            about: Some(("session", session.id.0)),
            author: Some(message.account.0),
            due_at: tx.now(),
            not_after: None,
        };
        let mailing = mailing::create(tx, &desk.head, new).await?;
        let added = mailing::add(tx, mailing, &readers).await?;
        mailing::filled(tx, mailing).await?;
        (message.mailing, message.recipients) = (Some(mailing), i32::try_from(added).unwrap_or(i32::MAX));
    }
    (message.state, message.due_at) = (MessageState::Sent, Some(tx.now()));
    store::update(tx.conn(), message).await?;
    let detail = json!({
        "message": message.id, "audience": message.audience.code(), "recipients": message.recipients,
    });
    tx.record(permit, Event::about("session.message_sent", "session", session.id.0).with(detail)).await
}

/// Who gets it, as things are now. Three statements.
async fn readers(tx: &Tx, message: &Message) -> Result<Vec<Reader>> {
    let mut seats = registrations::of_session(tx.conn(), message.session, message.audience.seats()).await?;
    if let Some(sector) = &message.sector {
        seats.retain(|seat| seat.sector.as_ref() == Some(sector));
    }
    if message.came != Came::Any {
        let there: HashSet<_> = store::who_was_there(tx.conn(), message.session).await?.into_iter().collect();
        seats.retain(|seat| there.contains(&seat.id) == (message.came == Came::Yes));
    }
    let ids: Vec<AccountId> = seats.iter().map(|seat| seat.account).collect();
    let accounts = account::accounts_in(tx, &ids).await?;
    let reader = |account: &Account| {
        let to = account.email.as_ref().filter(|_| account.state == AccountState::Active)?;
        Some(Reader { account: Some(account.id.0), to: to.as_str().to_owned(), leave: None })
    };
    Ok(ids.iter().filter_map(|id| accounts.get(id)).filter_map(reader).collect())
}

/// What the letter says; `writer` is the name of who wrote it.
pub fn letter(desk: &Desk, session: &Session, message: &Message, writer: &str) -> Content {
    let when = session.starts_at.map(|at| schedule::day(at, session.zone()));
    let subject = match &when {
        Some(day) => format!("{} ({}, {day})", message.subject, session.title),
        None => format!("{} ({})", message.subject, session.title),
    };
    let mut letter =
        Letter::new("session_message", "", "", subject).say(format!("{writer} writes about \"{}\":", session.title));
    for line in message.body.lines().filter(|line| !line.trim().is_empty()) {
        // `{` begins what a mailing fills in for each reader; here it is what somebody typed.
        letter = letter.say(line.replace("{leave}", "{ leave }"));
    }
    letter
        .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
        .say("An answer to this letter reaches nobody; the session's page says how to reach the school.")
        .because(
            "You have a seat in this session or wait for one. Those who run it may write to you three times a day.",
        )
        .content
}
