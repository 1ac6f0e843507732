//! A session in words: what [`Outlook`] knows, as its page says it.

use std::collections::{BTreeMap, HashMap};

use crate::platform::vocabulary::{
    Approval, Consent, CoverageNeed, GradeBand, Seat, SeatCoverage, SessionMode, SessionStatus, Subject, Way,
};
use crate::platform::{Cx, Timestamp};
use crate::search::encode;
use crate::sessions::credit::{self, SessionCredit};
use crate::sessions::outlook::{Door, Left, Outlook};
use crate::sessions::schedule;
use crate::sessions::seat::{Registration, takes_place};
use crate::sessions::session::{Facilitator, Meeting, Party, Session};
use crate::sessions::views::page::{
    AskForm, Fact, JointCheck, MeetingLine, PartyLine, SeatCard, SessionPage, StaffForm, StateNote,
};
use crate::web::views::{Choice, Link, SchoolLine, Sector};

/// What was typed into a form of the page that is shown again.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The school.
    pub school: String,
    /// The way.
    pub way: String,
    /// The colleague to register.
    pub account: String,
    /// The address to hand over to.
    pub to: String,
}

/// Labels of sectors by their code.
pub type Sectors = HashMap<String, String>;

/// The page of a session, without its frame.
pub fn session(seen: &Outlook, sectors: &Sectors, cx: &Cx, typed: &Typed) -> SessionPage {
    let session = &seen.session;
    let url = format!("/sessions/{}", session.id);
    let signed_in = cx.actor().person().is_some();
    let live = !matches!(seen.door, Door::Over | Door::Cancelled);
    let askable = signed_in && seen.may_ask(cx.now());
    let (joint, checks) = joint(session, sectors);
    SessionPage {
        url: url.clone(),
        title: session.title.clone(),
        format: session.format.label().to_owned(),
        joint,
        checks,
        state: state(seen),
        purpose: purpose(session),
        parties: parties(seen, sectors),
        meetings: session.meetings.iter().map(|meeting| meeting_line(seen, meeting)).collect(),
        facts: facts(session),
        way_there: way_there(session),
        access: access(seen),
        facilitators: session.facilitators.iter().map(|one| facilitator(seen, one)).collect(),
        topics: session
            .topics
            .iter()
            .map(|topic| Link {
                text: topic.label().to_owned(),
                url: format!("/search?topic={}", encode(topic.code())),
            })
            .collect(),
        credit: seen.credit.iter().map(|given| credit(given, session, sectors)).collect(),
        seats: if live && session.is_public() { seats(seen, sectors) } else { Vec::new() },
        seat: seen.mine.as_ref().and_then(|mine| seat(seen, mine, cx.now(), typed)),
        ask: (askable && !seen.my_schools.is_empty()).then(|| ask(seen, typed)),
        join_first: askable && seen.my_schools.is_empty(),
        closed: closed(seen),
        // The handler puts the address of the page into it.
        sign_in_url: if seen.door == Door::Open && !signed_in { "/sign-in".to_owned() } else { String::new() },
        staff: (!seen.staff.is_empty()).then(|| staff(seen, typed)),
        clashes: seen
            .clashes
            .iter()
            .map(|clash| Link {
                text: format!("{}, {}", clash.title, clash.when),
                url: format!("/sessions/{}", clash.session),
            })
            .collect(),
        tools: tools(seen, &url),
        ics_url: if session.is_public() && !session.meetings.is_empty() { format!("{url}.ics") } else { String::new() },
        ..SessionPage::default()
    }
}

fn purpose(session: &Session) -> String {
    let purpose = session.details.purpose.trim();
    if purpose.is_empty() || purpose.to_lowercase().starts_with("you will") {
        return purpose.to_owned();
    }
    format!("You will leave with {purpose}")
}

