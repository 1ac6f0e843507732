//! A message of those who run a session to people who come: one letter each, three messages in a day, kept with the session.
//!
//! It may be looked at as a draft, sent to oneself, and given a time. Who gets it is found out when it goes ([`sending`]): who has
//! left by then does not get it, and who leaves while it goes is passed over.

pub mod delivery;
mod sending;

use chrono::TimeDelta;
use serde_json::json;

pub use self::sending::{due, letter};
use super::desk::Desk;
use super::policy;
use super::policy::Grounds;
use super::session::{Session, SessionId};
use super::store::messages as store;
use crate::mail::mailing::{self, MailingId};
use crate::mail::{self, Letter};
use crate::people::AccountId;
use crate::people::account::{self, AccountState};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::Seat;
use crate::platform::{Cx, Error, Event, FieldErrors, Permit, Result, Timestamp, Tx};

typed_id!(
    /// A message to the people of a session.
    MessageId
);

/// At most so many messages of one session go in any 24 hours.
pub const A_DAY: u64 = 3;

/// So far ahead a message is scheduled at most.
const AHEAD: TimeDelta = TimeDelta::days(366);

const SUBJECT: usize = 120;
const BODY: usize = 4_000;

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Who has a seat, also one that waits for the principal.
    Confirmed,
    /// Who waits in line, or has an offer.
    Waitlisted,
    /// Both.
    Everybody,
}

impl Audience {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Waitlisted, Self::Everybody];

    /// As the form and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Waitlisted => "waitlisted",
            Self::Everybody => "everybody",
        }
    }

    /// The audience of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "People with a seat",
            Self::Waitlisted => "People who wait for one",
            Self::Everybody => "Both",
        }
    }

    pub(super) fn seats(self) -> &'static [Seat] {
        match self {
            Self::Confirmed => &[Seat::HELD, Seat::CONFIRMED],
            Self::Waitlisted => &[Seat::WAITLISTED, Seat::OFFERED],
            Self::Everybody => &[Seat::HELD, Seat::CONFIRMED, Seat::WAITLISTED, Seat::OFFERED],
        }
    }
}

/// Of the audience, who was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Whether they were or not.
    Any,
    /// Who was at a meeting, whole or in part.
    Yes,
    /// Who was at none.
    No,
}

impl Came {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Any, Self::Yes, Self::No];

    /// As the form and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Yes => "came",
            Self::No => "missed",
        }
    }

    /// Of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|came| came.code() == code)
    }

    /// As pages say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Any => "Whether they were there or not",
            Self::Yes => "Only who was there",
            Self::No => "Only who was not there",
        }
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It is written.
    Draft,
    /// It has a time.
    Scheduled,
    /// Its letters are in the outbox, or were.
    Sent,
    /// It does not go, or not on.
    Stopped,
}

impl MessageState {
    /// As the API and the database spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Sent => "sent",
            Self::Stopped => "stopped",
        }
    }

    /// The state of a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Draft, Self::Scheduled, Self::Sent, Self::Stopped].into_iter().find(|state| state.code() == code)
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Of which session.
    pub session: SessionId,
    /// Who wrote it.
    pub account: AccountId,
    /// To whom.
    pub audience: Audience,
    /// To people of schools of this sector alone.
    pub sector: Option<String>,
    /// To those alone who were there, or were not.
    pub came: Came,
    /// Its subject.
    pub subject: String,
    /// What it says: paragraphs between line ends.
    pub body: String,
    /// Where it stands.
    pub state: MessageState,
    /// When it goes or went.
    pub due_at: Option<Timestamp>,
    /// Its letters, once it has gone to somebody.
    pub mailing: Option<MailingId>,
    /// How many people it went to.
    pub recipients: i32,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// A message as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// Code of an [`Audience`].
    pub audience: String,
    /// Code of a sector; empty for all.
    pub sector: String,
    /// Code of [`Came`]; empty for any.
    pub came: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
}

