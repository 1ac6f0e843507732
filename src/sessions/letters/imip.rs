//! What calendars are told with the letters of a seat (RFC 6047). A message speaks of one meeting (RFC 5546 3.2.2): the first
//! that is still to come rides in the letter, and each other meeting of a series goes as a letter of its own. All of them
//! are of one thread, by SEQUENCE: what takes a meeting out never overtakes what put it in.

use super::About;
use crate::mail::{self, Letter};
use crate::people::{self, account};
use crate::platform::vocabulary::{Seat, SessionStatus, Way};
use crate::platform::{Result, Tx};
use crate::sessions::calendar::{self, Mailbox, Method, Told};
use crate::sessions::desk::Desk;
use crate::sessions::link::Errand;
use crate::sessions::policy;
use crate::sessions::schedule;
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::session::{Meeting, Session};
use crate::sessions::store::registrations as store;

/// The thread of everything that calendars are told of a seat.
pub(in crate::sessions) fn thread(id: RegistrationId) -> String {
    format!("registration:{id}")
}

impl About<'_> {
    /// What a letter about a seat tells calendars: a seat that somebody has now is put in, one that they had is taken out.
    pub(super) async fn with_calendar(
        &self,
        tx: &mut Tx,
        letter: Letter,
        before: Option<&Registration>,
    ) -> Result<Letter> {
        let had = before.is_some_and(|before| before.seat == Seat::CONFIRMED);
        let method = match (had, self.registration.seat == Seat::CONFIRMED) {
            (_, true) => Method::Request,
            (true, false) => Method::Cancel,
            (false, false) => return Ok(letter),
        };
        let postponed = self.session.status == SessionStatus::POSTPONED;
        let ahead = |meeting: &&Meeting| meeting.ends_at > self.now || postponed;
        let meetings: Vec<&Meeting> = self.session.meetings.iter().filter(ahead).collect();
        let Some((first, others)) = meetings.split_first() else { return Ok(letter) };
        let told = self.told(tx).await?;
        let event = letter.event.clone();
        for meeting in others {
            if let Some(other) = self.of_meeting(&told, meeting, method, &event) {
                mail::enqueue(tx, &self.desk.head, other).await?;
            }
        }
        Ok(self.carrying(letter, &told, first, method))
    }

    /// A letter with what calendars do about a meeting. The recipient is the one attendee.
    fn carrying(&self, letter: Letter, told: &Told<'_>, meeting: &Meeting, method: Method) -> Letter {
        let organizer = calendar::organizer(&self.desk.head);
        let attendee = Mailbox { name: self.person.name.clone(), email: letter.to.clone() };
        let body = calendar::message(method, told, meeting, &organizer, &attendee, self.now);
        letter.with_calendar(method.word(), body).in_thread(thread(self.registration.id), i64::from(told.sequence))
    }

    /// One more meeting of a series, in a letter of its own.
    fn of_meeting(&self, told: &Told<'_>, meeting: &Meeting, method: Method, event: &str) -> Option<Letter> {
        let day = schedule::day(meeting.starts_at, meeting.zone);
        let (kind, first) = match method {
            Method::Cancel => ("meeting_cancellation", "Out of your calendar"),
            _ => ("meeting_invitation", "For your calendar"),
        };
        let said = match method {
            Method::Cancel => format!("This takes a meeting of “{}” out of your calendar.", self.session.title),
            _ => format!("This puts a meeting of “{}” into your calendar.", self.session.title),
        };
        let mut letter = self.to_person(kind, first, format!("{event}:meeting:{}", meeting.number))?;
        letter.content.subject = format!("{first}: {}, {day}", self.session.title);
        letter.not_after = Some(meeting.ends_at).filter(|ends| *ends > self.now);
        let letter = letter
            .say(said)
            .say(format!("{}.", schedule::when(meeting)))
            .button("See the session", self.page())
            .because("You have, or had, a seat in this session. Calendars take its meetings one by one.");
        Some(self.carrying(letter, told, meeting, method))
    }

    /// The session as this person's calendar is told of it. Schools are looked up where a meeting does not say where it is.
    async fn told(&self, tx: &Tx) -> Result<Told<'_>> {
        let unplaced = self.session.meetings.iter().any(|meeting| meeting.address.is_none());
        let wanted = if unplaced { vec![self.session.host.school] } else { Vec::new() };
        let schools = if wanted.is_empty() { Default::default() } else { people::schools_in(tx, &wanted).await? };
        let mut told = Told::new(self.session, &schools, &self.desk.head, Some(self.registration), false);
        // Both schools, or none: one alone does not invite.
        told.hosts = String::new();
        Ok(told)
    }
}

