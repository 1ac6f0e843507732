//! A letter: what it says, and the message it becomes. No I/O.

use std::sync::Arc;

use askama::Template;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::words::FRAME;
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
                // An address needs a full name after the @, and a bare IP address is none.
                let here = host == "localhost" || host.is_empty() || host.parse::<std::net::IpAddr>().is_ok();
                let host = if here { "commonground.localhost" } else { host };
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
    // An IPv6 address stands in brackets and is no name either.
    if rest.starts_with('[') { "localhost" } else { rest.split(['/', ':']).next().unwrap_or("localhost") }
}

/// How soon a letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A person waits for it.
    Personal,
    /// Many get it; it lets the others pass.
    Announcement,
}

impl Priority {
    /// As the database has it: what is smaller goes first.
    pub(super) fn rank(self) -> i16 {
        match self {
            Self::Personal => 0,
            Self::Announcement => 1,
        }
    }

    /// The priority of a rank.
    pub(super) fn of(rank: i16) -> Self {
        if rank == 0 { Self::Personal } else { Self::Announcement }
    }
}

/// What a letter says: one thing, with one action at most. It is kept in this form, and becomes a message when it leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// The subject: plain, with the date where one matters.
    pub subject: String,
    /// What it says before the button, a paragraph each.
    pub paragraphs: Vec<String>,
    /// A list under headings, between what it says and the button: a digest.
    pub groups: Vec<Group>,
    /// The one action: words of the button, absolute address.
    pub action: Option<(String, String)>,
    /// What it says after the button.
    pub after: Vec<String>,
    /// Why the person gets it, one sentence.
    pub why: String,
    /// The language of its words, as BCP 47 has it.
    pub lang: Lang,
    /// What a calendar does with it.
    pub calendar: Option<Calendar>,
    /// The list it belongs to, where one can leave it.
    pub list: Option<MailingList>,
}

/// Lines of a letter under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the lines have in common; empty prints none.
    pub heading: String,
    /// The lines.
    pub items: Vec<Item>,
}

/// A line of a list in a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is new, in one line of words.
    pub line: String,
    /// The page where more is said, an absolute address.
    pub url: String,
    /// When it was, in words; empty prints none.
    pub when: String,
}

/// A calendar body (RFC 6047): goes as a part of the letter, and as a file beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The body's METHOD: REQUEST or CANCEL. The same word is in the part's type: Outlook refuses a letter where they differ (T10).
    pub method: String,
    /// The whole iCalendar object.
    pub body: String,
}

/// A list of letters that one can leave with one click (RFC 2369, 2919, 8058).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailingList {
    /// Its name as a domain label: `saved-searches`.
    pub id: String,
    /// Its name in words.
    pub name: String,
    /// The path that leaves it, signed for this reader: GET shows, POST acts.
    pub leave: String,
    /// The path where one chooses what one hears.
    pub settings: String,
}

/// A language that letters are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
}

impl Lang {
    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The language of a tag; English where there are no letters in it.
    pub fn of(tag: &str) -> Self {
        if tag == "es" { Self::Es } else { Self::En }
    }
}

