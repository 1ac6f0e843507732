//! The rules of seats, without I/O: whether there is one for somebody (J-4), who is next in line (J-5), until when a seat is
//! held (J-3) and an offer stands (J-5).

use chrono::{Datelike, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::session::{NO_SECTOR, Session};
use crate::people::SchoolId;
use crate::platform::Timestamp;
use crate::platform::vocabulary::{SessionStatus, Way};

/// A principal has so many school days to answer (J-3). School days are Monday to Friday: there is no calendar of holidays.
const SCHOOL_DAYS: u32 = 5;
/// What a hold that begins after the approval deadline lasts: a seat of the waitlist comes when it comes.
const LATE_HOLD: TimeDelta = TimeDelta::hours(24);
/// What an offer lasts (J-5).
const OFFER: TimeDelta = TimeDelta::hours(24);
/// What it lasts when the session is near.
const SHORT_OFFER: TimeDelta = TimeDelta::hours(4);
/// So near.
const NEAR: TimeDelta = TimeDelta::days(2);

/// Seats taken by the people of one school in one way, under the sector that the school had when they registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How they take part.
    pub way: Way,
    /// The school.
    pub school: SchoolId,
    /// Code of the sector, or [`NO_SECTOR`].
    pub sector: String,
    /// How many seats are held, offered or confirmed.
    pub taken: i32,
}

/// The first in line of a school and sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The school.
    pub school: SchoolId,
    /// Code of the sector; `None` is unknown.
    pub sector: Option<String>,
    /// The number of whoever of them came first.
    pub number: i64,
}

/// The seats of a session in one way, as they are at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Hall<'a> {
    /// The session, with its counters.
    pub session: &'a Session,
    /// Which seats.
    pub way: Way,
    /// The moment.
    pub now: Timestamp,
    /// Who has taken them; may be empty where the session has neither a cap nor kept seats.
    pub tallies: &'a [Tally],
}

impl Hall<'_> {
    /// Seats that are kept for a sector and that nobody of it has taken.
    pub fn unfilled(&self, sector: &str) -> i32 {
        if !self.session.keeps_seats(self.now) || self.way != kept_way(self.session) {
            return 0;
        }
        let kept = self.session.kept.get(sector).copied().unwrap_or(0);
        let mine = self.tallies.iter().filter(|tally| tally.way == self.way && tally.sector == sector);
        (kept - mine.map(|tally| tally.taken).sum::<i32>()).max(0)
    }

    /// Seats free for people of a sector: all that are free, without those kept for others.
    pub fn free_for(&self, sector: Option<&str>) -> i32 {
        let sector = sector.unwrap_or(NO_SECTOR);
        let others = self.session.kept.keys().filter(|other| other.as_str() != sector);
        let kept: i32 = others.map(|other| self.unfilled(other)).sum();
        (self.session.places(self.way).free() - kept).max(0)
    }

    /// How many seats the school has, in whatever way and sector.
    pub fn taken_by(&self, school: SchoolId) -> i32 {
        self.tallies.iter().filter(|tally| tally.school == school).map(|tally| tally.taken).sum()
    }

    /// Whether the school has as many as it may.
    pub fn is_capped(&self, school: SchoolId) -> bool {
        self.session.school_cap.is_some_and(|cap| self.taken_by(school) >= cap)
    }

    /// Whether somebody of this school and sector can have a seat now.
    pub fn has_room(&self, school: SchoolId, sector: Option<&str>) -> bool {
        self.free_for(sector) > 0 && !self.is_capped(school)
    }

    /// Who is next (J-5): who fills a seat kept for their sector, then who is of a school that has no seat yet, then who came
    /// first. `None` where nobody of these can have a seat.
    pub fn next<'h>(&self, heads: &'h [Head]) -> Option<&'h Head> {
        let able = heads.iter().filter(|head| self.has_room(head.school, head.sector.as_deref()));
        able.min_by_key(|head| {
            let kept = self.unfilled(head.sector.as_deref().unwrap_or(NO_SECTOR)) > 0;
            (!kept, self.taken_by(head.school) > 0, head.number)
        })
    }
}

/// Where seats are kept: in the room, or online for a session that has no room.
pub fn kept_way(session: &Session) -> Way {
    if session.in_person.capacity > 0 { Way::IN_PERSON } else { Way::ONLINE }
}

