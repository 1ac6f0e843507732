//! Letters about seats (product.md, table of section 4): one for each transition and reader, with the date in the subject and
//! one thing to do. Links that act are signed ([`super::link`]).

mod imip;
mod reminder;

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use uuid::Uuid;

use super::desk::Desk;
use super::link::{self, Errand};
use super::registration::Why;
use super::schedule;
use super::seat::{Registration, Reminder};
use super::session::Session;
use super::store::registrations as store;
use crate::mail::{self, Letter};
use crate::people::account::{self, Account};
use crate::people::{self, AccountId, School, SchoolId, membership};
use crate::platform::vocabulary::{Approval, Seat, SessionStatus, Way};
use crate::platform::{Result, Timestamp, Tx};

pub(super) use self::imip::{ask_about_meeting, take_out, tell_of_link, thread};
pub(super) use self::reminder::reminder;

/// A link of a session without an end holds so long.
const OPEN_END: TimeDelta = TimeDelta::days(120);

/// What every letter about a registration says of it.
struct About<'a> {
    desk: &'a Desk,
    session: &'a Session,
    registration: &'a Registration,
    person: &'a Account,
    now: Timestamp,
}

/// Tells of a transition, from what a registration was before: the person, and their principals where the table says so.
pub(super) async fn tell(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    before: Option<&Registration>,
    registration: &Registration,
    person: &Account,
    why: Why,
) -> Result<()> {
    let about = About { desk, session, registration, person, now: tx.now() };
    if why == Why::Moved {
        // The letter of the change tells of it, and asks whether they keep the seat.
        return Ok(());
    }
    about.tell_person(tx, before, why).await?;
    let asks_now = registration.seat == Seat::HELD && registration.approval == Approval::WAITING;
    match why {
        Why::Asked | Why::Claimed | Why::Accepted | Why::Received(_) if asks_now => about.ask_school(tx).await,
        Why::Accepted | Why::Approved | Why::Refused | Why::Unanswered => about.tell_school(tx, why).await,
        Why::Left | Why::CrowdedOut if before.is_some_and(school_knows) => about.tell_school(tx, why).await,
        _ => Ok(()),
    }
}

/// Whether the school was asked about a seat that somebody has: it hears when it is given back.
pub(in crate::sessions) fn school_knows(registration: &Registration) -> bool {
    matches!(registration.seat, Seat::HELD | Seat::CONFIRMED) && registration.approval != Approval::NOT_NEEDED
}

/// Reminds of a seat that waits for the school's answer: the principals, on the third day the delegates too, and everybody with
/// the person 24 hours before the end.
pub(super) async fn remind(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    registration: &Registration,
    person: &Account,
    step: i32,
) -> Result<()> {
    let about = About { desk, session, registration, person, now: tx.now() };
    let (principals, delegates) = membership::leads_of(tx, registration.school).await?;
    let readers: Vec<Account> = match step {
        Reminder::PRINCIPALS => principals,
        Reminder::DELEGATES => delegates,
        _ => principals.into_iter().chain(delegates).collect(),
    };
    let event = format!("{}:reminder:{step}", about.event());
    let school = school(tx, registration.school).await?;
    for reader in readers {
        if let Some(letter) = about.request(&reader, &school, event.clone(), true) {
            mail::enqueue(tx, &desk.head, letter).await?;
        }
    }
    if step == Reminder::LAST
        && let Some(letter) = about.to_person("seat_waits", "Your seat waits for your principal", event)
    {
        let until = about.moment(registration.hold_until);
        let letter = letter
            .say(format!(
                "Your principal has not answered yet whether you may come to “{}”. We hold your seat until {until}; after that \
                 it goes to somebody else. A word with your principal helps.",
                session.title
            ))
            .button("See your seat", about.page())
            .because("You asked for a seat in this session.");
        mail::enqueue(tx, &desk.head, letter).await?;
    }
    Ok(())
}

