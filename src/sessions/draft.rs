//! What somebody types or sends about a session becomes a session: every mistake at once, the same for the form and for JSON.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::session::{Details, Facilitator, Meeting, Party, RoomId, Session};
use crate::catalog::PracticeId;
use crate::people::{AccountId, School, SchoolId};
use crate::platform::vocabulary::{CoverageNeed, SessionFormat, SessionMode, UnknownCode};
use crate::platform::zone::Unclear;
use crate::platform::{FieldErrors, Timestamp, Zone};

/// What somebody named, as text. What is not named stays as it is; an empty text takes out.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    texts: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<String>>,
    /// Its meetings, all of them.
    pub meetings: Option<Vec<MeetingDraft>>,
    /// Who leads it, all of them.
    pub facilitators: Option<Vec<FacilitatorDraft>>,
    /// Seats kept for each sector: an empty text for one leaves it to the usual; `Some` without entries keeps none.
    pub kept: Option<BTreeMap<String, String>>,
}

/// One meeting as text.
#[derive(Clone, Debug, Default)]
pub struct MeetingDraft {
    /// `2026-11-14T09:00` on the wall there, or with an offset.
    pub starts_at: String,
    /// The same; empty is as long as the format usually takes.
    pub ends_at: String,
    /// Zone; empty is that of the session.
    pub zone: String,
    /// Id of a room of host or co-host.
    pub room: String,
    /// Where it is, in words.
    pub address: String,
    /// The link to join online.
    pub online_url: String,
}

/// Somebody who leads it, as text.
#[derive(Clone, Debug, Default)]
pub struct FacilitatorDraft {
    /// How they are called; that of the account where it is empty.
    pub name: String,
    /// The address of their account here.
    pub email: String,
    /// Id of their account, instead of the address.
    pub account: String,
    /// Their school: its name, its name in addresses or its id.
    pub school: String,
}

/// Names of texts, as the form and JSON spell them.
pub const TEXTS: [&str; 34] = [
    "title",
    "format",
    "purpose",
    "audience",
    "prerequisites",
    "mode",
    "host",
    "cohost",
    "practice",
    "zone",
    "capacity",
    "online_capacity",
    "minimum",
    "decide_on",
    "school_cap",
    "release_at",
    "opens_at",
    "closes_at",
    "approval_needed",
    "approval_by",
    "coverage",
    "coverage_paid_by",
    "visibility",
    "access_contact",
    "attendance_rule",
    "parking",
    "transit",
    "entrance",
    "accessibility",
    "access_days",
    "meals",
    "languages",
    "materials",
    "recording",
];

/// Names of lists.
pub const LISTS: [&str; 4] = ["topics", "grade_bands", "subjects", "invited"];

impl Draft {
    /// Names a text.
    pub fn set(&mut self, name: &'static str, text: impl Into<String>) {
        self.texts.insert(name, text.into());
    }

    /// Names a list.
    pub fn set_list(&mut self, name: &'static str, values: Vec<String>) {
        self.lists.insert(name, values);
    }

    /// A text that is named, without blanks around it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|text| text.trim())
    }

    fn list(&self, name: &str) -> Option<impl Iterator<Item = &str>> {
        let values = self.lists.get(name)?;
        Some(values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()))
    }

    /// Every school it names, as it names it.
    pub fn schools(&self) -> impl Iterator<Item = &str> {
        let parties = ["host", "cohost"].into_iter().filter_map(|name| self.text(name));
        let invited = self.lists.get("invited").into_iter().flatten().map(|text| text.trim());
        let theirs = self.facilitators.iter().flatten().map(|who| who.school.trim());
        parties.chain(invited).chain(theirs).filter(|text| !text.is_empty())
    }

    /// Every room it names.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.meetings.iter().flatten().filter_map(|meeting| meeting.room.trim().parse().ok()).collect()
    }
}

