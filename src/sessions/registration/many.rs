//! Many seats at once: what the organizer does to a session and everybody in it. All of it comes through the same function.

use serde_json::json;

use super::moving::{By, Why, fill, shift};
use super::{
    Asks, FULL, Guest, Wish, chosen_school, enter, held, may_enter, schools_of, sector_of, standing, under_way,
};
use crate::mail::Email;
use crate::people::AccountId;
use crate::people::account;
use crate::people::membership::Standing;
use crate::platform::vocabulary::{Seat, Way};
use crate::platform::{Error, Event, Permit, Result, Tx};
use crate::sessions::desk::Desk;
use crate::sessions::letters;
use crate::sessions::policy;
use crate::sessions::seat::{Registration, is_open, takes_place};
use crate::sessions::session::{Session, SessionId};
use crate::sessions::store::{registrations as store, sessions};
use crate::sessions::words::News;

/// So many addresses are added at once.
const MOST: usize = 50;

/// Whether an address has an account is not told (A4): no account, a closed one, one without a school or with several, and one
/// that cannot have a seat any more read the same.
const NOBODY: &str = "Nobody with this address can be added; ask them to sign in, join their school and register.";

/// What came of adding many people.
#[derive(Clone, Debug, Default)]
pub struct AddReport {
    /// Registrations that are there now.
    pub added: Vec<Registration>,
    /// Addresses that were not added, each with the reason.
    pub refused: Vec<(String, String)>,
}

