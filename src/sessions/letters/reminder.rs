//! The letter that reminds somebody of a seat, with everything they have to know before they leave.

use super::{About, dated};
use crate::mail::Letter;
use crate::people::Account;
use crate::platform::vocabulary::Way;
use crate::platform::{Result, Timestamp, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::schedule;
use crate::sessions::seat::Registration;
use crate::sessions::session::{Meeting, Session};
use crate::sessions::words::{self, language, say};

/// Reminds of one meeting, or of the whole session; `until` it is of use.
pub(in crate::sessions) async fn reminder(
    tx: &Tx,
    desk: &Desk,
    session: &Session,
    registration: &Registration,
    person: &Account,
    (meeting, event, until): (Option<&Meeting>, &str, Timestamp),
) -> Result<Option<Letter>> {
    let about = About { desk, session, registration, person, now: tx.now() };
    let Some(to) = person.email.as_ref() else { return Ok(None) };
    let lang = language("session_reminder", person);
    let (number, count) = (meeting.map_or(0, |meeting| meeting.number), session.meetings.len());
    let (number, count) = (number.to_string(), count.to_string());
    let say = |key| say(lang, key, &[("title", &session.title), ("number", &number), ("count", &count)]);
    // The day, and not "tomorrow": quiet hours may keep it until the next morning.
    let date = match meeting {
        Some(meeting) => format!(", {}", schedule::day_in(lang, meeting.starts_at, meeting.zone)),
        None => dated(lang, session),
    };
    let subject = format!("{}: {}{date}", say("confirmed-subject"), session.title);
    let opening = match meeting {
        Some(_) if session.meetings.len() > 1 => say("meets-again"),
        Some(_) => say("meets-soon"),
        None => say("meets-in-a-week"),
    };
    let letter = Letter::new("session_reminder", event, to.as_str(), subject).of(person.id.0).in_language(lang);
    let letter = about.with_facts(tx, letter.say(opening)).await?;
    let details = &session.details;
    let there = registration.way == Way::IN_PERSON;
    let facts = [
        ("parking", &details.parking, there),
        ("transit", &details.transit, there),
        ("materials", &details.materials, true),
        ("meals", &details.meals, there),
        ("accessibility", &details.accessibility, there),
    ];
    let facts = facts.into_iter().filter(|(_, text, fits)| *fits && !text.is_empty());
    let letter = facts.fold(letter, |letter, (key, text, _)| letter.say(words::say(lang, key, &[("text", text)])));
    let letter = letter
        .button(say("see-session"), about.page())
        .say(about.leave(lang))
        .because(say("reminder-why"))
        .secret_until(until);
    Ok(Some(letter))
}
