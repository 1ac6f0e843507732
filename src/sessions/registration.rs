//! Seats: one function moves them all (J-2 to J-8). The operations here say who may move which; `moving` does it, `many` does
//! it for many at once, `due` when time has made it due.

mod due;
mod many;
mod moving;

use std::collections::HashMap;

use super::desk::Desk;
use super::places::{self, Hall, Tally};
use super::policy::{self, Grounds};
use super::schedule;
use super::seat::{Registration, RegistrationId, is_open, takes_place};
use super::session::{Session, SessionId};
use super::store::{registrations as store, sessions};
use crate::people::account::{self, Account, AccountState};
use crate::people::membership::{self, Standing};
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{Approval, CoverageNeed, Seat, SeatCoverage, SessionStatus, Visibility, Way};
use crate::platform::{Actor, Cx, Error, Grant, Permit, Place, Result, Role, Timestamp, Tx};

pub use self::due::due;
pub use self::many::{AddReport, add_by_host, ask_again, release_all, resize};
pub(in crate::sessions) use self::moving::Why;
use self::moving::{By, fill, note, shift};

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

/// Who asks for the seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// The person.
    Self_,
    /// A lead of their school (J-7).
    Lead,
    /// Who runs the session.
    Host,
}

/// The longest reason.
const REASON: usize = 500;

/// Nobody waits for a seat of a session that has begun.
const FULL: &str = "No seat is free any more.";

/// Asks for a seat: the person; a lead of their school for them (approved at once, J-7); or who runs the session ("add").
/// Asked again, it answers what is there. A waitlisted person who asks again takes a seat that is free now.
pub async fn register(tx: &mut Tx, desk: &Desk, session: SessionId, wish: Wish) -> Result<Registration> {
    policy::within_errand(tx.actor(), session.0)?;
    let held = sessions::to_fill(tx.conn(), session, desk.holds).await?;
    // Only now: who they are may have changed while others had the session.
    let Standing { account: person, grants, sectors } = standing(tx, wish.account).await?;
    let schools = schools_of(&grants);
    let mut session = held.ok_or(Error::NotFound("session"))?;
    let known = store::with_meetings(tx.conn(), &mut session, person.id).await?;
    let (asks, permit) = asks(tx, &session, &wish, &schools).await?;
    let school = match &known {
        Some(known) if is_open(known.seat) => known.school,
        _ => chosen_school(tx.actor(), asks, &wish, &schools)?,
    };
    let sector = sector_of(&sectors, school, known.as_ref());
    let guest = Guest { person: &person, grants: &grants, school, sector };
    enter(tx, By { desk, permit: &permit }, &mut session, &guest, known, (asks, wish.way)).await
}

/// Who is to have a seat.
struct Guest<'a> {
    person: &'a Account,
    grants: &'a [Grant],
    school: SchoolId,
    sector: Option<String>,
}

/// What [`register`] does once it is permitted.
async fn enter(
    tx: &mut Tx,
    by: By<'_>,
    session: &mut Session,
    guest: &Guest<'_>,
    known: Option<Registration>,
    (asks, way): (Asks, Option<Way>),
) -> Result<Registration> {
    let now = tx.now();
    let at_door = asks == Asks::Host && under_way(session, now);
    match known {
        Some(ref known) if known.seat == Seat::WAITLISTED && at_door => {}
        Some(known) if known.seat == Seat::WAITLISTED => return claim(tx, by, session, guest, known).await,
        Some(known) if is_open(known.seat) => return Ok(known),
        _ => {}
    }
    may_enter(session, now, asks)?;
    if asks == Asks::Self_ && known.as_ref().is_some_and(|known| known.approval == Approval::DECLINED) {
        return Err(Error::Conflict(
            "Your school declined this seat; talk to your principal, who can also register you.".to_owned(),
        ));
    }
    let way = chosen_way(session, way, asks)?;
    // Who stands at the door is here: no school is asked any more, and nothing is kept for anybody.
    let approval = if at_door { Approval::NOT_NEEDED } else { approval(tx, session, guest, asks).await? };
    if approval == Approval::WAITING && session.approval_by.is_some_and(|by| by <= now) {
        return Err(Error::Conflict(
            "The time for principals to approve seats is over; ask your principal to register you.".to_owned(),
        ));
    }
    if at_door && session.places(way).free() == 0 {
        return Err(Error::Conflict(FULL.to_owned()));
    }
    let has_room = at_door || makes_room(tx, by, session, guest, way).await?;
    if !has_room && known.as_ref().is_some_and(|known| known.promoted) {
        return Err(Error::Conflict(
            "No seat is free, and the waitlist takes nobody twice who was offered a seat of it; look again later."
                .to_owned(),
        ));
    }
    let fresh = || Registration { created_at: now, ..blank(session, guest, now) };
    let base = known.clone().unwrap_or_else(fresh);
    let wanted = Registration {
        school: guest.school,
        sector: guest.sector.clone(),
        way,
        approval,
        coverage: coverage(session),
        registered_by: tx.actor().account().map(AccountId).filter(|by| *by != guest.person.id),
        decided_by: tx.actor().account().map(AccountId).filter(|_| approval == Approval::APPROVED),
        reason: None,
        round: session.round,
        ..base
    };
    let after = if has_room { seated(session, wanted, now) } else { Registration { seat: Seat::WAITLISTED, ..wanted } };
    shift(tx, by, session, guest.person, known.as_ref(), after, Why::Asked).await
}

