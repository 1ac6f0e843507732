//! The fields of delivery reports and feedback reports (RFC 3464, RFC 5965), and what follows from a status. Pure.

use std::fmt;

use super::bounce::Kind;
use super::wording;

/// An enhanced status (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// 2 it arrived, 4 not yet, 5 never.
    pub class: u8,
    subject: u16,
    detail: u16,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Status {
    const fn new(class: u8, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }

    /// Says nothing but the class.
    fn is_general(self) -> bool {
        self.detail == 0
    }

    /// The first in a text that says more than its class, else the first.
    pub fn in_text(text: &str) -> Option<Self> {
        let mut all = statuses(text);
        let first = all.next()?;
        if !first.is_general() {
            return Some(first);
        }
        all.find(|status| !status.is_general() && status.class == first.class).or(Some(first))
    }
}

/// Enhanced statuses in a text, in order; addresses and versions, which look alike, are passed over.
fn statuses(text: &str) -> impl Iterator<Item = Status> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| matches!(byte, b'2' | b'4' | b'5')).filter_map(move |(at, _)| {
        if at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'.' | b'-' | b'_')) {
            // `550-5.1.1` is the one way in which a hyphen comes before.
            let code = at > 3 && bytes[at - 1] == b'-' && bytes[at - 4..at - 1].iter().all(u8::is_ascii_digit);
            if !code {
                return None;
            }
        }
        let class = bytes[at] - b'0';
        let (subject, next) = number(bytes, at + 1)?;
        let (detail, end) = number(bytes, next)?;
        let goes_on = bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric())
            || bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        // Subjects go from 0 to 7.
        (!goes_on && subject <= 7).then_some(Status::new(class, subject, detail))
    })
}

/// A dot and one to three digits.
fn number(bytes: &[u8], at: usize) -> Option<(u16, usize)> {
    if bytes.get(at) != Some(&b'.') {
        return None;
    }
    let digits: Vec<u8> = bytes[at + 1..].iter().copied().take_while(u8::is_ascii_digit).take(4).collect();
    if digits.is_empty() || digits.len() > 3 {
        return None;
    }
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Some((value, at + 1 + digits.len()))
}

/// The class of the first reply code of SMTP in a text: 550 is 5.
fn reply_class(text: &str) -> Option<u8> {
    let bytes = text.as_bytes();
    let known = |code: &[u8]| {
        let [class @ (b'4' | b'5'), middle @ b'0'..=b'7', last] = code else { return false };
        last.is_ascii_digit() && !(*class == b'4' && matches!(middle, b'0' | b'1'))
    };
    (0..bytes.len()).find_map(|at| {
        let code = bytes.get(at..at + 3).filter(|code| known(code))?;
        let before =
            at == 0 || matches!(bytes[at - 1], b' ' | b'\n' | b'\t' | b':' | b';' | b'(' | b'#' | b'\'' | b'"' | b'<');
        let after = bytes
            .get(at + 3)
            .is_none_or(|byte| matches!(byte, b' ' | b'-' | b'\n' | b'\r' | b':' | b'_' | b')' | b';'));
        (before && after).then_some(code[0] - b'0')
    })
}

/// Fields of a text, unfolded: name in lower case, value.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with([' ', '\t']), line.split_once(':'), found.last_mut()) {
            (true, _, Some((_, value))) if !line.trim().is_empty() => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (_, Some((name, value)), _) if !name.trim().is_empty() && !name.trim().contains(' ') => {
                let name = name.trim().trim_start_matches('>').trim_start().to_ascii_lowercase();
                found.push((name, value.trim().to_owned()));
            }
            // A blank line ends a field, so that nothing is folded into it.
            _ => found.push((String::new(), String::new())),
        }
    }
    found.retain(|(name, _)| !name.is_empty());
    found
}

/// Values of a field, wherever it stands.
pub fn values(text: &str, name: &str) -> impl Iterator<Item = String> {
    let name = name.to_owned();
    let word = |value: String| value.split_whitespace().next().unwrap_or_default().to_owned();
    fields(text).into_iter().filter(move |field| field.0 == name).map(move |field| word(field.1))
}

/// The first value of a field, whole.
pub fn first(text: &str, name: &str) -> Option<String> {
    fields(text).into_iter().find(|field| field.0 == name).map(|field| field.1)
}

/// What a report says of one recipient.
#[derive(Debug, Default)]
pub struct Told {
    action: String,
    status: Option<Status>,
    original: Option<String>,
    last: Option<String>,
    /// What the other mail server said.
    pub diagnostic: String,
}