/// A letter: what it says, to whom, and when it is of use.
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
    /// It holds a link that acts for whoever has it: the text is taken out of the outbox once it has left.
    pub secret: bool,
    /// How soon it goes.
    pub priority: Priority,
    /// Before this moment it does not go.
    pub not_before: Option<Timestamp>,
    /// After this moment it is of no use and does not go.
    pub not_after: Option<Timestamp>,
    /// It goes at night too: somebody asked for it a moment ago, or it is about today.
    pub urgent: bool,
    /// Its reader asked for it a moment ago, to get in: once a day it goes also to an address where nobody was.
    pub asked: bool,
    /// The school that its reader answers for: it goes only while they lead it.
    pub school: Option<Uuid>,
    /// Letters of one thread to one reader go one after another, in the order of the number: a CANCEL never overtakes its REQUEST.
    pub thread: Option<(String, i64)>,
    /// What it says.
    pub content: Content,
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
            secret: false,
            priority: Priority::Personal,
            not_before: None,
            not_after: None,
            urgent: false,
            asked: false,
            school: None,
            thread: None,
            content: Content { subject: subject.into(), ..Content::default() },
        }
    }

    /// One more paragraph: before the button until there is one, after it then.
    #[must_use]
    pub fn say(mut self, paragraph: impl Into<String>) -> Self {
        let Content { action, after, paragraphs, .. } = &mut self.content;
        let list = if action.is_some() { after } else { paragraphs };
        list.push(paragraph.into());
        self
    }

    /// The one action.
    #[must_use]
    pub fn button(mut self, words: impl Into<String>, url: impl Into<String>) -> Self {
        self.content.action = Some((words.into(), url.into()));
        self
    }

    /// Lines under headings.
    #[must_use]
    pub fn listing(mut self, groups: Vec<Group>) -> Self {
        self.content.groups = groups;
        self
    }

    /// Why the person gets it.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.content.why = why.into();
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

    /// In which language it is written.
    #[must_use]
    pub fn in_language(mut self, lang: Lang) -> Self {
        self.content.lang = lang;
        self
    }

    /// With what calendars do about it.
    #[must_use]
    pub fn with_calendar(mut self, method: &str, body: String) -> Self {
        self.content.calendar = Some(Calendar { method: method.to_owned(), body });
        self
    }

    /// It belongs to a list that one can leave.
    #[must_use]
    pub fn on_list(mut self, list: MailingList) -> Self {
        self.content.list = Some(list);
        self
    }

    /// It follows the letters of a thread with a lower number.
    #[must_use]
    pub fn in_thread(mut self, thread: impl Into<String>, number: i64) -> Self {
        self.thread = Some((thread.into(), number));
        self
    }

    /// It goes at night too.
    #[must_use]
    pub fn urgent(mut self) -> Self {
        self.urgent = true;
        self
    }

    /// Its reader asked for it at the entrance a moment ago, and waits for it.
    #[must_use]
    pub fn asked_for(mut self) -> Self {
        self.asked = true;
        self.urgent()
    }

    /// It is for whoever leads this school, and for its reader while they do (A3).
    #[must_use]
    pub fn read_at(mut self, school: Uuid) -> Self {
        self.school = Some(school);
        self
    }

    /// The same letter with nothing in it that a header, a terminal or the database could trip over; refused where it goes to no
    /// address.
    pub(super) fn checked(mut self) -> Result<Self> {
        address(&self.to)?;
        self.content = self.content.tidied();
        Ok(self)
    }
}

/// In the content of a mailing: the address where its reader leaves the list.
const LEAVE: &str = "{leave}";

impl Content {
    /// What a reader of a mailing gets: with their own way out of the list.
    pub(super) fn for_reader(&self, head: &Letterhead, leave: Option<&str>) -> Self {
        let mut own = self.clone();
        match (&mut own.list, leave) {
            (Some(list), Some(path)) => path.clone_into(&mut list.leave),
            // Who cannot leave by a click is told so by no header.
            (list, None) => *list = None,
            (None, _) => {}
        }
        let link = leave.map_or_else(|| head.link("/"), |path| head.link(path));
        let texts = own.paragraphs.iter_mut().chain(&mut own.after).chain([&mut own.why]);
        let texts = texts.chain(own.action.as_mut().map(|(_, url)| url));
        texts.filter(|text| text.contains(LEAVE)).for_each(|text| *text = text.replace(LEAVE, &link));
        own
    }

    /// Words that are around every letter, in its language.
    fn frame(&self, key: &str) -> String {
        FRAME.say(self.lang, key, &[])
    }

    /// Its plain text, as a reader with this way out of the list gets it.
    pub fn text(&self, head: &Letterhead, leave: Option<&str>) -> Result<String> {
        TextLetter { letter: &self.for_reader(head, leave), head }.render().map_err(Error::internal)
    }

    /// Its HTML, as a reader with this way out of the list gets it.
    pub fn html(&self, head: &Letterhead, leave: Option<&str>) -> Result<String> {
        HtmlLetter { letter: &self.for_reader(head, leave), head }.render().map_err(Error::internal)
    }

    /// A subject and a paragraph are one line each, whatever the name in it holds.
    pub(super) fn tidied(mut self) -> Self {
        let texts = self.paragraphs.iter_mut().chain(&mut self.after).chain([&mut self.subject, &mut self.why]);
        texts.for_each(|text| *text = one_line(text));
        for group in &mut self.groups {
            let lines = group.items.iter_mut().flat_map(|item| [&mut item.line, &mut item.when]);
            lines.chain([&mut group.heading]).for_each(|text| *text = one_line(text));
        }
        // The library leaves a name that looks like an encoded word as it is, and the reader would decode it.
        self.subject = self.subject.replace("=?", "= ?");
        self
    }

