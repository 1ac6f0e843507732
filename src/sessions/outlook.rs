//! What somebody who looks at a session sees of it beside its facts: whether one can still come in, what is free, what they
//! have, what stands in the way. Reading and pure rules; seats are moved by `registration`.

use std::collections::{BTreeMap, HashMap};

use super::policy;
use super::registration;
use super::seat::{Registration, takes_place};
use super::session::{NO_SECTOR, Session, SessionId};
use super::store::{pages, sessions};
use crate::people::account::{Account, AccountState};
use crate::people::membership::{self, MembershipState};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::vocabulary::{Seat, SessionStatus, Way};
use crate::platform::{Actor, Cx, Place, Result, Role, Timestamp};

/// A session as its page shows it to one person.
#[derive(Debug)]
pub struct Outlook {
    /// The session.
    pub session: Session,
    /// Every school that the page names.
    pub schools: HashMap<SchoolId, School>,
    /// Whether one can ask for a seat.
    pub door: Door,
    /// What is free, for each way to take part.
    pub left: Vec<Left>,
    /// Seats still kept and not taken, by code of the sector; empty once they are pooled.
    pub kept: BTreeMap<String, i64>,
    /// The person's registration, whatever became of it.
    pub mine: Option<Registration>,
    /// Where they stand in line.
    pub position: Option<u64>,
    /// Schools from which the person could come.
    pub my_schools: Vec<SchoolId>,
    /// Colleagues whom the person may register: people of the schools they lead.
    pub staff: Vec<Colleague>,
    /// Other sessions of the person at the same time (J-14).
    pub clashes: Vec<Clash>,
    /// What the person may do with the session.
    pub may: May,
}

/// Whether one can ask for a seat now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// One can.
    Open,
    /// From that moment on.
    Opens(Timestamp),
    /// It is not published yet.
    NotYet,
    /// Registration is over; the session is still to come or under way.
    Closed,
    /// It is postponed: new dates open it again.
    Postponed,
    /// It was cancelled.
    Cancelled,
    /// It took place.
    Over,
}

/// What is free of one way to take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The way.
    pub way: Way,
    /// All seats.
    pub capacity: i32,
    /// Free seats, kept ones too.
    pub free: i32,
    /// Free for this person: others' kept seats and the cap of their school leave out.
    pub mine: i32,
    /// How many wait.
    pub waiting: u64,
}

/// Somebody whom a lead may register.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// Their school.
    pub school: SchoolId,
    /// Who.
    pub account: AccountId,
    /// How they are called.
    pub name: String,
}

/// Another session at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Which.
    pub session: SessionId,
    /// Its title.
    pub title: String,
    /// What the person has there.
    pub seat: Seat,
    /// Number of the meeting there that overlaps.
    pub meeting: i32,
}

/// What somebody may do with a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct May {
    /// Change it.
    pub run: bool,
    /// Answer for the co-host.
    pub consent: bool,
    /// Read who comes.
    pub read_roster: bool,
    /// See the link to join online.
    pub join_online: bool,
}

/// A session as its page shows it to the actor; [`NotFound`](crate::platform::Error::NotFound) for who may not know of it. The
/// number of statements does not grow with seats or colleagues.
pub async fn of(cx: &Cx, reference: &str) -> Result<Outlook> {
    let (session, grounds) = super::session(cx, reference).await?;
    let actor = cx.actor();
    let mine = if actor.person().is_some() { registration::mine(cx, session.id).await? } else { None };
    let waits = mine.as_ref().filter(|mine| mine.seat == Seat::WAITLISTED);
    let position = match waits {
        Some(waits) => registration::position(cx, waits).await?,
        None => None,
    };
    let door = door(&session, cx.now());
    let my_schools = schools_of(actor);
    let schools = people::schools(cx, &named(&session, &my_schools)).await?;
    let mut seen = Outlook {
        may: May {
            run: policy::runs(actor, &session, &grounds),
            consent: policy::consent(actor, &grounds).is_ok(),
            read_roster: policy::reads_roster(actor, &session, &grounds),
            join_online: policy::reads_roster(actor, &session, &grounds)
                || mine.as_ref().is_some_and(|mine| mine.seat == Seat::CONFIRMED),
        },
        staff: if door == Door::Open { staff(cx, &my_schools).await? } else { Vec::new() },
        clashes: Vec::new(),
        left: Vec::new(),
        kept: BTreeMap::new(),
        session,
        schools,
        door,
        mine,
        position,
        my_schools,
    };
    if let Some(account) = actor.account().filter(|_| seen.session.is_live()) {
        seen.clashes = clashes(cx, AccountId(account), &seen.session).await?;
    }
    seen.count(cx).await?;
    Ok(seen)
}

