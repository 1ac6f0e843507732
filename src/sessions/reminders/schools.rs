//! What principals hear of their staff: who goes, who is out this week, the hours that came of it. Where it is one person,
//! the letter says who; where it is more, their page does: a letter that names many could not be forgotten for one of them.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::Done;
use super::plan;
use crate::mail::Letter;
use crate::notices::{self, Notice, Topic};
use crate::people::account::{self, Account, AccountState};
use crate::people::{self, AccountId, School, SchoolId, membership};
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage};
use crate::platform::{Result, Timestamp, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::seat::Registration;
use crate::sessions::session::{Meeting, Session, SessionId};
use crate::sessions::store::reminders::{self as store, Waiting};
use crate::sessions::store::{registrations, sessions};
use crate::sessions::{attendance, policy, schedule};

/// Five school days before: who of their staff goes, and who needs somebody for their classes.
pub(super) async fn staff(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let seats = registrations::of_session(tx.conn(), session.id, &[Seat::HELD, Seat::CONFIRMED]).await?;
    let (Some(starts), Some(first)) = (session.starts_at, session.meetings.first()) else { return Ok(Done::all(0)) };
    let day = schedule::day(starts, session.zone());
    let until =
        plan::plan(session).iter().find(|it| it.kind == plan::Kind::Staff).and_then(|it| plan::until(session, it));
    let mut told = 0;
    for (school, seats) in by_school(tx, seats).await? {
        let who = Named::of(tx, &seats).await?;
        let text = format!("{} of {} {} a seat in “{}”.", who.subject, school.name, who.has, session.title);
        let written = Written {
            kind: "session_staff",
            event: format!("session:{}:staff:{}:school:{}", session.id, starts.timestamp(), school.id),
            subject: format!("{} of {}: {}, {day}", people_words(seats.len()), school.name, session.title),
            line: format!("{} of {} to {}, {day}", people_words(seats.len()), school.name, session.title),
            text: vec![text, format!("It meets {}.", schedule::when(first)), coverage(&seats)],
            button: ("See who goes", format!("/schools/{}/seats", school.slug)),
            about: ("session", session.id.0),
            named: who.account,
            until,
        };
        told += tell(tx, desk, &school, written).await?;
    }
    Ok(Done::all(told))
}

/// On Monday: who is out this week, over all sessions. Each session of the week asks; a school hears once.
pub(super) async fn out(tx: &mut Tx, desk: &Desk, session: &Session, waiting: &Waiting) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    let meeting = session.meetings.iter().find(|meeting| meeting.number == waiting.moment.meeting);
    let Some(meeting) = meeting else { return Ok(Done::all(0)) };
    let (monday, from, to) = plan::week(meeting.starts_local.date(), meeting.zone);
    let seats = registrations::of_session(tx.conn(), session.id, &[Seat::HELD, Seat::CONFIRMED]).await?;
    let mut told = 0;
    for (school, _) in by_school(tx, seats).await? {
        let out = store::out_between(tx.conn(), school.id, from, to).await?;
        let ids: Vec<SessionId> = out.iter().map(|registration| registration.session).collect();
        let sessions = sessions::by_ids(tx.conn(), &ids).await?;
        let text = week_lines(&out, &sessions, (from, to));
        let mut people: Vec<AccountId> = out.iter().map(|registration| registration.account).collect();
        people.sort_unstable();
        people.dedup();
        let who = Named::of(tx, &out).await?;
        let count = people_words(people.len());
        let is = if people.len() == 1 { "is" } else { "are" };
        let mut paragraphs = vec![format!("{} of {} {is} out this week:", who.subject, school.name)];
        paragraphs.extend(text);
        let written = Written {
            kind: "staff_out",
            event: format!("school:{}:out:{monday}", school.id),
            subject: format!("Out in the week of {}: {count} of {}", schedule::date_of(monday), school.name),
            line: format!("{count} of {} {is} out in the week of {}", school.name, schedule::date_of(monday)),
            text: paragraphs,
            button: ("See who is out", format!("/schools/{}/seats", school.slug)),
            about: ("school", school.id.0),
            named: who.account,
            until: Some(to),
        };
        told += tell(tx, desk, &school, written).await?;
    }
    Ok(Done::all(told))
}

