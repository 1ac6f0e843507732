//! Posting: drafting, changing, publishing, cancelling, postponing, cloning a session; the co-host's consent.
//!
//! A draft may lack anything but title, format and host; publication checks everything: host and consenting co-host of two
//! sectors (J-1), rooms and people that are nowhere else (J-14). What people with a seat must know of is told to them once, by
//! the function that moves seats (`registration`), and raises what calendars go by (J-8).

mod discarding;
mod known;
mod letters;
mod life;
mod standing;

use chrono::{NaiveTime, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::discarding::discard;
pub use self::life::due;
pub use self::standing::{Standing, may_answer, may_publish, may_run, missing, standing};
use super::desk::Desk;
use super::draft::{self, Draft};
use super::letters as seats;
use super::session::{Details, Meeting, Party, Places, Session, SessionId};
use super::store::{registrations, sessions as store};
use super::words::{News, say};
use super::{conflict, held, joint, policy, registration, reminders, schedule, wish};
use crate::mail::Lang;
use crate::people::{self, AccountId, SchoolId};
use crate::platform::vocabulary::{Consent, CoverageNeed, Seat, SessionFormat, SessionMode, SessionStatus, Visibility};
use crate::platform::{Error, Event, Permit, Result, Timestamp, Tx};
use crate::search;

/// Kept seats are pooled so many days before the start (J-4).
const RELEASE_DAYS: i64 = 10;
/// Go or no-go is decided so many days before the start, where nobody says another day.
const DECIDE_DAYS: i64 = 7;
/// Most characters of a reason.
const REASON: usize = 500;

/// Drafts a session: anybody of the host. Whoever posts for the host asks the co-host with it.
pub async fn draft(tx: &mut Tx, desk: &Desk, draft: Draft) -> Result<Session> {
    let organizer = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let asked = known::may_draft(tx, &draft, None).await?;
    let known = known::look_up(tx, &draft, None).await?;
    let mut session = draft::onto(&draft, blank(tx, desk, organizer), &known, true)?;
    decide_day(&mut session);
    let permit = match asked {
        Some(permit) => permit,
        None => policy::draft(tx.actor(), &super::grounds(tx, &session).await?.host)?,
    };
    store::insert(tx.conn(), &session).await?;
    search::touch(tx, search::Kind::Session, &[session.id.0]).await?;
    tx.record(&permit, Event::about("session.drafted", "session", session.id.0).with(facts(&session))).await?;
    ask_along(tx, desk, session).await
}

/// Asks the co-host that a change has named, where whoever makes it may ask and the school can answer; otherwise the page of
/// the posting says what stands against it.
async fn ask_along(tx: &mut Tx, desk: &Desk, session: Session) -> Result<Session> {
    let new = session.cohost.is_some() && session.consent == Consent::NONE && !session.is_public();
    if !new || policy::publish(tx.actor(), &super::grounds(tx, &session).await?).is_err() {
        return Ok(session);
    }
    match ask_cohost(tx, desk, session.id, None).await {
        Err(Error::Invalid(_)) => Ok(session),
        asked => asked,
    }
}

/// A new draft like a session, without its dates: for whoever belongs to the host.
pub async fn duplicate(tx: &mut Tx, desk: &Desk, id: SessionId) -> Result<Session> {
    let (from, grounds) = held(tx, id).await?;
    let permit = policy::draft(tx.actor(), &grounds.host)?;
    let organizer = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let fresh = blank(tx, desk, organizer);
    let empty = |places: Places| Places { capacity: places.capacity, taken: 0 };
    let session = Session {
        format: from.format,
        title: from.title,
        topics: from.topics,
        details: from.details,
        mode: from.mode,
        host: from.host,
        cohost: from.cohost,
        access_contact: from.access_contact,
        practice: from.practice,
        commitment: from.commitment,
        in_person: empty(from.in_person),
        online: empty(from.online),
        minimum: from.minimum,
        school_cap: from.school_cap,
        approval_needed: from.approval_needed,
        coverage: from.coverage,
        visibility: from.visibility,
        invited: from.invited,
        cloned_from: Some(id),
        facilitators: from.facilitators,
        ..fresh
    };
    store::insert(tx.conn(), &session).await?;
    search::touch(tx, search::Kind::Session, &[session.id.0]).await?;
    tx.record(&permit, Event::about("session.drafted", "session", session.id.0).with(facts(&session))).await?;
    Ok(session)
}

/// Changes what a draft names, if the session still is as it was at the revision that was read. What people with a seat must
/// know is told to them (J-8); a typo fix is not.
pub async fn change(tx: &mut Tx, desk: &Desk, id: SessionId, draft: Draft, seen: Option<i32>) -> Result<Session> {
    let (old, grounds) = held(tx, id).await?;
    let permit = policy::change(tx.actor(), &old, &grounds)?;
    if seen.is_some_and(|seen| seen != old.revision) {
        return Err(Error::Stale);
    }
    if matches!(old.status, SessionStatus::COMPLETED | SessionStatus::CANCELLED) {
        return Err(Error::Conflict("It is over and stays as it was; make a new draft from it.".to_owned()));
    }
    let _asked = known::may_draft(tx, &draft, Some(&old)).await?;
    let known = known::look_up(tx, &draft, Some(&old)).await?;
    let mut session = draft::onto(&draft, old.clone(), &known, false)?;
    follow_start(&old, &mut session);
    decide_day(&mut session);
    parties_changed(&old, &mut session)?;
    begun_stays(tx, &old, &session)?;
    let open = old.is_live();
    let places = (session.in_person.capacity, session.online.capacity);
    if open {
        // Seats are the business of one function (J-6), which is asked below.
        (session.in_person, session.online) = (old.in_person, old.online);
    }
    let resized = open && places != (old.in_person.capacity, old.online.capacity);
    if session == old && !resized {
        return Ok(old);
    }
    let told = old.is_live() && old.status != SessionStatus::POSTPONED;
    if told {
        // What is published stays what may be published.
        let wrong =
            missing(&Session { in_person: planned(places.0), online: planned(places.1), ..session.clone() }, None);
        wrong.or(())?;
        refuse_conflicts(tx, &old, &session).await?;
    }
    let changed = known::differences(tx, &old, &session).await?;
    if old.published_at.is_some() && (changed.is_some() || links(&old) != links(&session)) {
        session.sequence += 1;
    }
    let told = told && changed.is_some();
    if told {
        session.round += 1;
    }
    reopened(tx.now(), &old, &mut session);
    let detail = json!({ "fields": fields(&old, &session) });
    save(tx, &permit, &mut session, "session.changed", detail).await?;
    let fills = open
        && (session.kept != old.kept
            || session.release_at != old.release_at
            || session.school_cap != old.school_cap
            || session.starts_at != old.starts_at
            || session.status != old.status);
    if resized || (fills && session.waited > 0) {
        registration::resize(tx, desk, &mut session, places.0, places.1).await?;
    }
    let relinked = old.is_live() && !told && links(&old) != links(&session);
    if let Some(what) = changed.filter(|_| told) {
        if seated(&session) || session.waited > 0 {
            registration::ask_again(tx, desk, &mut session, &what).await?;
            let kept = |meeting: &&Meeting| session.meetings.iter().any(|new| new.number == meeting.number);
            let gone: Vec<Meeting> = old.meetings.iter().filter(|meeting| !kept(meeting)).cloned().collect();
            seats::take_out(tx, desk, &session, &gone).await?;
        }
        letters::changed(tx, desk, &session, &what).await?;
    } else if relinked && seated(&session) {
        seats::tell_of_link(tx, desk, &session).await?;
    }
    ask_along(tx, desk, session).await
}

/// Hands a draft to the host's leads, who publish it.
pub async fn submit(tx: &mut Tx, desk: &Desk, id: SessionId) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    match session.status {
        SessionStatus::DRAFT => {}
        SessionStatus::SUBMITTED => return Ok(session),
        _ => return Err(Error::Conflict("It has been published already.".to_owned())),
    }
    let leads = letters::leads(tx, session.host.school).await?;
    if leads.is_empty() {
        return Err(Error::Conflict(
            "The host has no principal here yet who could publish it; ask your principal to join Common Ground."
                .to_owned(),
        ));
    }
    session.status = SessionStatus::SUBMITTED;
    save(tx, &permit, &mut session, "session.submitted", json!({})).await?;
    letters::submitted(tx, desk, &session, leads).await?;
    Ok(session)
}