/// The recipients of a delivery report. Groups are parted by blank lines; where somebody left those out, each
/// Final-Recipient begins one.
pub fn recipients(text: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let (mut open, mut blank) = (Told::default(), true);
    let mut close = |told: &mut Told| {
        let told = std::mem::take(told);
        if !told.action.is_empty() || told.status.is_some() {
            found.push(told);
        }
    };
    let mut lines: Vec<(String, String)> = Vec::new();
    for block in blocks(text) {
        lines.push((String::new(), String::new()));
        lines.extend(fields(&block));
    }
    for (name, value) in lines {
        match name.as_str() {
            "" => {
                blank = true;
                continue;
            }
            "original-recipient" | "final-recipient" => {
                let again = if name == "final-recipient" { open.last.is_some() } else { open.original.is_some() };
                if again || blank && !open.action.is_empty() {
                    close(&mut open);
                }
                let address = wording::address_in(&value);
                if name == "final-recipient" { open.last = address } else { open.original = address }
            }
            "action" => {
                if !open.action.is_empty() {
                    close(&mut open);
                }
                open.action = value.split([' ', '(', ';']).next().unwrap_or_default().to_lowercase();
            }
            "status" if open.status.is_none() => open.status = Status::in_text(&value),
            "diagnostic-code" if open.diagnostic.is_empty() => open.diagnostic = value,
            _ => {}
        }
        blank = false;
    }
    close(&mut open);
    found
}

/// Texts between blank lines.
fn blocks(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            found.push(String::new());
        } else if let Some(block) = found.last_mut() {
            block.push_str(line);
            block.push('\n');
        }
    }
    found
}

impl Told {
    /// The address: the one that we wrote to before the one that it was sent on to.
    pub fn recipient(&self) -> Option<String> {
        self.original.clone().or_else(|| self.last.clone())
    }

    /// What follows from it; `None` where it arrived. `text` is what the report says to people.
    pub fn verdict(&self, text: &str) -> Option<(Kind, Option<Status>)> {
        match self.action.as_str() {
            "delivered" | "relayed" | "expanded" => None,
            "delayed" => Some((Kind::Soft, self.status.filter(|status| status.class == 4))),
            _ if self.action.is_empty() && self.status.is_some_and(|status| status.class == 2) => None,
            _ => {
                let said = self.diagnostic.to_lowercase();
                // A report that says nothing itself is explained by its text.
                let text = if said.is_empty() { text } else { "" };
                judged(self.status, reply_class(&said), &said, text).or(Some((Kind::Hard, self.status)))
            }
        }
    }
}

/// What follows from a status and from what was said (in lower case); `None` where neither says anything. `text` is asked
/// where `said` leaves it open.
pub fn judged(status: Option<Status>, class: Option<u8>, said: &str, text: &str) -> Option<(Kind, Option<Status>)> {
    let says = |words: &[&str]| wording::any(said, words) || wording::any(text, words);
    let inner = Status::in_text(said).filter(|status| status.class != 2);
    // "5.0.0" and a sentence beside it: the sentence knows more.
    let status = match (status.filter(|status| status.class != 2), inner) {
        (Some(outer), Some(inner)) if outer.is_general() && !inner.is_general() => Some(inner),
        (Some(outer), _) => Some(outer),
        (None, inner) => inner,
    };
    let class = match status {
        Some(status) if !status.is_general() => Some(status.class),
        _ => class.or_else(|| reply_class(said)).or(status.map(|status| status.class)),
    };
    let by_address = status.is_some_and(|status| status.subject == 1 && !status.is_general());
    let is_full = status.is_some_and(|status| status.subject == 2 && status.detail == 2);
    if is_full || !by_address && says(wording::FULL) {
        return Some((Kind::Soft, status.or(Some(Status::new(5, 2, 2)))));
    }
    let nobody = !wording::any(said, wording::AWAY) && says(wording::NOBODY);
    if !by_address && !nobody && (says(wording::EXPIRED) || wording::any(said, wording::FOR_NOW)) {
        return Some((Kind::Soft, status));
    }
    let general = status.is_none_or(Status::is_general);
    let kind = match class {
        // No such place: what the status leaves open, the sentence says.
        Some(4) if general && nobody && reply_class(said).is_none() => Kind::Hard,
        Some(4) => Kind::Soft,
        Some(_) => Kind::Hard,
        None if nobody || says(wording::FOR_EVER) => Kind::Hard,
        None if says(wording::AWAY) => Kind::Soft,
        None => return None,
    };
    let status = if kind == Kind::Hard && general && nobody { Some(Status::new(5, 1, 1)) } else { status };
    // A code of three digits that is against the general status.
    let status = status.filter(|status| Some(status.class) == class || class.is_none() || !status.is_general());
    Some((kind, status))
}