fn state(seen: &Outlook) -> Option<StateNote> {
    let session = &seen.session;
    let seated = seen.mine.as_ref().is_some_and(|mine| takes_place(mine.seat));
    let (heading, what, bad) = match (session.status, seen.door) {
        (SessionStatus::CANCELLED, _) => {
            ("This session is cancelled.", "Nobody needs to come; every seat is given back.", true)
        }
        (SessionStatus::POSTPONED, _) if seated => {
            ("This session is postponed.", "Your seat stays yours; a letter brings the new date.", true)
        }
        (SessionStatus::POSTPONED, _) => ("This session is postponed.", "A new date opens it again.", true),
        (SessionStatus::DRAFT, _) => ("This is a draft.", "Only those who make it see it.", false),
        (SessionStatus::SUBMITTED, _) => {
            ("This waits for the host's principal.", "Only those who make it see it.", false)
        }
        (_, Door::Over) => ("This session is over.", "", false),
        _ => return None,
    };
    let reason = session.reason.clone().filter(|_| bad).unwrap_or_default();
    let lines = [reason, what.to_owned()].into_iter().filter(|line| !line.is_empty()).collect();
    Some(StateNote { heading: heading.to_owned(), lines, bad })
}

fn joint(session: &Session, sectors: &Sectors) -> (String, Vec<JointCheck>) {
    if !session.is_public() {
        return (String::new(), Vec::new());
    }
    let names: Vec<&str> = session
        .parties()
        .filter_map(|party| party.sector.as_ref().and_then(|code| sectors.get(code)))
        .map(String::as_str)
        .collect();
    let check = |held: Option<bool>, yes: String, no: &str, open: String| match held {
        Some(true) => JointCheck { mark: "Yes", tone: "good", words: yes },
        Some(false) => JointCheck { mark: "No", tone: "bad", words: no.to_owned() },
        None => JointCheck { mark: "Open", tone: "", words: open },
    };
    let decided = match session.decide_on {
        Some(day) => format!("By who has registered on {}, when go or no-go is decided.", day.format("%A, %B %-d, %Y")),
        None => "By who registers.".to_owned(),
    };
    let checks = vec![
        check(
            session.joint_published,
            format!("When published: host and co-host are of two sectors ({}).", names.join(" and ")),
            "When published: host and co-host were not of two sectors.",
            "When published: host and co-host of two sectors.".to_owned(),
        ),
        check(
            session.joint_decided,
            "At go or no-go: people of two sectors had registered.".to_owned(),
            "At go or no-go: people of one sector alone had registered.",
            decided,
        ),
        check(
            session.joint_held,
            "By who came: two sectors, the smaller at least a fifth.".to_owned(),
            "By who came: the smaller sector was less than a fifth.",
            "By who comes: two sectors, the smaller at least a fifth. Counted when attendance is locked.".to_owned(),
        ),
    ];
    let held = checks.iter().filter(|check| check.mark == "Yes").count();
    let so_far = if checks.iter().any(|check| check.mark == "Open") { " so far" } else { "" };
    (format!("Joint: {held} of 3 checks {}{so_far}", if held == 1 { "holds" } else { "hold" }), checks)
}

fn parties(seen: &Outlook, sectors: &Sectors) -> Vec<PartyLine> {
    let session = &seen.session;
    let line = |party: &Party, role: &'static str| {
        let school = seen.schools.get(&party.school)?;
        let label = |code: &String| sectors.get(code).cloned().unwrap_or_else(|| code.clone());
        Some(PartyLine {
            role,
            school: SchoolLine {
                name: school.name.clone(),
                url: format!("/schools/{}", school.slug),
                sector: party.sector.as_ref().map(|code| Sector { code: code.clone(), label: label(code) }),
            },
        })
    };
    let cohost = match session.consent {
        Consent::GIVEN => Some("Co-host"),
        Consent::ASKED if !session.is_public() => Some("Asked to be co-host"),
        Consent::DECLINED if !session.is_public() => Some("Declined to be co-host"),
        _ if session.is_public() => Some("Co-host"),
        _ => None,
    };
    let second = session.cohost.as_ref().zip(cohost).and_then(|(party, role)| line(party, role));
    line(&session.host, "Host").into_iter().chain(second).collect()
}

fn meeting_line(seen: &Outlook, meeting: &Meeting) -> MeetingLine {
    let session = &seen.session;
    let count = session.meetings.len();
    MeetingLine {
        label: if count > 1 { format!("Meeting {} of {count}", meeting.number) } else { String::new() },
        when: schedule::when(meeting),
        place: place(seen, meeting),
        join_url: meeting.online_url.clone().filter(|_| seen.may.join_online).unwrap_or_default(),
    }
}

