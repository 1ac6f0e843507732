//! iCalendar (RFC 5545, RFC 5546, RFC 7986): invitations, cancellations, feeds. Pure.
//!
//! Each meeting is an event of its own, with a UID of its own that never changes: a message of iTIP speaks of one UID, and
//! programs that do not know dates listed one by one (`RDATE`) show all the same what there is. SEQUENCE is what the reader
//! was told so far ([`sequence`]): it rises when calendars must know of a change of the session, and with each change of the
//! reader's own seat, and never falls. So who leaves and comes back is told a number above that of the cancellation.
//!
//! A postponed session keeps its place with `STATUS:TENTATIVE` and a title that says so, because `CANCELLED` would take it
//! out of calendars and RFC 5546 (3.2.2) knows nothing between. A held seat is `TENTATIVE` too.

pub mod address;
pub mod feeds;
mod write;
mod zone;

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use self::write::{Lines, quoted};
use super::schedule;
use super::seat::{Registration, takes_place};
use super::session::{Meeting, Session};
use crate::mail::Letterhead;
use crate::people::{School, SchoolId};
use crate::platform::vocabulary::{Seat, SessionMode, SessionStatus};
use crate::platform::{Timestamp, Zone};

/// What a calendar message is for; the MIME parameter `method` must say the same (RFC 6047 2.4, T10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Puts an event into somebody's calendar, or changes it.
    Request,
    /// Takes it out.
    Cancel,
    /// Tells whoever looks.
    Publish,
}

impl Method {
    /// As both the calendar and its MIME header write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

/// Somebody with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// How they are called.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// Whom invitations come from: the sender of letters, so that replies and sender agree (RFC 6047 3).
pub fn organizer(head: &Letterhead) -> Mailbox {
    let email = head.from.email.to_string();
    Mailbox { name: head.from.name.clone().unwrap_or_else(|| email.clone()), email }
}

/// A session as one reader's calendar is told of it.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The session.
    pub session: &'a Session,
    /// Its page.
    pub url: String,
    /// "Harbor Charter School and Millbrook Elementary"; empty says nothing of it.
    pub hosts: String,
    /// Where it is, for meetings that do not say.
    pub place: String,
    /// Whether the reader has a confirmed seat or runs it: sees the link to join.
    pub inside: bool,
    /// Whether it holds the reader's time: a seat does, an announcement does not.
    pub busy: bool,
    /// Whether the reader's seat is not certain yet.
    pub tentative: bool,
    /// Whether the reader is asked again, after a material change (J-8).
    pub asks: bool,
    /// [`sequence`].
    pub sequence: i32,
    /// When what is told here last changed.
    pub changed: Timestamp,
}

impl<'a> Told<'a> {
    /// A session for everybody, or for whoever has this registration; `inside` for those who run it.
    pub fn new(
        session: &'a Session,
        schools: &HashMap<SchoolId, School>,
        head: &Letterhead,
        registration: Option<&Registration>,
        inside: bool,
    ) -> Self {
        let seat = registration.map(|registration| registration.seat);
        let names: Vec<&str> = session
            .parties()
            .filter_map(|party| schools.get(&party.school))
            .map(|school| school.name.as_str())
            .collect();
        Self {
            session,
            url: head.link(&format!("/sessions/{}", session.id)),
            hosts: names.join(" and "),
            place: schools.get(&session.host.school).map(place_of).unwrap_or_default(),
            inside: inside || seat == Some(Seat::CONFIRMED),
            busy: seat.is_some_and(takes_place),
            tentative: seat.is_some_and(|seat| seat != Seat::CONFIRMED),
            asks: registration.is_some_and(|own| own.seat == Seat::CONFIRMED && own.round < session.round),
            sequence: sequence(session, registration),
            changed: registration.map_or(session.updated_at, |own| own.updated_at.max(session.updated_at)),
        }
    }
}

/// "Harbor Charter School, Old Mill, Rivermark".
fn place_of(school: &School) -> String {
    let place = school.place();
    if place.is_empty() { school.name.clone() } else { format!("{}, {place}", school.name) }
}

/// SEQUENCE for a reader: of the session for everybody; with the changes of their seat for whoever has, or had, one.
pub fn sequence(session: &Session, registration: Option<&Registration>) -> i32 {
    session.sequence.saturating_add(registration.map_or(0, |registration| registration.turn))
}