/// Somebody who waits asks again: a seat that is free for them is theirs. Seats are offered before; this is for the last hours,
/// when they no longer are.
async fn claim(
    tx: &mut Tx,
    by: By<'_>,
    session: &mut Session,
    guest: &Guest<'_>,
    known: Registration,
) -> Result<Registration> {
    let ahead = session.starts_at.is_some_and(|starts| tx.now() < starts);
    let open = matches!(session.status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED);
    // The seat is for the school they registered from.
    let guest = Guest { school: known.school, sector: known.sector.clone(), ..*guest };
    if !ahead || !open || !makes_room(tx, by, session, &guest, known.way).await? {
        return store::by_id(tx.conn(), known.id).await?.ok_or(Error::NotFound("registration"));
    }
    let known = store::by_id(tx.conn(), known.id).await?.ok_or(Error::NotFound("registration"))?;
    if known.seat != Seat::WAITLISTED {
        // It has just been offered.
        return Ok(known);
    }
    let after = seated(session, Registration { round: session.round, ..known.clone() }, tx.now());
    shift(tx, by, session, guest.person, Some(&known), after, Why::Claimed).await
}

/// Whether there is a seat for somebody, after everybody who waits for it has been served.
async fn makes_room(tx: &mut Tx, by: By<'_>, session: &mut Session, guest: &Guest<'_>, way: Way) -> Result<bool> {
    let now = tx.now();
    if session.places(way).free() == 0 {
        return Ok(false);
    }
    let tallies = tallies_needed(tx, session).await?;
    let room = Hall { session, way, now, tallies: &tallies }.has_room(guest.school, guest.sector.as_deref());
    // Kept seats may have been pooled a moment ago, by the clock alone.
    if !room || fill(tx, by, session).await? == 0 {
        return Ok(room);
    }
    let tallies = tallies_needed(tx, session).await?;
    Ok(Hall { session, way, now, tallies: &tallies }.has_room(guest.school, guest.sector.as_deref()))
}

async fn tallies_needed(tx: &Tx, session: &Session) -> Result<Vec<Tally>> {
    if session.school_cap.is_none() && !session.keeps_seats(tx.now()) {
        return Ok(Vec::new());
    }
    store::tallies(tx.conn(), session.id).await
}

/// Gives a seat, a place in line or an offer back: the person, a lead of their school, who runs the session.
pub async fn withdraw(tx: &mut Tx, desk: &Desk, id: RegistrationId) -> Result<Registration> {
    let Opened { mut session, registration, grounds, person } = opened(tx, desk, id).await?;
    let permit = policy::release(tx.actor(), &registration, &session, &grounds)?;
    if !is_open(registration.seat) {
        return Ok(registration);
    }
    still_to_come(&session, tx.now())?;
    let after = Registration { seat: Seat::RELEASED, ..registration.clone() };
    let after =
        shift(tx, By { desk, permit: &permit }, &mut session, &person, Some(&registration), after, Why::Left).await?;
    fill(tx, By { desk, permit: &permit }, &mut session).await?;
    Ok(after)
}