/// Takes meetings that a series has no more out of the calendars of those who have a seat.
pub(in crate::sessions) async fn take_out(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    gone: &[Meeting],
) -> Result<usize> {
    let _permit = policy::change(tx.actor(), session, &crate::sessions::grounds(tx, session).await?)?;
    let mut told = 0;
    if gone.is_empty() {
        return Ok(told);
    }
    for (registration, person) in seated(tx, session).await? {
        let about = About { desk, session, registration: &registration, person: &person, now: tx.now() };
        let calendar = about.told(tx).await?;
        let event = format!("registration:{}:round:{}", registration.id, session.round);
        for meeting in gone.iter().filter(|meeting| meeting.ends_at > about.now) {
            if let Some(letter) = about.of_meeting(&calendar, meeting, Method::Cancel, &event) {
                mail::enqueue(tx, &desk.head, letter).await?;
                told += 1;
            }
        }
    }
    Ok(told)
}

/// Tells those who come online that the link to join is another one: their calendars hold the old.
pub(in crate::sessions) async fn tell_of_link(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<usize> {
    let _permit = policy::change(tx.actor(), session, &crate::sessions::grounds(tx, session).await?)?;
    let mut told = 0;
    for (registration, person) in seated(tx, session).await? {
        if registration.way != Way::ONLINE {
            continue;
        }
        let about = About { desk, session, registration: &registration, person: &person, now: tx.now() };
        let event = format!("registration:{}:link:{}", registration.id, session.sequence);
        let Some(letter) = about.to_person("session_link_changed", "The link to join is new", event) else { continue };
        let letter = letter.say(format!("The link to join “{}” has changed. Use this one:", session.title));
        let letter = about.with_facts(tx, letter).await?;
        let mut letter = letter.button("See the session", about.page()).because("You have a seat in this session.");
        letter.not_after = Some(about.end());
        let letter = about.with_calendar(tx, letter, Some(&registration)).await?;
        mail::enqueue(tx, &desk.head, letter).await?;
        told += 1;
    }
    Ok(told)
}

/// Asks somebody whose calendar said no, or in whose name somebody said it, whether they give their seat back.
pub(in crate::sessions) async fn ask_about_meeting(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    registration: &Registration,
    person: &account::Account,
    (meeting, event): (&Meeting, String),
) -> Result<()> {
    let _permit = policy::own(tx.actor(), registration.account)?;
    let about = About { desk, session, registration, person, now: tx.now() };
    let Some(mut letter) = about.to_person("meeting_declined", "Do you still come?", event) else { return Ok(()) };
    let day = schedule::day(meeting.starts_at, meeting.zone);
    letter.content.subject = format!("Do you still come? {}, {day}", session.title);
    let (title, when) = (&session.title, schedule::when(meeting));
    let (said, asked, else_) = if session.meetings.len() > 1 {
        (
            format!("Your calendar answered that you do not come to meeting {} of “{title}”: {when}.", meeting.number),
            "A seat is for all meetings, so nothing has changed yet. If you cannot come at all, give it to somebody else.",
            "If you come to the others, you need not do anything.",
        )
    } else {
        (
            format!("Your calendar answered that you do not come to “{title}”: {when}."),
            "You still have your seat, because an answer of a calendar can come from anybody. If you cannot come, give it to \
             somebody else.",
            "If you come, you need not do anything.",
        )
    };
    let letter = letter
        .say(said)
        .say(asked)
        .button("Give the seat back", about.errand(Errand::Leave, person.id))
        .say(else_)
        .because("An answer to your invitation to this session came by mail.")
        .secret_until(about.end());
    mail::enqueue(tx, &desk.head, letter).await
}

/// Everybody with a confirmed seat.
async fn seated(tx: &Tx, session: &Session) -> Result<Vec<(Registration, account::Account)>> {
    let seats = store::of_session(tx.conn(), session.id, &[Seat::CONFIRMED]).await?;
    let ids: Vec<_> = seats.iter().map(|registration| registration.account).collect();
    let mut people = account::accounts_in(tx, &ids).await?;
    Ok(seats.into_iter().filter_map(|seat| Some((seat.clone(), people.remove(&seat.account)?))).collect())
}
