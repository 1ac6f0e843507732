//! Who may do what with joint sessions (product.md, section 7). Pure: who acts, which session, at which places its parties
//! are; nothing else. Everything not permitted here is refused.

use uuid::Uuid;

use super::seat::Registration;
use super::session::Session;
use crate::people::{AccountId, School, SchoolId};
use crate::platform::vocabulary::Visibility;
use crate::platform::{Actor, Error, Permit, Place, Result, Role, Via};

/// Where the parties of a session are: each school, and the organization it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grounds {
    /// The host's school and organization.
    pub host: Vec<Place>,
    /// The co-host's.
    pub cohost: Vec<Place>,
    /// Whether who is named for access needs belongs to neither any more; looked up for the organizer, who stands in for them.
    pub contact_left: bool,
}

/// The places that answer for a school: itself and its organization.
pub fn places_of(school: &School) -> Vec<Place> {
    let organization = school.organization.as_ref().map(|organization| Place::Organization(organization.id.0));
    std::iter::once(Place::School(school.id.0)).chain(organization).collect()
}

/// Whether the actor runs the installation.
pub fn administers(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::CityAdmin, Place::Installation)
}

/// Whether the actor leads the school: its principal or a delegate.
pub fn leads(actor: &Actor, school: SchoolId) -> bool {
    let place = Place::School(school.0);
    actor.has(Role::Principal, place) || actor.has(Role::Delegate, place)
}

/// Whether the actor posts sessions for a party: its principal, a delegate, an organizer of the school or its organization.
fn posts_for(actor: &Actor, places: &[Place]) -> bool {
    places.iter().any(|place| {
        actor.has(Role::Principal, *place) || actor.has(Role::Delegate, *place) || actor.has(Role::Organizer, *place)
    })
}

fn belongs(actor: &Actor, places: &[Place]) -> bool {
    actor.person().is_some_and(|person| places.iter().any(|place| person.belongs_to(*place)))
}

/// Whether the actor runs the session: who drafted it, as long as they belong to the host; whoever posts for the host;
/// administrators.
pub fn runs(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    let theirs = actor.account() == Some(session.organizer.0) && belongs(actor, &grounds.host);
    administers(actor) || theirs || posts_for(actor, &grounds.host)
}

/// Whether the actor may know of the session. Drafts are seen by the parties that make them.
pub fn sees(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    let parties =
        runs(actor, session, grounds) || posts_for(actor, &grounds.cohost) || facilitates(actor, session, grounds);
    if !session.is_public() {
        return parties;
    }
    match session.visibility {
        Visibility::PUBLIC => true,
        Visibility::MEMBERS => parties || actor.person().is_some(),
        _ => {
            let invited: Vec<Place> = session.invited.iter().map(|school| Place::School(school.0)).collect();
            parties || belongs(actor, &invited) || belongs_to_parties(actor, grounds)
        }
    }
}

/// Whether the actor leads the session in the room, as long as they belong to the host or the co-host (A3).
pub fn facilitates(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    let account = actor.account().map(AccountId);
    let named = account.is_some() && session.facilitators.iter().any(|facilitator| facilitator.account == account);
    named && belongs_to_parties(actor, grounds)
}

fn belongs_to_parties(actor: &Actor, grounds: &Grounds) -> bool {
    belongs(actor, &grounds.host) || belongs(actor, &grounds.cohost)
}

/// Drafting a session for a host: everybody who belongs there.
pub fn draft(actor: &Actor, host: &[Place]) -> Result<Permit> {
    let may = administers(actor) || belongs(actor, host);
    Permit::when(actor, may, "Only people of the host school draft its sessions; join the school first.")
}

/// Changing a session, its meetings and its seats.
pub fn change(actor: &Actor, session: &Session, grounds: &Grounds) -> Result<Permit> {
    let may = runs(actor, session, grounds);
    Permit::when(actor, may, "Only the organizer and the leads of the host school change this session.")
}

/// Publishing it, cancelling it: whoever posts for the host.
pub fn publish(actor: &Actor, grounds: &Grounds) -> Result<Permit> {
    let may = administers(actor) || posts_for(actor, &grounds.host);
    Permit::when(actor, may, "Only the host's principal, a delegate or an organizer publishes or cancels a session.")
}

/// Agreeing to be co-host, or declining.
pub fn consent(actor: &Actor, grounds: &Grounds) -> Result<Permit> {
    let may = administers(actor) || posts_for(actor, &grounds.cohost);
    Permit::when(actor, may, "Only the co-host's principal, a delegate or an organizer answers this.")
}

/// Whether the actor reads the roster: who runs it, who leads it in the room, who posts for the co-host. Mayor's offices never
/// do (M-4).
pub fn reads_roster(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    let parties = posts_for(actor, &grounds.host) || posts_for(actor, &grounds.cohost);
    if administers(actor) || parties {
        return true;
    }
    !serves_a_mayor(actor) && (runs(actor, session, grounds) || facilitates(actor, session, grounds))
}

/// Whether the actor works in a mayor's office.
fn serves_a_mayor(actor: &Actor) -> bool {
    actor.person().is_some_and(|person| person.grants.iter().any(|grant| grant.role == Role::Mayor))
}