/// Publishes a session, or one that was postponed again. Refused unless host and consenting co-host are of two sectors (J-1),
/// with everything that is missing.
pub async fn publish(tx: &mut Tx, desk: &Desk, id: SessionId) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    let again = match session.status {
        SessionStatus::DRAFT | SessionStatus::SUBMITTED => false,
        SessionStatus::POSTPONED => true,
        SessionStatus::COMPLETED | SessionStatus::CANCELLED => {
            return Err(Error::Conflict("It is over; make a new draft from it.".to_owned()));
        }
        _ => return Ok(session),
    };
    let schools = people::schools_in(tx, &super::party_schools(&session)).await?;
    let sector = |party: &mut Party| party.sector = schools.get(&party.school).and_then(|s| s.sector.clone());
    sector(&mut session.host);
    session.cohost.as_mut().map(sector);
    missing(&session, Some(tx.now())).or(())?;
    let before = Session { meetings: Vec::new(), facilitators: Vec::new(), ..session.clone() };
    refuse_conflicts(tx, &before, &session).await?;
    keep_usual(tx, &mut session).await?;
    let first = session.published_at.is_none();
    session.status = SessionStatus::PUBLISHED;
    session.published_at.get_or_insert(tx.now());
    (session.joint_published, session.reason) = (Some(true), None);
    if again {
        session.round += 1;
    }
    if !first {
        session.sequence += 1;
    }
    save(tx, &permit, &mut session, "session.published", json!({ "again": !first })).await?;
    if first {
        wish::met_by(tx, desk, &session).await?;
    }
    if again && seated(&session) {
        let what = on_again(&session);
        registration::ask_again(tx, desk, &mut session, &what).await?;
    }
    if again {
        letters::changed(tx, desk, &session, &on_again(&session)).await?;
    }
    if again && session.waited > 0 {
        // Seats that became free meanwhile have not been offered.
        let places = (session.in_person.capacity, session.online.capacity);
        registration::resize(tx, desk, &mut session, places.0, places.1).await?;
    }
    Ok(session)
}

