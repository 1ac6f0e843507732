//! What those who run a session hear of it by themselves, and the school its practice is from.

use std::collections::BTreeMap;

use super::schools::{newly_seated, people_words};
use super::{Done, plan};
use crate::catalog;
use crate::mail::Letter;
use crate::notices::{self, Notice, Topic};
use crate::people::{self, Account, SchoolId, membership};
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage};
use crate::platform::{Result, Timestamp, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::practice_use::Answer;
use crate::sessions::seat::{Registration, is_open, takes_place};
use crate::sessions::session::{NO_SECTOR, Session};
use crate::sessions::store::afterwards;
use crate::sessions::store::registrations;
use crate::sessions::store::reminders::Waiting;
use crate::sessions::{attendance, policy, schedule};

/// Figures of people outside the session's own are told from so many answers on.
const ENOUGH: u64 = 5;

/// Seven days before: who comes, what is needed, tables.
pub(super) async fn week_ahead(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let (Some(starts), Some(first)) = (session.starts_at, session.meetings.first()) else { return Ok(Done::all(0)) };
    let day = schedule::day(starts, session.zone());
    let open: Vec<Seat> = Seat::all().filter(|seat| is_open(*seat)).collect();
    let seats = registrations::of_session(tx.conn(), session.id, &open).await?;
    let comes = |seat: &&Registration| matches!(seat.seat, Seat::HELD | Seat::CONFIRMED);
    let coming = seats.iter().filter(comes).count();
    let planned = plan::plan(session);
    let until = planned.iter().find(|it| it.kind == plan::Kind::Organizer).and_then(|it| plan::until(session, it));
    let text = vec![
        format!("“{}” meets {}.", session.title, schedule::when(first)),
        roster(tx, &seats).await?,
        needs(tx, session).await?,
        "Who comes, tables that mix schools, and the sheet to sign stand on its page.".to_owned(),
    ];
    let written = Written {
        kind: "session_week_ahead",
        event: format!("session:{}:week:{}", session.id, starts.timestamp()),
        subject: format!("{} for {}, {day}", people_words(coming), session.title),
        line: format!("{} come to {}, {day}", people_words(coming), session.title),
        text,
        button: ("Open the roster", format!("/sessions/{}/console", session.id)),
        topic: Topic::Reminders,
        about: session.id.0,
        because: "You organize this session.",
        until,
    };
    let readers = organizers(tx, session).await?;
    tell(tx, desk, &readers, &written).await
}

/// "18 have a seat (Charter 10, District 8), 2 of them wait for their principal. 3 are in line."
async fn roster(tx: &Tx, seats: &[Registration]) -> Result<String> {
    let comes = |seat: &&Registration| matches!(seat.seat, Seat::HELD | Seat::CONFIRMED);
    let mut by_sector: BTreeMap<&str, usize> = BTreeMap::new();
    for seat in seats.iter().filter(comes) {
        *by_sector.entry(seat.sector.as_deref().unwrap_or(NO_SECTOR)).or_default() += 1;
    }
    let sectors = people::sectors_in(tx).await?;
    let label = |code: &str| match sectors.iter().find(|sector| sector.code == code) {
        Some(sector) => sector.label.clone(),
        None => "Sector not stated".to_owned(),
    };
    let counts: Vec<String> = by_sector.iter().map(|(code, count)| format!("{} {count}", label(code))).collect();
    let coming: usize = by_sector.values().sum();
    let count = |is: &dyn Fn(&Registration) -> bool| seats.iter().filter(|seat| is(seat)).count();
    let waiting = count(&|seat| seat.seat == Seat::HELD && seat.approval == Approval::WAITING);
    let line = count(&|seat| seat.seat == Seat::WAITLISTED);
    let classes = count(&|seat| takes_place(seat.seat) && seat.coverage == SeatCoverage::NEEDED);
    let mut said = match coming {
        0 => "Nobody has a seat yet.".to_owned(),
        1 => format!("1 person has a seat ({}).", counts.join(", ")),
        n => format!("{n} people have a seat ({}).", counts.join(", ")),
    };
    for (count, what) in
        [(waiting, "wait for their principal"), (line, "in line"), (classes, "without somebody for their classes")]
    {
        if count > 0 {
            said.push_str(&format!(" {count} {what}."));
        }
    }
    Ok(said)
}

/// How many need what, never who (J-11).
async fn needs(tx: &Tx, session: &Session) -> Result<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for needs in afterwards::needs_of(tx.conn(), session.id).await? {
        for need in needs.needs {
            *counts.entry(need.label()).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok("Nobody has named access or dietary needs.".to_owned());
    }
    let counts: Vec<String> = counts.iter().map(|(label, count)| format!("{label} {count}")).collect();
    Ok(format!("Access and dietary needs: {}. Who needs what is told to the access contact alone.", counts.join(", ")))
}

/// What happened to seats since the first change of the day before: a line for the organizer's digest, and one for principals
/// whose staff took seats that nobody asked them about.
pub(super) async fn news(tx: &mut Tx, desk: &Desk, session: &Session, waiting: &Waiting) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let (Some(starts), all) = (session.starts_at, Seat::all().collect::<Vec<_>>()) else { return Ok(Done::all(0)) };
    let seats = registrations::of_session(tx.conn(), session.id, &all).await?;
    let new = |seat: &&Registration| seat.created_at >= waiting.since;
    let asked = seats.iter().filter(new).count();
    let gone = |seat: &&Registration| seat.seat == Seat::RELEASED && seat.updated_at >= waiting.since;
    let left = seats.iter().filter(gone).count();
    let moved = |seat: &&Registration| is_open(seat.seat) && !new(seat) && seat.updated_at >= waiting.since;
    let moved = seats.iter().filter(moved).count();
    let line = seats.iter().filter(|seat| seat.seat == Seat::WAITLISTED).count();
    let taken = session.in_person.taken + session.online.taken;
    let capacity = session.in_person.capacity + session.online.capacity;
    let happened: Vec<String> =
        [(asked, "asked for a seat"), (left, "gave theirs back or lost it"), (moved, "moved on")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
    let day = schedule::day(starts, session.zone());
    let mut told = 0;
    if !happened.is_empty() {
        let today = session.zone().local(tx.now()).date();
        let line = format!(
            "{}, {day}: {}; {taken} of {capacity} seats taken, {line} in line",
            session.title,
            happened.join(", ")
        );
        let notice = |reader: Account| Notice {
            account: reader.id,
            topic: Topic::Hosting,
            event: format!("session:{}:news:{today}", session.id),
            about: ("session", session.id.0),
            line: line.clone(),
            path: format!("/sessions/{}/console", session.id),
            letter: None,
        };
        let notices: Vec<Notice> = organizers(tx, session).await?.into_iter().map(notice).collect();
        told += notices.len();
        notices::tell_many(tx, &desk.postroom(), notices).await?;
    }
    let unasked = |seat: &Registration| {
        new(&seat) && is_open(seat.seat) && seat.approval == Approval::NOT_NEEDED && seat.registered_by.is_none()
    };
    let unasked = seats.iter().filter(|seat| unasked(seat)).cloned().collect();
    told += newly_seated(tx, desk, session, unasked).await?;
    Ok(Done::all(told))
}

/// How many of those who were there use the practice: the school it is from after 30 and 90 days; after 90 also those who ran
/// the session and the principals of those who were there.
pub(super) async fn uses(tx: &mut Tx, desk: &Desk, session: &Session, day: i32) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let (Some(id), Some(ends)) = (session.practice, session.ends_at) else { return Ok(Done::all(0)) };
    let Some(practice) = catalog::practice_in(tx, &id.to_string()).await? else { return Ok(Done::all(0)) };
    let counts = afterwards::use_counts(tx.conn(), session.id, day).await?;
    let count = |answer: Answer| counts.iter().find(|(said, _)| *said == answer).map_or(0, |(_, count)| *count);
    let (yes, not_yet, no) = (count(Answer::Yes), count(Answer::NotYet), count(Answer::No));
    let all = yes + not_yet + no;
    if all == 0 {
        return Ok(Done::all(0));
    }
    let (title, on) = (&practice.record.title, schedule::day(ends, session.zone()));
    let figures = format!("{yes} use it, {not_yet} not yet, {no} do not");
    let written = |topic, because, path: String| Written {
        kind: "practice_use_told",
        event: format!("session:{}:uses:{day}", session.id),
        subject: format!("{yes} of {all} use it: {title}, seen on {on}"),
        line: format!("{title}, {day} days after {}: {figures}", session.title),
        text: vec![
            format!(
                "{day} days after “{}” of {on} people who were there were asked whether they use “{title}”.",
                session.title
            ),
            format!("{all} answered: {figures}. Who said what is not told."),
        ],
        button: ("See what came of it", path),
        topic,
        about: session.id.0,
        because,
        until: None,
    };
    let (mut told, mut known) = (0, Vec::new());
    if day == 90 {
        let readers = organizers(tx, session).await?;
        known.extend(readers.iter().map(|reader| reader.id));
        let path = format!("/sessions/{}/console", session.id);
        told += tell(tx, desk, &readers, &written(Topic::Hosting, "You organize this session.", path)).await?.told;
    }
    if all < ENOUGH {
        return Ok(Done::all(told));
    }
    let mut schools: Vec<SchoolId> = practice.origin_school.into_iter().collect();
    if day == 90 {
        let there: Vec<_> = attendance::present_in(tx, session.id).await?.into_iter().collect();
        schools.extend(registrations::by_ids(tx.conn(), &there).await?.into_values().map(|seat| seat.school));
    }
    schools.sort_unstable();
    schools.dedup();
    let path = format!("/practices/{}", practice.slug);
    for school in schools {
        let (mut readers, _) = membership::leads_of(tx, school).await?;
        readers.retain(|reader| !known.contains(&reader.id));
        known.extend(readers.iter().map(|reader| reader.id));
        let because = match practice.origin_school == Some(school) {
            true => "The practice is from a school you lead.",
            false => "People of a school you lead were at this session.",
        };
        told += tell(tx, desk, &readers, &written(Topic::Questions, because, path.clone())).await?.told;
    }
    Ok(Done::all(told))
}

