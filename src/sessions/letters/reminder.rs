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
    // The day, and not "tomorrow": quiet hours may keep it until the next morning.
    let date = match meeting {
        Some(meeting) => format!(", {}", schedule::day(meeting.starts_at, meeting.zone)),
        None => dated(session),
    };
    let subject = format!("You have a seat: {}{date}", session.title);
    let opening = match meeting {
        Some(meeting) if session.meetings.len() > 1 => {
            format!("“{}” meets again soon: meeting {} of {}.", session.title, meeting.number, session.meetings.len())
        }
        Some(_) => format!("“{}” is close, and you have a seat.", session.title),
        None => format!("“{}” is in a week, and you have a seat.", session.title),
    };
    let letter = Letter::new("session_reminder", event, to.as_str(), subject).of(person.id.0).say(opening);
    let letter = about.with_facts(tx, letter).await?;
    let details = &session.details;
    let there = registration.way == Way::IN_PERSON;
    let facts = [
        ("Parking", &details.parking, there),
        ("Buses and trains", &details.transit, there),
        ("What to bring", &details.materials, true),
        ("Meals", &details.meals, there),
        ("Accessibility", &details.accessibility, there),
    ];
    let facts = facts.into_iter().filter(|(_, text, fits)| *fits && !text.is_empty());
    let letter = facts.fold(letter, |letter, (name, text, _)| letter.say(format!("{name}: {text}")));
    let letter = letter
        .button("See the session", about.page())
        .say(about.leave())
        .because("You have a seat in this session: reminders go a week and a day before.")
        .secret_until(until);
    Ok(Some(letter))
}