/// Tells somebody with a seat, or in line for one, of a material change (J-8): keep it, or leave freely.
pub(super) async fn tell_of_change(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    registration: &Registration,
    person: &Account,
    what: &str,
) -> Result<()> {
    let about = About { desk, session, registration, person, now: tx.now() };
    let event = format!("registration:{}:round:{}", registration.id, session.round);
    let Some(letter) = about.to_person("session_changed", change(session), event) else { return Ok(()) };
    let letter = letter.say(format!("“{}” has changed. {what}", session.title));
    // A date that does not hold any more is no fact.
    let postponed = session.status == SessionStatus::POSTPONED;
    let letter = if postponed { letter } else { about.with_facts(tx, letter).await? };
    let letter = match registration.seat {
        Seat::WAITLISTED => letter
            .button("See the session", about.page())
            .say("You keep your place on the waitlist.")
            .say(about.leave()),
        // To say that they keep it would not take it.
        Seat::OFFERED => about.offers(letter.say(format!("A seat is offered to you. {}", about.answer_by()))),
        _ => letter
            .say("Say whether you still come. You may leave freely, and somebody else gets the seat.")
            .button("Keep or leave", about.errand(Errand::Keep, person.id)),
    };
    let until = registration.offer_until.unwrap_or_else(|| about.end());
    let letter = letter.because("You have a seat in this session or wait for one.").secret_until(until);
    let letter = about.with_calendar(tx, letter, Some(registration)).await?;
    mail::enqueue(tx, &desk.head, letter).await
}

/// Tells principals of those who have a seat of a material change. Nobody is named: the page says who it is.
pub(super) async fn tell_schools_of_change(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    open: &[Registration],
    what: &str,
) -> Result<()> {
    let event = format!("session:{}:round:{}", session.id, session.round);
    let text = format!("“{}” has changed. {what}", session.title);
    tell_schools(tx, desk, session, open, ("session_changed_school", change(session), event, text)).await
}

/// The same of a cancellation.
pub(super) async fn tell_schools_of_end(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    open: &[Registration],
) -> Result<()> {
    let event = format!("session:{}:cancelled", session.id);
    let reason = session.reason.as_deref().map(|reason| format!(" The organizer says: {reason}")).unwrap_or_default();
    let text = format!("“{}” does not take place.{reason}", session.title);
    tell_schools(tx, desk, session, open, ("session_cancelled_school", "Cancelled", event, text)).await
}

