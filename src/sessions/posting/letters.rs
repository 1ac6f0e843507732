//! The letters of posting: to the leads of the host and of the co-host. Those to people with a seat are `registration`'s.

use std::collections::HashMap;

use crate::mail::{self, Lang, Letter};
use crate::people::{self, Account, AccountId, School, SchoolId};
use crate::platform::vocabulary::Consent;
use crate::platform::{Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::letters as seats;
use crate::sessions::schedule;
use crate::sessions::session::Session;
use crate::sessions::words::News;

/// Who answers for a school: principals and delegates.
pub(super) async fn leads(tx: &Tx, school: SchoolId) -> Result<Vec<Account>> {
    let (principals, delegates) = people::membership::leads_of(tx, school).await?;
    let mut all: Vec<Account> = principals;
    for account in delegates {
        if all.iter().all(|known| known.id != account.id) {
            all.push(account);
        }
    }
    Ok(all)
}

/// What every letter about a session says of it.
struct About {
    schools: HashMap<SchoolId, School>,
    organizer: Option<Account>,
    when: String,
    date: String,
}

impl About {
    async fn of(tx: &Tx, session: &Session) -> Result<Self> {
        let schools = people::schools_in(tx, &crate::sessions::party_schools(session)).await?;
        let organizer = people::account::accounts_in(tx, &[session.organizer]).await?.remove(&session.organizer);
        let first = session.meetings.first();
        let date = session.starts_at.map_or(String::new(), |at| format!(" ({})", schedule::day(at, session.zone())));
        let when = match (first, session.meetings.len()) {
            (None, _) => "It has no date yet.".to_owned(),
            (Some(first), 1) => format!("It meets {}.", schedule::when(first)),
            (Some(first), n) => format!("It meets {n} times, first {}.", schedule::when(first)),
        };
        Ok(Self { schools, organizer, when, date })
    }

    fn school(&self, id: SchoolId) -> &str {
        self.schools.get(&id).map_or("a school", |school| school.name.as_str())
    }

    fn organizer(&self) -> &str {
        self.organizer.as_ref().map_or("Somebody", |account| account.name.as_str())
    }
}

/// To the host's leads: a draft of a colleague waits.
pub(super) async fn submitted(tx: &mut Tx, desk: &Desk, session: &Session, leads: Vec<Account>) -> Result<()> {
    let about = About::of(tx, session).await?;
    let host = about.school(session.host.school);
    for reader in leads {
        let Some(to) = &reader.email else { continue };
        let event = format!("session:{}:submitted:{}", session.id, session.revision);
        let subject = format!("To publish: {}{}", session.title, about.date);
        let letter = Letter::new("session_submitted", event, to.as_str(), subject)
            .say(format!("{} drafted a joint session for {host}: {}. {}", about.organizer(), session.title, about.when))
            .button("Look at the draft", desk.head.link(&format!("/sessions/{}/posting", session.id)))
            .say("Nobody else sees it until you publish it.")
            .because(format!("You answer for {host} on Common Ground."));
        send(tx, desk, letter, &reader, session.organizer).await?;
    }
    Ok(())
}

/// To the co-host's leads: whether they invite too.
pub(super) async fn cohost_asked(tx: &mut Tx, desk: &Desk, session: &Session, leads: Vec<Account>) -> Result<()> {
    let Some(cohost) = &session.cohost else { return Ok(()) };
    let about = About::of(tx, session).await?;
    let (host, school) = (about.school(session.host.school), about.school(cohost.school));
    for reader in leads {
        let Some(to) = &reader.email else { continue };
        let event = format!("session:{}:cohost:{}:{}", session.id, cohost.school, session.revision);
        let subject = format!("{host} asks you to co-host: {}{}", session.title, about.date);
        let letter = Letter::new("session_cohost_asked", event, to.as_str(), subject)
            .say(format!(
                "{} of {host} asks {school} to invite with them to a joint session: {}. {}",
                about.organizer(),
                session.title,
                about.when
            ))
            .button("Agree or decline", desk.head.link(&format!("/sessions/{}/cohost-consent", session.id)))
            .say("A joint session has a host and a co-host of two sectors. It is not published before you agree.")
            .because(format!("You answer for {school} on Common Ground."));
        send(tx, desk, letter, &reader, session.organizer).await?;
    }
    Ok(())
}

/// To the organizer and the host's leads: what the co-host said.
pub(super) async fn cohost_answered(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<()> {
    let Some(cohost) = &session.cohost else { return Ok(()) };
    let about = About::of(tx, session).await?;
    let (host, school) = (about.school(session.host.school), about.school(cohost.school));
    let agreed = session.consent == Consent::GIVEN;
    let (verb, next) = match agreed {
        true => ("agrees to co-host", "You can publish it now."),
        false => ("declined to co-host", "Ask another school of another sector; it cannot be published without one."),
    };
    for reader in hosts(tx, session).await? {
        let Some(to) = &reader.email else { continue };
        let event = format!("session:{}:consent:{}", session.id, session.revision);
        let subject = format!("{school} {verb}: {}{}", session.title, about.date);
        let letter = Letter::new("session_cohost_answered", event, to.as_str(), subject)
            .say(format!("{school} {verb} {}. {}", session.title, about.when))
            .button("Look at the draft", desk.head.link(&format!("/sessions/{}/posting", session.id)))
            .say(next)
            .because(format!("{host} hosts this session, and you make it or answer for the school."));
        send(tx, desk, letter, &reader, reader.id).await?;
    }
    Ok(())
}

/// To host and co-host: it has changed, is postponed or is on again. Whose school has people with a seat has just been told of
/// it, by the same event.
pub(super) async fn changed(tx: &mut Tx, desk: &Desk, session: &Session, what: &News) -> Result<()> {
    let about = About::of(tx, session).await?;
    let mut told: Vec<AccountId> = tx.actor().account().map(AccountId).into_iter().collect();
    let mut readers = Vec::new();
    for party in session.parties() {
        for account in leads(tx, party.school).await? {
            readers.push((party.school, account));
        }
    }
    let organizer = crate::sessions::organizer_of(tx, session).await?;
    readers.extend(organizer.map(|account| (session.host.school, account)));
    for (school, reader) in readers {
        let Some(to) = reader.email.as_ref().filter(|_| !told.contains(&reader.id)) else { continue };
        told.push(reader.id);
        let event = format!("session:{}:round:{}:school:{school}", session.id, session.round);
        let subject = format!("{}: {}{}", seats::change(session), session.title, about.date);
        let letter = Letter::new("session_changed_hosts", event, to.as_str(), subject)
            .say(format!("“{}” has changed. {}", session.title, what.words(Lang::En)))
            .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .say("Everybody who has a seat or waits for one has been told.")
            .because("Your school hosts or co-hosts this session.");
        send(tx, desk, letter, &reader, reader.id).await?;
    }
    Ok(())
}

/// To host and co-host: it is cancelled.
pub(super) async fn cancelled(tx: &mut Tx, desk: &Desk, session: &Session) -> Result<()> {
    let about = About::of(tx, session).await?;
    let host = about.school(session.host.school);
    for reader in both(tx, session).await? {
        let Some(to) = &reader.email else { continue };
        let event = format!("session:{}:cancelled", session.id);
        let subject = format!("Cancelled: {}{}", session.title, about.date);
        let letter = Letter::new("session_cancelled_hosts", event, to.as_str(), subject)
            .say(format!("{host} cancelled the joint session {}.", session.title))
            .say(format!("Why: {}", session.reason.as_deref().unwrap_or_default()))
            .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .say("Everybody who had a seat or waited for one has been told.")
            .because("Your school hosts or co-hosts this session.");
        send(tx, desk, letter, &reader, reader.id).await?;
    }
    Ok(())
}

/// To host and co-host, three days before go or no-go: too few have a seat.
pub(super) async fn below_minimum(tx: &mut Tx, desk: &Desk, session: &Session, seats: i64, minimum: i32) -> Result<()> {
    let about = About::of(tx, session).await?;
    let day = session.decide_on.map_or(String::new(), |day| day.format("%A, %B %-d, %Y").to_string());
    for reader in both(tx, session).await? {
        let Some(to) = &reader.email else { continue };
        let event = format!("session:{}:minimum:{}", session.id, session.warned_for.unwrap_or_default());
        let subject = format!("{seats} of {minimum} seats: {}{}", session.title, about.date);
        let people = if seats == 1 { "person has a seat" } else { "people have seats" };
        let letter = Letter::new("session_below_minimum", event, to.as_str(), subject)
            .say(format!("{seats} {people}; {} needs at least {minimum} to run. {}", session.title, about.when))
            .button("Look at the session", desk.head.link(&format!("/sessions/{}", session.id)))
            .say(format!("Go or no-go is decided on {day}. Tell colleagues who would gain from it."))
            .because("Your school hosts or co-hosts this session.");
        send(tx, desk, letter, &reader, reader.id).await?;
    }
    Ok(())
}

/// The organizer, while they belong to the host, and the host's leads.
async fn hosts(tx: &Tx, session: &Session) -> Result<Vec<Account>> {
    let mut all = leads(tx, session.host.school).await?;
    let organizer = crate::sessions::organizer_of(tx, session).await?;
    all.extend(organizer.filter(|account| all.iter().all(|known| known.id != account.id)));
    Ok(all)
}

/// Those and the co-host's leads.
async fn both(tx: &Tx, session: &Session) -> Result<Vec<Account>> {
    let mut all = hosts(tx, session).await?;
    if let Some(cohost) = &session.cohost {
        for account in leads(tx, cohost.school).await? {
            if all.iter().all(|known| known.id != account.id) {
                all.push(account);
            }
        }
    }
    Ok(all)
}

async fn send(tx: &mut Tx, desk: &Desk, letter: Letter, reader: &Account, named: AccountId) -> Result<()> {
    let letter = letter.of(reader.id.0);
    let letter = if named == reader.id { letter } else { letter.about(named.0) };
    mail::enqueue(tx, &desk.head, letter).await
}
