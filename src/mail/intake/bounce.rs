//! What a message that came in is. Pure: bytes in, a [`Classified`] out, whatever the bytes are.
//!
//! What machines wrote for machines counts most: the answer of a calendar, a feedback report, a delivery report. Where there
//! is none, the words that mail servers use are read: only those above the returned letter, and only where a mail server
//! seems to speak. What is left is the automatic answer of a mailbox, or nothing that we act on.

use mail_parser::{Message, MessageParser, MessagePart, PartType};

use super::calendar::{self, CalendarReply};
use super::report::{self, Status};
use super::wording;

/// What a message that came in was, as one line can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A letter did not arrive and never will.
    Hard,
    /// A letter did not arrive yet, or not this time: a full mailbox, a server that is away.
    Soft,
    /// Its reader called it unwanted.
    Complaint,
    /// A machine answered in the absence of its reader.
    AutoReply,
    /// A calendar answered an invitation.
    Reply,
    /// Nothing of this.
    Unknown,
}

impl Kind {
    /// As the database and the command line spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Complaint => "complaint",
            Self::AutoReply => "auto-reply",
            Self::Reply => "reply",
            Self::Unknown => "unknown",
        }
    }
}

/// What is to be seen in a message, none of it proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// What it is.
    pub kind: Kind,
    /// Which address it is about, in lower case.
    pub recipient: Option<String>,
    /// The enhanced status (RFC 3463): `5.1.1`.
    pub status: Option<String>,
    /// What the other mail server said, one line.
    pub diagnostic: Option<String>,
    /// What may be tokens of our return addresses, wherever they stand.
    pub tokens: Vec<String>,
    /// Message-IDs, with angle brackets, of the letter that it returns or answers.
    pub message_ids: Vec<String>,
    /// Answers of a calendar.
    pub replies: Vec<CalendarReply>,
}

impl Classified {
    /// Nothing is to be seen in it.
    pub(super) fn unknown() -> Self {
        Self {
            kind: Kind::Unknown,
            recipient: None,
            status: None,
            diagnostic: None,
            tokens: Vec::new(),
            message_ids: Vec::new(),
            replies: Vec::new(),
        }
    }
}

/// Characters of a token in our return addresses: 26 of a letter's id and 16 of a signature.
pub(in crate::mail) const TOKEN: usize = 42;

/// Tokens and Message-IDs looked at, at most: more are no letter of ours.
const MOST: usize = 8;

/// Of a text so much is read.
const TEXT: usize = 64 * 1024;

/// What a diagnostic is cut to.
const DIAGNOSTIC: usize = 300;

/// Says what a message is.
pub fn classify(raw: &[u8]) -> Classified {
    let old;
    let mut raw = raw;
    // Lines that end as on very old machines.
    if raw.contains(&b'\r') && !raw.contains(&b'\n') {
        old = raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect::<Vec<u8>>();
        raw = &old;
    }
    let raw = without_envelope_line(raw);
    let mut found = Classified { tokens: tokens(raw), ..Classified::unknown() };
    let Some(message) = MessageParser::default().parse(raw) else { return found };
    let mail = Mail::read(&message);
    found.message_ids = mail.ids();
    if mail.answer_of_a_calendar(&mut found) || mail.complaint(&mut found) || mail.delivery_report(&mut found) {
        return found;
    }
    if !mail.answers_by_itself() && mail.returned_with_words(&mut found) {
        return found;
    }
    if mail.is_automatic() && !wording::any(&mail.text, wording::CHALLENGE) {
        found.kind = Kind::AutoReply;
        found.recipient = Some(mail.from.clone()).filter(|from| !from.is_empty());
    }
    found
}

/// Files of mailboxes begin with a line that is no header.
fn without_envelope_line(raw: &[u8]) -> &[u8] {
    let start = raw.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(raw.len());
    let raw = &raw[start..];
    if raw.starts_with(b"From ") {
        let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
        return &raw[end..];
    }
    raw
}

/// Whatever stands between `+` and `@` and has the form of a token.
fn tokens(raw: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in raw.iter().enumerate().filter(|(_, byte)| **byte == b'+') {
        let Some(token) = raw.get(at + 1..at + 1 + TOKEN) else { continue };
        let ends = matches!(raw.get(at + 1 + TOKEN), Some(b'@' | b'='));
        if !ends || !token.iter().all(|byte| matches!(byte.to_ascii_lowercase(), b'a'..=b'z' | b'2'..=b'7')) {
            continue;
        }
        let token = String::from_utf8_lossy(token).to_ascii_lowercase();
        if !found.contains(&token) && found.len() < MOST {
            found.push(token);
        }
    }
    found
}

/// A message, read once for all questions.
struct Mail<'a> {
    message: &'a Message<'a>,
    /// Its subject in lower case, one space between words.
    subject: String,
    /// The address of From in lower case.
    from: String,
    /// The name in From in lower case.
    name: String,
    /// Its text in lower case, down to the letter that it returns.
    text: String,
}