impl Outlook {
    /// Counts what is free and what is kept, for everybody and for the actor.
    async fn count(&mut self, cx: &Cx) -> Result<()> {
        let session = &self.session;
        let waiting = pages::waiting(cx.conn(), session.id).await?;
        if session.keeps_seats(cx.now()) {
            let taken = pages::taken_by_sector(cx.conn(), session.id).await?;
            self.kept = unfilled(&session.kept, &taken);
        }
        // With more than one school the first decides what the button says; the operation looks at the chosen one.
        let school = self.my_schools.first();
        let sector = school.and_then(|id| self.schools.get(id)).and_then(|school| school.sector.clone());
        let full = match (school, session.school_cap) {
            (Some(school), Some(cap)) => {
                let taken = pages::taken_by_schools(cx.conn(), session.id, &[*school]).await?;
                taken.get(school).is_some_and(|taken| *taken >= i64::from(cap))
            }
            _ => false,
        };
        let others: i64 = self
            .kept
            .iter()
            .filter(|(code, _)| code.as_str() != sector.as_deref().unwrap_or(NO_SECTOR))
            .map(|(_, left)| left)
            .sum();
        let left = session.ways().into_iter().map(|way| {
            let places = session.places(way);
            let open = (i64::from(places.free()) - others).max(0);
            Left {
                way,
                capacity: places.capacity,
                free: places.free(),
                mine: if full { 0 } else { i32::try_from(open).unwrap_or(i32::MAX) },
                waiting: waiting.get(&way).copied().unwrap_or(0),
            }
        });
        self.left = left.collect();
        Ok(())
    }
}

/// Whether one can ask for a seat at a moment.
pub fn door(session: &Session, now: Timestamp) -> Door {
    match session.status {
        SessionStatus::DRAFT | SessionStatus::SUBMITTED => Door::NotYet,
        SessionStatus::POSTPONED => Door::Postponed,
        SessionStatus::CANCELLED => Door::Cancelled,
        SessionStatus::COMPLETED => Door::Over,
        _ if session.ends_at.is_some_and(|end| end <= now) => Door::Over,
        SessionStatus::PUBLISHED => {
            let closes = session.closes_at.or(session.starts_at);
            match session.opens_at.filter(|opens| now < *opens) {
                _ if closes.is_some_and(|closes| closes <= now) => Door::Closed,
                Some(opens) => Door::Opens(opens),
                None => Door::Open,
            }
        }
        _ => Door::Closed,
    }
}

/// Kept seats that their sector has not taken.
fn unfilled(kept: &BTreeMap<String, i32>, taken: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let left = |(code, seats): (&String, &i32)| {
        let left = i64::from(*seats) - taken.get(code).copied().unwrap_or(0);
        (left > 0).then(|| (code.clone(), left))
    };
    kept.iter().filter_map(left).collect()
}

/// Schools where the actor works.
pub fn schools_of(actor: &Actor) -> Vec<SchoolId> {
    let mut schools: Vec<SchoolId> = actor
        .person()
        .into_iter()
        .flat_map(|person| &person.grants)
        .filter(|grant| matches!(grant.role, Role::Teacher | Role::Principal | Role::Delegate | Role::Organizer))
        .filter_map(|grant| if let Place::School(id) = grant.place { Some(SchoolId(id)) } else { None })
        .collect();
    schools.sort_unstable();
    schools.dedup();
    schools
}

fn named(session: &Session, mine: &[SchoolId]) -> Vec<SchoolId> {
    let leaders = session.facilitators.iter().filter_map(|facilitator| facilitator.school);
    let mut all: Vec<SchoolId> =
        session.parties().map(|party| party.school).chain(leaders).chain(mine.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// People of the schools that the actor leads, by name; the actor is none of them.
async fn staff(cx: &Cx, schools: &[SchoolId]) -> Result<Vec<Colleague>> {
    let mut staff: Vec<Colleague> = Vec::new();
    for school in schools.iter().filter(|school| policy::leads(cx.actor(), **school)) {
        for colleague in membership::of_school(cx, *school).await? {
            let account: &Account = &colleague.account;
            let known = staff.iter().any(|one| one.account == account.id && one.school == *school);
            let usable = account.state == AccountState::Active && cx.actor().account() != Some(account.id.0);
            if colleague.membership.state == MembershipState::Current && usable && !known {
                staff.push(Colleague { school: *school, account: account.id, name: account.name.clone() });
            }
        }
    }
    staff.sort_by_key(|one| one.name.to_lowercase());
    Ok(staff)
}

/// At most so many of a person's seats are looked through for clashes.
const SEATS: u64 = 200;

async fn clashes(cx: &Cx, account: AccountId, session: &Session) -> Result<Vec<Clash>> {
    let mut other = pages::coming_of(cx.conn(), account, cx.now(), SEATS).await?;
    other.retain(|registration| registration.session != session.id && takes_place(registration.seat));
    let ids: Vec<SessionId> = other.iter().map(|registration| registration.session).collect();
    let sessions = sessions::by_ids(cx.conn(), &ids).await?;
    let clash = |registration: &Registration| {
        let there = sessions.get(&registration.session)?;
        let meeting = overlap(session, there)?;
        Some(Clash { session: there.id, title: there.title.clone(), seat: registration.seat, meeting })
    };
    Ok(other.iter().filter_map(clash).collect())
}

/// The number of the first meeting of `there` that overlaps one of `here`.
pub fn overlap(here: &Session, there: &Session) -> Option<i32> {
    let meets = |number: &&super::Meeting| {
        here.meetings.iter().any(|meeting| meeting.starts_at < number.ends_at && number.starts_at < meeting.ends_at)
    };
    there.meetings.iter().find(meets).map(|meeting| meeting.number)
}