/// Takes a session back to a draft, while nobody has registered.
pub async fn withdraw(tx: &mut Tx, id: SessionId) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = match session.status {
        SessionStatus::DRAFT | SessionStatus::SUBMITTED => policy::change(tx.actor(), &session, &grounds)?,
        _ => policy::publish(tx.actor(), &grounds)?,
    };
    match session.status {
        SessionStatus::DRAFT => return Ok(session),
        SessionStatus::SUBMITTED => {}
        SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED => {
            let open = [Seat::HELD, Seat::CONFIRMED, Seat::WAITLISTED, Seat::OFFERED];
            if !registrations::of_session(tx.conn(), id, &open).await?.is_empty() {
                let message = "People have registered: cancel or postpone it instead, so that they are told.";
                return Err(Error::Conflict(message.to_owned()));
            }
            session.sequence += 1;
            session.joint_published = None;
        }
        _ => return Err(Error::Conflict("Only a session that is not over is taken back.".to_owned())),
    }
    session.status = SessionStatus::DRAFT;
    save(tx, &permit, &mut session, "session.withdrawn", json!({})).await?;
    Ok(session)
}

/// Asks a school to be co-host: the one that is named, or the one the session has. A letter goes to its leads.
pub async fn ask_cohost(tx: &mut Tx, desk: &Desk, id: SessionId, named: Option<&str>) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    if session.is_public() {
        return Err(Error::Conflict("Host and co-host stay once a session is published; post a new one.".to_owned()));
    }
    if let Some(name) = named {
        let mut draft = Draft::default();
        draft.set("cohost", name);
        let known = known::look_up(tx, &draft, Some(&session)).await?;
        let new = draft::onto(&draft, session.clone(), &known, false)?;
        if new.cohost != session.cohost {
            (session.cohost, session.consent, session.consent_by) = (new.cohost, Consent::NONE, None);
        }
    }
    let Some(cohost) = session.cohost.clone() else {
        return Err(Error::invalid("cohost", "Name the school that is asked."));
    };
    let schools = people::schools_in(tx, &super::party_schools(&session)).await?;
    let sector = |school: SchoolId| schools.get(&school).and_then(|school| school.sector.as_deref());
    if !joint::is_joint([sector(session.host.school), sector(cohost.school)]) {
        return Err(Error::invalid("cohost", "Choose a co-host of another sector than the host."));
    }
    if matches!(session.consent, Consent::ASKED | Consent::GIVEN) {
        return Ok(session);
    }
    let leads = letters::leads(tx, cohost.school).await?;
    if leads.is_empty() {
        let name = schools.get(&cohost.school).map_or("This school", |school| school.name.as_str());
        let message =
            format!("{name} has no principal here yet who could agree; choose another co-host or invite them.");
        return Err(Error::invalid("cohost", message));
    }
    session.consent = Consent::ASKED;
    let detail = json!({ "school": cohost.school.0 });
    save(tx, &permit, &mut session, "session.cohost_asked", detail).await?;
    letters::cohost_asked(tx, desk, &session, leads).await?;
    Ok(session)
}