/// What the names in a draft mean; filled by whoever may look.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Schools by the text that names them.
    pub schools: HashMap<String, School>,
    /// Rooms in use, with their schools.
    pub rooms: HashMap<RoomId, SchoolId>,
    /// People of the host, and of a co-host that agreed, by the address or id that names them, with their names.
    pub people: HashMap<String, (AccountId, String)>,
    /// The practice that is named.
    pub practice: Option<PracticeId>,
    /// Codes of the sectors of this installation.
    pub sectors: BTreeSet<String>,
}

/// What a format usually is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Minutes of one meeting.
    pub minutes: i64,
    /// How many meetings.
    pub meetings: usize,
    /// Seats, in the room or online.
    pub seats: i32,
    /// Where it is.
    pub mode: SessionMode,
    /// How much of a school day it takes.
    pub coverage: &'static str,
}

/// What a format usually is; whoever posts changes it freely.
pub fn usual(format: SessionFormat) -> Usual {
    let (minutes, meetings, seats, coverage) = match format.code() {
        "workshop_series" => (120, 3, 30, "none"),
        "school_visit" => (180, 1, 12, "half_day"),
        "learning_walk" => (150, 1, 10, "half_day"),
        "lesson_study" => (300, 2, 12, "full_day"),
        "plc" => (60, 1, 12, "none"),
        "coaching_cycle" => (45, 6, 4, "partial"),
        "lab_classroom" => (150, 1, 8, "half_day"),
        "exchange" => (360, 1, 2, "full_day"),
        "consultancy" => (60, 1, 8, "none"),
        "webinar" => (60, 1, 100, "none"),
        _ => (180, 1, 30, "none"),
    };
    let mode = if format == SessionFormat::WEBINAR { SessionMode::ONLINE } else { SessionMode::IN_PERSON };
    Usual { minutes, meetings, seats, mode, coverage }
}

/// Most meetings of one session.
pub const MEETINGS: usize = 40;
/// Most people who lead one.
const FACILITATORS: usize = 20;
/// Most seats of one way.
const SEATS: i32 = 5_000;

/// The session with what the draft names in place of what was; or everything that is wrong, in the order of the form. A new
/// session begins as one with nothing in it (`fresh`), and takes what its format usually is.
pub fn onto(draft: &Draft, mut session: Session, known: &Known, fresh: bool) -> Result<Session, FieldErrors> {
    let mut read = Reader { draft, errors: FieldErrors::default() };
    if let Some(title) = read.text("title", 120, false) {
        session.title = title;
    }
    if session.title.is_empty() && read.right("title") {
        read.wrong("title", "Give it a title.");
    }
    match read.code::<SessionFormat>("format") {
        Some(format) => session.format = format,
        None if fresh && read.right("format") => read.wrong("format", "Choose what kind of session it is."),
        None => {}
    }
    let usual = usual(session.format);
    parties(&mut read, &mut session, known, fresh);
    meetings(&mut read, &mut session, known, usual);
    seats(&mut read, &mut session, usual, fresh);
    registration(&mut read, &mut session, known, usual, fresh);
    if let Some(practice) = read.draft.text("practice") {
        session.practice = known.practice.filter(|_| !practice.is_empty());
        if session.practice.is_none() && !practice.is_empty() {
            read.wrong("practice", "Give the address or the id of a practice of the catalog.");
        }
    }
    if let Some(topics) = read.codes("topics", 5) {
        session.topics = topics;
        session.topics.sort_unstable();
    }
    facilitators(&mut read, &mut session, known);
    details(&mut read, &mut session.details);
    read.errors.or(session)
}

