//! The roster on a phone: one form for everybody, and the sheet to print.

use chrono::NaiveTime;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{asked, chrome, clock, number_of, session_id};
use crate::platform::vocabulary::Attendance;
use crate::platform::{Actor, Db, FieldErrors, Result, Timestamp, Zone};
use crate::sessions::attendance::{self, Entry, Line, Record, Roster};
use crate::sessions::session::Meeting;
use crate::sessions::views::attendance::{AttendancePage, AttendanceRow, SheetPage, SheetRow};
use crate::sessions::{Desk, RegistrationId, SessionId, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Link};

/// People on one page of the book.
const PAGE: usize = 100;
/// Empty lines of the sheet.
const BLANK: usize = 6;

/// GET `/sessions/{id}/attendance/{n}`
#[handler]
pub async fn book_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let number = number_of(&number)?;
    let asked = asked(request);
    let roster = attendance::roster(&db.cx(actor), &id, number).await?;
    let done = match asked.get("done") {
        "saved" => "Saved.",
        "locked" => "Attendance is locked, and certificates are on their way.",
        _ => "",
    };
    let page = page_of(asked.get("page"));
    let view = AttendancePage { done: done.to_owned(), ..of(*site, &roster, page) };
    own_page(StatusCode::OK, &view)
}

/// POST `/sessions/{id}/attendance/{n}`
#[handler]
pub async fn record_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    request: &Request,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (session, number) = (session_id(&id)?, number_of(&number)?);
    let page = page_of(asked(request).get("page"));
    let cx = db.cx(actor.clone());
    let roster = attendance::roster(&cx, &id, number).await?;
    let rows = typed(&form);
    match save(*db, *desk, actor, &roster.meeting, session, &rows, form.get("do")).await {
        Ok(()) => Ok(see_other(&format!("{}?page={page}&done=saved", path(&roster)))),
        Err(error) => {
            let mut view = of(*site, &roster, page);
            view.corrections = Corrections::of(error)?;
            keep_typed(&mut view, &rows);
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// POST `/sessions/{id}/attendance-lock`
#[handler]
pub async fn lock_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let mut tx = db.write(actor).await?;
    let session = attendance::lock(&mut tx, *desk, session_id(&id)?).await?;
    tx.commit().await?;
    let number = session.meetings.last().map_or(1, |meeting| meeting.number);
    Ok(see_other(&format!("/sessions/{}/attendance/{number}?done=locked", session.id)))
}

/// GET `/sessions/{id}/sheet/{n}`
#[handler]
pub async fn sheet_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let roster = attendance::roster(&db.cx(actor), &id, number_of(&number)?).await?;
    let title = roster.session.title.clone();
    let address = format!("/sessions/{}/sheet/{}", roster.session.id, roster.meeting.number);
    let mut chrome = chrome(*site, &format!("Sign-in sheet: {title}"), &address);
    chrome.print_view = true;
    let row = |line: &Line| SheetRow { name: line.name.clone(), school: line.school.clone() };
    let view = SheetPage {
        chrome,
        title,
        when: schedule::when(&roster.meeting),
        place: roster.meeting.address.clone().unwrap_or_default(),
        attendance_url: path(&roster),
        rows: roster.lines.iter().map(row).collect(),
        blank: vec![(); BLANK],
    };
    own_page(StatusCode::OK, &view)
}

fn path(roster: &Roster) -> String {
    format!("/sessions/{}/attendance/{}", roster.session.id, roster.meeting.number)
}

fn page_of(text: &str) -> usize {
    text.parse().unwrap_or(1).clamp(1, 1000)
}

/// One row as it was typed.
struct Typed {
    id: String,
    was: String,
    state: String,
    in_at: String,
    out_at: String,
}

/// The rows of the form: every row sends each of its fields, so the lists go side by side.
fn typed(form: &Form) -> Vec<Typed> {
    let (states, ins, outs) = (form.all("state"), form.all("in_at"), form.all("out_at"));
    let rest = states.into_iter().zip(ins).zip(outs);
    let rows = form.all("id").into_iter().zip(form.all("was")).zip(rest);
    rows.map(|((id, was), ((state, in_at), out_at))| Typed { id, was, state, in_at, out_at }).collect()
}

