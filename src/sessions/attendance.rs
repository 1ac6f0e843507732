//! Who was there: codes, check-in and out, corrections, the lock (J-9). Types and rules are here, without I/O; `door` is
//! where people check themselves in, `book` where those who take attendance write, and `lock` what happens when it is right.
//!
//! Minutes are counted between coming and going and never outside the meeting. Nobody is credited with minutes before they
//! came, unless those who take attendance say so.

mod book;
mod door;
mod lock;

use std::collections::HashMap;

use chrono::{NaiveTime, TimeDelta};

pub use self::book::{Entry, Line, Roster, forgive_delays, record, record_one, record_rest, roster, seat_of};
pub use self::door::{Door, Screen, Step, check_in, check_out, door, open, screen};
pub use self::lock::{due, lock, minutes_of, present_in};
use super::seat::RegistrationId;
use super::session::{Meeting, Session};
use crate::platform::Timestamp;
use crate::platform::vocabulary::Attendance;

/// People check in from so long before the start, and out until so long after the end.
pub const AROUND: TimeDelta = TimeDelta::minutes(30);
/// Who comes or goes within so long of the start or the end was there for all of it, in words; minutes are counted anyway.
pub const LEEWAY: TimeDelta = TimeDelta::minutes(10);
/// Attendance is corrected for so many days after the end, then locked.
pub const CORRECTED_FOR: TimeDelta = TimeDelta::days(5);
/// So many days after the end the organizer is asked to look at it.
pub const ASKED_AFTER: TimeDelta = TimeDelta::days(2);

/// What is written down of somebody at one meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose registration.
    pub registration: RegistrationId,
    /// Number of the meeting.
    pub meeting: i32,
    /// Whether they were there.
    pub state: Attendance,
    /// When they came, where that is known.
    pub in_at: Option<Timestamp>,
    /// When they went.
    pub out_at: Option<Timestamp>,
}

impl Record {
    /// Nothing is known yet.
    pub fn unknown(registration: RegistrationId, meeting: i32) -> Self {
        Self { registration, meeting, state: Attendance::UNKNOWN, in_at: None, out_at: None }
    }

    /// Whether they were there, all the time or part of it.
    pub fn was_there(&self) -> bool {
        self.state == Attendance::PRESENT || self.state == Attendance::PARTIAL
    }

    /// The time they were at the meeting. Present without times is all of it; a missing time is the start or the end.
    pub fn time_at(&self, meeting: &Meeting) -> TimeDelta {
        let unclear = self.state == Attendance::PARTIAL && self.in_at.is_none() && self.out_at.is_none();
        if !self.was_there() || unclear {
            return TimeDelta::zero();
        }
        let from = self.in_at.map_or(meeting.starts_at, |at| at.max(meeting.starts_at));
        let to = self.out_at.map_or(meeting.ends_at, |at| at.min(meeting.ends_at));
        (to - from).max(TimeDelta::zero())
    }
}

/// Full minutes of each person over the meetings of a session. Who was not there is left out.
pub(super) fn minutes(session: &Session, records: &[Record]) -> HashMap<RegistrationId, i64> {
    let meetings: HashMap<i32, &Meeting> = session.meetings.iter().map(|meeting| (meeting.number, meeting)).collect();
    let mut time: HashMap<RegistrationId, TimeDelta> = HashMap::new();
    for record in records.iter().filter(|record| record.was_there()) {
        let Some(meeting) = meetings.get(&record.meeting) else { continue };
        *time.entry(record.registration).or_default() += record.time_at(meeting);
    }
    time.into_iter().map(|(registration, time)| (registration, time.num_minutes())).collect()
}

/// Until when attendance of a session is corrected: so many days on the wall there; `None` while it has no meetings.
pub fn deadline(session: &Session) -> Option<Timestamp> {
    let zone = session.zone();
    session.ends_at.map(|at| zone.moment_near(zone.local(at) + CORRECTED_FOR))
}

/// The moment of a time on the wall at a meeting: on its day, or on the next where it goes on over midnight.
pub fn moment_at(meeting: &Meeting, time: NaiveTime) -> Timestamp {
    let (from, to) = (meeting.starts_local, meeting.ends_local);
    let near = TimeDelta::hours(2);
    let days = from.date().iter_days().take_while(|day| *day <= to.date()).map(|day| day.and_time(time));
    let mut fitting = days.filter(|at| from - near <= *at && *at <= to + near);
    meeting.zone.moment_near(fitting.next().unwrap_or(from.date().and_time(time)))
}

/// Whether somebody came a little late, which those who take attendance may forgive.
pub fn is_delayed(record: &Record, meeting: &Meeting) -> bool {
    let start = meeting.starts_at;
    record.was_there() && record.in_at.is_some_and(|at| start < at && at <= start + LEEWAY)
}

