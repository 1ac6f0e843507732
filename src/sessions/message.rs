//! A message of those who run a session to people who come: one letter each, three messages a day, kept with the session.

use chrono::TimeDelta;
use serde_json::json;

use super::desk::Desk;
use super::policy::Grounds;
use super::session::{Session, SessionId};
use super::{policy, schedule, store};
use crate::mail::{self, Letter, Priority};
use crate::people::AccountId;
use crate::people::account::{self, Account, AccountState};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::Seat;
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

typed_id!(
    /// A message to the people of a session.
    MessageId
);

/// At most so many messages of one session in a day.
pub const A_DAY: u64 = 3;

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

    fn seats(self) -> &'static [Seat] {
        match self {
            Self::Confirmed => &[Seat::HELD, Seat::CONFIRMED],
            Self::Waitlisted => &[Seat::WAITLISTED, Seat::OFFERED],
            Self::Everybody => &[Seat::HELD, Seat::CONFIRMED, Seat::WAITLISTED, Seat::OFFERED],
        }
    }
}

/// A message as it was sent.
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
    /// Its subject.
    pub subject: String,
    /// What it says: paragraphs between line ends.
    pub body: String,
    /// How many people got it.
    pub recipients: i32,
    /// When.
    pub created_at: Timestamp,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Code of an [`Audience`].
    pub audience: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// Sends a message; the session is held, so that no two count the day at once.
pub async fn send(tx: &mut Tx, desk: &Desk, session: SessionId, new: NewMessage) -> Result<Message> {
    let (session, grounds) = super::held(tx, session).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    let Some(writer) = tx.actor().account().map(AccountId) else { return Err(Error::SignInRequired) };
    let mut errors = FieldErrors::default();
    let audience = Audience::parse(&new.audience);
    if audience.is_none() {
        errors.add("audience", "Choose who gets it.");
    }
    let (subject, body) = (new.subject.trim(), new.body.trim());
    if subject.is_empty() || subject.chars().count() > SUBJECT || subject.contains(char::is_control) {
        errors.add("subject", format!("Give a subject of 1 to {SUBJECT} characters."));
    }
    if body.is_empty() || body.chars().count() > BODY {
        errors.add("body", format!("Write 1 to {BODY} characters."));
    }
    let (audience, ()) = (audience.unwrap_or(Audience::Everybody), errors.or(())?);
    let day = tx.now() - TimeDelta::days(1);
    if store::afterwards::messages_since(tx.conn(), session.id, day).await? >= A_DAY {
        let said = format!("People of this session got {A_DAY} messages in the last 24 hours; write again tomorrow.");
        return Err(Error::Conflict(said));
    }
    let registrations = store::registrations::of_session(tx.conn(), session.id, audience.seats()).await?;
    let ids: Vec<AccountId> = registrations.iter().map(|registration| registration.account).collect();
    let accounts = account::accounts_in(tx, &ids).await?;
    let name = account::account_in(tx, writer).await?.name;
    let mut message = Message {
        id: MessageId::fresh(),
        session: session.id,
        account: writer,
        audience,
        subject: subject.to_owned(),
        body: body.to_owned(),
        recipients: 0,
        created_at: tx.now(),
    };
    for reader in ids.iter().filter_map(|id| accounts.get(id)) {
        if let Some(letter) = letter(desk, &session, &message, &name, reader) {
            mail::enqueue(tx, &desk.head, letter).await?;
            message.recipients += 1;
        }
    }
    if message.recipients == 0 {
        return Err(Error::Conflict(
            "Nobody would get this message: choose other people, or wait for the first.".to_owned(),
        ));
    }
    store::afterwards::insert_message(tx.conn(), &message).await?;
    let detail = json!({ "message": message.id, "audience": audience.code(), "recipients": message.recipients });
    tx.record(&permit, Event::about("session.message_sent", "session", session.id.0).with(detail)).await?;
    Ok(message)
}

fn letter(desk: &Desk, session: &Session, message: &Message, writer: &str, reader: &Account) -> Option<Letter> {
    let to = reader.email.as_ref().filter(|_| reader.state == AccountState::Active)?;
    let when = session.starts_at.map(|at| schedule::day(at, session.zone()));
    let subject = match &when {
        Some(day) => format!("{} ({}, {day})", message.subject, session.title),
        None => format!("{} ({})", message.subject, session.title),
    };
    let mut letter = Letter::new("session_message", format!("session_message:{}", message.id), to.as_str(), subject)
        .say(format!("{writer} writes about \"{}\":", session.title));
    for line in message.body.lines().filter(|line| !line.trim().is_empty()) {
        letter = letter.say(line);
    }
    let mut letter = letter
        .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
        .say("An answer to this letter reaches nobody; the session's page says how to reach the school.")
        .because(
            "You have a seat in this session or wait for one. Those who run it may write to you three times a day.",
        )
        .of(reader.id.0)
        .about(message.account.0);
    letter.priority = Priority::Announcement;
    Some(letter)
}

/// The messages of a session, newest first, for those who run it. One statement.
pub async fn messages(cx: &Cx, session: &Session, grounds: &Grounds) -> Result<Vec<Message>> {
    if !policy::runs(cx.actor(), session, grounds) {
        return Err(Error::NotFound("page"));
    }
    store::afterwards::messages(cx.conn(), session.id).await
}