impl NewMessage {
    /// What was typed onto a message; everything that is wrong at once.
    fn onto(&self, message: &mut Message, sectors: &[String]) -> Result<()> {
        let mut errors = FieldErrors::default();
        match Audience::parse(&self.audience) {
            Some(audience) => message.audience = audience,
            None => errors.add("audience", "Choose who gets it."),
        }
        let sector = self.sector.trim();
        if !sector.is_empty() && !sectors.iter().any(|known| known == sector) {
            errors.add("sector", "Choose a sector of the list.");
        }
        message.sector = Some(sector.to_owned()).filter(|sector| !sector.is_empty());
        match Came::parse(if self.came.is_empty() { Came::Any.code() } else { &self.came }) {
            Some(came) => message.came = came,
            None => errors.add("attendance", "Choose whether they were there."),
        }
        let (subject, body) = (self.subject.trim(), self.body.trim());
        if subject.is_empty() || subject.chars().count() > SUBJECT || subject.contains(char::is_control) {
            errors.add("subject", format!("Give a subject of 1 to {SUBJECT} characters."));
        }
        if body.is_empty() || body.chars().count() > BODY {
            errors.add("body", format!("Write 1 to {BODY} characters."));
        }
        subject.clone_into(&mut message.subject);
        body.clone_into(&mut message.body);
        Ok(errors.or(())?)
    }
}

async fn sectors(tx: &Tx) -> Result<Vec<String>> {
    Ok(crate::people::sectors_in(tx).await?.into_iter().map(|sector| sector.code).collect())
}

/// Begins a message; it goes to nobody before it is given a time.
pub async fn write(tx: &mut Tx, session: SessionId, new: &NewMessage) -> Result<MessageId> {
    let (session, grounds) = super::held(tx, session).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    let Some(writer) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let mut message = Message {
        id: MessageId::fresh(),
        session: session.id,
        account: writer,
        audience: Audience::Confirmed,
        sector: None,
        came: Came::Any,
        subject: String::new(),
        body: String::new(),
        state: MessageState::Draft,
        due_at: None,
        mailing: None,
        recipients: 0,
        created_at: tx.now(),
    };
    new.onto(&mut message, &sectors(tx).await?)?;
    store::insert(tx.conn(), &message).await?;
    noted(tx, &permit, "session.message_drafted", &message).await?;
    Ok(message.id)
}

async fn noted(tx: &mut Tx, permit: &Permit, action: &'static str, message: &Message) -> Result<()> {
    let detail = json!({ "message": message.id, "audience": message.audience.code() });
    tx.record(permit, Event::about(action, "session", message.session.0).with(detail)).await
}

/// A message of a session that is held.
async fn held(tx: &Tx, session: SessionId, id: MessageId) -> Result<(Session, Message, Permit)> {
    let (session, grounds) = super::held(tx, session).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    let found = store::by_id(tx.conn(), id).await?.filter(|message| message.session == session.id);
    Ok((session, found.ok_or(Error::NotFound("message"))?, permit))
}

/// Changes a draft.
pub async fn change(tx: &mut Tx, session: SessionId, id: MessageId, new: &NewMessage) -> Result<()> {
    let (_, mut message, permit) = held(tx, session, id).await?;
    if message.state != MessageState::Draft {
        return Err(Error::Conflict("Only a draft is changed: take its time back first.".to_owned()));
    }
    new.onto(&mut message, &sectors(tx).await?)?;
    store::update(tx.conn(), &message).await?;
    noted(tx, &permit, "session.message_changed", &message).await
}

/// Writes a message and sends it now.
pub async fn send(tx: &mut Tx, desk: &Desk, session: SessionId, new: &NewMessage) -> Result<MessageId> {
    let id = write(tx, session, new).await?;
    schedule(tx, desk, session, id, "").await?;
    Ok(id)
}

