//! Answers of calendars (iTIP REPLY, RFC 5546 and 6047), read out of a calendar body. Pure.

use chrono::NaiveDateTime;

use crate::platform::Timestamp;

/// A calendar's answer to an invitation (METHOD:REPLY), from the attendee's own address (RFC 6047).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarReply {
    /// The UID of the event.
    pub uid: String,
    /// The RECURRENCE-ID where one meeting of several is answered, as it is written.
    pub recurrence: Option<String>,
    /// The address of the ATTENDEE, in lower case, without `mailto:`.
    pub attendee: String,
    /// PARTSTAT in upper case: ACCEPTED, DECLINED, TENTATIVE ...
    pub partstat: String,
    /// The address of From, in lower case: the same as `attendee`, or the answer is not handed on.
    pub from: String,
    /// The SEQUENCE of the invitation that is answered; 0 where it is left out.
    pub sequence: i64,
    /// When the answer was given (DTSTAMP).
    pub sent_at: Option<Timestamp>,
}

/// Events of a body, at most.
const MOST: usize = 50;

/// The answers in a calendar body that came from `from`; `None` where it is no REPLY.
pub fn replies(body: &str, from: &str) -> Option<Vec<CalendarReply>> {
    let lines = unfolded(body);
    let is_reply = lines.iter().any(|line| line.eq_ignore_ascii_case("METHOD:REPLY"));
    if !is_reply {
        return None;
    }
    let mut found = Vec::new();
    let mut event: Option<Vec<&str>> = None;
    for line in &lines {
        let line = line.as_str();
        if line.eq_ignore_ascii_case("BEGIN:VEVENT") {
            event = Some(Vec::new());
        } else if line.eq_ignore_ascii_case("END:VEVENT") {
            found.extend(event.take().and_then(|lines| reply(&lines, from)));
        } else if let Some(lines) = &mut event {
            lines.push(line);
        }
    }
    found.truncate(MOST);
    Some(found)
}

fn reply(lines: &[&str], from: &str) -> Option<CalendarReply> {
    let property = |name: &'static str| lines.iter().filter_map(move |line| property(line, name));
    // A REPLY has one attendee: the one who answers.
    let mut attendees = property("ATTENDEE");
    let (parameters, value) = attendees.next()?;
    if attendees.next().is_some() {
        return None;
    }
    let attendee = value.to_lowercase();
    let attendee = attendee.strip_prefix("mailto:").unwrap_or(&attendee).trim().to_owned();
    let partstat = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("PARTSTAT"))
        .map(|(_, value)| value.trim_matches('"').to_uppercase())?;
    let value = |name: &'static str| property(name).next().map(|(_, value)| value.to_owned());
    Some(CalendarReply {
        uid: value("UID")?,
        recurrence: value("RECURRENCE-ID"),
        attendee,
        partstat,
        from: from.to_owned(),
        sequence: value("SEQUENCE").and_then(|number| number.parse().ok()).unwrap_or(0),
        sent_at: value("DTSTAMP").and_then(|text| moment(&text)),
    })
}

/// Parameters and value of a property of that name. A colon in a quoted parameter ends nothing.
fn property<'a>(line: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let head = line.get(..name.len())?;
    let rest = &line[name.len()..];
    if !head.eq_ignore_ascii_case(name) || !rest.starts_with([';', ':']) {
        return None;
    }
    let mut quoted = false;
    let colon = rest.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    });
    let (at, _) = colon?;
    Some((rest[..at].trim_start_matches(';'), rest[at + 1..].trim()))
}

fn moment(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok().map(|at| at.and_utc())
}

/// Lines as they were before they were folded (RFC 5545 3.1).
fn unfolded(body: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in body.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.trim_end().to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:session-1@ground.example\r\n\
        ATTENDEE;CN=\"Maria: Lopez\";PARTSTAT=decl\r\n ined:MAILTO:Maria@School.example\r\nSEQUENCE:2\r\n\
        DTSTAMP:20261014T160000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn an_answer_is_read() {
        let read = replies(BODY, "maria@school.example").unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].uid.as_str(), read[0].partstat.as_str()), ("session-1@ground.example", "DECLINED"));
        assert_eq!((read[0].attendee.as_str(), read[0].sequence), ("maria@school.example", 2));
        assert_eq!(read[0].sent_at.unwrap().to_rfc3339(), "2026-10-14T16:00:00+00:00");
    }

    #[test]
    fn what_answers_for_several_answers_for_nobody() {
        let two = BODY.replace("SEQUENCE:2", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eve@evil.example");
        assert_eq!(replies(&two, "eve@evil.example").unwrap(), []);
        assert_eq!(replies(&BODY.replace("METHOD:REPLY", "METHOD:REQUEST"), "maria@school.example"), None);
    }
}
