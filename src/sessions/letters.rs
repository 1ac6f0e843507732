//! Letters about seats (product.md, table of section 4): one for each transition and reader, with the date in the subject and
//! one thing to do, in the language of the reader where [`super::words`] has it. Links that act are signed ([`super::link`]).

mod imip;
mod opening;
mod reminder;

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::desk::Desk;
use super::link::{self, Errand};
use super::registration::Why;
use super::schedule;
use super::seat::{Registration, Reminder};
use super::session::Session;
use super::store::registrations as store;
use super::words::{News, beginning, language, say};
use crate::mail::{self, Lang, Letter};
use crate::people::account::Account;
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
            mail::enqueue(tx, &desk.head, letter.read_at(registration.school.0)).await?;
        }
    }
    if step == Reminder::LAST
        && let Some(letter) = about.to_person("seat_waits", "Your seat waits for your principal", event)
    {
        let until = about.moment(Lang::En, registration.hold_until);
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
    what: &News,
) -> Result<()> {
    let about = About { desk, session, registration, person, now: tx.now() };
    let event = format!("registration:{}:round:{}", registration.id, session.round);
    let lang = language("session_changed", person);
    let say = |key| say(lang, key, &[("title", &session.title), ("what", what.words(lang))]);
    // A date that does not hold any more is no fact.
    let postponed = session.status == SessionStatus::POSTPONED;
    let subject = say(if postponed { "postponed-subject" } else { "changed-subject" });
    let Some(letter) = about.to_person("session_changed", &subject, event) else { return Ok(()) };
    let letter = letter.say(say("changed"));
    let letter = if postponed { letter } else { about.with_facts(tx, letter).await? };
    let letter = match registration.seat {
        Seat::WAITLISTED => {
            letter.button(say("see-session"), about.page()).say(say("keeps-place")).say(about.leave(lang))
        }
        // To say that they keep it would not take it.
        Seat::OFFERED => about.offers(letter.say(format!("{} {}", say("offer-stands"), about.answer_by(lang)))),
        _ => letter.say(say("still-coming")).button(say("keep-or-leave"), about.errand(Errand::Keep, person.id)),
    };
    let until = registration.offer_until.unwrap_or_else(|| about.end());
    let letter = letter.because(say("changed-why")).secret_until(until);
    let letter = about.with_calendar(tx, letter, Some(registration)).await?;
    mail::enqueue(tx, &desk.head, letter).await
}

/// Tells principals of those who have a seat of a material change. Nobody is named: the page says who it is.
pub(super) async fn tell_schools_of_change(
    tx: &mut Tx,
    desk: &Desk,
    session: &Session,
    open: &[Registration],
    what: &News,
) -> Result<()> {
    let event = format!("session:{}:round:{}", session.id, session.round);
    let text = format!("“{}” has changed. {}", session.title, what.words(Lang::En));
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
                format!("{subject}: {}{}", session.title, dated(Lang::En, session)),
            )
            .say(text.clone())
            .say(told)
            .button("See the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .because(format!("You answer for {} on Common Ground.", school.name))
            .of(reader.id.0);
            mail::enqueue(tx, &desk.head, letter.read_at(id.0)).await?;
        }
    }
    Ok(())
}