impl<'a> Mail<'a> {
    fn read(message: &'a Message<'a>) -> Self {
        let sender = message.from().and_then(|from| from.first());
        let lower = |text: Option<&str>| text.unwrap_or_default().trim().to_lowercase();
        Self {
            message,
            subject: one_line(&message.subject().unwrap_or_default().to_lowercase()),
            from: lower(sender.and_then(|sender| sender.address())),
            name: lower(sender.and_then(|sender| sender.name())),
            text: wording::above_the_returned(&text(message).to_lowercase()).to_owned(),
        }
    }

    fn header(&self, name: &'static str) -> Option<String> {
        self.message.header_raw(name).map(|value| one_line(&value.to_lowercase()))
    }

    /// Parts of a type, as text.
    fn parts(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        self.message.parts.iter().filter(move |part| is(&kind_of(part))).map(contents)
    }

    /// The report-type of a multipart/report.
    fn report_type(&self) -> String {
        let root = self.message.parts.first().and_then(mail_parser::MimeHeaders::content_type);
        root.filter(|kind| kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report")))
            .and_then(|kind| kind.attribute("report-type"))
            .unwrap_or_default()
            .to_lowercase()
    }

    /// Messages inside this one.
    fn returned(&self) -> impl Iterator<Item = &Message<'a>> {
        self.message.parts.iter().filter_map(|part| part.message())
    }

    /// Message-IDs of what is returned, then of what is answered.
    fn ids(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut keep = |id: &str| {
            let id = format!("<{}>", id.trim().trim_matches(['<', '>']));
            if id.len() > 4 && id.len() <= 160 && !found.contains(&id) && found.len() < MOST {
                found.push(id);
            }
        };
        self.returned().filter_map(|message| message.message_id()).for_each(&mut keep);
        // The first part's own headers are the message's; what it says may hold headers of the returned letter.
        for part in self.message.parts.iter().filter(|part| part.message().is_none()) {
            report::values(&contents(part), "message-id").for_each(|id| keep(&id));
        }
        for name in ["In-Reply-To", "References"] {
            let value = self.message.header_raw(name).unwrap_or_default();
            value.split_whitespace().filter(|word| word.starts_with('<')).for_each(&mut keep);
        }
        found
    }

    fn answer_of_a_calendar(&self, found: &mut Classified) -> bool {
        let calendars = |kind: &str| matches!(kind, "text/calendar" | "application/ics");
        let Some(replies) = self.parts(calendars).find_map(|body| calendar::replies(&body, &self.from)) else {
            return false;
        };
        found.kind = Kind::Reply;
        found.replies = replies;
        found.recipient = Some(self.from.clone()).filter(|from| !from.is_empty());
        true
    }

    fn complaint(&self, found: &mut Classified) -> bool {
        let report = self.parts(|kind| kind == "message/feedback-report").next();
        let kind = match &report {
            Some(report) => report::first(report, "feedback-type").unwrap_or_default().to_lowercase(),
            // Microsoft's own form: the letter as it was, with a header that says who complained.
            None if self.returned().any(|letter| letter.header("X-HmXmrOriginalRecipient").is_some()) => "abuse".into(),
            // A report whose middle part got lost.
            None if self.report_type() == "feedback-report" => "abuse".into(),
            None => return false,
        };
        // Reports on signatures (RFC 6591) have the same form and are nobody's complaint; "not-spam" is the opposite of one.
        if matches!(kind.as_str(), "auth-failure" | "dmarc" | "dkim" | "not-spam") {
            return true;
        }
        found.kind = Kind::Complaint;
        let named = report.as_deref().and_then(|report| {
            report::first(report, "original-rcpt-to").or_else(|| report::first(report, "removal-recipient"))
        });
        let headed = || {
            let mut letters = self.returned();
            letters.find_map(|letter| {
                let header = letter.header("X-HmXmrOriginalRecipient").and_then(|value| value.as_text());
                header.or_else(|| letter.to()?.first()?.address()).map(str::to_owned)
            })
        };
        found.recipient = named.as_deref().and_then(wording::address_in).or_else(|| wording::address_in(&headed()?));
        true
    }

    fn delivery_report(&self, found: &mut Classified) -> bool {
        let is_report = |kind: &str| matches!(kind, "message/delivery-status" | "message/global-delivery-status");
        let mut groups: Vec<report::Told> = self.parts(is_report).flat_map(|body| report::recipients(&body)).collect();
        if groups.is_empty() && self.report_type() == "delivery-status" {
            // Some call that part plain text, or bytes.
            let named = |body: &String| report::first(body, "final-recipient").is_some();
            groups = self.parts(|_| true).filter(named).flat_map(|body| report::recipients(&body)).collect();
        }
        if groups.is_empty() {
            return false;
        }
        // Of several recipients the one with the worst news; of equals the first.
        let judged = groups.iter().filter_map(|told| Some((told.verdict(&self.text)?, told)));
        let Some(((kind, status), told)) = judged.min_by_key(|((kind, _), _)| *kind) else {
            // It was delivered: a receipt.
            return true;
        };
        found.kind = kind;
        found.status = status.map(|status| status.to_string());
        found.recipient = told.recipient();
        found.diagnostic = Some(cut(&one_line(&told.diagnostic))).filter(|text| !text.is_empty());
        true
    }