fn parties(read: &mut Reader<'_>, session: &mut Session, known: &Known, fresh: bool) {
    let party = |text: &str| {
        let school = known.schools.get(text).filter(|school| school.is_open())?;
        Some(Party { school: school.id, sector: school.sector.clone() })
    };
    match read.draft.text("host") {
        Some(text) => match party(text) {
            Some(host) => session.host = host,
            None => read.wrong("host", "Choose the school that hosts it."),
        },
        None if fresh => read.wrong("host", "Choose the school that hosts it."),
        None => {}
    }
    if let Some(text) = read.draft.text("cohost") {
        session.cohost = party(text);
        if session.cohost.is_none() && !text.is_empty() {
            read.wrong("cohost", "Give the full name of one school, or its address on this site.");
        }
    }
    if session.cohost.as_ref().is_some_and(|cohost| cohost.school == session.host.school) && read.right("cohost") {
        read.wrong("cohost", "Choose a co-host that is another school than the host.");
    }
    if let Some(names) = read.draft.list("invited") {
        let names: Vec<String> = names.map(str::to_owned).collect();
        session.invited = names.iter().filter_map(|name| known.schools.get(name)).map(|school| school.id).collect();
        session.invited.sort_unstable();
        session.invited.dedup();
        if let Some(unknown) = names.iter().find(|name| !known.schools.contains_key(*name)) {
            let name: String = unknown.chars().filter(|c| !c.is_control()).take(60).collect();
            read.wrong(
                "invited",
                format!("There is no one school \"{name}\"; give its full name or its address here."),
            );
        }
    }
}

fn meetings(read: &mut Reader<'_>, session: &mut Session, known: &Known, usual: Usual) {
    let zone = match read.draft.text("zone").filter(|text| !text.is_empty()) {
        None => session.zone(),
        Some(text) => Zone::parse(text).unwrap_or_else(|_| {
            read.wrong("zone", "Choose a time zone like America/New_York.");
            session.zone()
        }),
    };
    let Some(drafts) = &read.draft.meetings else {
        if read.draft.text("zone").is_some_and(|text| !text.is_empty())
            && session.meetings.iter().any(|m| m.zone != zone)
        {
            read.wrong("zone", "Give the meetings again with the new time zone.");
        }
        return;
    };
    if drafts.len() > MEETINGS {
        return read
            .wrong("meetings", format!("Give at most {MEETINGS} meetings; post the others as another session."));
    }
    let parties: Vec<SchoolId> = session.parties().map(|party| party.school).collect();
    let mut found: Vec<Meeting> = Vec::new();
    for (draft, number) in drafts.iter().zip(1..) {
        let Some(meeting) = meeting(read, draft, number, zone, known, &parties, usual) else { continue };
        if found.last().is_some_and(|before| before.ends_at > meeting.starts_at) {
            let at = format!("meetings/{number}/starts_at");
            read.wrong(&at, "Give the dates in order: this one begins before the one above it ends.");
        }
        found.push(meeting);
    }
    for meeting in &mut found {
        let before = session.meetings.iter().find(|before| before.number == meeting.number);
        meeting.code = before.and_then(|before| before.code.clone());
    }
    session.starts_at = found.first().map(|meeting| meeting.starts_at);
    session.ends_at = found.last().map(|meeting| meeting.ends_at);
    session.meetings = found;
}

