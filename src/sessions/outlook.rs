//! What somebody who looks at a session sees of it beside its facts: whether one can still come in, what is free, what they
//! have, what stands in the way. Reading and pure rules; seats are moved by `registration`.

use std::collections::{BTreeMap, HashMap};

use super::conflict::{self, Conflict};
use super::credit::{self, SessionCredit};
use super::places::{self, Hall};
use super::policy;
use super::registration;
use super::room::{self, Room};
use super::seat::Registration;
use super::session::{RoomId, Session};
use super::store::{pages, registrations};
use crate::people::account::{Account, AccountState};
use crate::people::membership::{self, MembershipState};
use crate::people::{self, AccountId, School, SchoolId};
use crate::platform::vocabulary::{Approval, Seat, SessionStatus, Way};
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
    pub kept: BTreeMap<String, i32>,
    /// Rooms of its meetings.
    pub rooms: HashMap<RoomId, Room>,
    /// What hours of it count for.
    pub credit: Vec<SessionCredit>,
    /// The person's registration, whatever became of it.
    pub mine: Option<Registration>,
    /// Where they stand in line.
    pub position: Option<u64>,
    /// Schools from which the person could come.
    pub my_schools: Vec<SchoolId>,
    /// Whether they lead one of these: nobody is asked about their own seat.
    pub leads: bool,
    /// Colleagues whom the person may register: people of the schools they lead.
    pub staff: Vec<Colleague>,
    /// Other sessions of the person at the same time (J-14).
    pub clashes: Vec<Conflict>,
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
    /// Begin a highlight with it: what everybody may read of it, for a mayor's office and administrators.
    pub highlight: bool,
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
    let rooms: Vec<RoomId> = session.meetings.iter().filter_map(|meeting| meeting.room).collect();
    let mut seen = Outlook {
        may: May {
            run: policy::runs(actor, &session, &grounds),
            consent: policy::consent(actor, &grounds).is_ok(),
            read_roster: policy::reads_roster(actor, &session, &grounds),
            join_online: policy::reads_roster(actor, &session, &grounds)
                || mine.as_ref().is_some_and(|mine| mine.seat == Seat::CONFIRMED),
            highlight: policy::shows_off(actor, &session),
        },
        leads: my_schools.iter().any(|school| policy::leads(actor, *school)),
        staff: if door == Door::Open { staff(cx, &my_schools).await? } else { Vec::new() },
        rooms: if rooms.is_empty() { HashMap::new() } else { room::by_ids(cx, &rooms).await? },
        credit: credit::of_session(cx, session.id).await?,
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
        seen.clashes = conflict::of_person(cx, AccountId(account), &seen.session).await?;
    }
    seen.count(cx).await?;
    Ok(seen)
}

impl Outlook {
    /// Counts what is free and what is kept, for everybody and for the actor.
    async fn count(&mut self, cx: &Cx) -> Result<()> {
        let session = &self.session;
        let waiting = pages::waiting(cx.conn(), session.id).await?;
        let counted = session.school_cap.is_some() || session.keeps_seats(cx.now());
        let tallies = if counted { registrations::tallies(cx.conn(), session.id).await? } else { Vec::new() };
        let hall = |way| Hall { session, way, now: cx.now(), tallies: &tallies };
        let kept = hall(places::kept_way(session));
        let unfilled = session.kept.keys().map(|code| (code.clone(), kept.unfilled(code)));
        self.kept = unfilled.filter(|(_, left)| *left > 0).collect();
        // With more than one school the first decides what the button says; the operation looks at the chosen one.
        let school = self.my_schools.first();
        let sector = school.and_then(|id| self.schools.get(id)).and_then(|school| school.sector.clone());
        let left = session.ways().into_iter().map(|way| {
            let capped = school.is_some_and(|school| hall(way).is_capped(*school));
            Left {
                way,
                capacity: session.places(way).capacity,
                free: session.places(way).free(),
                mine: if capped { 0 } else { hall(way).free_for(sector.as_deref()) },
                waiting: waiting.get(&way).copied().unwrap_or(0),
            }
        });
        self.left = left.collect();
        Ok(())
    }

    /// Whether the person can ask for a seat, or who waits for one that is free (J-5).
    pub fn may_ask(&self, now: Timestamp) -> bool {
        let open = self.door == Door::Open;
        match &self.mine {
            None => open,
            Some(mine) if mine.seat == Seat::WAITLISTED => {
                let ahead = self.session.starts_at.is_none_or(|starts| now < starts);
                let free = self.left.iter().any(|left| left.way == mine.way && left.mine > 0);
                free && ahead && (open || self.session.status == SessionStatus::REGISTRATION_CLOSED)
            }
            Some(mine) => open && mine.seat == Seat::RELEASED && mine.approval != Approval::DECLINED && !self.is_out(),
        }
    }

    /// Whether only the waitlist is left to somebody who was offered a seat of it before (J-5).
    pub fn is_out(&self) -> bool {
        let promoted = self.mine.as_ref().is_some_and(|mine| mine.seat == Seat::RELEASED && mine.promoted);
        promoted && self.left.iter().all(|left| left.mine == 0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::session::Session;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn session(status: SessionStatus) -> Session {
        let starts = at("2026-11-14T14:00:00Z");
        Session { status, starts_at: Some(starts), ends_at: Some(at("2026-11-14T17:00:00Z")), ..Session::sample() }
    }

    #[test]
    fn the_door_opens_and_closes() {
        let now = at("2026-10-14T16:00:00Z");
        let open = session(SessionStatus::PUBLISHED);
        assert_eq!(door(&open, now), Door::Open);
        let later = at("2026-10-20T12:00:00Z");
        assert_eq!(door(&Session { opens_at: Some(later), ..open.clone() }, now), Door::Opens(later));
        assert_eq!(door(&Session { opens_at: Some(later), ..open.clone() }, later), Door::Open, "from that moment on");
        assert_eq!(door(&Session { closes_at: Some(later), ..open.clone() }, later), Door::Closed);
        assert_eq!(door(&open, at("2026-11-14T14:00:00Z")), Door::Closed, "at the start");
        assert_eq!(door(&open, at("2026-11-14T17:00:00Z")), Door::Over);
        for (status, then) in [
            (SessionStatus::DRAFT, Door::NotYet),
            (SessionStatus::SUBMITTED, Door::NotYet),
            (SessionStatus::REGISTRATION_CLOSED, Door::Closed),
            (SessionStatus::RUNNING, Door::Closed),
            (SessionStatus::POSTPONED, Door::Postponed),
            (SessionStatus::CANCELLED, Door::Cancelled),
            (SessionStatus::COMPLETED, Door::Over),
        ] {
            assert_eq!(door(&session(status), now), then, "{status}");
        }
    }
}