/// The name of a meeting in calendars; the first has the session's own.
pub fn uid(session: &Session, number: i32) -> String {
    match session.uid.split_once('@') {
        Some((left, domain)) if number > 1 => format!("{left}-{number}@{domain}"),
        None if number > 1 => format!("{}-{number}", session.uid),
        _ => session.uid.clone(),
    }
}

/// METHOD:REQUEST: one meeting for one person, new or changed. One attendee in it, so that nobody's address reaches another.
pub fn invitation(
    told: &Told<'_>,
    meeting: &Meeting,
    organizer: &Mailbox,
    attendee: &Mailbox,
    now: Timestamp,
) -> String {
    message(Method::Request, told, meeting, organizer, attendee, now)
}

/// METHOD:CANCEL: takes one meeting out of one person's calendar: the session is cancelled, the meeting is gone, or the seat
/// is. `told.sequence` is above that of the last invitation.
pub fn cancellation(
    told: &Told<'_>,
    meeting: &Meeting,
    organizer: &Mailbox,
    attendee: &Mailbox,
    now: Timestamp,
) -> String {
    message(Method::Cancel, told, meeting, organizer, attendee, now)
}

/// A message of iTIP; letters that carry it name the same method (T10).
pub fn message(
    method: Method,
    told: &Told<'_>,
    meeting: &Meeting,
    organizer: &Mailbox,
    attendee: &Mailbox,
    now: Timestamp,
) -> String {
    let mut lines = Lines::default();
    head(&mut lines, method);
    zones(&mut lines, std::iter::once(meeting));
    event(&mut lines, method, told, meeting, organizer, Some(attendee), now);
    lines.end("VCALENDAR");
    lines.done()
}

/// What a feed is called.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name in lists of calendars.
    pub name: String,
    /// What it holds, in a sentence.
    pub about: String,
}