fn meeting(
    read: &mut Reader<'_>,
    draft: &MeetingDraft,
    number: i32,
    zone: Zone,
    known: &Known,
    parties: &[SchoolId],
    usual: Usual,
) -> Option<Meeting> {
    let field = |name: &str| format!("meetings/{number}/{name}");
    let zone = match draft.zone.trim() {
        "" => zone,
        text => match Zone::parse(text) {
            Ok(zone) => zone,
            Err(_) => {
                read.wrong(&field("zone"), "Choose a time zone like America/New_York.");
                return None;
            }
        },
    };
    let room = match draft.room.trim() {
        "" => None,
        text => {
            let room = text.parse().ok().filter(|id| known.rooms.get(id).is_some_and(|at| parties.contains(at)));
            if room.is_none() {
                read.wrong(&field("room"), "Choose a room of the host or the co-host.");
            }
            room
        }
    };
    let address = read.checked(&field("address"), &draft.address, 300, true);
    let online_url = read.checked(&field("online_url"), &draft.online_url, 500, false);
    if online_url.as_ref().is_some_and(|url| !is_web_address(url)) {
        read.wrong(&field("online_url"), "Give the link as it is in the browser, beginning with https://.");
    }
    let starts = time(read, &field("starts_at"), &draft.starts_at, zone);
    let ends = match draft.ends_at.trim() {
        "" => starts.map(|(_, at)| {
            let at = at + TimeDelta::minutes(usual.minutes);
            (zone.local(at), at)
        }),
        text => time(read, &field("ends_at"), text, zone),
    };
    let ((starts_local, starts_at), (ends_local, ends_at)) = (starts?, ends?);
    if ends_at <= starts_at {
        read.wrong(&field("ends_at"), "Give an end that is after the start.");
    } else if ends_at - starts_at > TimeDelta::hours(24) {
        read.wrong(&field("ends_at"), "Give each day as a meeting of its own: one lasts 24 hours at most.");
    }
    let found = Meeting {
        number,
        starts_local,
        ends_local,
        zone,
        starts_at,
        ends_at,
        room,
        address: address.filter(|text| !text.is_empty()),
        online_url: online_url.filter(|text| !text.is_empty()),
        code: None,
    };
    Some(found)
}

/// A time on the wall, and the moment it is. One that does not come, or comes twice, is refused with what to choose.
fn time(read: &mut Reader<'_>, field: &str, text: &str, zone: Zone) -> Option<(NaiveDateTime, Timestamp)> {
    let Some(local) = local_time(text, zone) else {
        read.wrong(field, "Give the day and the time, like 2026-11-14 and 09:00.");
        return None;
    };
    let day = local.format("%A, %B %-d, %Y");
    let clock = |time: NaiveDateTime| time.format("%-I:%M %p").to_string();
    match zone.moment(local) {
        Ok(at) => return Some((local, at)),
        Err(Unclear::Gap(after)) => {
            let (given, after) = (clock(local), clock(after));
            read.wrong(
                field,
                format!(
                    "On {day} clocks go forward and {given} does not come; choose {after} or later, or an earlier hour."
                ),
            );
        }
        Err(Unclear::Twice(..)) => {
            let twice = |time: &NaiveDateTime| matches!(zone.moment(*time), Err(Unclear::Twice(..)));
            let step = |minutes: i64| local + TimeDelta::minutes(minutes);
            let before = (1..=180).map(|minutes| step(-minutes)).take_while(twice).last().unwrap_or(local);
            let after = (1..=180).map(step).find(|time| !twice(time)).unwrap_or(local);
            let (given, before, after) = (clock(local), clock(before), clock(after));
            read.wrong(
                field,
                format!("On {day} clocks go back and {given} comes twice; choose a time before {before}, or {after} or later."),
            );
        }
    }
    None
}

/// `2026-11-14T09:00` as it is; with an offset, what the wall shows in the zone at that moment.
fn local_time(text: &str, zone: Zone) -> Option<NaiveDateTime> {
    let text = text.trim();
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = local.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| zone.local(at.to_utc())));
    // Calendars know no other centuries, and neither do the rules of zones.
    local.filter(|local| is_of_our_time(local.date()))
}

fn is_of_our_time(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (2000..2100).contains(&day.year())
}

fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    url.is_empty() || rest.is_some_and(|rest| rest.contains('.') && !url.contains([' ', '"', '<', '>', '\\']))
}