/// Whether it is over.
pub fn is_over(session: &Session, now: Timestamp) -> bool {
    session.ends_at.is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// 9:00 to 12:00 on a winter day in New York.
    fn meeting() -> Meeting {
        let zone = Zone::parse("America/New_York").unwrap();
        let local = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap();
        let (from, to) = (local("2026-11-14T09:00:00"), local("2026-11-14T12:00:00"));
        Meeting {
            number: 1,
            starts_local: from,
            ends_local: to,
            zone,
            starts_at: zone.moment(from).unwrap(),
            ends_at: zone.moment(to).unwrap(),
            room: None,
            address: None,
            online_url: None,
            code: None,
        }
    }

    fn counted(state: Attendance, from: Option<&str>, to: Option<&str>) -> i64 {
        let record =
            Record { state, in_at: from.map(at), out_at: to.map(at), ..Record::unknown(RegistrationId::fresh(), 1) };
        record.time_at(&meeting()).num_minutes()
    }

    #[test]
    fn minutes_are_those_in_the_meeting() {
        let (early, start) = (Some("2026-11-14T13:40:00Z"), Some("2026-11-14T14:00:00Z"));
        let (late, end) = (Some("2026-11-14T14:09:30Z"), Some("2026-11-14T17:00:00Z"));
        assert_eq!(counted(Attendance::PRESENT, None, None), 180);
        assert_eq!(counted(Attendance::PRESENT, early, Some("2026-11-14T18:30:00Z")), 180, "never outside");
        assert_eq!(counted(Attendance::PRESENT, late, None), 170, "strict: from coming, full minutes");
        assert_eq!(counted(Attendance::PARTIAL, None, Some("2026-11-14T15:00:00Z")), 60);
        assert_eq!(counted(Attendance::PARTIAL, None, None), 0, "part of the time needs a time");
        assert_eq!(counted(Attendance::PRESENT, end, end), 0);
        for state in [Attendance::ABSENT, Attendance::EXCUSED, Attendance::UNKNOWN] {
            assert_eq!(counted(state, start, end), 0);
        }
    }

    #[test]
    fn a_night_over_the_change_of_clocks_has_its_own_length() {
        let zone = Zone::parse("America/New_York").unwrap();
        let local = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap();
        let night = |from: &str, to: &str| Meeting {
            starts_at: zone.moment(local(from)).unwrap(),
            ends_at: zone.moment(local(to)).unwrap(),
            ..meeting()
        };
        let there = Record { state: Attendance::PRESENT, ..Record::unknown(RegistrationId::fresh(), 1) };
        let spring = night("2027-03-13T22:00:00", "2027-03-14T06:00:00");
        let autumn = night("2026-10-31T22:00:00", "2026-11-01T06:00:00");
        let hours = |meeting: &Meeting| there.time_at(meeting).num_hours();
        assert_eq!((hours(&spring), hours(&autumn)), (7, 9));
    }

    #[test]
    fn a_time_on_the_wall_is_on_the_day_of_the_meeting() {
        let time = |text: &str| text.parse::<NaiveTime>().unwrap();
        assert_eq!(moment_at(&meeting(), time("09:05:00")), at("2026-11-14T14:05:00Z"));
        assert_eq!(moment_at(&meeting(), time("22:00:00")), at("2026-11-15T03:00:00Z"));
        let local = |text: &str| text.parse::<chrono::NaiveDateTime>().unwrap();
        let (from, to) = (local("2026-10-31T22:00:00"), local("2026-11-01T06:00:00"));
        let night = Meeting { starts_local: from, ends_local: to, ..meeting() };
        assert_eq!(moment_at(&night, time("21:45:00")), at("2026-11-01T01:45:00Z"));
        assert_eq!(moment_at(&night, time("05:30:00")), at("2026-11-01T10:30:00Z"));
    }

    #[test]
    fn seconds_add_up_before_they_are_cut() {
        let session = Session { meetings: vec![meeting(), Meeting { number: 2, ..meeting() }], ..session() };
        let id = RegistrationId::fresh();
        let half = |number| Record {
            state: Attendance::PARTIAL,
            out_at: Some(at("2026-11-14T14:10:30Z")),
            ..Record::unknown(id, number)
        };
        assert_eq!(minutes(&session, &[half(1), half(2)]), HashMap::from([(id, 21)]));
        // A meeting that is no more counts nothing.
        assert_eq!(minutes(&session, &[half(1), half(3)]), HashMap::from([(id, 10)]));
    }

    #[test]
    fn days_of_correction_are_days_on_the_wall() {
        let zone = Zone::parse("America/New_York").unwrap();
        let end = zone.moment("2026-10-30T12:00:00".parse().unwrap()).unwrap();
        let session = Session { ends_at: Some(end), meetings: vec![meeting()], ..session() };
        assert_eq!(zone.local(deadline(&session).unwrap()).to_string(), "2026-11-04 12:00:00");
    }

    fn session() -> Session {
        Session::sample()
    }
}