/// Gives a draft its time, or another: a time on the wall where the session is, or a moment. Empty sends it now.
pub async fn schedule(tx: &mut Tx, desk: &Desk, session: SessionId, id: MessageId, when: &str) -> Result<()> {
    let (session, mut message, permit) = held(tx, session, id).await?;
    if !matches!(message.state, MessageState::Draft | MessageState::Scheduled) {
        return Err(Error::Conflict("It went already, or was stopped.".to_owned()));
    }
    let now = tx.now();
    let at = match when.trim() {
        "" => now,
        when => session.zone().read(when).map_err(|message| Error::invalid("when", message))?,
    };
    if at < now - TimeDelta::minutes(1) || at > now + AHEAD {
        return Err(Error::invalid("when", "Give a time between now and a year from now."));
    }
    let day = TimeDelta::days(1);
    if store::near(tx.conn(), &message, at - day, at + day).await? >= A_DAY {
        let said = if at <= now {
            format!("People of this session got {A_DAY} messages in the last 24 hours; write again tomorrow.")
        } else {
            format!("People of this session get {A_DAY} messages within 24 hours of that; choose another time.")
        };
        return Err(Error::Conflict(said));
    }
    (message.state, message.due_at) = (MessageState::Scheduled, Some(at));
    if at > now {
        store::update(tx.conn(), &message).await?;
        return noted(tx, &permit, "session.message_scheduled", &message).await;
    }
    sending::go(tx, desk, &session, &mut message, &permit).await?;
    if message.recipients == 0 {
        return Err(Error::Conflict(
            "Nobody would get this message: choose other people, or wait for the first.".to_owned(),
        ));
    }
    Ok(())
}

/// Sends the letter to the actor alone, once a minute at most.
pub async fn test(tx: &mut Tx, desk: &Desk, session: SessionId, id: MessageId) -> Result<()> {
    let (session, message, permit) = held(tx, session, id).await?;
    let Some(me) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let account = account::account_in(tx, me).await?;
    let Some(to) = account.email.filter(|_| account.state == AccountState::Active) else {
        return Err(Error::Conflict("Your account has no address that a letter could go to.".to_owned()));
    };
    let writer = account::account_in(tx, message.account).await?.name;
    let mut content = letter(desk, &session, &message, &writer);
    content.subject = format!("Test: {}", content.subject);
    let event = format!("session_message_test:{id}:{}", tx.now().format("%Y%m%d%H%M"));
    let letter = Letter { content, ..Letter::new("session_message_test", event, to.as_str(), "") };
    mail::enqueue(tx, &desk.head, letter.of(me.0).about(message.account.0).urgent()).await?;
    noted(tx, &permit, "session.message_tested", &message).await
}

/// Holds what has not left.
pub async fn pause(tx: &mut Tx, session: SessionId, id: MessageId) -> Result<()> {
    let (_, message, permit) = held(tx, session, id).await?;
    mailing::pause(tx, under_way(&message)?).await?;
    noted(tx, &permit, "session.message_paused", &message).await
}

/// Lets it go on.
pub async fn resume(tx: &mut Tx, session: SessionId, id: MessageId) -> Result<()> {
    let (_, message, permit) = held(tx, session, id).await?;
    mailing::resume(tx, under_way(&message)?).await?;
    noted(tx, &permit, "session.message_resumed", &message).await
}

fn under_way(message: &Message) -> Result<MailingId> {
    let going = message.mailing.filter(|_| message.state == MessageState::Sent);
    going.ok_or_else(|| Error::Conflict("It has not begun to leave, or was stopped.".to_owned()))
}

/// Ends it: what has a time is a draft again, and of what has begun nothing more leaves. Twice is as good as once.
pub async fn stop(tx: &mut Tx, session: SessionId, id: MessageId) -> Result<()> {
    let (_, mut message, permit) = held(tx, session, id).await?;
    match message.state {
        MessageState::Draft | MessageState::Stopped => return Ok(()),
        MessageState::Scheduled => (message.state, message.due_at) = (MessageState::Draft, None),
        MessageState::Sent => message.state = MessageState::Stopped,
    }
    if let Some(mailing) = message.mailing {
        mailing::stop(tx, mailing).await?;
    }
    store::update(tx.conn(), &message).await?;
    noted(tx, &permit, "session.message_stopped", &message).await
}

/// The messages of a session, newest first, for those who run it. One statement.
pub async fn messages(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Vec<Message>> {
    if !policy::runs(cx.actor(), session, grounds) {
        return Err(Error::NotFound("page"));
    }
    store::of_session(cx.conn(), session.id).await
}

/// One message of a session, for those who run it.
pub async fn message(cx: &Cx, session: &Session, grounds: &Grounds, id: MessageId) -> Result<Message> {
    let found = if policy::runs(cx.actor(), session, grounds) { store::by_id(cx.conn(), id).await? } else { None };
    found.filter(|message| message.session == session.id).ok_or(Error::NotFound("message"))
}