fn place(seen: &Outlook, meeting: &Meeting) -> String {
    let session = &seen.session;
    let host = seen.schools.get(&session.host.school);
    let room = meeting.room.and_then(|room| seen.rooms.get(&room));
    let school = room.and_then(|room| seen.schools.get(&room.school)).or(host);
    let address = match meeting.address.clone().filter(|address| !address.is_empty()) {
        Some(address) => address,
        None => school.map_or_else(String::new, |school| format!("{}, {}", school.name, school.place())),
    };
    let address = address.trim_end_matches([',', ' ']);
    let room = room.map_or_else(|| address.to_owned(), |room| format!("{}, {address}", room.name));
    let link = if seen.may.join_online { "" } else { "; people with a seat get the link" };
    match session.mode {
        SessionMode::ONLINE => format!("Online{link}"),
        SessionMode::HYBRID => format!("{room}, or online{link}"),
        _ => room,
    }
}

/// Terms with words, without those that say nothing.
fn told(all: Vec<(&'static str, String)>) -> Vec<Fact> {
    let fact = |(term, words): (&'static str, String)| Fact { term, words: words.trim().to_owned() };
    all.into_iter().map(fact).filter(|fact| !fact.words.is_empty()).collect()
}

fn facts(session: &Session) -> Vec<Fact> {
    let details = &session.details;
    let grades: Vec<&str> = details.grade_bands.iter().map(|band: &GradeBand| band.label()).collect();
    let subjects: Vec<&str> = details.subjects.iter().map(|subject: &Subject| subject.label()).collect();
    let coverage = match (session.coverage, details.coverage_paid_by.trim()) {
        (CoverageNeed::NONE, _) => "None needed".to_owned(),
        (need, "") => need.label().to_owned(),
        (need, payer) => format!("{}; paid by {payer}", need.label()),
    };
    told(vec![
        ("For whom", details.audience.clone()),
        ("Grades", grades.join(", ")),
        ("Subjects", subjects.join(", ")),
        ("Before you come", details.prerequisites.clone()),
        ("Counts as being there", details.attendance_rule.clone()),
        ("Coverage of classes", coverage),
        ("Approval", if session.approval_needed { "Your principal is asked".to_owned() } else { String::new() }),
        ("Languages", details.languages.clone()),
        ("Meals", details.meals.clone()),
        ("Materials", details.materials.clone()),
        ("Recording", details.recording.clone()),
    ])
}

fn way_there(session: &Session) -> Vec<Fact> {
    let details = &session.details;
    told(vec![
        ("Entrance", details.entrance.clone()),
        ("Parking", details.parking.clone()),
        ("Buses and trains", details.transit.clone()),
    ])
}

fn access(seen: &Outlook) -> Vec<String> {
    let session = &seen.session;
    let mut lines = Vec::new();
    let known = session.details.accessibility.trim();
    let rooms: BTreeMap<&str, &str> =
        seen.rooms.values().filter_map(|room| Some((room.name.as_str(), room.access.as_deref()?))).collect();
    lines.extend(Some(known.to_owned()).filter(|known| !known.is_empty()));
    lines.extend(rooms.into_iter().map(|(room, access)| format!("{room}: {access}")));
    if lines.is_empty() {
        lines.push("The host has not said what is accessible.".to_owned());
    }
    if session.is_live() {
        let by = match (session.details.access_days, session.starts_at) {
            (Some(days), Some(start)) => {
                let day = schedule::day(start - chrono::TimeDelta::days(i64::from(days)), session.zone());
                format!(" by {day}")
            }
            _ => String::new(),
        };
        lines.push(format!(
            "When you have a seat, say here what you need{by}, never why; one named person reads it, and it is deleted afterwards."
        ));
    }
    lines
}

/// "3 CTLE hours (1.5 Content, 1.5 Pedagogy) for the whole session, sponsored by Harbor. Charter staff need not have it."
fn credit(given: &SessionCredit, session: &Session, sectors: &Sectors) -> String {
    let rules = &given.program.rules;
    let whole = match credit::award(given, credit::minutes_of_all(session)) {
        Some(award) => format!("{}: {} for the whole session", given.program.name, given.words(&award)),
        None => given.program.name.clone(),
    };
    let sponsor = match &given.sponsor_number {
        Some(number) => format!("{} ({number})", given.sponsor_name),
        None => given.sponsor_name.clone(),
    };
    let needless: Vec<&str> =
        rules.not_needed_by.iter().map(|code| sectors.get(code).unwrap_or(code).as_str()).collect();
    let needless = match needless.as_slice() {
        [] => String::new(),
        all => format!(" {} staff need not have it.", all.join(" and ")),
    };
    format!("{whole}, sponsored by {sponsor}.{needless}")
}

fn facilitator(seen: &Outlook, one: &Facilitator) -> String {
    match one.school.and_then(|school| seen.schools.get(&school)) {
        Some(school) => format!("{}, {}", one.name, school.name),
        None => one.name.clone(),
    }
}

/// "6 of 30 seats left (2 kept for charter teachers until Tuesday, November 3, 2026)".
fn seats(seen: &Outlook, sectors: &Sectors) -> Vec<String> {
    let kept = kept(&seen.kept, &seen.session, sectors);
    let several = seen.left.len() > 1;
    let line = |(at, left): (usize, &Left)| {
        let way = if several { format!("{}: ", left.way.label()) } else { String::new() };
        let kept = if at == 0 && !kept.is_empty() { format!(" ({kept})") } else { String::new() };
        let waiting = match left.waiting {
            0 => String::new(),
            1 => "; 1 person waits".to_owned(),
            n => format!("; {n} people wait"),
        };
        let free = match left.free {
            0 if left.capacity == 1 => "the one seat is taken".to_owned(),
            0 => format!("all {} seats are taken", left.capacity),
            free => format!("{free} of {} seats left{kept}", left.capacity),
        };
        let free = if several { free } else { upper(&free) };
        format!("{way}{free}{waiting}.")
    };
    let mut lines: Vec<String> = seen.left.iter().enumerate().map(line).collect();
    if let Some(cap) = seen.session.school_cap {
        lines.push(format!("At most {cap} {} of one school.", if cap == 1 { "person" } else { "people" }));
    }
    lines
}

fn kept(kept: &BTreeMap<String, i32>, session: &Session, sectors: &Sectors) -> String {
    if kept.is_empty() {
        return String::new();
    }
    let of = |(code, left): (&String, &i32)| {
        format!("{left} for {} teachers", sectors.get(code).unwrap_or(code).to_lowercase())
    };
    let until =
        session.release_at.map(|at| format!(" until {}", schedule::day(at, session.zone()))).unwrap_or_default();
    format!("kept: {}{until}", kept.iter().map(of).collect::<Vec<_>>().join(", "))
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn seat(seen: &Outlook, mine: &Registration, now: Timestamp, typed: &Typed) -> Option<SeatCard> {
    let session = &seen.session;
    let zone = session.zone();
    let over = matches!(seen.door, Door::Over | Door::Cancelled) || session.ends_at.is_some_and(|end| end <= now);
    let mut card = SeatCard {
        url: format!("/registrations/{}", mine.id),
        session_url: format!("/sessions/{}", session.id),
        to: typed.to.clone(),
        leave: "Give my seat back",
        leaving: "The seat goes to whoever is next. A letter confirms it.".to_owned(),
        may_hand_over: true,
        ..SeatCard::default()
    };
    let mut say = |line: String| card.lines.push(line);
    match mine.seat {
        Seat::CONFIRMED if over => {
            card.heading = "You had a seat".to_owned();
            card.lines.push("Your hours and certificates are on your page.".to_owned());
        }
        Seat::CONFIRMED => {
            (card.heading, card.tone) = ("You have a seat".to_owned(), "good");
            if session.ways().len() > 1 {
                card.lines.push(format!("You take part {}.", mine.way.label().to_lowercase()));
            }
            if mine.approval == Approval::APPROVED {
                card.lines.push("Your school said yes.".to_owned());
            }
            card.lines.extend(coverage(mine.coverage));
        }
        Seat::HELD => {
            (card.heading, card.tone) = ("A seat is held for you".to_owned(), "good");
            let by = mine.hold_until.map(|until| format!(" by {}", schedule::moment(until, zone))).unwrap_or_default();
            card.lines
                .push(format!("Your principal decides{by}. A letter tells you; without an answer the seat goes back."));
        }
        Seat::OFFERED => {
            (card.heading, card.tone) = ("A seat is offered to you".to_owned(), "good");
            let by = mine.offer_until.map(|until| format!(" by {}", schedule::moment(until, zone))).unwrap_or_default();
            card.lines.push(format!("Answer{by}; after that it goes to the next in line."));
            (card.offered, card.leave, card.may_hand_over) = (!over, "", false);
        }
        Seat::WAITLISTED => {
            card.heading = "You are on the waitlist".to_owned();
            if let Some(position) = seen.position {
                say(format!("By the order of asking you are number {position}."));
            }
            say("Seats kept for your sector come first, then schools without a seat, then the order of asking. A letter offers you the seat.".to_owned());
            (card.leave, card.may_hand_over) = ("Leave the waitlist", false);
            "Your place in line is gone then.".clone_into(&mut card.leaving);
        }
        _ => return given_back(mine, card),
    }
    if over {
        (card.leave, card.may_hand_over) = ("", false);
    } else if takes_place(mine.seat) {
        card.changed = mine.round < session.round && mine.seat != Seat::OFFERED;
        if card.changed {
            card.heading = "The session changed: do you still come?".to_owned();
            card.lines.push("Look at the date and the place above. Keep your seat, or give it back freely.".to_owned());
        }
        card.needs_url = format!("/sessions/{}/needs", session.id);
    }
    Some(card)
}

/// What is left to say of a seat that is gone: why, where the school or the time took it.
fn given_back(mine: &Registration, card: SeatCard) -> Option<SeatCard> {
    let (heading, line) = match mine.approval {
        Approval::DECLINED => ("Your school said no", "Talk to your principal before you ask again.".to_owned()),
        Approval::EXPIRED => {
            ("Your school did not answer in time", "The seat went back. You may ask for one again.".to_owned())
        }
        _ => return None,
    };
    let reason = mine.reason.clone().filter(|reason| !reason.is_empty()).map(|reason| format!("They wrote: {reason}"));
    Some(SeatCard {
        heading: heading.to_owned(),
        lines: reason.into_iter().chain([line]).collect(),
        tone: "bad",
        leave: "",
        may_hand_over: false,
        ..card
    })
}

fn coverage(coverage: SeatCoverage) -> Option<String> {
    match coverage {
        SeatCoverage::NEEDED => Some("Somebody to take your classes is still to be found.".to_owned()),
        SeatCoverage::ARRANGED => Some("Somebody takes your classes.".to_owned()),
        _ => None,
    }
}

fn ask(seen: &Outlook, typed: &Typed) -> AskForm {
    let session = &seen.session;
    let waits = seen.left.iter().all(|left| left.mine == 0);
    let mut lines = Vec::new();
    if waits {
        let waiting: u64 = seen.left.iter().map(|left| left.waiting).sum();
        let free: i32 = seen.left.iter().map(|left| left.free).sum();
        let why =
            if free > 0 { "The seats that are left are not for your school now." } else { "Every seat is taken." };
        let line = match waiting {
            0 => "Nobody waits yet; you would be next in line.".to_owned(),
            1 => "1 person waits already.".to_owned(),
            n => format!("{n} people wait already."),
        };
        lines.push(format!("{why} {line}"));
    }
    if session.approval_needed && !seen.leads {
        let by = match session.approval_by {
            Some(by) => format!("within 5 school days, and by {}", schedule::moment(by, session.zone())),
            None => "within 5 school days".to_owned(),
        };
        lines.push(format!("Your principal is asked and decides {by}. Until then the seat is held for you."));
    }
    AskForm {
        button: if waits { "Join the waitlist" } else { "Ask for a seat" },
        lines,
        schools: if seen.my_schools.len() > 1 { schools(seen, &typed.school) } else { Vec::new() },
        ways: ways(&seen.left, &typed.way),
    }
}

fn schools(seen: &Outlook, typed: &str) -> Vec<Choice> {
    let choice = |id| {
        let school = seen.schools.get(id)?;
        let value = id.to_string();
        Some(Choice { label: school.name.clone(), selected: value == typed, value })
    };
    seen.my_schools.iter().filter_map(choice).collect()
}

/// The ways to choose from, with what is free; none where there is one.
fn ways(left: &[Left], typed: &str) -> Vec<Choice> {
    if left.len() < 2 {
        return Vec::new();
    }
    let choice = |left: &Left| {
        let free = if left.mine > 0 { format!("{} left", left.mine) } else { "waitlist".to_owned() };
        let way: Way = left.way;
        Choice {
            value: way.code().to_owned(),
            label: format!("{} ({free})", way.label()),
            selected: way.code() == typed,
        }
    };
    left.iter().map(choice).collect()
}

fn staff(seen: &Outlook, typed: &Typed) -> StaffForm {
    let several = seen.staff.iter().any(|one| one.school != seen.staff[0].school);
    let choice = |one: &crate::sessions::outlook::Colleague| {
        let school = seen.schools.get(&one.school).filter(|_| several);
        let value = format!("{}@{}", one.account, one.school);
        Choice {
            label: school.map_or_else(|| one.name.clone(), |school| format!("{}, {}", one.name, school.name)),
            selected: value == typed.account,
            value,
        }
    };
    StaffForm { people: seen.staff.iter().map(choice).collect(), ways: ways(&seen.left, &typed.way) }
}

fn closed(seen: &Outlook) -> String {
    let zone = seen.session.zone();
    let seated = seen.mine.as_ref().is_some_and(|mine| mine.seat != Seat::RELEASED);
    match seen.door {
        Door::Opens(at) => format!("Registration opens on {}.", schedule::moment(at, zone)),
        Door::Open if seen.is_out() => {
            "No seat is free, and the waitlist takes nobody twice who was offered a seat of it; look again later."
                .to_owned()
        }
        Door::Closed if !seated => "Registration is closed.".to_owned(),
        Door::NotYet => "Seats can be asked for once it is published.".to_owned(),
        Door::Postponed if !seated => "Seats can be asked for again when there is a new date.".to_owned(),
        _ => String::new(),
    }
}

fn tools(seen: &Outlook, url: &str) -> Vec<Link> {
    let link = |text: &str, part: &str| Link { text: text.to_owned(), url: format!("{url}/{part}") };
    let mut tools = Vec::new();
    if seen.may.consent && !seen.may.run {
        tools.push(link("Your school as co-host", "cohost-consent"));
    }
    if seen.may.run {
        tools.push(link("Where it stands", "posting"));
        tools.push(link("Edit", "edit"));
    }
    if seen.may.run {
        tools.push(link("Credit", "credit"));
    }
    if seen.may.read_roster && seen.session.is_public() {
        tools.push(link("Console", "console"));
    }
    if seen.may.highlight {
        let url = format!("/highlights/new?session={}", seen.session.id);
        tools.push(Link { text: "Draft a highlight".to_owned(), url });
    }
    tools
}

/// Links that put a meeting into somebody's calendar by hand. Whoever has the file or the feed is told of changes.
pub fn calendars(seen: &Outlook, base_url: &str) -> Vec<Link> {
    let session = &seen.session;
    if !session.is_live() {
        return Vec::new();
    }
    let page = format!("{base_url}/sessions/{}", session.id);
    let several = session.meetings.len() > 1;
    let links = session.meetings.iter().flat_map(|meeting| {
        let (start, end) = (meeting.starts_at, meeting.ends_at);
        let place = place(seen, meeting);
        let number = if several { format!(", meeting {}", meeting.number) } else { String::new() };
        let dates = format!("{}/{}", start.format("%Y%m%dT%H%M%SZ"), end.format("%Y%m%dT%H%M%SZ"));
        let google = serde_urlencoded::to_string([
            ("action", "TEMPLATE"),
            ("text", &session.title),
            ("dates", &dates),
            ("details", &page),
            ("location", &place),
        ]);
        let iso = "%Y-%m-%dT%H:%M:%SZ";
        let outlook = serde_urlencoded::to_string([
            ("subject", session.title.as_str()),
            ("startdt", &start.format(iso).to_string()),
            ("enddt", &end.format(iso).to_string()),
            ("body", &page),
            ("location", &place),
        ]);
        [
            Link {
                text: format!("Google Calendar{number}"),
                url: format!("https://calendar.google.com/calendar/render?{}", google.unwrap_or_default()),
            },
            Link {
                text: format!("Outlook on the web{number}"),
                url: format!("https://outlook.office.com/calendar/0/action/compose?{}", outlook.unwrap_or_default()),
            },
        ]
    });
    links.collect()
}