/// The principal's or a delegate's answer. `coverage` says whether somebody takes the classes.
pub async fn decide(
    tx: &mut Tx,
    desk: &Desk,
    id: RegistrationId,
    approved: bool,
    coverage: Option<SeatCoverage>,
    reason: Option<String>,
) -> Result<Registration> {
    let Opened { mut session, registration, person, .. } = opened(tx, desk, id).await?;
    let permit = policy::decide(tx.actor(), registration.school)?;
    let answered = if approved { Approval::APPROVED } else { Approval::DECLINED };
    if registration.approval == answered {
        return Ok(registration);
    }
    let over = places::hold_is_over(&session, registration.hold_until, tx.now());
    if registration.approval != Approval::WAITING || over {
        return Err(Error::Conflict(match registration.approval {
            Approval::APPROVED => "This seat was approved already; give it back instead.".to_owned(),
            Approval::DECLINED => "This seat was declined already; register the person instead.".to_owned(),
            Approval::NOT_NEEDED => "Nothing waits for an answer here.".to_owned(),
            _ => "The time for an answer is over and the seat went back; register the person instead.".to_owned(),
        }));
    }
    still_to_come(&session, tx.now())?;
    let decided = Registration {
        approval: answered,
        decided_by: tx.actor().account().map(AccountId),
        coverage: coverage.unwrap_or(registration.coverage),
        reason: checked_reason(reason)?,
        ..registration.clone()
    };
    let after = match (approved, registration.seat) {
        (true, Seat::HELD) => Registration { seat: Seat::CONFIRMED, ..decided },
        // Still waits, or still has the offer: the answer is kept for then.
        (true, _) => decided,
        (false, _) => Registration { seat: Seat::RELEASED, ..decided },
    };
    let why = if approved { Why::Approved } else { Why::Refused };
    let after = shift(tx, By { desk, permit: &permit }, &mut session, &person, Some(&registration), after, why).await?;
    fill(tx, By { desk, permit: &permit }, &mut session).await?;
    Ok(after)
}

/// Takes or declines what the waitlist offers.
pub async fn answer_offer(tx: &mut Tx, desk: &Desk, id: RegistrationId, accepted: bool) -> Result<Registration> {
    let Opened { mut session, registration, person, .. } = opened(tx, desk, id).await?;
    let permit = policy::act_for(tx.actor(), &registration)?;
    match registration.seat {
        Seat::OFFERED if registration.offer_until.is_none_or(|until| tx.now() < until) => {}
        Seat::HELD | Seat::CONFIRMED if accepted => return Ok(registration),
        Seat::RELEASED if !accepted => return Ok(registration),
        _ => return Err(Error::Conflict("This offer is over, and the seat went to somebody else.".to_owned())),
    }
    still_to_come(&session, tx.now())?;
    let (after, why) = if accepted {
        (seated(&session, registration.clone(), tx.now()), Why::Accepted)
    } else {
        (Registration { seat: Seat::RELEASED, ..registration.clone() }, Why::Declined)
    };
    let after = shift(tx, By { desk, permit: &permit }, &mut session, &person, Some(&registration), after, why).await?;
    fill(tx, By { desk, permit: &permit }, &mut session).await?;
    Ok(after)
}