    /// The message (RFC 5322) that a letter becomes. The same letter becomes the same message, however often it leaves (T7).
    pub(super) fn compose(&self, head: &Letterhead, envelope: &Envelope<'_>) -> Result<Message> {
        let to = Mailbox::new(None, address(envelope.to)?);
        let text = TextLetter { letter: self, head }.render().map_err(Error::internal)?;
        let html = HtmlLetter { letter: self, head }.render().map_err(Error::internal)?;
        let part = |kind, name: &str| MultiPart::builder().kind(kind).boundary(format!("={name}={}", envelope.id));
        let mut body = part(MultiPartKind::Alternative, "text")
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
        if let Some(calendar) = &self.calendar {
            let kind = |text: String| ContentType::parse(&text).map_err(Error::internal);
            let invitation = kind(format!("text/calendar; charset=utf-8; method={}", calendar.method))?;
            let file = Attachment::new("invite.ics".to_owned())
                .body(calendar.body.clone().into_bytes(), kind("application/ics; name=\"invite.ics\"".to_owned())?);
            body = body.singlepart(SinglePart::builder().header(invitation).body(calendar.body.clone()));
            body = part(MultiPartKind::Mixed, "file").multipart(body).singlepart(file);
        }
        let mut message = Message::builder()
            .from(head.from.clone())
            .to(to)
            .subject(self.subject.clone())
            .date(envelope.written_at.into())
            .message_id(Some(envelope.message_id.to_owned()))
            .multipart(body)
            .map_err(Error::internal)?;
        let headers = message.headers_mut();
        let mut add = |name: &'static str, value: String| {
            headers.insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        };
        // No machine answers a machine (RFC 3834; the second is what Exchange reads).
        add("Auto-Submitted", "auto-generated".to_owned());
        add("X-Auto-Response-Suppress", "All".to_owned());
        // A letter that says nothing of it is in English.
        if self.lang != Lang::En {
            add("Content-Language", self.lang.tag().to_owned());
        }
        if let Some(list) = &self.list {
            add("List-Id", format!("{} <{}.{}>", list.name, list.id, head.from.email.domain()));
            add("List-Unsubscribe", format!("<{}>", head.link(&list.leave)));
            add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned());
        }
        Ok(message)
    }
}

/// What is around a letter.
pub(super) struct Envelope<'a> {
    /// Which letter.
    pub id: LetterId,
    /// The address it goes to.
    pub to: &'a str,
    /// Its Message-ID, with angle brackets.
    pub message_id: &'a str,
    /// When it was written.
    pub written_at: Timestamp,
}

/// An address that a header and an envelope can hold.
pub(super) fn address(text: &str) -> Result<Address> {
    let address = text.parse().ok().filter(|_| text.is_ascii());
    address.ok_or_else(|| Error::invalid("email", "Give a full email address."))
}