/// The co-host's answer, by its leads.
pub async fn consent(tx: &mut Tx, desk: &Desk, id: SessionId, agreed: bool) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::consent(tx.actor(), &grounds)?;
    let answer = if agreed { Consent::GIVEN } else { Consent::DECLINED };
    if session.consent == answer {
        return Ok(session);
    }
    if session.cohost.is_none() || session.consent == Consent::NONE {
        return Err(Error::Conflict("Nobody is asked to be co-host of this session now.".to_owned()));
    }
    if session.is_public() {
        let message = "It is published with you as co-host; talk to the host, who can cancel it.";
        return Err(Error::Conflict(message.to_owned()));
    }
    session.consent = answer;
    session.consent_by = tx.actor().account().map(AccountId);
    let action = if agreed { "session.cohost_agreed" } else { "session.cohost_declined" };
    save(tx, &permit, &mut session, action, json!({})).await?;
    letters::cohost_answered(tx, desk, &session).await?;
    Ok(session)
}

/// Cancels a session that was published: everybody with a seat, an offer or a place in line is told once, and the host and
/// co-host.
pub async fn cancel(tx: &mut Tx, desk: &Desk, id: SessionId, reason: &str) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    if session.status == SessionStatus::CANCELLED {
        return Ok(session);
    }
    let reason = checked_reason(reason)?;
    if !session.is_live() {
        let message = "Only a session that is published and not over is cancelled.";
        return Err(Error::Conflict(message.to_owned()));
    }
    session.status = SessionStatus::CANCELLED;
    session.reason = Some(reason);
    session.ended_at = Some(tx.now());
    session.sequence += 1;
    save(tx, &permit, &mut session, "session.cancelled", json!({})).await?;
    if seated(&session) || session.waited > 0 {
        registration::release_all(tx, desk, &mut session).await?;
    }
    letters::cancelled(tx, desk, &session).await?;
    Ok(session)
}

/// Postpones a session: seats stay, and who has one is told. With new dates it is published again.
pub async fn postpone(tx: &mut Tx, desk: &Desk, id: SessionId, reason: &str) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    if session.status == SessionStatus::POSTPONED {
        return Ok(session);
    }
    let reason = checked_reason(reason)?;
    if !matches!(session.status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED) {
        let message = "Only a session that is published and has not begun is postponed.";
        return Err(Error::Conflict(message.to_owned()));
    }
    let what = News::each(|lang| say(lang, "postponed", &[("reason", &reason)]));
    session.status = SessionStatus::POSTPONED;
    session.reason = Some(reason);
    session.sequence += 1;
    session.round += 1;
    save(tx, &permit, &mut session, "session.postponed", json!({})).await?;
    if seated(&session) {
        registration::ask_again(tx, desk, &mut session, &what).await?;
    }
    letters::changed(tx, desk, &session, &what).await?;
    Ok(session)
}