/// Gives a seat to a colleague of the same school (J-7): the person, or a lead. Answers the colleague's registration.
pub async fn hand_over(tx: &mut Tx, desk: &Desk, id: RegistrationId, to: AccountId) -> Result<Registration> {
    let Opened { mut session, registration, person, .. } = opened(tx, desk, id).await?;
    let permit = policy::act_for(tx.actor(), &registration)?;
    let other = || Error::invalid("to", "Choose a colleague of the same school.");
    let Standing { account: colleague, grants, .. } = standing(tx, to).await.map_err(|_| other())?;
    if to == registration.account || !schools_of(&grants).contains(&registration.school) {
        return Err(other());
    }
    let known = store::of_person(tx.conn(), session.id, to).await?;
    // The same, asked twice; how a seat that came otherwise stands is not told.
    let received = |known: &Registration| {
        takes_place(known.seat) && known.registered_by.is_some_and(|by| tx.actor().account() == Some(by.0))
    };
    if registration.seat == Seat::RELEASED && known.as_ref().is_some_and(received) {
        return known.ok_or_else(other);
    }
    if places::hold_is_over(&session, registration.hold_until, tx.now()) {
        return Err(Error::Conflict("The time for your school's answer is over, and the seat went back.".to_owned()));
    }
    if !matches!(registration.seat, Seat::HELD | Seat::CONFIRMED) {
        return Err(Error::Conflict("Only who has a seat can hand it over.".to_owned()));
    }
    not_begun(&session, tx.now())?;
    if known.as_ref().is_some_and(|known| takes_place(known.seat)) {
        return Err(Error::Conflict("Your colleague has a seat already; give yours back instead.".to_owned()));
    }
    let asks = if policy::leads(tx.actor(), registration.school) { Asks::Lead } else { Asks::Self_ };
    if asks == Asks::Self_ && known.as_ref().is_some_and(|known| known.approval == Approval::DECLINED) {
        return Err(Error::Conflict("Your school declined a seat for this colleague; choose another.".to_owned()));
    }
    let (school, sector, now) = (registration.school, registration.sector.clone(), tx.now());
    let guest = Guest { person: &colleague, grants: &grants, school, sector };
    let approval = approval(tx, &session, &guest, asks).await?;
    let left = Registration { seat: Seat::RELEASED, ..registration.clone() };
    shift(tx, By { desk, permit: &permit }, &mut session, &person, Some(&registration), left, Why::HandedOver(to))
        .await?;
    let base = known.clone().unwrap_or_else(|| blank(&session, &guest, now));
    let taken = Registration {
        school,
        sector: guest.sector.clone(),
        way: registration.way,
        approval,
        coverage: coverage(&session),
        registered_by: tx.actor().account().map(AccountId),
        decided_by: tx.actor().account().map(AccountId).filter(|_| approval == Approval::APPROVED),
        reason: None,
        round: session.round,
        ..base
    };
    let after = seated(&session, taken, now);
    shift(tx, By { desk, permit: &permit }, &mut session, &colleague, known.as_ref(), after, Why::Received(person.id))
        .await
}

/// Agrees to a material change (J-8).
pub async fn keep(tx: &mut Tx, desk: &Desk, id: RegistrationId) -> Result<Registration> {
    let Opened { session, registration, .. } = opened(tx, desk, id).await?;
    let permit = policy::act_for(tx.actor(), &registration)?;
    if !is_open(registration.seat) {
        return Err(Error::Conflict(
            "This seat was given back already; register again if you want to come.".to_owned(),
        ));
    }
    if registration.round >= session.round {
        return Ok(registration);
    }
    note(tx, &permit, Registration { round: session.round, ..registration }, "registration.kept").await
}

/// The lead says whether somebody takes the classes.
pub async fn set_coverage(tx: &mut Tx, id: RegistrationId, coverage: SeatCoverage) -> Result<Registration> {
    policy::within_errand(tx.actor(), id.0)?;
    let missing = || Error::NotFound("registration");
    let known = store::by_id(tx.conn(), id).await?.ok_or_else(missing)?;
    let actor = tx.actor();
    if !(actor.is_system() || actor.account() == Some(known.account.0) || policy::leads(actor, known.school)) {
        return Err(missing());
    }
    let permit = policy::decide(tx.actor(), known.school)?;
    sessions::to_seat(tx.conn(), known.session, true).await?.ok_or_else(missing)?;
    let registration = store::by_id(tx.conn(), id).await?.ok_or_else(missing)?;
    if registration.coverage == coverage {
        return Ok(registration);
    }
    note(tx, &permit, Registration { coverage, ..registration }, "registration.coverage_set").await
}

/// Where somebody stands in line: 1 is next by the order of commits. `None` where they do not wait. One statement.
pub async fn position(cx: &Cx, registration: &Registration) -> Result<Option<u64>> {
    if registration.seat != Seat::WAITLISTED {
        return Ok(None);
    }
    Ok(store::positions(cx.conn(), &[registration.id]).await?.remove(&registration.id))
}