/// METHOD:PUBLISH: a calendar to subscribe to, or one session to keep. No attendees (RFC 5546 3.2.1). The same sessions make
/// the same bytes, whoever asks and whenever.
pub fn feed(feed: &Feed, organizer: &Mailbox, items: &[Told<'_>]) -> String {
    let mut lines = Lines::default();
    head(&mut lines, Method::Publish);
    for name in ["NAME", "X-WR-CALNAME"] {
        lines.text(name, &feed.name);
    }
    for name in ["DESCRIPTION", "X-WR-CALDESC"] {
        lines.text(name, &feed.about);
    }
    lines.raw("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    lines.raw("X-PUBLISHED-TTL", "PT1H");
    zones(&mut lines, items.iter().flat_map(|told| &told.session.meetings));
    for told in items {
        for meeting in &told.session.meetings {
            event(&mut lines, Method::Publish, told, meeting, organizer, None, told.changed);
        }
    }
    lines.end("VCALENDAR");
    lines.done()
}

fn head(lines: &mut Lines, method: Method) {
    lines.begin("VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.raw("PRODID", "-//Common Ground//Joint sessions//EN");
    lines.raw("CALSCALE", "GREGORIAN");
    lines.raw("METHOD", method.word());
}

/// The zones of the meetings; of none, the zone where most are, because a calendar holds at least one component (3.6).
fn zones<'a>(lines: &mut Lines, meetings: impl Iterator<Item = &'a Meeting>) {
    let mut years: BTreeMap<&str, (Zone, i32, i32)> = BTreeMap::new();
    for meeting in meetings {
        let (start, end) = (meeting.starts_local.year(), meeting.ends_local.year());
        let known = years.entry(meeting.zone.name()).or_insert((meeting.zone, start, end));
        (known.1, known.2) = (known.1.min(start), known.2.max(end));
    }
    if years.is_empty() {
        // Any year will do: nothing refers to it.
        zone::write(lines, Zone::default(), 2026, 2026);
    }
    for (zone, first, last) in years.into_values() {
        zone::write(lines, zone, first, last);
    }
}

fn event(
    lines: &mut Lines,
    method: Method,
    told: &Told<'_>,
    meeting: &Meeting,
    organizer: &Mailbox,
    attendee: Option<&Mailbox>,
    stamp: Timestamp,
) {
    let session = told.session;
    let gone = method == Method::Cancel || session.status == SessionStatus::CANCELLED;
    let postponed = session.status == SessionStatus::POSTPONED;
    let status = match (gone, postponed || told.tentative) {
        (true, _) => "CANCELLED",
        (false, true) => "TENTATIVE",
        (false, false) => "CONFIRMED",
    };
    lines.begin("VEVENT");
    lines.text("UID", &uid(session, meeting.number));
    lines.raw("DTSTAMP", &in_utc(stamp));
    time(lines, "DTSTART", meeting.starts_local, meeting.starts_at, meeting.zone);
    time(lines, "DTEND", meeting.ends_local, meeting.ends_at, meeting.zone);
    lines.raw("SEQUENCE", &told.sequence.to_string());
    lines.raw("STATUS", status);
    lines.text("SUMMARY", &summary(session, gone, postponed));
    lines.text("LOCATION", &location(told, meeting));
    lines.text("DESCRIPTION", &description(told, meeting));
    if !session.topics.is_empty() {
        lines.texts("CATEGORIES", session.topics.iter().map(|topic| topic.label()));
    }
    lines.raw("URL", &told.url);
    if let Some(link) = meeting.online_url.as_deref().filter(|link| told.inside && is_link(link)) {
        lines.raw(&format!("CONFERENCE;VALUE=URI;LABEL={}", quoted("Join online")), link);
    }
    lines.raw("CREATED", &in_utc(session.created_at));
    lines.raw("LAST-MODIFIED", &in_utc(told.changed));
    lines.raw("TRANSP", if told.busy && status == "CONFIRMED" { "OPAQUE" } else { "TRANSPARENT" });
    lines.raw(&format!("ORGANIZER;CN={}", quoted(&organizer.name)), &format!("mailto:{}", organizer.email));
    if let Some(attendee) = attendee {
        // A seat is a yes that was said here: nobody is asked for another before something changes.
        let answer = match gone {
            true => "PARTSTAT=DECLINED;RSVP=FALSE",
            false if told.asks && !postponed => "PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
            false => "PARTSTAT=ACCEPTED;RSVP=FALSE",
        };
        let name = format!("ATTENDEE;CN={};ROLE=REQ-PARTICIPANT;{answer}", quoted(&attendee.name));
        lines.raw(&name, &format!("mailto:{}", attendee.email));
    }
    lines.end("VEVENT");
}

/// Time on the wall with its zone. A wall time that comes twice means the first in RFC 5545 (3.3.5) and the second to ical.js
/// and node-ical, so both are written as moments.
fn time(lines: &mut Lines, name: &str, local: chrono::NaiveDateTime, at: Timestamp, zone: Zone) {
    if matches!(zone.moment(local), Err(crate::platform::zone::Unclear::Twice(..))) {
        lines.raw(name, &in_utc(at));
    } else {
        lines.raw(&format!("{name};TZID={}", zone.name()), &local.format("%Y%m%dT%H%M%S").to_string());
    }
}

fn in_utc(at: Timestamp) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn summary(session: &Session, gone: bool, postponed: bool) -> String {
    match (gone, postponed) {
        (true, _) => format!("Cancelled: {}", session.title),
        (_, true) => format!("Postponed: {}", session.title),
        _ => session.title.clone(),
    }
}

fn location(told: &Told<'_>, meeting: &Meeting) -> String {
    let room = meeting.address.as_deref().filter(|address| !address.is_empty()).unwrap_or(&told.place);
    match told.session.mode {
        SessionMode::ONLINE => "Online".to_owned(),
        SessionMode::HYBRID => format!("{room}, or online"),
        _ => room.to_owned(),
    }
}

fn description(told: &Told<'_>, meeting: &Meeting) -> String {
    let session = told.session;
    let mut parts = Vec::new();
    if let Some(reason) = session.reason.as_deref().filter(|reason| !reason.is_empty()) {
        parts.push(reason.to_owned());
    }
    if !session.details.purpose.is_empty() {
        parts.push(format!("You will leave with: {}", session.details.purpose));
    }
    parts.extend((!told.hosts.is_empty()).then(|| format!("Invited by {}.", told.hosts)));
    if session.meetings.len() > 1 {
        parts.push(format!("Meeting {} of {}: {}.", meeting.number, session.meetings.len(), schedule::when(meeting)));
    }
    if told.inside {
        let entrance = &session.details.entrance;
        parts.extend((!entrance.is_empty()).then(|| format!("Entrance: {entrance}")));
        parts.extend(meeting.online_url.as_ref().map(|link| format!("Join online: {link}")));
    }
    parts.push(format!("Everything about it: {}", told.url));
    parts.join("\n\n")
}

/// Whether a text is an address that a program may open.
fn is_link(text: &str) -> bool {
    text.starts_with("https://") && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}