async fn save(
    db: &Db,
    desk: &Desk,
    actor: Actor,
    meeting: &Meeting,
    session: SessionId,
    rows: &[Typed],
    wanted: &str,
) -> Result<()> {
    let mut errors = FieldErrors::default();
    let entries: Vec<Entry> = rows.iter().filter_map(|row| entry(row, meeting, &mut errors)).collect();
    errors.or(())?;
    let number = meeting.number;
    let mut tx = db.write(actor).await?;
    attendance::record(&mut tx, desk, session, number, entries).await?;
    match wanted {
        "rest_present" => {
            attendance::record_rest(&mut tx, desk, session, number, Attendance::PRESENT).await?;
        }
        "rest_absent" => {
            attendance::record_rest(&mut tx, desk, session, number, Attendance::ABSENT).await?;
        }
        "delays" => {
            attendance::forgive_delays(&mut tx, desk, session, number).await?;
        }
        _ => {}
    }
    tx.commit().await
}

fn entry(row: &Typed, meeting: &Meeting, errors: &mut FieldErrors) -> Option<Entry> {
    let suffix = format!("-{}", row.id);
    let registration: RegistrationId = row.id.parse().ok()?;
    let was = was_of(&row.was, registration, meeting.number);
    let Ok(state) = Attendance::parse(&row.state) else {
        errors.add(format!("state{suffix}"), "Choose one of the list.");
        return None;
    };
    let mut time = |name: &str, text: &str, shown: Option<Timestamp>| {
        if text.is_empty() {
            return None;
        }
        // What was shown and left alone keeps its seconds.
        if let Some(shown) = shown.filter(|shown| field(Some(*shown), meeting.zone) == text) {
            return Some(shown);
        }
        let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok());
        if time.is_none() {
            errors.add(format!("{name}{suffix}"), "Give a time like 09:05.");
        }
        time.map(|time| attendance::moment_at(meeting, time))
    };
    let in_at = time("in_at", &row.in_at, was.as_ref().and_then(|was| was.in_at));
    let out_at = time("out_at", &row.out_at, was.as_ref().and_then(|was| was.out_at));
    Some(Entry { registration, state, in_at, out_at, was, suffix })
}

/// What the form showed, as one hidden field.
fn was_words(record: &Record) -> String {
    let micros = |at: Option<Timestamp>| at.map(|at| at.timestamp_micros().to_string()).unwrap_or_default();
    format!("{}|{}|{}", record.state.code(), micros(record.in_at), micros(record.out_at))
}

fn was_of(text: &str, registration: RegistrationId, meeting: i32) -> Option<Record> {
    let mut parts = text.split('|');
    let state = Attendance::parse(parts.next()?).ok()?;
    let mut at = || parts.next().and_then(|text| text.parse().ok()).and_then(Timestamp::from_timestamp_micros);
    let (in_at, out_at) = (at(), at());
    Some(Record { registration, meeting, state, in_at, out_at })
}

/// A moment as a time field has it.
fn field(at: Option<Timestamp>, zone: Zone) -> String {
    at.map(|at| zone.local(at).format("%H:%M").to_string()).unwrap_or_default()
}

fn states(chosen: &str) -> Vec<Choice> {
    let choice = |state: Attendance| Choice {
        value: state.code().to_owned(),
        label: state.label().to_owned(),
        selected: state.code() == chosen,
    };
    Attendance::all().map(choice).collect()
}

fn words(record: &Record, zone: Zone) -> String {
    let mut words = record.state.label().to_owned();
    if let Some(at) = record.in_at {
        words.push_str(&format!(", came {}", clock(at, zone)));
    }
    if let Some(at) = record.out_at {
        words.push_str(&format!(", left {}", clock(at, zone)));
    }
    words
}