fn seats(read: &mut Reader<'_>, session: &mut Session, usual: Usual, fresh: bool) {
    match read.code::<SessionMode>("mode") {
        Some(mode) => session.mode = mode,
        None if fresh || read.draft.text("mode") == Some("") => session.mode = usual.mode,
        None => {}
    }
    let (room, online) = (session.mode != SessionMode::ONLINE, session.mode != SessionMode::IN_PERSON);
    let mut in_person = read.number("capacity", 1, SEATS);
    let mut remote = read.number("online_capacity", 1, SEATS);
    if !room && !matches!(remote, Some(Some(_))) {
        // The seats of an online session are online, whichever of the two fields names them.
        remote = in_person.take().or(remote);
    }
    // The form sends both fields; a way that is not offered has no seats, whatever was left in its field.
    let places = |offered: bool, named: Option<Option<i32>>, now: i32| match (offered, named.flatten()) {
        (false, _) => 0,
        (true, Some(seats)) => seats,
        (true, None) if now > 0 => now,
        (true, None) => usual.seats,
    };
    session.in_person.capacity = places(room, in_person, session.in_person.capacity);
    session.online.capacity = places(online, remote, session.online.capacity);
    let all = session.in_person.capacity + session.online.capacity;
    if let Some(minimum) = read.number("minimum", 1, SEATS) {
        session.minimum = minimum;
    }
    if session.minimum.is_some_and(|minimum| minimum > all) && read.right("minimum") {
        read.wrong("minimum", format!("Give at most {all}: there are no more seats."));
    }
    if let Some(cap) = read.number("school_cap", 1, SEATS) {
        session.school_cap = cap;
    }
}

fn registration(read: &mut Reader<'_>, session: &mut Session, known: &Known, usual: Usual, fresh: bool) {
    let zone = session.zone();
    if let Some(kept) = &read.draft.kept {
        let mut seats = BTreeMap::new();
        for (code, text) in kept.iter().filter(|(_, text)| !text.trim().is_empty()) {
            match text.trim().parse::<i32>().ok().filter(|n| (0..=SEATS).contains(n)) {
                Some(n) if known.sectors.contains(code) => drop(seats.insert(code.clone(), n)),
                Some(_) => read.wrong("kept", "Keep seats for sectors of this installation."),
                None => read.wrong(&format!("kept/{code}"), "Give a whole number of seats, or nothing."),
            }
        }
        if kept.is_empty() {
            // None at all is a choice, and not the same as nothing chosen.
            seats = known.sectors.iter().map(|code| (code.clone(), 0)).collect();
        }
        session.kept = seats;
    }
    let all = session.in_person.capacity + session.online.capacity;
    if session.kept.values().sum::<i32>() > all && read.right("kept") {
        read.wrong("kept", format!("Keep at most {all} seats in all: there are no more."));
    }
    let start = session.starts_at;
    let mut moment = |field: &'static str, at: &mut Option<Timestamp>, end_of_day: bool| {
        let before = *at;
        if let Some(named) = read.moment(field, zone, end_of_day) {
            *at = named;
        }
        // The release of kept seats goes along with the start where nobody has chosen another.
        let chosen = *at != before || field != "release_at";
        if at.zip(start).is_some_and(|(at, start)| chosen && at > start) && read.right(field) {
            read.wrong(field, "Give a day and time that is not after its start.");
        }
    };
    moment("release_at", &mut session.release_at, false);
    moment("opens_at", &mut session.opens_at, false);
    moment("closes_at", &mut session.closes_at, true);
    moment("approval_by", &mut session.approval_by, true);
    if session.opens_at.zip(session.closes_at).is_some_and(|(opens, closes)| opens >= closes) && read.right("closes_at")
    {
        read.wrong("closes_at", "Give an end of registration that is after its beginning.");
    }
    let before = session.decide_on;
    if let Some(day) = read.day("decide_on") {
        session.decide_on = day;
    }
    let first = session.meetings.first().map(|meeting| meeting.starts_local.date());
    if session.decide_on.zip(first).is_some_and(|(day, first)| day > first)
        && session.decide_on != before
        && read.right("decide_on")
    {
        read.wrong("decide_on", "Decide on a day before it begins.");
    }
    match read.code::<CoverageNeed>("coverage") {
        Some(coverage) => session.coverage = coverage,
        None if fresh || read.draft.text("coverage") == Some("") => {
            session.coverage = CoverageNeed::parse(usual.coverage).unwrap_or(CoverageNeed::NONE);
        }
        None => {}
    }
    match read.flag("approval_needed") {
        Some(needed) => session.approval_needed = needed,
        // Who takes classes has to be asked before somebody leaves them.
        None if fresh => session.approval_needed = session.coverage != CoverageNeed::NONE,
        None => {}
    }
    if let Some(visibility) = read.code("visibility") {
        session.visibility = visibility;
    }
    if let Some(text) = read.draft.text("access_contact") {
        session.access_contact = known.people.get(text).map(|(id, _)| *id);
        if session.access_contact.is_none() && !text.is_empty() {
            read.wrong(
                "access_contact",
                "Give the address of somebody of the host or of a co-host that agreed, or leave it out.",
            );
        }
    }
}