/// Closes registration now. A later end of registration opens it again.
pub async fn close(tx: &mut Tx, id: SessionId) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::change(tx.actor(), &session, &grounds)?;
    match session.status {
        SessionStatus::REGISTRATION_CLOSED => return Ok(session),
        SessionStatus::PUBLISHED => {}
        _ => return Err(Error::Conflict("Registration for this session is not open.".to_owned())),
    }
    session.status = SessionStatus::REGISTRATION_CLOSED;
    session.closes_at = Some(tx.now());
    save(tx, &permit, &mut session, "session.registration_closed", json!({})).await?;
    Ok(session)
}

/// Says "go". Refused unless people of two sectors have seats (J-1) and there are enough of them.
pub async fn go(tx: &mut Tx, id: SessionId) -> Result<Session> {
    let (mut session, grounds) = held(tx, id).await?;
    let permit = policy::publish(tx.actor(), &grounds)?;
    if session.decided_at.is_some() && session.joint_decided == Some(true) {
        return Ok(session);
    }
    if !matches!(session.status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED) {
        return Err(Error::Conflict("Go is said of a session that is published and has not begun.".to_owned()));
    }
    let seats = life::seats_by_sector(tx, id).await?;
    if !joint::is_joint(seats.keys().map(|code| Some(code.as_str()))) {
        let message =
            "People of two sectors must have seats before it can go; invite the other sector, or postpone it.";
        return Err(Error::Conflict(message.to_owned()));
    }
    let all: i64 = seats.values().sum();
    if let Some(minimum) = session.minimum.filter(|minimum| i64::from(*minimum) > all) {
        let message = format!("{all} of at least {minimum} people have seats; wait, lower the minimum, or cancel it.");
        return Err(Error::Conflict(message));
    }
    (session.joint_decided, session.decided_at) = (Some(true), Some(tx.now()));
    save(tx, &permit, &mut session, "session.go", json!({ "seats": all })).await?;
    Ok(session)
}

/// Writes a session that is held and what happened to it. The one place where a posting is kept.
async fn save(
    tx: &mut Tx,
    permit: &Permit,
    session: &mut Session,
    action: &'static str,
    mut detail: Value,
) -> Result<()> {
    session.revision += 1;
    session.updated_at = tx.now();
    store::update(tx.conn(), session).await?;
    reminders::replan(tx, session).await?;
    search::touch(tx, search::Kind::Session, &[session.id.0]).await?;
    detail["revision"] = session.revision.into();
    detail["status"] = session.status.code().into();
    tx.record(permit, Event::about(action, "session", session.id.0).with(detail)).await
}

fn facts(session: &Session) -> Value {
    json!({
        "host": session.host.school.0,
        "cohost": session.cohost.as_ref().map(|party| party.school.0),
        "format": session.format.code(),
        "cloned_from": session.cloned_from.map(|id| id.0),
    })
}

fn blank(tx: &Tx, desk: &Desk, organizer: AccountId) -> Session {
    let id = SessionId::fresh();
    Session {
        id,
        uid: format!("{id}@{}", host_name(&desk.head.base_url)),
        status: SessionStatus::DRAFT,
        format: SessionFormat::WORKSHOP,
        title: String::new(),
        topics: Vec::new(),
        details: Details::default(),
        mode: SessionMode::IN_PERSON,
        starts_at: None,
        ends_at: None,
        host: Party { school: SchoolId(Uuid::nil()), sector: None },
        cohost: None,
        consent: Consent::NONE,
        consent_by: None,
        organizer,
        access_contact: None,
        practice: None,
        commitment: None,
        in_person: Places::default(),
        online: Places::default(),
        minimum: None,
        decide_on: None,
        decided_at: None,
        warned_for: None,
        school_cap: None,
        kept: Default::default(),
        release_at: None,
        opens_at: None,
        closes_at: None,
        approval_needed: false,
        approval_by: None,
        coverage: CoverageNeed::NONE,
        visibility: Visibility::PUBLIC,
        invited: Vec::new(),
        waited: 0,
        revision: 1,
        sequence: 0,
        round: 0,
        joint_published: None,
        joint_decided: None,
        joint_held: None,
        locked_at: None,
        cloned_from: None,
        reason: None,
        published_at: None,
        ended_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        meetings: Vec::new(),
        facilitators: Vec::new(),
    }
}