/// Whether the actor may begin a highlight with it, by what everybody may read of it: a mayor's office, and administrators.
pub fn shows_off(actor: &Actor, session: &Session) -> bool {
    let office = serves_a_mayor(actor) || actor.has(Role::CityAdmin, Place::Installation);
    office && session.is_public() && session.visibility == Visibility::PUBLIC
}

/// Writing down who was there: whoever reads the roster.
pub fn take_attendance(actor: &Actor, session: &Session, grounds: &Grounds) -> Result<Permit> {
    let may = reads_roster(actor, session, grounds);
    Permit::when(actor, may, "Only the organizers and facilitators of this session write down who was there.")
}

/// Putting attendance or credit right after the lock, which makes new versions of certificates: administrators.
pub fn correct_locked(actor: &Actor) -> Result<Permit> {
    let sentence = "Attendance is locked: ask an administrator of this site to correct it.";
    Permit::when(actor, administers(actor), sentence)
}

/// Access needs are read by the one person named for it, as long as they belong to the host or the co-host (A3), and by nobody
/// else (J-11). Where nobody is named, or who was named has left, it is the organizer, if they run the session.
pub fn reads_needs(actor: &Actor, session: &Session, grounds: &Grounds) -> bool {
    let is = |account: AccountId| actor.account() == Some(account.0);
    match session.access_contact {
        Some(contact) if is(contact) => belongs_to_parties(actor, grounds),
        Some(_) if !grounds.contact_left => false,
        _ => is(session.organizer) && runs(actor, session, grounds),
    }
}

/// A person's own seat, needs, check-in, answers: the person alone.
pub fn own(actor: &Actor, account: AccountId) -> Result<Permit> {
    let may = actor.is_system() || actor.account() == Some(account.0);
    Permit::when(actor, may, "Only you do this for yourself.")
}

/// Registering somebody of one's staff, giving their seat back, deciding about it: the leads of their school (J-7).
pub fn decide(actor: &Actor, school: SchoolId) -> Result<Permit> {
    let may = actor.is_system() || leads(actor, school);
    Permit::when(actor, may, "Only the principal or a delegate of the school decides about this seat.")
}

/// Giving a seat away: the person, the leads of their school, who runs the session.
pub fn release(actor: &Actor, registration: &Registration, session: &Session, grounds: &Grounds) -> Result<Permit> {
    let may = actor.is_system()
        || actor.account() == Some(registration.account.0)
        || leads(actor, registration.school)
        || runs(actor, session, grounds);
    Permit::when(actor, may, "Only the person, their principal or the organizer gives this seat back.")
}

/// Answering an offer, agreeing to a change, handing over: the person, or the leads of their school (J-7).
pub fn act_for(actor: &Actor, registration: &Registration) -> Result<Permit> {
    let may = actor.is_system() || actor.account() == Some(registration.account.0) || leads(actor, registration.school);
    Permit::when(actor, may, "Only the person or their principal does this.")
}

/// A link of a letter acts for the one thing that it names.
pub fn within_errand(actor: &Actor, subject: Uuid) -> Result<()> {
    match actor.person().map(|person| person.via) {
        Some(Via::Letter(errand)) if errand != subject => {
            Err(Error::Forbidden("This link is for something else; sign in to do this.".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Whether the actor may know of a registration.
pub fn knows_of(actor: &Actor, registration: &Registration, session: &Session, grounds: &Grounds) -> bool {
    actor.account() == Some(registration.account.0)
        || leads(actor, registration.school)
        || reads_roster(actor, session, grounds)
}

/// Whether the actor sees which of a school's staff is out when, and their hours: its leads; never searches or surveys.
pub fn oversees_staff(actor: &Actor, school: SchoolId) -> bool {
    actor.is_system() || leads(actor, school)
}

/// Proposing times for what people of a school want: whoever posts for it.
pub fn propose_times(actor: &Actor, school: &[Place]) -> Result<Permit> {
    let may = administers(actor) || posts_for(actor, school);
    Permit::when(actor, may, "Only a school's principal, a delegate or an organizer proposes times.")
}

/// Asking for a session, and saying when one could come: everybody who signed in, for themselves.
pub fn take_part(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.person().is_some(), "Sign in first.")
}

/// Rooms of a school: its leads and organizers, administrators.
pub fn keep_rooms(actor: &Actor, school: Uuid) -> Result<Permit> {
    let place = Place::School(school);
    let may = administers(actor) || leads(actor, SchoolId(school)) || actor.has(Role::Organizer, place);
    Permit::when(actor, may, "Only the leads and organizers of the school keep its rooms.")
}

/// Credit programs: administrators.
pub fn keep_programs(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators change credit programs.")
}

/// Taking a certificate back: administrators.
pub fn revoke_certificate(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators take certificates back.")
}

/// What was a school's becomes another's that it is part of now: whoever merges schools.
pub fn carry_over(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, administers(actor), "Only the city's administrators merge schools.")
}

/// What time makes due: the program itself.
pub fn keep_time(actor: &Actor) -> Result<Permit> {
    Permit::when(actor, actor.is_system(), "The service does this by itself.")
}