/// The same for many: who does not wait is left out.
pub async fn positions(cx: &Cx, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, u64>> {
    store::positions(cx.conn(), ids).await
}

/// The actor's registration for a session. One statement.
pub async fn mine(cx: &Cx, session: SessionId) -> Result<Option<Registration>> {
    let Some(account) = cx.actor().account() else { return Ok(None) };
    store::of_person(cx.conn(), session, AccountId(account)).await
}

/// The actor's registrations, whatever became of them, the newest first.
pub async fn all_mine(cx: &Cx) -> Result<Vec<Registration>> {
    let Some(account) = cx.actor().account() else { return Err(Error::SignInRequired) };
    let seats: Vec<Seat> = Seat::all().collect();
    let mut found = store::of_account(cx.conn(), AccountId(account), &seats).await?;
    found.reverse();
    Ok(found)
}

/// One registration, for whoever may know of it.
pub async fn registration(cx: &Cx, id: RegistrationId) -> Result<Registration> {
    let missing = || Error::NotFound("registration");
    let found = store::by_id(cx.conn(), id).await?.ok_or_else(missing)?;
    let actor = cx.actor();
    if actor.is_system() || actor.account() == Some(found.account.0) || policy::leads(actor, found.school) {
        return Ok(found);
    }
    let (session, grounds) = super::session(cx, &found.session.to_string()).await.map_err(|_| missing())?;
    if policy::knows_of(actor, &found, &session, &grounds) { Ok(found) } else { Err(missing()) }
}

/// The registration of somebody for a session, for those who run it or lead their school; `NotFound` where there is none.
pub async fn of_person(cx: &Cx, session: SessionId, account: AccountId) -> Result<Registration> {
    let found = store::of_person(cx.conn(), session, account).await?.ok_or(Error::NotFound("registration"))?;
    registration(cx, found.id).await
}

/// Seats of one way that are left, and how many of them are kept for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which seats.
    pub way: Way,
    /// How many are free.
    pub free: i32,
    /// Of these, how many are kept: by code of the sector.
    pub kept: Vec<(String, i32)>,
}

/// What is left of a session's seats, for the page. One statement while seats are kept.
pub async fn left(cx: &Cx, session: &Session) -> Result<Vec<Left>> {
    let keeps = session.keeps_seats(cx.now());
    let tallies = if keeps { store::tallies(cx.conn(), session.id).await? } else { Vec::new() };
    let left = |way: Way| {
        let hall = Hall { session, way, now: cx.now(), tallies: &tallies };
        let kept = session.kept.keys().map(|sector| (sector.clone(), hall.unfilled(sector)));
        Left { way, free: session.places(way).free(), kept: kept.filter(|(_, seats)| *seats > 0).collect() }
    };
    Ok(session.ways().into_iter().map(left).collect())
}

/// A registration with its session held, and whose it is.
struct Opened {
    session: Session,
    registration: Registration,
    /// Where its parties are; empty where nobody had to ask.
    grounds: Grounds,
    person: Account,
}

/// Opens a registration for a change; who may not know of it finds nothing.
async fn opened(tx: &Tx, desk: &Desk, id: RegistrationId) -> Result<Opened> {
    policy::within_errand(tx.actor(), id.0)?;
    let missing = || Error::NotFound("registration");
    let known = store::by_id(tx.conn(), id).await?.ok_or_else(missing)?;
    let person = account::account_in(tx, known.account).await?;
    let mut session = held(tx, desk, known.session).await?;
    // Read again: the session was not held a moment ago.
    let registration = store::by_id(tx.conn(), id).await?.ok_or_else(missing)?;
    let actor = tx.actor();
    let close = actor.is_system()
        || actor.account() == Some(registration.account.0)
        || policy::leads(actor, registration.school);
    let mut grounds = Grounds::default();
    if !close {
        (session, grounds) = super::held(tx, session.id).await.map_err(|_| missing())?;
        if !policy::knows_of(tx.actor(), &registration, &session, &grounds) {
            return Err(missing());
        }
    }
    Ok(Opened { session, registration, grounds, person })
}

/// The session, held.
async fn held(tx: &Tx, desk: &Desk, id: SessionId) -> Result<Session> {
    sessions::to_seat(tx.conn(), id, desk.holds).await?.ok_or(Error::NotFound("session"))
}