    /// Whether a mailbox says of itself that nobody wrote this, in a way that mail servers do not when they return something.
    fn answers_by_itself(&self) -> bool {
        !self.is_of_a_mail_server()
            && (wording::begins(&self.subject, wording::AUTOMATIC_SUBJECT)
                || AUTOMATIC_HEADERS.iter().any(|name| self.header(name).is_some_and(|value| value != "no")))
    }

    fn is_of_a_mail_server(&self) -> bool {
        let local = self.from.split('@').next().unwrap_or_default();
        wording::begins(local, wording::DAEMON) || wording::any(&self.name, wording::DAEMON_NAME)
    }

    /// A letter came back, and only words say so.
    fn returned_with_words(&self, found: &mut Classified) -> bool {
        let named = self.header("X-Failed-Recipients");
        let server = self.is_of_a_mail_server();
        let subject =
            wording::any(&self.subject, wording::RETURNED_SUBJECT) && !wording::begins(&self.subject, &["re:"]);
        let late = wording::any(&self.text, wording::DELAYED)
            || server && wording::any(&self.subject, wording::DELAYED_SUBJECT);
        let words = wording::any(&self.text, wording::RETURNED);
        let speaks = named.is_some() || server && (subject || words || late) || subject && words;
        if !speaks && !wording::any(&self.text, wording::RETURNED_SURELY) {
            return false;
        }
        let (kind, status) = match report::judged(None, None, &self.text, &self.text) {
            // "We will keep trying" may stand beside the code of what went wrong.
            Some((_, status)) if late => (Kind::Soft, status.filter(|status| status.class == 4)),
            Some(judged) => judged,
            None if late => (Kind::Soft, None),
            None => (Kind::Hard, None),
        };
        found.kind = kind;
        found.status = status.map(|status: Status| status.to_string());
        found.recipient = named.as_deref().and_then(wording::address_in).or_else(|| self.named_in_text());
        found.diagnostic = wording::line_that_says_why(&self.text).map(|line| cut(&one_line(line)));
        true
    }

    /// The first address in the text that is neither ours nor the mail server's.
    fn named_in_text(&self) -> Option<String> {
        let to: Vec<String> = self
            .message
            .to()
            .map(|to| to.iter().filter_map(|to| to.address()).map(str::to_lowercase).collect())
            .unwrap_or_default();
        // "From: us, Subject: ..": some tell what the letter was.
        let lines =
            self.text.lines().filter(|line| !wording::begins(line.trim_start(), &["from:", "sender:", "> from:"]));
        lines.flat_map(wording::addresses).find(|address| *address != self.from && !to.contains(address))
    }

    fn is_automatic(&self) -> bool {
        let says =
            |name: &'static str, words: &[&str]| self.header(name).is_some_and(|value| wording::begins(&value, words));
        self.header("Auto-Submitted").is_some_and(|value| !value.starts_with("no"))
            || AUTOMATIC_HEADERS.iter().any(|name| self.header(name).is_some_and(|value| value != "no"))
            || says("Precedence", &["auto_reply", "auto-reply"])
            || says("X-Precedence", &["auto_reply", "auto-reply"])
            || says("Delivered-To", &["autoresponder"])
            || says("X-POST-MessageClass", &["9; autoresponder", "9;"])
            || says("X-MS-Exchange-Generated-Message-Source", &["mailbox rules agent"])
            || self.report_type() == "disposition-notification"
            || wording::begins(&self.subject, wording::AUTOMATIC_SUBJECT)
            || wording::any(&self.subject, wording::ABSENT_SUBJECT)
            || wording::any(wording::beginning(&self.text), wording::ABSENT)
    }
}

/// Headers that only automatic answers have.
const AUTOMATIC_HEADERS: &[&str] = &[
    "X-Autoreply",
    "X-Autoreply-From",
    "X-AutoReply-From",
    "X-Auto-Reply-From",
    "X-Auto-Reply",
    "X-Autorespond",
    "X-Autoresponse",
    "X-Autoresponder",
    "X-Mail-Autoreply",
    "X-Vacation",
    "X-Vacation-Message",
    "X-FC-MachineGenerated",
];

/// `text/plain`, in lower case; empty where nothing says so.
fn kind_of(part: &MessagePart<'_>) -> String {
    let kind = mail_parser::MimeHeaders::content_type(part);
    kind.map_or(String::new(), |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_lowercase())
}

/// What a part says, decoded; nothing of messages inside.
fn contents(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.chars().take(TEXT).collect(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT)]).into_owned()
        }
        PartType::Message(_) | PartType::Multipart(_) => String::new(),
    }
}

/// What there is to read for a person, up to a bound.
fn text(message: &Message<'_>) -> String {
    let mut whole = String::new();
    for at in 0..message.text_body.len().min(4) {
        let Some(text) = message.body_text(at) else { continue };
        whole.extend(text.chars().take(TEXT.saturating_sub(whole.len())));
        whole.push('\n');
    }
    whole
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(DIAGNOSTIC).collect()
}
