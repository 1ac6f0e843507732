//! What each feed holds, and for whom.

use std::collections::HashMap;

use chrono::Days;

use super::{Feed, Told, address, feed, organizer};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::vocabulary::{Seat, SessionStatus};
use crate::platform::{Cx, Error, Result};
use crate::sessions::desk::Desk;
use crate::sessions::list::{self, Filters};
use crate::sessions::seat::Registration;
use crate::sessions::session::Session;
use crate::sessions::{policy, store};

/// A personal feed holds what ended in these days too.
const MINE_DAYS: u64 = 365;

/// Public sessions, filtered as the list is. `what` says by which filters, in words; empty for all. At most nine statements.
pub async fn public(cx: &Cx, desk: &Desk, filters: &Filters, what: &str) -> Result<String> {
    let sessions = list::feed(cx, filters).await?;
    let schools = schools(cx, sessions.iter()).await?;
    let told: Vec<Told<'_>> =
        sessions.iter().map(|session| Told::new(session, &schools, &desk.head, None, false)).collect();
    let name = if what.is_empty() { "Joint sessions".to_owned() } else { format!("Joint sessions: {what}") };
    let about = "Sessions that district and charter schools hold together. Seats are asked for on the site.".to_owned();
    Ok(feed(&Feed { name, about }, &organizer(&desk.head), &told))
}

/// One session, for whoever may know of it: with the link to join for people with a confirmed seat and those who run it.
/// At most thirteen statements.
pub async fn one(cx: &Cx, desk: &Desk, reference: &str) -> Result<String> {
    let (session, grounds) = crate::sessions::session(cx, reference).await?;
    // A draft has no place in calendars yet.
    if !session.is_public() {
        return Err(Error::NotFound("session"));
    }
    let own = match cx.actor().account() {
        Some(account) => store::registrations::of_person(cx.conn(), session.id, AccountId(account)).await?,
        None => None,
    };
    let own = own.filter(|own| matches!(own.seat, Seat::HELD | Seat::CONFIRMED));
    let runs = policy::runs(cx.actor(), &session, &grounds);
    let schools = schools(cx, std::iter::once(&session)).await?;
    let told = Told::new(&session, &schools, &desk.head, own.as_ref(), runs);
    let about = format!("A joint session. Everything about it: {}", told.url);
    Ok(feed(&Feed { name: session.title.clone(), about }, &organizer(&desk.head), &[told]))
}

/// The calendar of whoever has this secret: their seats, held and confirmed, and what was cancelled under them. At most eleven
/// statements.
pub async fn mine(cx: &Cx, desk: &Desk, secret: &str) -> Result<String> {
    let account = address::owner(cx, &desk.secret, secret).await?;
    let seats = [Seat::HELD, Seat::CONFIRMED, Seat::RELEASED];
    let registrations = store::registrations::of_account(cx.conn(), account, &seats).await?;
    let ids: Vec<_> = registrations.iter().map(|registration| registration.session).collect();
    let sessions = store::sessions::by_ids(cx.conn(), &ids).await?;
    let since = cx.now() - Days::new(MINE_DAYS);
    let mut items: Vec<(&Session, &Registration)> = registrations
        .iter()
        .filter_map(|registration| Some((sessions.get(&registration.session)?, registration)))
        .filter(|(session, registration)| belongs(session, registration))
        .filter(|(session, _)| session.ends_at.is_some_and(|ends| ends >= since))
        .collect();
    items.sort_by_key(|(session, _)| (session.starts_at, session.id.0));
    let schools = schools(cx, items.iter().map(|(session, _)| *session)).await?;
    let told: Vec<Told<'_>> = items
        .iter()
        .map(|(session, registration)| Told::new(session, &schools, &desk.head, Some(registration), false))
        .collect();
    let about = "Your seats in joint sessions. Whoever has the address of this calendar can read it.".to_owned();
    Ok(feed(&Feed { name: "My joint sessions".to_owned(), about }, &organizer(&desk.head), &told))
}

/// A seat, or what was one until the session was cancelled: calendars must be told that, and not left with a gap.
fn belongs(session: &Session, registration: &Registration) -> bool {
    let cancelled = session.status == SessionStatus::CANCELLED;
    let until_then = cancelled && session.ended_at.is_some_and(|ended| registration.updated_at >= ended);
    session.is_public() && (registration.seat != Seat::RELEASED || until_then)
}

async fn schools(cx: &Cx, sessions: impl Iterator<Item = &Session>) -> Result<HashMap<SchoolId, School>> {
    let mut ids: Vec<SchoolId> = sessions.flat_map(Session::parties).map(|party| party.school).collect();
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    people::schools(cx, &ids).await
}