/// As whom the actor asks, and that they may. Who may not know of the session finds none.
async fn asks(tx: &Tx, session: &Session, wish: &Wish, schools: &[SchoolId]) -> Result<(Asks, Permit)> {
    let actor = tx.actor();
    if actor.account().is_none() && !actor.is_system() {
        return Err(Error::SignInRequired);
    }
    let everybody = session.is_public() && matches!(session.visibility, Visibility::PUBLIC | Visibility::MEMBERS);
    let own = actor.is_system() || actor.account() == Some(wish.account.0);
    if own {
        if !everybody {
            super::held(tx, session.id).await?;
        }
        return Ok((Asks::Self_, policy::own(actor, wish.account)?));
    }
    let wanted = |school: &SchoolId| wish.school.is_none_or(|wished| wished == *school);
    if let Some(school) = schools.iter().filter(|school| wanted(school)).find(|school| policy::leads(actor, **school)) {
        if !everybody {
            super::held(tx, session.id).await?;
        }
        return Ok((Asks::Lead, policy::decide(actor, *school)?));
    }
    let (whole, grounds) = super::held(tx, session.id).await?;
    Ok((Asks::Host, policy::change(actor, &whole, &grounds)?))
}

/// How somebody stands now, also who asks for themselves; who may not use their account is not found.
async fn standing(tx: &Tx, account: AccountId) -> Result<Standing> {
    let found = membership::standing(tx, account).await?;
    found.filter(|found| found.account.state == AccountState::Active).ok_or(Error::NotFound("account"))
}

/// The sector of the school somebody comes from; of one that they have left, as it was written down.
fn sector_of(
    sectors: &HashMap<SchoolId, Option<String>>,
    school: SchoolId,
    known: Option<&Registration>,
) -> Option<String> {
    let written = || known.and_then(|known| known.sector.clone());
    sectors.get(&school).cloned().unwrap_or_else(written)
}

/// Schools whose staff somebody is.
fn schools_of(grants: &[Grant]) -> Vec<SchoolId> {
    const STAFF: [Role; 4] = [Role::Teacher, Role::Principal, Role::Delegate, Role::Organizer];
    let mut schools: Vec<SchoolId> = Vec::new();
    for grant in grants.iter().filter(|grant| STAFF.contains(&grant.role)) {
        if let Place::School(id) = grant.place
            && !schools.contains(&SchoolId(id))
        {
            schools.push(SchoolId(id));
        }
    }
    schools
}

/// The school somebody comes from.
fn chosen_school(actor: &Actor, asks: Asks, wish: &Wish, schools: &[SchoolId]) -> Result<SchoolId> {
    let able = |school: &&SchoolId| asks != Asks::Lead || policy::leads(actor, **school);
    let able: Vec<SchoolId> = schools.iter().filter(able).copied().collect();
    match (wish.school, able.as_slice()) {
        (Some(wished), able) if able.contains(&wished) => Ok(wished),
        (None, [only]) => Ok(*only),
        (_, []) => Err(Error::Conflict("Seats are for the staff of schools; join your school first.".to_owned())),
        _ => Err(Error::invalid("school", "Choose the school you come from.")),
    }
}

fn chosen_way(session: &Session, wish: Option<Way>, asks: Asks) -> Result<Way> {
    let ways = session.ways();
    match (wish, ways.as_slice()) {
        (Some(way), ways) if ways.contains(&way) => Ok(way),
        (None, [only]) => Ok(*only),
        (None, [first, ..]) if asks == Asks::Host => Ok(*first),
        _ => Err(Error::invalid("way", "Choose how you take part: in the room or online.")),
    }
}

/// Whether somebody may come in now.
fn may_enter(session: &Session, now: Timestamp, asks: Asks) -> Result<()> {
    let zone = session.zone();
    let no = |sentence: String| Err(Error::Conflict(sentence));
    let begun = session.starts_at.is_some_and(|starts| starts <= now);
    if asks == Asks::Host && under_way(session, now) {
        return Ok(());
    }
    match session.status {
        SessionStatus::PUBLISHED => {}
        SessionStatus::REGISTRATION_CLOSED if asks == Asks::Host => {}
        SessionStatus::REGISTRATION_CLOSED => return no("Registration for this session is closed.".to_owned()),
        SessionStatus::POSTPONED => {
            return no("This session is postponed; register when its new date is known.".to_owned());
        }
        SessionStatus::COMPLETED => return no("This session is over.".to_owned()),
        SessionStatus::RUNNING if session.ends_at.is_some_and(|ends| ends <= now) => {
            return no("This session is over.".to_owned());
        }
        SessionStatus::RUNNING => return no("This session has begun.".to_owned()),
        SessionStatus::CANCELLED => return no("This session is cancelled.".to_owned()),
        _ => return no("This session is not published yet.".to_owned()),
    }
    if begun {
        return no("This session has begun.".to_owned());
    }
    if asks == Asks::Host {
        return Ok(());
    }
    if let Some(opens) = session.opens_at.filter(|opens| now < *opens) {
        return no(format!("Registration opens on {}.", schedule::moment(opens, zone)));
    }
    if let Some(closes) = session.closes_at.filter(|closes| *closes <= now) {
        return no(format!("Registration closed on {}.", schedule::moment(closes, zone)));
    }
    Ok(())
}