/// The host of the public address, for names in calendars that are kept for ever.
fn host_name(base_url: &str) -> String {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let host = if host.starts_with('[') { "localhost" } else { host.split(':').next().unwrap_or_default() };
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).take(110).collect();
    if host.is_empty() { "localhost".to_owned() } else { host }
}

fn planned(capacity: i32) -> Places {
    Places { capacity, taken: 0 }
}

/// Whether somebody has a seat or an offer.
fn seated(session: &Session) -> bool {
    session.in_person.taken + session.online.taken > 0
}

fn links(session: &Session) -> Vec<Option<&str>> {
    session.meetings.iter().map(|meeting| meeting.online_url.as_deref()).collect()
}

/// That a session that was postponed has a date again.
fn on_again(session: &Session) -> News {
    News::each(|lang| times(lang, "on-again", session))
}

/// A sentence with everything a session's calendar says of when it meets.
fn times(lang: Lang, key: &str, session: &Session) -> String {
    let when = session.meetings.iter().map(|meeting| schedule::when_in(lang, meeting)).collect::<Vec<_>>().join("; ");
    say(lang, key, &[("when", &when), ("count", &session.meetings.len().to_string())])
}

fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim().replace("\r\n", "\n");
    let plain = !reason.contains(|c: char| c.is_control() && c != '\n');
    if reason.is_empty() || reason.chars().count() > REASON || !plain {
        let message = format!("Give a reason of 1 to {REASON} characters: everybody who wanted to come reads it.");
        return Err(Error::invalid("reason", message));
    }
    Ok(reason)
}

/// The start of the day so many days before the first meeting.
fn before_start(session: &Session, days: i64) -> Option<Timestamp> {
    let first = session.meetings.first()?;
    let day = first.starts_local.date().checked_sub_signed(TimeDelta::days(days))?;
    Some(first.zone.moment_near(day.and_time(NaiveTime::MIN)))
}

/// What hangs on the start goes with it, where nobody has chosen another moment.
fn follow_start(old: &Session, session: &mut Session) {
    if old.release_at.is_some()
        && session.release_at == old.release_at
        && old.release_at == before_start(old, RELEASE_DAYS)
    {
        session.release_at = before_start(session, RELEASE_DAYS);
    }
    let usual = |session: &Session| {
        let first = session.meetings.first()?;
        first.starts_local.date().checked_sub_signed(TimeDelta::days(DECIDE_DAYS))
    };
    if old.decide_on.is_some() && session.decide_on == old.decide_on && old.decide_on == usual(old) {
        session.decide_on = usual(session);
    }
    if session.decide_on != old.decide_on {
        // Another day, another decision.
        (session.joint_decided, session.decided_at) = (None, None);
    }
}

/// A session that may be too small has a day on which that is decided.
fn decide_day(session: &mut Session) {
    if session.minimum.is_some() && session.decide_on.is_none() {
        let first = session.meetings.first().map(|meeting| meeting.starts_local.date());
        session.decide_on = first.and_then(|day| day.checked_sub_signed(TimeDelta::days(DECIDE_DAYS)));
    }
}

/// Seats are kept for every sector that could come, where nobody says otherwise (J-4).
async fn keep_usual(tx: &Tx, session: &mut Session) -> Result<()> {
    if session.kept.is_empty() {
        let mut sectors: std::collections::BTreeSet<String> =
            session.parties().filter_map(|party| party.sector.clone()).collect();
        sectors.extend(people::sectors_with_people(tx).await?);
        let seats = if session.in_person.capacity > 0 { session.in_person } else { session.online };
        session.kept = joint::usual_shares(seats.capacity, &sectors);
    }
    if session.release_at.is_none() {
        session.release_at = before_start(session, RELEASE_DAYS);
    }
    Ok(())
}

