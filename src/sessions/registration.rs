//! Seats: one function moves them all (J-2 to J-8).

use super::desk::Desk;
use super::seat::{Registration, RegistrationId};
use super::session::{Session, SessionId};
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{SeatCoverage, Way};
use crate::platform::{Cx, Db, Error, Result, Tx};

fn unbuilt<T>() -> Result<T> {
    Err(Error::Internal("not built".to_owned()))
}

/// Somebody who wants to come.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who.
    pub account: AccountId,
    /// From which school, where they belong to more than one.
    pub school: Option<SchoolId>,
    /// How, where the session offers both.
    pub way: Option<Way>,
}

/// Asks for a seat: the person; a lead of their school for them (approved at once, J-7); or who runs the session ("add").
/// Asked again, it answers what is there. A waitlisted person who asks again takes a seat that is free now.
pub async fn register(_tx: &mut Tx, _desk: &Desk, _session: SessionId, _wish: Wish) -> Result<Registration> {
    unbuilt()
}

/// Gives a seat, a place in line or an offer back: the person, a lead of their school, who runs the session.
pub async fn withdraw(_tx: &mut Tx, _desk: &Desk, _id: RegistrationId) -> Result<Registration> {
    unbuilt()
}

/// The principal's or a delegate's answer. `coverage` says whether somebody takes the classes.
pub async fn decide(
    _tx: &mut Tx,
    _desk: &Desk,
    _id: RegistrationId,
    _approved: bool,
    _coverage: Option<SeatCoverage>,
    _reason: Option<String>,
) -> Result<Registration> {
    unbuilt()
}

/// Takes or declines what the waitlist offers.
pub async fn answer_offer(_tx: &mut Tx, _desk: &Desk, _id: RegistrationId, _accepted: bool) -> Result<Registration> {
    unbuilt()
}

/// Gives a seat to a colleague of the same school (J-7): the person, or a lead. Answers the colleague's registration.
pub async fn hand_over(_tx: &mut Tx, _desk: &Desk, _id: RegistrationId, _to: AccountId) -> Result<Registration> {
    unbuilt()
}

/// Agrees to a material change (J-8).
pub async fn keep(_tx: &mut Tx, _desk: &Desk, _id: RegistrationId) -> Result<Registration> {
    unbuilt()
}

/// The lead says whether somebody takes the classes.
pub async fn set_coverage(_tx: &mut Tx, _id: RegistrationId, _coverage: SeatCoverage) -> Result<Registration> {
    unbuilt()
}

/// Where somebody stands in line: 1 is next by the order of commits. `None` where they do not wait. One statement.
pub async fn position(_cx: &Cx, _registration: &Registration) -> Result<Option<u64>> {
    unbuilt()
}

/// The actor's registration for a session. One statement.
pub async fn mine(_cx: &Cx, _session: SessionId) -> Result<Option<Registration>> {
    unbuilt()
}

/// One registration, for whoever may know of it.
pub async fn registration(_cx: &Cx, _id: RegistrationId) -> Result<Registration> {
    unbuilt()
}

/// Ends holds and offers whose time is over, releases kept seats, fills what became free. Says how much was done.
pub async fn due(_db: &Db, _desk: &Desk) -> Result<usize> {
    Ok(0)
}

/// What came of adding many people.
#[derive(Clone, Debug, Default)]
pub struct AddReport {
    /// Registrations that are there now.
    pub added: Vec<Registration>,
    /// Addresses that were not added, each with the reason.
    pub refused: Vec<(String, String)>,
}

/// Registers people by their addresses for whoever runs the session; good lines are kept, bad ones told.
pub async fn add_by_host(_tx: &mut Tx, _desk: &Desk, _session: SessionId, _emails: &[String]) -> Result<AddReport> {
    unbuilt()
}

/// Changes how many seats there are, of a session that is held, and fills what became free. Fewer than are taken is refused.
pub async fn resize(_tx: &mut Tx, _desk: &Desk, _session: &mut Session, _in_person: i32, _online: i32) -> Result<()> {
    unbuilt()
}

/// Releases every seat of a session that is held and cancelled, and tells each person once. Says how many.
pub async fn release_all(_tx: &mut Tx, _desk: &Desk, _session: &mut Session) -> Result<usize> {
    unbuilt()
}

/// Tells everybody with a seat of a material change of a session that is held (J-8), whose round has risen; `what` is a
/// sentence that says what changed.
pub async fn ask_again(_tx: &mut Tx, _desk: &Desk, _session: &mut Session, _what: &str) -> Result<usize> {
    unbuilt()
}