impl About<'_> {
    async fn tell_person(&self, tx: &mut Tx, before: Option<&Registration>, why: Why) -> Result<()> {
        let title = &self.session.title;
        let registration = self.registration;
        let (kind, subject) = self.heading(why);
        let Some(letter) = self.to_person(kind, &subject, self.event()) else { return Ok(()) };
        let lang = letter.content.lang;
        let (opening, named) = self.opening(tx, lang, why).await?;
        let letter = letter.say(opening);
        let mut letter = match registration.seat {
            Seat::CONFIRMED => {
                let letter = self.with_facts(tx, letter).await?;
                letter.button(say(lang, "see-session", &[]), self.page()).say(self.leave(lang)).secret_until(self.end())
            }
            Seat::HELD => {
                let until = self.moment(lang, registration.hold_until);
                let letter = letter.say(say(lang, "held-until", &[("until", &until)]));
                let until = registration.hold_until.unwrap_or_else(|| self.end());
                letter.button(say(lang, "see-seat", &[]), self.page()).say(self.leave(lang)).secret_until(until)
            }
            Seat::WAITLISTED => {
                let position = store::ahead(tx.conn(), registration).await? + 1;
                let place = say(lang, "place-in-line", &[("position", &position.to_string())]);
                let letter = letter.say(format!("{place} {}", say(lang, "how-one-waits", &[])));
                letter.button(say(lang, "see-place", &[]), self.page()).say(self.leave(lang)).secret_until(self.end())
            }
            Seat::OFFERED => {
                let letter = self.with_facts(tx, letter.say(self.answer_by(lang))).await?;
                self.offers(letter).secret_until(registration.offer_until.unwrap_or_else(|| self.end()))
            }
            _ => letter.button(say(lang, "see-session", &[]), self.page()),
        };
        if let Some(named) = named {
            letter = letter.about(named);
        }
        if why == Why::Cancelled && self.is_soon() {
            letter = letter.urgent();
        }
        let because = match why {
            Why::Asked if registration.registered_by.is_some() => say(lang, "registered-why", &[("title", title)]),
            Why::Received(_) => say(lang, "received-why", &[]),
            _ => say(lang, "asked-why", &[]),
        };
        let letter = self.with_calendar(tx, letter.because(because), before).await?;
        mail::enqueue(tx, &self.desk.head, letter).await
    }

    /// What a letter says of an offer that stands.
    fn answer_by(&self, lang: Lang) -> String {
        say(lang, "answer-by", &[("until", &self.moment(lang, self.registration.offer_until))])
    }

    /// The link to answer an offer.
    fn offers(&self, letter: Letter) -> Letter {
        let words = say(letter.content.lang, "answer-offer", &[]);
        letter.button(words, self.errand(Errand::Offer, self.person.id))
    }

    /// Asks the school: its principals at once; its delegates where there is no principal, and on the third day.
    async fn ask_school(&self, tx: &mut Tx) -> Result<()> {
        let (principals, delegates) = membership::leads_of(tx, self.registration.school).await?;
        let readers = if principals.is_empty() { delegates } else { principals };
        let school = school(tx, self.registration.school).await?;
        for reader in readers {
            if let Some(letter) = self.request(&reader, &school, self.event(), false) {
                mail::enqueue(tx, &self.desk.head, letter.read_at(self.registration.school.0)).await?;
            }
        }
        Ok(())
    }

    /// The letter that asks somebody to decide.
    fn request(&self, reader: &Account, school: &str, event: String, again: bool) -> Option<Letter> {
        let to = reader.email.as_ref()?;
        let (kind, subject) = match again {
            true => ("seat_request_waits", "request-again-subject"),
            false => ("seat_request", "request-subject"),
        };
        let lang = language(kind, reader);
        let until = self.moment(lang, self.registration.hold_until);
        let (name, title) = (self.person.name.as_str(), self.session.title.as_str());
        let say = |key| say(lang, key, &[("name", name), ("title", title), ("school", school), ("until", &until)]);
        let subject = format!("{}{}", say(subject), dated(lang, self.session));
        let letter = Letter::new(kind, event, to.as_str(), subject).in_language(lang).say(say("request"));
        let meetings = self.session.meetings.iter().map(|meeting| beginning(&schedule::when_in(lang, meeting)));
        let letter = meetings
            .fold(letter, Letter::say)
            .say(say("request-until"))
            .button(say("approve-or-decline"), self.errand(Errand::Decide, reader.id))
            .because(say("request-why"))
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
                format!("{first}: {name}, {title}{}", dated(Lang::En, self.session)),
            )
            .say(text.clone())
            .button("See the session", self.page())
            .because(format!("You answer for {school} on Common Ground."))
            .of(reader.id.0)
            .about(self.person.id.0);
            mail::enqueue(tx, &self.desk.head, letter.read_at(self.registration.school.0)).await?;
        }
        Ok(())
    }

    /// A letter to the person, if they have an address, in the language that they get letters of this kind in.
    fn to_person(&self, kind: &'static str, subject: &str, event: String) -> Option<Letter> {
        let to = self.person.email.as_ref()?;
        let lang = language(kind, self.person);
        let subject = format!("{subject}: {}{}", self.session.title, dated(lang, self.session));
        Some(Letter::new(kind, event, to.as_str(), subject).of(self.person.id.0).in_language(lang))
    }

    /// When and where; how to join online is for people with a seat.
    async fn with_facts(&self, tx: &Tx, mut letter: Letter) -> Result<Letter> {
        let lang = letter.content.lang;
        let online = self.registration.way == Way::ONLINE;
        let seat = self.registration.seat == Seat::CONFIRMED;
        let unplaced = self.session.meetings.iter().any(|meeting| meeting.address.is_none());
        let host = if !online && unplaced { Some(school(tx, self.session.host.school).await?) } else { None };
        for meeting in &self.session.meetings {
            let place = if online {
                meeting.online_url.as_ref().filter(|_| seat).map(|url| say(lang, "join-online", &[("url", url)]))
            } else {
                meeting.address.clone().or_else(|| host.clone())
            };
            let place = place.map(|place| format!(". {place}")).unwrap_or_default();
            letter = letter.say(format!("{}{place}", beginning(&schedule::when_in(lang, meeting))));
        }
        if !online && !self.session.details.entrance.is_empty() {
            letter = letter.say(say(lang, "entrance", &[("text", &self.session.details.entrance)]));
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

    fn leave(&self, lang: Lang) -> String {
        say(lang, "leave", &[("url", &self.errand(Errand::Leave, self.person.id))])
    }

    fn moment(&self, lang: Lang, at: Option<Timestamp>) -> String {
        schedule::moment_in(lang, at.unwrap_or(self.now), self.session.zone())
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
fn dated(lang: Lang, session: &Session) -> String {
    session.starts_at.map(|at| format!(", {}", schedule::day_in(lang, at, session.zone()))).unwrap_or_default()
}

async fn school(tx: &Tx, id: SchoolId) -> Result<String> {
    let school = people::schools_in(tx, &[id]).await?.remove(&id);
    Ok(school.map_or_else(|| "your school".to_owned(), |school| school.name))
}