fn facilitators(read: &mut Reader<'_>, session: &mut Session, known: &Known) {
    let Some(drafts) = &read.draft.facilitators else { return };
    if drafts.len() > FACILITATORS {
        return read.wrong("facilitators", format!("Name at most {FACILITATORS} people."));
    }
    let mut found = Vec::new();
    for (draft, number) in drafts.iter().zip(1..) {
        let field = |name: &str| format!("facilitators/{number}/{name}");
        let named = [draft.account.trim(), draft.email.trim()].into_iter().find(|text| !text.is_empty());
        let account = named.and_then(|text| known.people.get(text));
        if named.is_some() && account.is_none() {
            let at = if draft.email.trim().is_empty() { "account" } else { "email" };
            read.wrong(
                &field(at),
                "Nobody of the host, or of a co-host that agreed, has an account with this address; give the name alone.",
            );
        }
        let name = read.checked(&field("name"), &draft.name, 120, false).filter(|name| !name.is_empty());
        let Some(name) = name.or_else(|| account.map(|(_, name)| name.clone())) else {
            read.wrong(&field("name"), "Give a name.");
            continue;
        };
        let school = match draft.school.trim() {
            "" => None,
            text => {
                let school = known.schools.get(text).map(|school| school.id);
                if school.is_none() {
                    read.wrong(&field("school"), "Give the full name of one school, or its address on this site.");
                }
                school
            }
        };
        found.push(Facilitator { account: account.map(|(id, _)| *id), name, school });
    }
    session.facilitators = found;
}