/// Until when a seat is held for the principal's answer, if the hold begins now (J-3): the end of the fifth school day there,
/// or the approval deadline if that is sooner; never beyond the start, if there is one: a postponed session waits for its date.
pub fn hold_until(session: &Session, now: Timestamp) -> Timestamp {
    let zone = session.zone();
    let mut day = zone.local(now).date();
    let mut left = SCHOOL_DAYS;
    while left > 0 {
        day += TimeDelta::days(1);
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    let last_minute = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
    let fifth = zone.moment_near(NaiveDateTime::new(day, last_minute));
    let deadline = match session.approval_by {
        Some(by) if by > now => by,
        Some(_) => now + LATE_HOLD,
        None => fifth,
    };
    let start = session.starts_at.filter(|_| session.status != SessionStatus::POSTPONED);
    fifth.min(deadline).min(start.unwrap_or(fifth))
}

/// Whether the time to answer a hold is over. While a session is postponed, nothing runs out.
pub fn hold_is_over(session: &Session, hold_until: Option<Timestamp>, now: Timestamp) -> bool {
    session.status != SessionStatus::POSTPONED && hold_until.is_some_and(|until| until <= now)
}

/// When seats stop moving by themselves (J-5): noon of the day before the first meeting, there.
pub fn moves_end(session: &Session) -> Option<Timestamp> {
    let first = session.meetings.first()?;
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    Some(first.zone.moment_near(NaiveDateTime::new(first.starts_local.date() - TimeDelta::days(1), noon)))
}

/// Whether free seats are offered to whoever waits.
pub fn moves(session: &Session, now: Timestamp) -> bool {
    matches!(session.status, SessionStatus::PUBLISHED | SessionStatus::REGISTRATION_CLOSED)
        && moves_end(session).is_some_and(|end| now < end)
}

/// Until when an offer stands that is made now (J-5).
pub fn offer_until(session: &Session, now: Timestamp) -> Timestamp {
    let near = session.starts_at.is_some_and(|starts| starts - now <= NEAR);
    let until = now + if near { SHORT_OFFER } else { OFFER };
    moves_end(session).map_or(until, |end| until.min(end))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::platform::Zone;
    use crate::sessions::session::{Meeting, Places};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn school(number: u128) -> SchoolId {
        SchoolId(Uuid::from_u128(number))
    }

    /// Ten seats in the room on Saturday, November 14, 2026, 9 o'clock in New York.
    fn session() -> Session {
        let zone = Zone::parse("America/New_York").unwrap();
        let starts_local: NaiveDateTime = "2026-11-14T09:00:00".parse().unwrap();
        let ends_local = starts_local + TimeDelta::hours(3);
        let (starts_at, ends_at) = (zone.moment(starts_local).unwrap(), zone.moment(ends_local).unwrap());
        let meeting = Meeting {
            number: 1,
            starts_local,
            ends_local,
            zone,
            starts_at,
            ends_at,
            room: None,
            address: None,
            online_url: None,
            code: None,
        };
        Session { starts_at: Some(starts_at), ends_at: Some(ends_at), meetings: vec![meeting], ..Session::sample() }
    }

    fn tally(of: u128, sector: &str, taken: i32) -> Tally {
        Tally { way: Way::IN_PERSON, school: school(of), sector: sector.to_owned(), taken }
    }

    fn head(of: u128, sector: &str, number: i64) -> Head {
        Head { school: school(of), sector: Some(sector.to_owned()), number }
    }

    #[test]
    fn kept_seats_are_free_for_their_sector_alone_until_the_day() {
        let mut session = session();
        session.in_person.taken = 6;
        session.kept = BTreeMap::from([("charter".to_owned(), 3), ("district".to_owned(), 3)]);
        session.release_at = Some(at("2026-11-04T05:00:00Z"));
        let tallies = [tally(1, "charter", 1), tally(2, "district", 5)];
        let mut hall =
            Hall { session: &session, way: Way::IN_PERSON, now: at("2026-10-14T16:00:00Z"), tallies: &tallies };
        assert_eq!((hall.unfilled("charter"), hall.unfilled("district")), (2, 0));
        assert_eq!((hall.free_for(Some("charter")), hall.free_for(Some("district")), hall.free_for(None)), (4, 2, 2));
        hall.now = at("2026-11-04T05:00:00Z");
        assert_eq!((hall.free_for(Some("charter")), hall.free_for(Some("district"))), (4, 4));
    }

    #[test]
    fn the_cap_counts_a_school_in_both_ways() {
        let mut session = session();
        session.online = Places { capacity: 5, taken: 1 };
        session.school_cap = Some(3);
        let online = Tally { way: Way::ONLINE, ..tally(1, "charter", 1) };
        let tallies = [tally(1, "charter", 2), online, tally(2, "district", 2)];
        let hall = Hall { session: &session, way: Way::ONLINE, now: at("2026-10-14T16:00:00Z"), tallies: &tallies };
        assert!(!hall.has_room(school(1), Some("charter")));
        assert!(hall.has_room(school(2), Some("district")) && hall.has_room(school(3), None));
    }

    #[test]
    fn the_line_has_an_order() {
        let mut session = session();
        session.in_person.taken = 8;
        session.kept = BTreeMap::from([("charter".to_owned(), 1)]);
        let now = at("2026-10-14T16:00:00Z");
        let tallies = [tally(2, "district", 8)];
        let line = [head(2, "district", 1), head(3, "district", 2), head(1, "charter", 3)];
        let next = |session: &Session, tallies: &[Tally]| {
            Hall { session, way: Way::IN_PERSON, now, tallies }.next(&line).map(|head| head.number)
        };
        assert_eq!(next(&session, &tallies), Some(3), "a kept seat first");
        session.kept.clear();
        assert_eq!(next(&session, &tallies), Some(2), "then a school that has none");
        let all = [tally(1, "charter", 1), tally(2, "district", 6), tally(3, "district", 1)];
        assert_eq!(next(&session, &all), Some(1), "then who came first");
        session.school_cap = Some(6);
        assert_eq!(next(&session, &all), Some(2), "a school at its cap waits");
        session.in_person.taken = 10;
        assert_eq!(next(&session, &all), None);
    }

    #[test]
    fn a_hold_ends_with_the_fifth_school_day_or_the_deadline() {
        let mut session = session();
        // Wednesday noon: Thursday, Friday, Monday, Tuesday, Wednesday.
        assert_eq!(hold_until(&session, at("2026-10-14T16:00:00Z")), at("2026-10-22T03:59:00Z"));
        // Saturday evening there, Sunday by the clock of the machine: Monday to Friday.
        assert_eq!(hold_until(&session, at("2026-10-18T01:00:00Z")), at("2026-10-24T03:59:00Z"));
        // Over the change of clocks: an hour later as a moment.
        assert_eq!(hold_until(&session, at("2026-10-28T16:00:00Z")), at("2026-11-05T04:59:00Z"));
        session.approval_by = Some(at("2026-10-20T16:00:00Z"));
        assert_eq!(hold_until(&session, at("2026-10-14T16:00:00Z")), at("2026-10-20T16:00:00Z"));
        assert_eq!(hold_until(&session, at("2026-10-21T16:00:00Z")), at("2026-10-22T16:00:00Z"), "after the deadline");
        session.approval_by = None;
        assert_eq!(
            hold_until(&session, at("2026-11-13T16:00:00Z")),
            at("2026-11-14T14:00:00Z"),
            "never beyond the start"
        );
        session.status = SessionStatus::POSTPONED;
        assert_eq!(hold_until(&session, at("2026-11-15T16:00:00Z")), at("2026-11-21T04:59:00Z"), "there is no start");
        assert!(!hold_is_over(&session, Some(at("2026-11-15T16:00:00Z")), at("2026-11-16T16:00:00Z")));
    }

    #[test]
    fn an_offer_is_shorter_near_the_session_and_ends_at_noon_the_day_before() {
        let session = session();
        assert_eq!(moves_end(&session), Some(at("2026-11-13T17:00:00Z")));
        let now = at("2026-10-14T16:00:00Z");
        assert_eq!(offer_until(&session, now), now + TimeDelta::hours(24));
        let near = at("2026-11-12T14:00:00Z");
        assert_eq!(offer_until(&session, near), near + TimeDelta::hours(4));
        let before = near - TimeDelta::seconds(1);
        assert_eq!(offer_until(&session, before), before + TimeDelta::hours(24));
        assert_eq!(offer_until(&session, at("2026-11-13T15:00:00Z")), at("2026-11-13T17:00:00Z"));
        assert!(moves(&session, at("2026-11-13T16:59:59Z")) && !moves(&session, at("2026-11-13T17:00:00Z")));
        let postponed = Session { status: SessionStatus::POSTPONED, ..session };
        assert!(!moves(&postponed, now));
    }
}