/// Whether it has begun and is not over: who comes now is at the door.
fn under_way(session: &Session, now: Timestamp) -> bool {
    use SessionStatus as Is;
    let begun = session.starts_at.is_some_and(|starts| starts <= now);
    let over = session.ends_at.is_none_or(|ends| ends <= now);
    begun && !over && matches!(session.status, Is::PUBLISHED | Is::REGISTRATION_CLOSED | Is::RUNNING)
}

/// Refuses what comes too late to change who comes.
fn still_to_come(session: &Session, now: Timestamp) -> Result<()> {
    let over = session.ends_at.is_some_and(|ends| ends <= now);
    if session.is_live() && (!over || session.status == SessionStatus::POSTPONED) {
        return Ok(());
    }
    Err(Error::Conflict("This session is over; its seats stay as they are.".to_owned()))
}

/// Refuses what makes no sense once it has begun.
fn not_begun(session: &Session, now: Timestamp) -> Result<()> {
    let begun = session.starts_at.is_some_and(|starts| starts <= now) && session.status != SessionStatus::POSTPONED;
    if session.is_live() && session.status != SessionStatus::RUNNING && !begun {
        return Ok(());
    }
    Err(Error::Conflict("This session has begun; its seats stay as they are.".to_owned()))
}

/// What the school has to say about a seat: nothing, where the session does not ask, where the person leads the school, or where
/// it has nobody who could answer; it has said yes, where a lead asks.
async fn approval(tx: &Tx, session: &Session, guest: &Guest<'_>, asks: Asks) -> Result<Approval> {
    if !session.approval_needed {
        return Ok(Approval::NOT_NEEDED);
    }
    if asks == Asks::Lead || asks == Asks::Host && policy::leads(tx.actor(), guest.school) {
        return Ok(Approval::APPROVED);
    }
    let place = Place::School(guest.school.0);
    let leads = |grant: &Grant| grant.place == place && matches!(grant.role, Role::Principal | Role::Delegate);
    if guest.grants.iter().any(leads) {
        return Ok(Approval::NOT_NEEDED);
    }
    let (principals, delegates) = membership::leads_of(tx, guest.school).await?;
    Ok(if principals.is_empty() && delegates.is_empty() { Approval::NOT_NEEDED } else { Approval::WAITING })
}

/// A registration that gets a seat now: held while the school decides, confirmed otherwise.
fn seated(session: &Session, registration: Registration, now: Timestamp) -> Registration {
    if registration.approval == Approval::WAITING {
        let hold_until = Some(places::hold_until(session, now));
        return Registration { seat: Seat::HELD, hold_until, ..registration };
    }
    Registration { seat: Seat::CONFIRMED, ..registration }
}

/// A registration that is not there yet.
fn blank(session: &Session, guest: &Guest<'_>, now: Timestamp) -> Registration {
    Registration {
        id: RegistrationId::fresh(),
        session: session.id,
        account: guest.person.id,
        school: guest.school,
        sector: guest.sector.clone(),
        way: Way::IN_PERSON,
        seat: Seat::RELEASED,
        approval: Approval::NOT_NEEDED,
        waitlist_no: None,
        promoted: false,
        hold_until: None,
        offer_until: None,
        coverage: coverage(session),
        registered_by: None,
        decided_by: None,
        reason: None,
        round: session.round,
        turn: 0,
        surveyed_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Whether somebody has to take the classes of who comes.
fn coverage(session: &Session) -> SeatCoverage {
    if session.coverage == CoverageNeed::NONE { SeatCoverage::NOT_NEEDED } else { SeatCoverage::NEEDED }
}

fn checked_reason(reason: Option<String>) -> Result<Option<String>> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    match reason {
        Some(reason) if reason.chars().count() > REASON || reason.contains('\0') => {
            Err(Error::invalid("reason", "Give the reason in up to 500 characters."))
        }
        reason => Ok(reason),
    }
}