async fn tell_schools(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    open: &[Registration],
    (kind, subject, event, text): (&'static str, &str, String, String),
) -> Result<()> {
    let mut counts: BTreeMap<SchoolId, usize> = BTreeMap::new();
    for registration in open.iter().filter(|registration| registration.seat != Seat::WAITLISTED) {
        *counts.entry(registration.school).or_default() += 1;
    }
    let ids: Vec<SchoolId> = counts.keys().copied().collect();
    let schools: HashMap<SchoolId, School> = people::schools_in(tx, &ids).await?;
    for (id, count) in counts {
        let Some(school) = schools.get(&id) else { continue };
        let (principals, _) = membership::leads_of(tx, id).await?;
        for reader in principals {
            let Some(to) = &reader.email else { continue };
            let told = match count {
                1 => format!("It concerns one person of {}, who got a letter.", school.name),
                _ => format!("It concerns {count} people of {}; each of them got a letter.", school.name),
            };
            let letter = Letter::new(
                kind,
                format!("{event}:school:{id}"),
                to.as_str(),
                format!("{subject}: {}{}", session.title, dated(session)),
            )
            .say(text.clone())
            .say(told)
            .button("See the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .because(format!("You answer for {} on Common Ground.", school.name))
            .of(reader.id.0);
            mail::enqueue(tx, &desk.head, letter).await?;
        }
    }
    Ok(())
}

impl About<'_> {
    async fn tell_person(&self, tx: &mut Tx, before: Option<&Registration>, why: Why) -> Result<()> {
        let title = &self.session.title;
        let registration = self.registration;
        let (kind, subject) = self.heading(why);
        let Some(letter) = self.to_person(kind, subject, self.event()) else { return Ok(()) };
        let (opening, named) = self.opening(tx, why).await?;
        let letter = letter.say(opening);
        let mut letter = match registration.seat {
            Seat::CONFIRMED => {
                let letter = self.with_facts(tx, letter).await?;
                letter.button("See the session", self.page()).say(self.leave()).secret_until(self.end())
            }
            Seat::HELD => {
                let until = self.moment(registration.hold_until);
                let letter = letter.say(format!(
                    "Your principal decides whether you may come. We hold the seat until {until}; you hear from us either way."
                ));
                let until = registration.hold_until.unwrap_or_else(|| self.end());
                letter.button("See your seat", self.page()).say(self.leave()).secret_until(until)
            }
            Seat::WAITLISTED => {
                let position = store::positions(tx.conn(), &[registration.id]).await?.remove(&registration.id);
                let place = position.map(|position| format!("You are number {position} in line. ")).unwrap_or_default();
                let letter = letter.say(format!(
                    "{place}When a seat becomes free for you, we offer it to you by letter, and you have some hours to take it."
                ));
                letter.button("See your place", self.page()).say(self.leave()).secret_until(self.end())
            }
            Seat::OFFERED => {
                let letter = self.with_facts(tx, letter.say(self.answer_by())).await?;
                self.offers(letter).secret_until(registration.offer_until.unwrap_or_else(|| self.end()))
            }
            _ => letter.button("See the session", self.page()),
        };
        if let Some(named) = named {
            letter = letter.about(named);
        }
        if why == Why::Cancelled && self.is_soon() {
            letter = letter.urgent();
        }
        let because = match why {
            Why::Asked if registration.registered_by.is_some() => format!("You were registered for “{title}”."),
            Why::Received(_) => "A colleague handed a seat over to you.".to_owned(),
            _ => "You asked for a seat in this session.".to_owned(),
        };
        let letter = self.with_calendar(tx, letter.because(because), before).await?;
        mail::enqueue(tx, &self.desk.head, letter).await
    }

    /// What a letter says of an offer that stands.
    fn answer_by(&self) -> String {
        let until = self.moment(self.registration.offer_until);
        format!("Take it or decline it by {until}; after that it goes to the next in line.")
    }

    /// The link to answer an offer.
    fn offers(&self, letter: Letter) -> Letter {
        letter.button("Answer the offer", self.errand(Errand::Offer, self.person.id))
    }

    /// Kind of the person's letter, and what its subject begins with.
    fn heading(&self, why: Why) -> (&'static str, &'static str) {
        match (why, self.registration.seat) {
            (Why::Approved, Seat::CONFIRMED) => ("seat_approved", "Approved, you have a seat"),
            (Why::Approved, _) => ("seat_approved", "Your principal agrees"),
            (_, Seat::CONFIRMED) => ("seat_confirmed", "You have a seat"),
            (_, Seat::HELD) => ("seat_held", "We hold a seat for you"),
            (_, Seat::WAITLISTED) => ("seat_waitlisted", "You are on the waitlist"),
            (_, Seat::OFFERED) => ("seat_offered", "A seat is free for you"),
            (Why::Declined, _) => ("offer_declined", "You declined the seat"),
            (Why::OfferOver, _) => ("offer_expired", "The offer is over"),
            (Why::Refused, _) => ("seat_declined", "Your principal said no"),
            (Why::Unanswered, _) => ("seat_expired", "Your seat went back"),
            (Why::Cancelled, _) => ("session_cancelled", "Cancelled"),
            (Why::HandedOver(_), _) => ("seat_handed_over", "Your seat went to a colleague"),
            _ => ("seat_released", "Your seat is given back"),
        }
    }

    /// The first sentence, and whom it names besides its reader.
    async fn opening(&self, tx: &Tx, why: Why) -> Result<(String, Option<Uuid>)> {
        let title = &self.session.title;
        let registration = self.registration;
        let actor = tx.actor().person().filter(|actor| actor.account != self.person.id.0);
        let (by, named) = match actor {
            Some(actor) => (actor.name.clone(), Some(actor.account)),
            None => ("The service".to_owned(), None),
        };
        let said = match why {
            Why::Asked if registration.registered_by.is_some() => {
                let what = if registration.seat == Seat::WAITLISTED { "the waitlist of " } else { "" };
                return Ok((format!("{by} registered you for {what}“{title}”."), named));
            }
            Why::Received(other) | Why::HandedOver(other) => {
                let colleague = account::accounts_in(tx, &[other]).await?.remove(&other);
                let name = colleague.map_or_else(|| "A colleague".to_owned(), |colleague| colleague.name);
                let received = matches!(why, Why::Received(_));
                let verb = if received { "gave you their seat in" } else { "has your seat now in" };
                return Ok((format!("{name} {verb} “{title}”."), Some(other.0)));
            }
            Why::Left if actor.is_some() => return Ok((format!("{by} gave your seat in “{title}” back."), named)),
            Why::Asked if registration.seat == Seat::WAITLISTED => {
                format!("“{title}” is full for now, and you wait for a seat.")
            }
            Why::Asked if registration.seat == Seat::HELD => format!("You asked for a seat in “{title}”."),
            Why::Asked => format!("You have a seat in “{title}”."),
            Why::Claimed => format!("A seat in “{title}” was free, and you have it."),
            Why::Offered => format!("A seat in “{title}” has become free, and you are next in line."),
            Why::Accepted if registration.seat == Seat::HELD => format!("You took the seat in “{title}”."),
            Why::Accepted => format!("You took the seat: you come to “{title}”."),
            Why::Approved => match registration.seat {
                Seat::CONFIRMED => format!("Your school approved your seat in “{title}”."),
                Seat::OFFERED => {
                    format!("Your school agrees that you come to “{title}”. The seat we offered you still waits.")
                }
                _ => format!("Your school agrees that you come to “{title}”. You still wait for a seat."),
            },
            Why::Declined => format!("You declined the seat in “{title}”. It went to the next in line."),
            Why::OfferOver => {
                format!("You did not answer in time, and the seat in “{title}” went to the next in line.")
            }
            Why::Refused => {
                let reason = registration.reason.as_deref().map(|reason| format!(" The reason: {reason}"));
                let reason = reason.unwrap_or_default();
                format!(
                    "Your school declined your seat in “{title}”.{reason} Talk to your principal if you have questions."
                )
            }
            Why::Unanswered => format!(
                "Your school did not answer in time, and the seat in “{title}” went back. Talk to your principal, who can \
                 still register you while there are seats."
            ),
            Why::Left => format!("You gave your seat or your place in line for “{title}” back."),
            Why::Moved => format!("How you take part in “{title}” has changed."),
            Why::CrowdedOut => {
                let (gone, other) = match registration.way {
                    Way::ONLINE => ("online", "in the room"),
                    _ => ("in the room", "online"),
                };
                format!(
                    "“{title}” is no longer held {gone}, and {other} it is full: your seat is given back, which we are sorry \
                     for. You can ask again on its page; who waits is offered seats that become free."
                )
            }
            Why::Cancelled => {
                let reason = self.session.reason.as_deref().map(|reason| format!(" The organizer says: {reason}"));
                format!("“{title}” does not take place.{}", reason.unwrap_or_default())
            }
        };
        Ok((said, None))
    }

    /// Asks the school: its principals at once; its delegates where there is no principal, and on the third day.
    async fn ask_school(&self, tx: &mut Tx) -> Result<()> {
        let (principals, delegates) = membership::leads_of(tx, self.registration.school).await?;
        let readers = if principals.is_empty() { delegates } else { principals };
        let school = school(tx, self.registration.school).await?;
        for reader in readers {
            if let Some(letter) = self.request(&reader, &school, self.event(), false) {
                mail::enqueue(tx, &self.desk.head, letter).await?;
            }
        }
        Ok(())
    }

    /// The letter that asks somebody to decide.
    fn request(&self, reader: &Account, school: &str, event: String, again: bool) -> Option<Letter> {
        let to = reader.email.as_ref()?;
        let (name, title) = (&self.person.name, &self.session.title);
        let until = self.moment(self.registration.hold_until);
        let first = if again { "Still waiting: " } else { "" };
        let subject = format!("{first}{name} asks to go to {title}{}", dated(self.session));
        let letter =
            Letter::new(if again { "seat_request_waits" } else { "seat_request" }, event, to.as_str(), subject)
                .say(format!("{name} of {school} asks to take part in “{title}”."));
        let letter = self.session.meetings.iter().fold(letter, |letter, meeting| letter.say(schedule::when(meeting)));
        let letter = letter
            .say(format!("We hold the seat until {until}. Without an answer it goes back then."))
            .button("Approve or decline", self.errand(Errand::Decide, reader.id))
            .because(format!("You answer for {school} on Common Ground."))
            .of(reader.id.0)
            .about(self.person.id.0);
        Some(letter.secret_until(self.registration.hold_until.unwrap_or_else(|| self.end())))
    }

    /// Tells principals what became of a seat of their staff, but not who did it.
    async fn tell_school(&self, tx: &mut Tx, why: Why) -> Result<()> {
        let (name, title) = (&self.person.name, &self.session.title);
        let (kind, first, text) = match why {
            Why::Accepted => {
                ("seat_taken_copy", "Seat taken", format!("{name} took a seat of the waitlist of “{title}”."))
            }
            Why::Approved => {
                let text = format!("The request of {name} to go to “{title}” was approved.");
                ("seat_approved_copy", "Approved", text)
            }
            Why::Refused => {
                let text = format!("The request of {name} to go to “{title}” was declined.");
                ("seat_declined_copy", "Declined", text)
            }
            Why::Left | Why::CrowdedOut => {
                ("seat_released_copy", "Seat given back", format!("The seat of {name} in “{title}” was given back."))
            }
            _ => (
                "seat_expired_copy",
                "Not answered in time",
                format!("Nobody answered in time whether {name} may go to “{title}”, and the seat went back."),
            ),
        };
        let (principals, _) = membership::leads_of(tx, self.registration.school).await?;
        // Who approved a seat did not give it back.
        let actor = tx.actor().account().map(AccountId);
        let by = match why {
            Why::Left => actor,
            Why::CrowdedOut => None,
            _ => self.registration.decided_by,
        };
        let others = |reader: &Account| Some(reader.id) != by && reader.id != self.person.id;
        let readers: Vec<Account> = principals.into_iter().filter(others).collect();
        if readers.is_empty() {
            return Ok(());
        }
        let school = school(tx, self.registration.school).await?;
        for reader in readers {
            let Some(to) = &reader.email else { continue };
            let letter = Letter::new(
                kind,
                self.event(),
                to.as_str(),
                format!("{first}: {name}, {title}{}", dated(self.session)),
            )
            .say(text.clone())
            .button("See the session", self.page())
            .because(format!("You answer for {school} on Common Ground."))
            .of(reader.id.0)
            .about(self.person.id.0);
            mail::enqueue(tx, &self.desk.head, letter).await?;
        }
        Ok(())
    }

    /// A letter to the person, if they have an address.
    fn to_person(&self, kind: &'static str, subject: &str, event: String) -> Option<Letter> {
        let to = self.person.email.as_ref()?;
        let subject = format!("{subject}: {}{}", self.session.title, dated(self.session));
        Some(Letter::new(kind, event, to.as_str(), subject).of(self.person.id.0))
    }

    /// When and where; how to join online is for people with a seat.
    async fn with_facts(&self, tx: &Tx, mut letter: Letter) -> Result<Letter> {
        let online = self.registration.way == Way::ONLINE;
        let seat = self.registration.seat == Seat::CONFIRMED;
        let unplaced = self.session.meetings.iter().any(|meeting| meeting.address.is_none());
        let host = if !online && unplaced { Some(school(tx, self.session.host.school).await?) } else { None };
        for meeting in &self.session.meetings {
            let place = if online {
                meeting.online_url.as_ref().filter(|_| seat).map(|url| format!("Join online: {url}"))
            } else {
                meeting.address.clone().or_else(|| host.clone())
            };
            let place = place.map(|place| format!(". {place}")).unwrap_or_default();
            letter = letter.say(format!("{}{place}", schedule::when(meeting)));
        }
        if !online && !self.session.details.entrance.is_empty() {
            letter = letter.say(format!("Entrance: {}", self.session.details.entrance));
        }
        Ok(letter)
    }

    fn event(&self) -> String {
        format!("registration:{}:turn:{}", self.registration.id, self.registration.turn)
    }

    fn page(&self) -> String {
        self.desk.head.link(&format!("/sessions/{}", self.session.id))
    }

    fn errand(&self, errand: Errand, reader: AccountId) -> String {
        let path = link::path(&self.desk.secret, errand, self.registration.id.0, reader, self.now);
        self.desk.head.link(&path)
    }

    fn leave(&self) -> String {
        let url = self.errand(Errand::Leave, self.person.id);
        format!("If you cannot come, give your place to somebody else here: {url}")
    }

    fn moment(&self, at: Option<Timestamp>) -> String {
        schedule::moment(at.unwrap_or(self.now), self.session.zone())
    }

    /// Whether the session was to begin today or tomorrow there: nobody shall set out for it in vain.
    fn is_soon(&self) -> bool {
        let day = |at: Timestamp| self.session.zone().local(at).date();
        self.session.starts_at.is_some_and(|at| day(at) <= day(self.now) + chrono::Days::new(1))
    }

    /// When links of this letter are of no use any more.
    fn end(&self) -> Timestamp {
        let latest = self.now + OPEN_END;
        self.session.ends_at.filter(|ends| *ends > self.now).map_or(latest, |ends| ends.min(latest))
    }
}

/// What the subject of a letter about a change begins with.
pub(super) fn change(session: &Session) -> &'static str {
    if session.status == SessionStatus::POSTPONED { "Postponed" } else { "Changed" }
}

/// The date for a subject, where there is one.
fn dated(session: &Session) -> String {
    session.starts_at.map(|at| format!(", {}", schedule::day(at, session.zone()))).unwrap_or_default()
}

async fn school(tx: &Tx, id: SchoolId) -> Result<String> {
    let school = people::schools_in(tx, &[id]).await?.remove(&id);
    Ok(school.map_or_else(|| "your school".to_owned(), |school| school.name))
}