fn details(read: &mut Reader<'_>, details: &mut Details) {
    let texts: [(&'static str, &mut String, usize); 13] = [
        ("purpose", &mut details.purpose, 600),
        ("audience", &mut details.audience, 300),
        ("prerequisites", &mut details.prerequisites, 600),
        ("attendance_rule", &mut details.attendance_rule, 300),
        ("coverage_paid_by", &mut details.coverage_paid_by, 300),
        ("parking", &mut details.parking, 600),
        ("transit", &mut details.transit, 600),
        ("entrance", &mut details.entrance, 600),
        ("accessibility", &mut details.accessibility, 600),
        ("meals", &mut details.meals, 300),
        ("languages", &mut details.languages, 300),
        ("materials", &mut details.materials, 600),
        ("recording", &mut details.recording, 300),
    ];
    for (field, text, most) in texts {
        if let Some(named) = read.text(field, most, true) {
            *text = named;
        }
    }
    if let Some(bands) = read.codes("grade_bands", 5) {
        details.grade_bands = bands;
    }
    if let Some(subjects) = read.codes("subjects", 8) {
        details.subjects = subjects;
    }
    if let Some(days) = read.number("access_days", 0, 60) {
        details.access_days = days.and_then(|days| u16::try_from(days).ok());
    }
}

/// Reads a draft and notes what is wrong.
struct Reader<'a> {
    draft: &'a Draft,
    errors: FieldErrors,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.errors.add(field, message);
    }

    /// Whether nothing is wrong with a field yet: one sentence for each is enough.
    fn right(&self, field: &str) -> bool {
        self.errors.iter().all(|error| error.field != field && !error.field.starts_with(&format!("{field}/")))
    }

    fn text(&mut self, field: &'static str, most: usize, lines: bool) -> Option<String> {
        let text = self.draft.text(field)?.to_owned();
        self.checked(field, &text, most, lines)
    }

    fn checked(&mut self, field: &str, text: &str, most: usize, lines: bool) -> Option<String> {
        let text = text.trim().replace("\r\n", "\n");
        if text.chars().count() > most {
            self.wrong(field, format!("Use up to {most} characters."));
            return None;
        }
        if text.contains(|c: char| c.is_control() && !(lines && c == '\n')) {
            self.wrong(field, if lines { "Use letters and line breaks only." } else { "Write it on one line." });
            return None;
        }
        Some(text)
    }

    /// A code that is named; `None` where it is not, is empty or is wrong.
    fn code<T: FromStr<Err = UnknownCode>>(&mut self, field: &'static str) -> Option<T> {
        let text = self.draft.text(field).filter(|text| !text.is_empty())?;
        text.parse().map_err(|unknown: UnknownCode| self.wrong(field, unknown.to_string())).ok()
    }

    fn codes<T: FromStr<Err = UnknownCode> + PartialEq>(&mut self, field: &'static str, most: usize) -> Option<Vec<T>> {
        let mut found: Vec<T> = Vec::new();
        let given: Vec<&str> = self.draft.list(field)?.collect();
        for text in given {
            match text.parse::<T>() {
                Ok(code) if found.contains(&code) => {}
                Ok(code) => found.push(code),
                Err(unknown) => {
                    self.wrong(field, unknown.to_string());
                    return None;
                }
            }
        }
        if found.len() > most {
            self.wrong(field, format!("Choose at most {most}."));
            return None;
        }
        Some(found)
    }

    /// A number that is named; `Some(None)` takes it out.
    fn number(&mut self, field: &'static str, least: i32, most: i32) -> Option<Option<i32>> {
        let text = self.draft.text(field)?;
        if text.is_empty() {
            return Some(None);
        }
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(field, whole(least, most));
        }
        number.map(Some)
    }

    fn day(&mut self, field: &'static str) -> Option<Option<NaiveDate>> {
        let text = self.draft.text(field)?;
        if text.is_empty() {
            return Some(None);
        }
        let day = text.parse().ok().filter(|day| is_of_our_time(*day));
        if day.is_none() {
            self.wrong(field, "Give a day like 2026-11-07.");
        }
        day.map(Some)
    }

    /// A moment: a day (its beginning, or its end), a time on the wall of the session, or one with an offset.
    fn moment(&mut self, field: &'static str, zone: Zone, end_of_day: bool) -> Option<Option<Timestamp>> {
        let text = self.draft.text(field)?;
        if text.is_empty() {
            return Some(None);
        }
        let edge = if end_of_day { NaiveTime::from_hms_opt(23, 59, 0) } else { NaiveTime::from_hms_opt(0, 0, 0) };
        let day = text.parse::<NaiveDate>().ok().filter(|day| is_of_our_time(*day));
        let local = day.zip(edge).map(|(day, time)| day.and_time(time)).or_else(|| local_time(text, zone));
        if local.is_none() {
            self.wrong(field, "Give a day like 2026-11-07, or a day and time like 2026-11-07T16:00.");
        }
        local.map(|local| Some(zone.moment_near(local)))
    }

    fn flag(&mut self, field: &'static str) -> Option<bool> {
        match self.draft.text(field)? {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            "" => None,
            _ => {
                self.wrong(field, "Choose yes or no.");
                None
            }
        }
    }
}

fn whole(least: impl Display, most: impl Display) -> String {
    format!("Give a whole number from {least} to {most}.")
}