/// The organizer; the leads of the host where the organizer's account is closed or belongs to the host no more.
async fn organizers(tx: &Tx, session: &Session) -> Result<Vec<Account>> {
    if let Some(organizer) = crate::sessions::organizer_of(tx, session).await? {
        return Ok(vec![organizer]);
    }
    let (principals, delegates) = membership::leads_of(tx, session.host.school).await?;
    Ok(principals.into_iter().chain(delegates).collect())
}

/// What those who run a session read.
struct Written {
    kind: &'static str,
    event: String,
    subject: String,
    line: String,
    text: Vec<String>,
    button: (&'static str, String),
    topic: Topic,
    about: uuid::Uuid,
    because: &'static str,
    until: Option<Timestamp>,
}

async fn tell(tx: &mut Tx, desk: &Desk, readers: &[Account], written: &Written) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let mut notices = Vec::with_capacity(readers.len());
    for reader in readers {
        let letter = reader.email.as_ref().map(|to| {
            let letter = Letter::new(written.kind, written.event.clone(), to.as_str(), written.subject.clone());
            let mut letter = written
                .text
                .iter()
                .fold(letter, |letter, text| letter.say(text))
                .button(written.button.0, desk.head.link(&written.button.1))
                .because(written.because)
                .of(reader.id.0);
            letter.not_after = written.until;
            letter
        });
        notices.push(Notice {
            account: reader.id,
            topic: written.topic,
            event: written.event.clone(),
            about: ("session", written.about),
            line: written.line.clone(),
            path: written.button.1.clone(),
            letter,
        });
    }
    notices::tell_many(tx, &desk.postroom(), notices).await?;
    Ok(Done::all(readers.len()))
}
