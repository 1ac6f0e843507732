//! A letter: what it says, and the message it becomes. No I/O.

use std::sync::Arc;

use askama::Template;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use uuid::Uuid;

use crate::platform::ids::typed_id;
use crate::platform::{Error, Result, Timestamp};

typed_id!(
    /// A letter in the outbox.
    LetterId
);

/// What all letters of an installation share.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The public address, without a slash at the end: links are built from it and from nothing that a request says (A8).
    pub base_url: Arc<str>,
    /// Who letters come from: `Common Ground <no-reply@ground.example>`.
    pub from: Mailbox,
}

impl Letterhead {
    /// The letterhead of an installation; `from` is the configured sender, else an address at the host of `base_url`.
    pub fn new(base_url: Arc<str>, from: Option<&str>) -> Result<Self> {
        let from = match from {
            Some(text) => text.parse().map_err(|_| {
                Error::Conflict(
                    "The configuration key mail_from wants an address like no-reply@ground.example.".to_owned(),
                )
            })?,
            None => {
                let host = host(&base_url);
                // An address needs a name after the @; a bare IP address is none.
                let host = if host.parse::<std::net::IpAddr>().is_ok() { "localhost" } else { host };
                let address = Address::new("no-reply", host).map_err(Error::internal)?;
                Mailbox::new(Some("Common Ground".to_owned()), address)
            }
        };
        Ok(Self { base_url, from })
    }

    /// An absolute link to a page: `/sign-in`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Unique and fixed for a letter.
    pub(super) fn message_id(&self, id: LetterId) -> String {
        format!("<{id}@{}>", self.from.email.domain())
    }
}

fn host(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or("localhost")
}

/// How soon a letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A person waits for it.
    Personal,
    /// Many get it; it lets the others pass.
    Announcement,
}

/// What a letter says: one thing, with one action at most.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its kind, for the log and for lists: `sign_in_link`. Never changes once rows exist.
    pub kind: &'static str,
    /// What it tells of, unique with the recipient: `invitation:ID`.
    pub event: String,
    /// The address it goes to.
    pub to: String,
    /// The account it is for, where there is one.
    pub account: Option<Uuid>,
    /// Whom it names, where that is somebody else than its reader: its text goes when they have themselves erased.
    pub about: Option<Uuid>,
    /// The subject: plain, with the date where one matters.
    pub subject: String,
    /// What it says before the button, a paragraph each.
    pub paragraphs: Vec<String>,
    /// The one action: words of the button, absolute address.
    pub action: Option<(String, String)>,
    /// What it says after the button.
    pub after: Vec<String>,
    /// Why the person gets it, one sentence.
    pub why: String,
    /// It holds a link that acts for whoever has it: the text is taken out of the outbox once it has left.
    pub secret: bool,
    /// How soon it goes.
    pub priority: Priority,
    /// After this moment it is of no use and does not go.
    pub not_after: Option<Timestamp>,
}

impl Letter {
    /// A letter to one person, with nothing in it yet.
    pub fn new(
        kind: &'static str,
        event: impl Into<String>,
        to: impl Into<String>,
        subject: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            event: event.into(),
            to: to.into(),
            account: None,
            about: None,
            subject: subject.into(),
            paragraphs: Vec::new(),
            action: None,
            after: Vec::new(),
            why: String::new(),
            secret: false,
            priority: Priority::Personal,
            not_after: None,
        }
    }

    /// One more paragraph: before the button until there is one, after it then.
    #[must_use]
    pub fn say(mut self, paragraph: impl Into<String>) -> Self {
        let list = if self.action.is_some() { &mut self.after } else { &mut self.paragraphs };
        list.push(paragraph.into());
        self
    }

    /// The one action.
    #[must_use]
    pub fn button(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.action = Some((words.into(), url.into()));
        self
    }

    /// Why the person gets it.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Whose letter it is.
    #[must_use]
    pub fn of(mut self, account: Uuid) -> Self {
        self.account = Some(account);
        self
    }

    /// It names this person to somebody else.
    #[must_use]
    pub fn about(mut self, account: Uuid) -> Self {
        self.about = Some(account);
        self
    }

    /// It holds a secret link that is good until then.
    #[must_use]
    pub fn secret_until(mut self, until: Timestamp) -> Self {
        self.secret = true;
        self.not_after = Some(until);
        self
    }

    /// The whole message (RFC 5322), as it will go out.
    pub(super) fn render(&self, head: &Letterhead, message_id: &str, now: Timestamp) -> Result<Vec<u8>> {
        let to: Address = self.to.parse().map_err(|_| Error::invalid("email", "Give a full email address."))?;
        let text = TextLetter { letter: self, head }.render().map_err(Error::internal)?;
        let html = HtmlLetter { letter: self, head }.render().map_err(Error::internal)?;
        let plain =
            |name: &'static str, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let body = MultiPart::alternative()
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
        let mut message = Message::builder()
            .from(head.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject))
            .date(now.into())
            .message_id(Some(message_id.to_owned()))
            .multipart(body)
            .map_err(Error::internal)?;
        // No machine answers a machine (RFC 3834; the second is what Exchange reads).
        let headers = message.headers_mut();
        headers.insert_raw(plain("Auto-Submitted", "auto-generated"));
        headers.insert_raw(plain("X-Auto-Response-Suppress", "All"));
        Ok(message.formatted())
    }
}

/// A subject is one line, whatever a name in it holds.
fn one_line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct TextLetter<'a> {
    letter: &'a Letter,
    head: &'a Letterhead,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct HtmlLetter<'a> {
    letter: &'a Letter,
    head: &'a Letterhead,
}