/// Registers people by their addresses for whoever runs the session; good lines are kept, bad ones told.
pub async fn add_by_host(tx: &mut Tx, desk: &Desk, session: SessionId, emails: &[String]) -> Result<AddReport> {
    policy::within_errand(tx.actor(), session.0)?;
    let mut held = held(tx, desk, session).await?;
    let (whole, grounds) = crate::sessions::held(tx, session).await?;
    let permit = policy::change(tx.actor(), &whole, &grounds)?;
    let lines: Vec<&str> = emails.iter().map(|email| email.trim()).filter(|email| !email.is_empty()).collect();
    if lines.is_empty() || lines.len() > MOST {
        return Err(Error::invalid("emails", format!("Give 1 to {MOST} email addresses, one on each line.")));
    }
    // Said once: a session that takes nobody answers the same for every address.
    may_enter(&held, tx.now(), Asks::Host)?;
    let mut report = AddReport::default();
    for line in lines {
        match add(tx, By { desk, permit: &permit }, &mut held, line).await {
            Ok(registration) => report.added.push(registration),
            // Said before anything of this line was written.
            Err(Error::Invalid(errors)) => {
                let reason = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
                report.refused.push((line.to_owned(), reason));
            }
            Err(Error::Conflict(reason)) => report.refused.push((line.to_owned(), reason)),
            Err(Error::NotFound(_)) => report.refused.push((line.to_owned(), NOBODY.to_owned())),
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

async fn add(tx: &mut Tx, by: By<'_>, session: &mut Session, line: &str) -> Result<Registration> {
    let email = Email::parse(line).map_err(|_| Error::invalid("emails", "This is not a full email address."))?;
    let person = account::account_at(tx, &email).await?;
    let known = match &person {
        Some(person) => store::of_person(tx.conn(), session.id, person.id).await?,
        None => None,
    };
    if let Some(known) = known.as_ref().filter(|known| takes_place(known.seat)) {
        return Ok(known.clone());
    }
    let full = session.ways().first().is_none_or(|way| session.places(*way).free() == 0);
    if full && under_way(session, tx.now()) {
        return Err(Error::Conflict(FULL.to_owned()));
    }
    let person = person.ok_or(Error::NotFound("account"))?;
    let Standing { account: person, grants, sectors } = standing(tx, person.id).await?;
    let schools = schools_of(&grants);
    let wish = Wish { account: person.id, school: None, way: None };
    let school = match &known {
        Some(known) if is_open(known.seat) => known.school,
        // Without a school, or with several of which they have to choose one.
        _ => chosen_school(tx.actor(), Asks::Host, &wish, &schools).map_err(|_| Error::NotFound("account"))?,
    };
    let sector = sector_of(&sectors, school, known.as_ref());
    let guest = Guest { person: &person, grants: &grants, school, sector };
    let new = known.is_none();
    match enter(tx, by, session, &guest, known, (Asks::Host, None)).await {
        // Of somebody who never asked for this session, no reason is told: there would be none without an account.
        Err(Error::Conflict(_) | Error::Invalid(_)) if new => Err(Error::NotFound("account")),
        entered => entered,
    }
}

/// Changes how many seats there are, of a session that is held, and fills what became free. Fewer than are taken is refused,
/// but where a way to take part is given up: its people go over to the other while it has room.
pub async fn resize(tx: &mut Tx, desk: &Desk, session: &mut Session, in_person: i32, online: i32) -> Result<()> {
    let permit = permit(tx, session).await?;
    let by = By { desk, permit: &permit };
    let wanted = [(Way::IN_PERSON, in_person, "capacity"), (Way::ONLINE, online, "online_capacity")];
    let given_up = |(way, seats, _): &(Way, i32, _)| *seats == 0 && session.places(*way).capacity > 0;
    let gone = wanted.iter().find(|way| given_up(way)).map(|(way, ..)| *way);
    for (way, wanted, field) in wanted {
        let taken = session.places(way).taken;
        if wanted < taken && Some(way) != gone {
            let message = format!("{taken} seats are taken; give at least as many, or ask people to give seats back.");
            return Err(Error::invalid(field, message));
        }
    }
    let before = (session.in_person.capacity, session.online.capacity);
    if before != (in_person, online) {
        // Seats of a way that is given up are there until the last has left it.
        let until_empty = |way: Way, seats: i32| if gone == Some(way) { session.places(way).taken } else { seats };
        let seats = (until_empty(Way::IN_PERSON, in_person), until_empty(Way::ONLINE, online));
        (session.in_person.capacity, session.online.capacity) = seats;
        session.revision += 1;
        session.updated_at = tx.now();
        sessions::update_row(tx.conn(), session).await?;
        let detail = json!({ "before": [before.0, before.1], "after": [in_person, online] });
        tx.record(&permit, Event::about("session.resized", "session", session.id.0).with(detail)).await?;
        if let Some(gone) = gone {
            leave_way(tx, by, session, gone).await?;
            (session.in_person.capacity, session.online.capacity) = (in_person, online);
            sessions::update_row(tx.conn(), session).await?;
        }
    }
    fill(tx, by, session).await?;
    Ok(())
}

/// Brings everybody of a way that is given up to the other: who has a seat while there is one, those who are sure of it first,
/// then as they registered; who waits with the number they have. A seat that somebody has goes before seats that are kept for
/// people who may come.
async fn leave_way(tx: &mut Tx, by: By<'_>, session: &mut Session, gone: Way) -> Result<()> {
    let other = if gone == Way::ONLINE { Way::IN_PERSON } else { Way::ONLINE };
    let mut theirs = open(tx, session).await?;
    theirs.retain(|registration| registration.way == gone);
    let people = people_of(tx, &theirs).await?;
    let rank = |seat: Seat| [Seat::CONFIRMED, Seat::HELD, Seat::OFFERED].iter().position(|one| *one == seat);
    theirs.sort_by_key(|one| (rank(one.seat).unwrap_or(3), one.waitlist_no, one.id));
    for registration in theirs {
        let person = people.get(&registration.account).ok_or_else(|| Error::internal("a registration of nobody"))?;
        let comes = registration.seat == Seat::WAITLISTED || session.places(other).free() > 0;
        let (after, why) = match comes {
            true => (Registration { way: other, ..registration.clone() }, Why::Moved),
            false => (Registration { seat: Seat::RELEASED, ..registration.clone() }, Why::CrowdedOut),
        };
        shift(tx, by, session, person, Some(&registration), after, why).await?;
    }
    Ok(())
}

/// Releases every seat of a session that is held and cancelled, and tells each person once. Says how many.
pub async fn release_all(tx: &mut Tx, desk: &Desk, session: &mut Session) -> Result<usize> {
    let permit = permit(tx, session).await?;
    let open = open(tx, session).await?;
    let people = people_of(tx, &open).await?;
    for registration in &open {
        let person = people.get(&registration.account).ok_or_else(|| Error::internal("a registration of nobody"))?;
        let after = Registration { seat: Seat::RELEASED, ..registration.clone() };
        shift(tx, By { desk, permit: &permit }, session, person, Some(registration), after, Why::Cancelled).await?;
    }
    letters::tell_schools_of_end(tx, desk, session, &open).await?;
    Ok(open.len())
}

/// Tells everybody with a seat of a material change of a session that is held (J-8), whose round has risen; `what` is a
/// sentence that says what changed, for each in their language.
pub async fn ask_again(tx: &mut Tx, desk: &Desk, session: &mut Session, what: &News) -> Result<usize> {
    let permit = permit(tx, session).await?;
    let open = open(tx, session).await?;
    let people = people_of(tx, &open).await?;
    for registration in &open {
        let person = people.get(&registration.account).ok_or_else(|| Error::internal("a registration of nobody"))?;
        letters::tell_of_change(tx, desk, session, registration, person, what).await?;
    }
    letters::tell_schools_of_change(tx, desk, session, &open, what).await?;
    let detail = json!({ "round": session.round, "people": open.len() });
    tx.record(&permit, Event::about("session.seats_asked_again", "session", session.id.0).with(detail)).await?;
    Ok(open.len())
}

/// That the actor may change this session.
async fn permit(tx: &Tx, session: &Session) -> Result<Permit> {
    let grounds = crate::sessions::grounds(tx, session).await?;
    policy::change(tx.actor(), session, &grounds)
}

async fn open(tx: &Tx, session: &Session) -> Result<Vec<Registration>> {
    let seats = [Seat::HELD, Seat::CONFIRMED, Seat::WAITLISTED, Seat::OFFERED];
    store::of_session(tx.conn(), session.id, &seats).await
}

async fn people_of(
    tx: &Tx,
    registrations: &[Registration],
) -> Result<std::collections::HashMap<AccountId, account::Account>> {
    let ids: Vec<AccountId> = registrations.iter().map(|registration| registration.account).collect();
    account::accounts_in(tx, &ids).await
}