/// Host and co-host of a draft may change, of a published session not: it was published because of them.
fn parties_changed(old: &Session, session: &mut Session) -> Result<()> {
    let host = session.host.school != old.host.school;
    let school = |session: &Session| session.cohost.as_ref().map(|party| party.school);
    let cohost = school(session) != school(old);
    if !host && !cohost {
        // Sectors of a published session are those of its publication.
        session.host.clone_from(&old.host);
        session.cohost.clone_from(&old.cohost);
        return Ok(());
    }
    if old.is_public() {
        let field = if host { "host" } else { "cohost" };
        return Err(Error::invalid(field, "Host and co-host stay once a session is published; post a new one."));
    }
    if cohost || host {
        (session.consent, session.consent_by) = (Consent::NONE, None);
    }
    Ok(())
}

/// A meeting that has begun is history.
fn begun_stays(tx: &Tx, old: &Session, session: &Session) -> Result<()> {
    let begun = old.meetings.iter().filter(|meeting| old.is_live() && meeting.starts_at <= tx.now());
    let begun = begun.filter(|_| old.status != SessionStatus::POSTPONED);
    for meeting in begun {
        let same = session.meetings.iter().any(|m| {
            (m.number, m.starts_at, m.ends_at, m.room)
                == (meeting.number, meeting.starts_at, meeting.ends_at, meeting.room)
        });
        if !same {
            let message = "A meeting that has begun stays as it was.";
            return Err(Error::invalid(format!("meetings/{}/starts_at", meeting.number), message));
        }
    }
    Ok(())
}

/// Registration that was closed opens again when its end moves into the future.
fn reopened(now: Timestamp, old: &Session, session: &mut Session) {
    let later = session.closes_at != old.closes_at && session.closes_at.is_none_or(|at| at > now);
    let ahead = session.starts_at.is_some_and(|at| at > now);
    if session.status == SessionStatus::REGISTRATION_CLOSED && later && ahead {
        session.status = SessionStatus::PUBLISHED;
    }
}

/// Refuses a room or a person who leads it in two places at once; where neither times, rooms nor people change, nothing is
/// looked up.
async fn refuse_conflicts(tx: &Tx, old: &Session, session: &Session) -> Result<()> {
    if old.meetings == session.meetings && old.facilitators == session.facilitators {
        return Ok(());
    }
    let found = conflict::in_the_way(tx, session).await?;
    if found.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = found.iter().map(conflict::Conflict::sentence).collect();
    Err(Error::Conflict(format!("{} Choose another time, room or person.", said.join(" "))))
}

/// Names of what differs, for the log: never what it says.
fn fields(old: &Session, new: &Session) -> Vec<&'static str> {
    [
        ("title", old.title != new.title),
        ("format", old.format != new.format),
        ("topics", old.topics != new.topics),
        ("details", old.details != new.details),
        ("mode", old.mode != new.mode),
        ("host", old.host != new.host),
        ("cohost", old.cohost != new.cohost),
        ("practice", old.practice != new.practice),
        ("meetings", old.meetings != new.meetings),
        ("facilitators", old.facilitators != new.facilitators),
        ("seats", (old.in_person, old.online) != (new.in_person, new.online)),
        ("kept", (&old.kept, old.release_at) != (&new.kept, new.release_at)),
        ("minimum", (old.minimum, old.decide_on) != (new.minimum, new.decide_on)),
        ("school_cap", old.school_cap != new.school_cap),
        ("registration", (old.opens_at, old.closes_at) != (new.opens_at, new.closes_at)),
        ("approval", (old.approval_needed, old.approval_by) != (new.approval_needed, new.approval_by)),
        ("coverage", old.coverage != new.coverage),
        ("visibility", (old.visibility, &old.invited) != (new.visibility, &new.invited)),
        ("access_contact", old.access_contact != new.access_contact),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_calendars_are_of_the_public_host() {
        assert_eq!(host_name("https://ground.example:8443/here"), "ground.example");
        assert_eq!(host_name("http://[::1]:8080"), "localhost");
        assert_eq!(host_name(""), "localhost");
    }

    #[test]
    fn a_reason_is_given_in_plain_words() {
        assert_eq!(checked_reason(" Snow \r\n day ").unwrap(), "Snow \n day");
        assert!(checked_reason("  ").is_err() && checked_reason("a\u{0}").is_err());
    }
}