fn row(line: &Line, zone: Zone) -> AttendanceRow {
    AttendanceRow {
        id: line.registration.id.to_string(),
        name: line.name.clone(),
        school: line.school.clone(),
        states: states(line.record.state.code()),
        in_at: field(line.record.in_at, zone),
        out_at: field(line.record.out_at, zone),
        was: was_words(&line.record),
        words: words(&line.record, zone),
    }
}

/// Shows again what was typed.
fn keep_typed(view: &mut AttendancePage, rows: &[Typed]) {
    for shown in &mut view.rows {
        let Some(row) = rows.iter().find(|row| row.id == shown.id) else { continue };
        shown.states = states(&row.state);
        (shown.in_at, shown.out_at) = (row.in_at.clone(), row.out_at.clone());
    }
}

/// "20 people: 12 present, 8 not recorded".
fn count(lines: &[Line]) -> String {
    let of = |state: Attendance| lines.iter().filter(|line| line.record.state == state).count();
    let part = |state: Attendance| (of(state) > 0).then(|| format!("{} {}", of(state), state.label().to_lowercase()));
    let parts: Vec<String> = Attendance::all().filter_map(part).collect();
    let people = if lines.len() == 1 { "1 person".to_owned() } else { format!("{} people", lines.len()) };
    if parts.is_empty() { "Nobody yet".to_owned() } else { format!("{people}: {}", parts.join(", ")) }
}

fn state_of(roster: &Roster) -> String {
    let zone = roster.session.zone();
    match (roster.session.locked_at, roster.deadline) {
        (Some(at), _) if roster.may_write => format!(
            "It was locked {}. As an administrator you can correct it; certificates get a new version.",
            schedule::moment(at, zone)
        ),
        (Some(at), _) => format!("It was locked {}. Only an administrator corrects it.", schedule::moment(at, zone)),
        (None, Some(until)) if roster.may_write => {
            format!("You can correct it until {}.", schedule::moment(until, zone))
        }
        _ => {
            let opens = roster.meeting.starts_at - attendance::AROUND;
            format!("Attendance is written down from {}.", schedule::moment(opens, roster.meeting.zone))
        }
    }
}

fn of(site: &Site, roster: &Roster, page: usize) -> AttendancePage {
    let (session, meeting, zone) = (&roster.session, &roster.meeting, roster.meeting.zone);
    let session_url = format!("/sessions/{}", session.id);
    let address = path(roster);
    let of_meeting = |other: &Meeting| Choice {
        value: format!("{session_url}/attendance/{}", other.number),
        label: schedule::day(other.starts_at, other.zone),
        selected: other.number == meeting.number,
    };
    let lines = roster.lines.chunks(PAGE).nth(page - 1).unwrap_or_default();
    let last = roster.lines.len().div_ceil(PAGE);
    let link = |text: &str, page: usize| Link { text: text.to_owned(), url: format!("{address}?page={page}") };
    let earlier = (page > 1).then(|| link("Earlier names", page - 1));
    let later = (page < last).then(|| link("Later names", page + 1));
    let delayed = |line: &&Line| attendance::is_delayed(&line.record, meeting);
    AttendancePage {
        chrome: chrome(site, &format!("Attendance: {}", session.title), &address),
        title: session.title.clone(),
        when: schedule::when(meeting),
        meetings: if session.meetings.len() > 1 { session.meetings.iter().map(of_meeting).collect() } else { vec![] },
        count: count(&roster.lines),
        state: state_of(roster),
        action: if page > 1 { format!("{address}?page={page}") } else { address.clone() },
        screen_url: format!("{session_url}/check-in/{}", meeting.number),
        sheet_url: format!("{session_url}/sheet/{}", meeting.number),
        rows: lines.iter().map(|line| row(line, zone)).collect(),
        pages: earlier.into_iter().chain(later).collect(),
        may_write: roster.may_write,
        unknown: roster.lines.iter().filter(|line| line.record.state == Attendance::UNKNOWN).count(),
        delayed: roster.lines.iter().filter(delayed).count(),
        lock_url: if roster.may_lock { format!("{session_url}/attendance-lock") } else { String::new() },
        session_url,
        ..AttendancePage::default()
    }
}