/// One line of words with one space between them, without what only a machine reads. Two spaces would get lost between
/// words that are written in code in a header.
fn one_line(text: &str) -> String {
    let gap = |c: char| c.is_control() || c.is_whitespace();
    text.split(gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none", whitespace = "preserve")]
struct TextLetter<'a> {
    letter: &'a Content,
    head: &'a Letterhead,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct HtmlLetter<'a> {
    letter: &'a Content,
    head: &'a Letterhead,
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderName as Parsed, MessageParser};

    use super::*;

    fn head() -> Letterhead {
        Letterhead::new("https://ground.example".into(), None).unwrap()
    }

    fn rendered(letter: Letter, head: &Letterhead) -> (Letter, String) {
        let letter = letter.checked().unwrap();
        let envelope = Envelope {
            id: LetterId(Uuid::nil()),
            to: &letter.to,
            message_id: "<1@ground.example>",
            written_at: Timestamp::UNIX_EPOCH,
        };
        let message = letter.content.compose(head, &envelope).unwrap();
        let again = letter.content.compose(head, &envelope).unwrap();
        assert_eq!(message.formatted(), again.formatted());
        (letter, String::from_utf8(message.formatted()).unwrap())
    }

    /// Reads a message back and holds it against what RFC 5322 wants: each header once, lines that fit, nothing new.
    fn check(letter: &Letter, message: &str) {
        let (headers, _) = message.split_once("\r\n\r\n").unwrap();
        let mut names: Vec<&str> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').unwrap_or_else(|| panic!("{line:?} of {:?}", letter.content.subject)).0)
            .collect();
        names.sort_unstable();
        let wanted = [
            "Auto-Submitted",
            "Content-Type",
            "Date",
            "From",
            "MIME-Version",
            "Message-ID",
            "Subject",
            "To",
            "X-Auto-Response-Suppress",
        ];
        assert_eq!(names, wanted, "{:?}", letter.content.subject);
        for line in message.split("\r\n") {
            assert!(line.len() <= 998 && line.is_ascii(), "{line:?}");
            assert!(!line.contains(['\r', '\n', '\0']), "{line:?} of {:?}", letter.content.subject);
        }
        let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(parsed.subject().unwrap_or_default()), words(&letter.content.subject), "{message}");
        let to = parsed.to().unwrap();
        assert_eq!(to.iter().map(|to| to.address().unwrap()).collect::<Vec<_>>(), [letter.to.as_str()]);
        assert_eq!(parsed.headers().iter().filter(|header| header.name == Parsed::From).count(), 1);
        let text = parsed.body_text(0).unwrap();
        for paragraph in &letter.content.paragraphs {
            assert_eq!(words(&text)[..words(paragraph).len()], words(paragraph), "{message}");
        }
    }

    /// Numbers without chance: the same in each run (xorshift).
    fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).unwrap()
        }
    }

    const NASTY: [&str; 32] = [
        "\r\nBcc: eve@evil.example",
        "\n",
        "\r",
        "\r\n\r\n<script>",
        "\0",
        "\u{1b}[2J",
        "\u{85}",
        "\u{2028}",
        "\t",
        " ",
        "  ",
        "=?utf-8?q?=0D=0ABcc:_eve?=",
        "=?",
        "?=",
        "=0D=0A",
        "\"",
        "\\",
        "<",
        ">",
        "@",
        ",",
        ";",
        ":",
        "(comment)",
        ".",
        "\r\n.\r\n",
        "Ünïcödé",
        "学校",
        "👩‍🏫",
        "\u{202e}evil",
        "Subject: x",
        "a-long-word-without-any-place-to-fold-it-a-long-word-without-any-place-to-fold-it-a-long-word-without-any-place",
    ];

    #[test]
    fn no_subject_and_no_name_becomes_a_header() {
        let head = head();
        let mut next = numbers(0x5eed);
        for _ in 0..rounds() {
            let mut text = || (0..next(8)).map(|_| NASTY[next(NASTY.len())]).collect::<String>();
            let letter = Letter::new("test", "event:1", "ada@example.org", format!("Invitation by {}", text()))
                .say(format!("Hello {}", text()))
                .button("Look", head.link("/"))
                .because(text());
            let (letter, message) = rendered(letter, &head);
            check(&letter, &message);
        }
    }

    /// More on demand: a million, as E7 asks, take some minutes.
    #[expect(clippy::disallowed_methods, reason = "a test that can be told to work harder")]
    fn rounds() -> u32 {
        std::env::var("COMMONGROUND_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2_000)
    }

    #[test]
    fn a_letter_says_the_same_in_text_and_html() {
        let letter = Letter::new("test", "event:1", "ada@example.org", "Your sign-in link")
            .say("Hello Ada <b>& all</b>.")
            .button("Sign in", head().link("/sign-in/abc?x=1&y=2"))
            .say("It is good for 15 minutes.")
            .because("You asked for it.");
        let (letter, message) = rendered(letter, &head());
        check(&letter, &message);
        let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
        let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
        for said in ["https://ground.example/sign-in/abc?x=1&", "It is good for 15 minutes.", "You asked for it."] {
            assert!(text.contains(said) && html.replace("&#38;", "&").contains(said), "{said}: {text} {html}");
        }
        assert!(html.contains("&#60;b&#62;") && !html.contains("<b>"), "{html}");
        assert_eq!(parsed.message_id(), Some("1@ground.example"));
        assert_eq!(parsed.from().unwrap().first().unwrap().address(), Some("no-reply@ground.example"));
    }

    #[test]
    fn a_list_stands_in_text_and_html_and_can_be_left() {
        let item = |line: &str, when: &str| Item {
            line: line.to_owned(),
            url: "https://ground.example/practices/marble-jar?v=2".to_owned(),
            when: when.to_owned(),
        };
        let letter = Letter::new("test", "event:1", "ada@example.org", "What is new")
            .say("Since the last letter:")
            .listing(vec![
                Group {
                    heading: "What you follow".to_owned(),
                    items: vec![item("Marble jar <b>now</b>\r\nin use", "October 14"), item("Number talks", "")],
                },
                Group { heading: String::new(), items: vec![item("and 12 more", "")] },
            ])
            .button("See what is new", head().link("/me/notifications"))
            .because("You asked for one letter a day.")
            .on_list(MailingList {
                id: "digest".to_owned(),
                name: "Digest".to_owned(),
                leave: "/u/abc".to_owned(),
                settings: "/me/notifications/settings".to_owned(),
            });
        let (_, message) = rendered(letter, &head());
        let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
        let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
        for said in [
            "What you follow",
            "Number talks",
            "and 12 more",
            "October 14",
            "https://ground.example/practices/marble-jar?v=2",
            "https://ground.example/u/abc",
            "https://ground.example/me/notifications/settings",
        ] {
            assert!(text.contains(said) && html.contains(said), "{said}: {text} {html}");
        }
        assert!(text.contains("- Marble jar <b>now</b> in use"), "{text}");
        assert!(html.contains("Marble jar &#60;b&#62;now"), "{html}");
        assert!(message.contains("List-Unsubscribe: <https://ground.example/u/abc>"), "{message}");
    }

    #[test]
    fn a_letter_in_spanish_says_so_and_what_is_around_it_is_spanish() {
        let letter = |lang| {
            let list = MailingList {
                id: "reminders".to_owned(),
                name: "Reminders".to_owned(),
                leave: "/u/abc".to_owned(),
                settings: "/me/notifications/settings".to_owned(),
            };
            let letter = Letter::new("test", "event:1", "ada@example.org", "Tiene una plaza").say("Hola.");
            let letter = letter.button("Ver la sesión", head().link("/sessions/1")).because("Por algo.");
            rendered(letter.on_list(list).in_language(lang), &head()).1
        };
        let spanish = letter(Lang::Es);
        assert!(spanish.contains("Content-Language: es\r\n"), "{spanish}");
        let parsed = MessageParser::default().parse(spanish.as_bytes()).unwrap();
        let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
        assert!(html.contains("<html lang=\"es\">"), "{html}");
        assert!(html.contains("Si el botón no funciona, abra esta dirección: <a "), "{html}");
        assert!(html.contains(">Elija con qué frecuencia recibe estos mensajes</a> o <a "), "{html}");
        assert!(text.contains("Elija con qué frecuencia recibe estos mensajes: https://ground.example/me/"), "{text}");
        assert!(text.contains("O deje de recibirlos: https://ground.example/u/abc"), "{text}");
        for english in ["If the", "Choose", "such letters", "unsubscribe from", "Or "] {
            assert!(!text.contains(english) && !html.contains(english), "{english}: {text} {html}");
        }
        assert!(!letter(Lang::En).contains("Content-Language"));
    }

    #[test]
    fn a_sender_is_an_address_with_a_full_name_behind_the_at() {
        let from = |base_url: &str| {
            let head = Letterhead::new(base_url.into(), None).unwrap();
            head.from.email.to_string()
        };
        assert_eq!(from("https://ground.example:8443"), "no-reply@ground.example");
        for here in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080"] {
            assert_eq!(from(here), "no-reply@commonground.localhost");
        }
        let refused = Letterhead::new("http://x".into(), Some("nobody\r\nBcc: eve@evil.example"));
        assert!(refused.unwrap_err().to_string().contains("mail_from"));
    }

    #[test]
    fn an_address_that_is_none_gets_no_letter() {
        for to in
            ["ada", "ada@example.org\r\nBcc: eve@evil.example", "ada@example.org, eve@evil.example", "ada@exämple.org"]
        {
            assert!(Letter::new("test", "event:1", to, "Hello").checked().is_err(), "{to:?}");
        }
    }
}