/// A line for each meeting of a week, in the order of time.
fn week_lines(
    out: &[Registration],
    sessions: &HashMap<SessionId, Session>,
    (from, to): (Timestamp, Timestamp),
) -> Vec<String> {
    let mut counts: BTreeMap<SessionId, Vec<&Registration>> = BTreeMap::new();
    for registration in out {
        counts.entry(registration.session).or_default().push(registration);
    }
    let mut lines: Vec<(Timestamp, String)> = Vec::new();
    for (id, seats) in counts {
        let Some(session) = sessions.get(&id) else { continue };
        let this_week = |meeting: &&Meeting| from <= meeting.starts_at && meeting.starts_at < to;
        for meeting in session.meetings.iter().filter(this_week) {
            let needs = seats.iter().filter(|seat| seat.coverage == SeatCoverage::NEEDED).count();
            let needs = match needs {
                0 => String::new(),
                1 => "; 1 needs somebody for their classes".to_owned(),
                needs => format!("; {needs} need somebody for their classes"),
            };
            let line =
                format!("{}: {} at “{}”{needs}.", schedule::when(meeting), people_words(seats.len()), session.title);
            lines.push((meeting.starts_at, line));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A week after, once attendance is locked: the hours of their staff.
pub(super) async fn hours(tx: &mut Tx, desk: &Desk, session: &Session, waiting: &Waiting) -> Result<Done> {
    let _permit = policy::keep_time(tx.actor())?;
    if session.locked_at.is_none() {
        let tomorrow = waiting.moment.due_at + TimeDelta::days(1);
        return Ok(Done { told: 0, again: Some((tomorrow, None)) });
    }
    let minutes = attendance::minutes_of(tx, session).await?;
    let ids: Vec<_> = minutes.keys().copied().collect();
    let seats: Vec<Registration> = registrations::by_ids(tx.conn(), &ids).await?.into_values().collect();
    let Some(ends) = session.ends_at else { return Ok(Done::all(0)) };
    let day = schedule::day(ends, session.zone());
    let mut told = 0;
    for (school, seats) in by_school(tx, seats).await? {
        let sum: i64 = seats.iter().filter_map(|seat| minutes.get(&seat.id)).sum();
        let who = Named::of(tx, &seats).await?;
        let was = if seats.len() == 1 { "was" } else { "were" };
        let written = Written {
            kind: "staff_hours",
            event: format!("session:{}:hours:school:{}", session.id, school.id),
            subject: format!("{} of joint learning at {}: {}, {day}", hours_words(sum), school.name, session.title),
            line: format!(
                "{} of {} {was} at {}: {}",
                people_words(seats.len()),
                school.name,
                session.title,
                hours_words(sum)
            ),
            text: vec![format!(
                "{} of {} {was} at “{}” on {day}: {} together. Attendance is locked, and certificates are made of it.",
                who.subject,
                school.name,
                session.title,
                hours_words(sum)
            )],
            button: ("See their hours", format!("/schools/{}/hours", school.slug)),
            about: ("session", session.id.0),
            named: who.account,
            until: None,
        };
        told += tell(tx, desk, &school, written).await?;
    }
    Ok(Done::all(told))
}

/// Seats that staff took since a moment without anybody being asked: a line for the digest of their principals.
pub(super) async fn newly_seated(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    seats: Vec<Registration>,
) -> Result<usize> {
    let _permit = policy::keep_time(tx.actor())?;
    let Some(starts) = session.starts_at else { return Ok(0) };
    let day = schedule::day(starts, session.zone());
    let (today, mut told) = (session.zone().local(tx.now()).date(), 0);
    for (school, seats) in by_school(tx, seats).await? {
        let have = if seats.len() == 1 { "has" } else { "have" };
        let (principals, _) = membership::leads_of(tx, school.id).await?;
        let notice = |reader: Account| Notice {
            account: reader.id,
            topic: Topic::StaffSeats,
            event: format!("session:{}:seated:{today}:school:{}", session.id, school.id),
            about: ("session", session.id.0),
            line: format!(
                "{} of {} newly {have} a seat or wait for one in {}, {day}",
                people_words(seats.len()),
                school.name,
                session.title
            ),
            path: format!("/schools/{}/seats", school.slug),
            letter: None,
        };
        let others = |reader: &Account| seats.iter().any(|seat| seat.account != reader.id);
        let notices: Vec<Notice> = principals.into_iter().filter(others).map(notice).collect();
        told += notices.len();
        notices::tell_leads(tx, &desk.postroom(), school.id, notices).await?;
    }
    Ok(told)
}

/// Seats by the school they are for, by its name. Two statements.
async fn by_school(tx: &Tx, seats: Vec<Registration>) -> Result<Vec<(School, Vec<Registration>)>> {
    let mut found: BTreeMap<SchoolId, Vec<Registration>> = BTreeMap::new();
    for seat in seats {
        found.entry(seat.school).or_default().push(seat);
    }
    let ids: Vec<SchoolId> = found.keys().copied().collect();
    let mut schools = people::schools_in(tx, &ids).await?;
    Ok(found.into_iter().filter_map(|(id, seats)| Some((schools.remove(&id)?, seats))).collect())
}

/// How a letter speaks of some people: by name where it is one.
struct Named {
    subject: String,
    has: &'static str,
    account: Option<AccountId>,
}

impl Named {
    async fn of(tx: &Tx, seats: &[Registration]) -> Result<Self> {
        let mut ids: Vec<AccountId> = seats.iter().map(|seat| seat.account).collect();
        ids.sort_unstable();
        ids.dedup();
        if let [only] = ids.as_slice() {
            let found = account::accounts_in(tx, &[*only]).await?.remove(only);
            if let Some(account) = found.filter(|account| account.state == AccountState::Active) {
                return Ok(Self { subject: account.name, has: "has", account: Some(account.id) });
            }
        }
        let has = if ids.len() == 1 { "has" } else { "have" };
        Ok(Self { subject: people_words(ids.len()), has, account: None })
    }
}

/// What principals of a school read.
struct Written {
    kind: &'static str,
    event: String,
    subject: String,
    line: String,
    text: Vec<String>,
    button: (&'static str, String),
    about: (&'static str, uuid::Uuid),
    named: Option<AccountId>,
    until: Option<Timestamp>,
}

/// Tells the principals of a school, delegates where there are none. Who is meant alone need not be told of themselves.
async fn tell(tx: &mut Tx, desk: &Desk, school: &School, written: Written) -> Result<usize> {
    let (principals, delegates) = membership::leads_of(tx, school.id).await?;
    let readers = if principals.is_empty() { delegates } else { principals };
    let notice = |reader: &Account| Notice {
        account: reader.id,
        topic: Topic::StaffSeats,
        event: written.event.clone(),
        about: written.about,
        line: written.line.clone(),
        path: written.button.1.clone(),
        letter: letter(desk, school, &written, reader),
    };
    let readers = readers.iter().filter(|reader| written.named != Some(reader.id));
    let notices: Vec<Notice> = readers.map(notice).collect();
    let told = notices.len();
    notices::tell_leads(tx, &desk.postroom(), school.id, notices).await?;
    Ok(told)
}

fn letter(desk: &Desk, school: &School, written: &Written, reader: &Account) -> Option<Letter> {
    let to = reader.email.as_ref()?;
    let letter = Letter::new(written.kind, written.event.clone(), to.as_str(), written.subject.clone());
    let letter = written.text.iter().filter(|text| !text.is_empty()).fold(letter, |letter, text| letter.say(text));
    let mut letter = letter
        .button(written.button.0, desk.head.link(&written.button.1))
        .because(format!("You answer for {} on Common Ground.", school.name))
        .of(reader.id.0);
    letter.about = written.named.map(|named| named.0);
    letter.not_after = written.until;
    Some(letter)
}

/// Who needs somebody for their classes, and whom the school has not answered yet.
fn coverage(seats: &[Registration]) -> String {
    let count = |is: fn(&Registration) -> bool| seats.iter().filter(|seat| is(seat)).count();
    let needed = count(|seat| seat.coverage == SeatCoverage::NEEDED);
    let arranged = count(|seat| seat.coverage == SeatCoverage::ARRANGED);
    let waiting = count(|seat| seat.approval == Approval::WAITING);
    let mut said = Vec::new();
    match needed {
        0 if arranged == 0 => said.push("Nobody needs somebody for their classes.".to_owned()),
        0 => {}
        1 => said.push("1 still needs somebody for their classes.".to_owned()),
        needed => said.push(format!("{needed} still need somebody for their classes.")),
    }
    if arranged > 0 {
        said.push(format!("For {arranged} it is arranged."));
    }
    match waiting {
        0 => {}
        1 => said.push("1 waits for your answer.".to_owned()),
        waiting => said.push(format!("{waiting} wait for your answer.")),
    }
    said.join(" ")
}

/// "1 person", "3 people".
pub(super) fn people_words(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// "12 hours", "1.5 hours".
fn hours_words(minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (hours, rest) {
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (0, rest) => format!("{rest} minutes"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_said_in_words() {
        assert_eq!([60, 180, 45, 200].map(hours_words), ["1 hour", "3 hours", "45 minutes", "3 h 20 min"]);
    }
}
