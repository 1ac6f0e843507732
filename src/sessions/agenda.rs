//! Whose seats are where: a person's sessions, and who of a school's staff is out when. Reading alone.

use std::collections::HashMap;

use super::policy;
use super::registration;
use super::seat::{Registration, RegistrationId};
use super::session::{Session, SessionId};
use super::store::{pages, registrations, sessions};
use crate::people::account::{self, Account};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::vocabulary::{Approval, Seat};
use crate::platform::{Cx, Error, Result};

/// At most so many seats are shown on one page.
pub const MOST: u64 = 500;

/// A seat with its session.
#[derive(Debug)]
pub struct Booking {
    /// The seat.
    pub registration: Registration,
    /// For what.
    pub session: Session,
}

/// A person's sessions.
#[derive(Debug, Default)]
pub struct Mine {
    /// To come and under way, first the soonest.
    pub coming: Vec<Booking>,
    /// Over, first the latest.
    pub past: Vec<Booking>,
    /// Where they stand in line.
    pub positions: HashMap<RegistrationId, u64>,
}

/// The actor's sessions. Thirteen statements, however many there are.
pub async fn mine(cx: &Cx) -> Result<Mine> {
    let account = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let coming = pages::coming_of(cx.conn(), account, cx.now(), MOST).await?;
    let past = pages::past_of(cx.conn(), account, cx.now(), MOST).await?;
    let waits: Vec<RegistrationId> =
        coming.iter().filter(|seat| seat.seat == Seat::WAITLISTED).map(|seat| seat.id).collect();
    let positions = if waits.is_empty() { HashMap::new() } else { registration::positions(cx, &waits).await? };
    let mut mine = Mine { coming: booked(cx, coming).await?, past: booked(cx, past).await?, positions };
    mine.past.reverse();
    Ok(mine)
}

/// A school's seats, as its leads see them.
#[derive(Debug)]
pub struct OfSchool {
    /// The school.
    pub school: School,
    /// Who asks, and waits for the school's answer; who waits longest stands first.
    pub asked: Vec<Booking>,
    /// Who will be out, first the soonest.
    pub out: Vec<Booking>,
    /// Who waits for a seat.
    pub waiting: Vec<Booking>,
    /// The people of all of them.
    pub people: HashMap<AccountId, Account>,
}

/// What the leads of a school have to answer, and who is out when. For everybody else there is no such page. The number of
/// statements does not grow with the seats.
pub async fn of_school(cx: &Cx, slug: &str) -> Result<OfSchool> {
    let school = people::school(cx, slug).await?;
    if !policy::oversees_staff(cx.actor(), school.id) {
        return Err(Error::NotFound("school"));
    }
    let seats = pages::coming_from(cx.conn(), &[school.id], cx.now(), MOST).await?;
    let ids: Vec<AccountId> = seats.iter().map(|seat| seat.account).collect();
    let people = account::accounts(cx, &ids).await?;
    let mut all = OfSchool { school, asked: Vec::new(), out: Vec::new(), waiting: Vec::new(), people };
    for booking in booked(cx, seats).await? {
        match booking.registration.seat {
            Seat::WAITLISTED | Seat::OFFERED => all.waiting.push(booking),
            _ if booking.registration.approval == Approval::WAITING => all.asked.push(booking),
            _ => all.out.push(booking),
        }
    }
    all.asked.sort_by_key(|booking| (booking.registration.hold_until, booking.registration.id.0));
    Ok(all)
}

/// A seat of the school's staff, for a lead who answers for it; an address of another school leads to none.
pub async fn seat_of_school(cx: &Cx, slug: &str, id: &str) -> Result<Registration> {
    let school = people::school(cx, slug).await?;
    let missing = || Error::NotFound("registration");
    let id = id.parse().map_err(|_| missing())?;
    let found = registrations::by_id(cx.conn(), id).await?.ok_or_else(missing)?;
    let theirs = found.school == school.id && policy::oversees_staff(cx.actor(), school.id);
    if theirs { Ok(found) } else { Err(missing()) }
}

/// Seats with their sessions in the order of time; those of sessions that were cancelled are left out.
async fn booked(cx: &Cx, seats: Vec<Registration>) -> Result<Vec<Booking>> {
    let ids: Vec<SessionId> = seats.iter().map(|seat| seat.session).collect();
    let found = sessions::by_ids(cx.conn(), &ids).await?;
    let mut all: Vec<Booking> = seats
        .into_iter()
        .filter_map(|registration| {
            let session = found.get(&registration.session)?.clone();
            Some(Booking { registration, session })
        })
        .collect();
    all.sort_by_key(|booking| (booking.session.starts_at, booking.registration.id.0));
    Ok(all)
}

/// Schools by id, for the names that a list shows.
pub async fn schools_of(cx: &Cx, bookings: &[&Booking]) -> Result<HashMap<SchoolId, School>> {
    let mut ids: Vec<SchoolId> = bookings.iter().map(|booking| booking.session.host.school).collect();
    ids.sort_unstable();
    ids.dedup();
    people::schools(cx, &ids).await
}
