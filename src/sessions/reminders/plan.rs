//! When a session reminds of what: reckoned from its meetings, on the wall where it is, so that clocks that change move
//! nothing. Pure.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use crate::platform::vocabulary::{CoverageNeed, SessionStatus};
use crate::platform::{Timestamp, Zone};
use crate::sessions::session::{Meeting, Session};

/// Principals are told so many school days before.
const SCHOOL_DAYS: usize = 5;
/// Hours of staff are told so many days after the end.
const HOURS_DAYS: i64 = 7;
/// What came of a practice is told so many days after people were asked: they need some to answer.
const ANSWER_DAYS: i64 = 7;
/// A meeting so soon after another is not reminded of by itself: who comes is there.
const TOGETHER: TimeDelta = TimeDelta::days(2);

/// What is reminded of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who has a seat, seven days before.
    Week,
    /// Who has a seat, the day before each meeting.
    Day,
    /// Principals, five school days before: who goes, who needs somebody for their classes.
    Staff,
    /// The organizer, seven days before: who comes, what is needed, tables.
    Organizer,
    /// Principals, on Monday: who is out this week.
    Out,
    /// The organizer, the next morning: who asked and who left. Principals: who took a seat that nobody asked them about.
    News,
    /// Principals, a week after: hours of their staff.
    Hours,
    /// The practice's school: how many use it after 30 days.
    Uses30,
    /// Host, schools of those who were there and the practice's: the same after 90.
    Uses90,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Week,
        Self::Day,
        Self::Staff,
        Self::Organizer,
        Self::Out,
        Self::News,
        Self::Hours,
        Self::Uses30,
        Self::Uses90,
    ];

    /// As the database spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Day => "day",
            Self::Staff => "staff",
            Self::Organizer => "organizer",
            Self::Out => "out",
            Self::News => "news",
            Self::Hours => "hours",
            Self::Uses30 => "uses_30",
            Self::Uses90 => "uses_90",
        }
    }

    /// The kind of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What is reminded of, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What.
    pub kind: Kind,
    /// Of which meeting; 0 is the whole session.
    pub meeting: i32,
    /// When.
    pub due_at: Timestamp,
}

/// Everything a session reminds of by its dates, also what is past. Nothing while it is not to take place.
pub fn plan(session: &Session) -> Vec<Moment> {
    let takes_place = matches!(
        session.status,
        SessionStatus::PUBLISHED
            | SessionStatus::REGISTRATION_CLOSED
            | SessionStatus::RUNNING
            | SessionStatus::COMPLETED
    );
    let (Some(first), Some(last)) = (session.meetings.first(), session.meetings.last()) else { return Vec::new() };
    if !takes_place {
        return Vec::new();
    }
    let of = |kind, due_at| Moment { kind, meeting: 0, due_at };
    let mut all = vec![
        of(Kind::Week, before(first, 7)),
        of(Kind::Staff, morning(school_days_before(first.starts_local.date(), SCHOOL_DAYS), first.zone)),
        of(Kind::Organizer, morning(first.starts_local.date() - TimeDelta::days(7), first.zone)),
        of(Kind::Hours, morning(last.ends_local.date() + TimeDelta::days(HOURS_DAYS), last.zone)),
    ];
    let mut previous: Option<&Meeting> = None;
    for meeting in &session.meetings {
        let (day, number) = (meeting.starts_local.date(), meeting.number);
        if previous.is_none_or(|previous| meeting.starts_local - previous.starts_local > TOGETHER) {
            all.push(Moment { kind: Kind::Day, meeting: number, due_at: before(meeting, 1) });
        }
        previous = Some(meeting);
        if session.coverage != CoverageNeed::NONE && is_school_day(day) {
            all.push(Moment { kind: Kind::Out, meeting: number, due_at: morning(monday(day), meeting.zone) });
        }
    }
    if session.practice.is_some() {
        let after = |days| morning(last.ends_local.date() + TimeDelta::days(days + ANSWER_DAYS), last.zone);
        all.extend([of(Kind::Uses30, after(30)), of(Kind::Uses90, after(90))]);
    }
    all
}

/// After that a reminder is of no use any more.
pub fn until(session: &Session, moment: &Moment) -> Option<Timestamp> {
    let first = session.meetings.first()?;
    match moment.kind {
        // The one of the day before says the same.
        Kind::Week | Kind::Staff | Kind::Organizer => Some(before(first, 1)),
        Kind::Day | Kind::Out => {
            session.meetings.iter().find(|meeting| meeting.number == moment.meeting).map(|meeting| meeting.starts_at)
        }
        // What has happened is worth knowing for some time.
        Kind::News => Some(moment.due_at + TimeDelta::days(7)),
        Kind::Hours | Kind::Uses30 | Kind::Uses90 => {
            plan(session).iter().find(|planned| planned.kind == moment.kind).map(|it| it.due_at + TimeDelta::days(21))
        }
    }
}

/// The next morning there, for news of this moment.
pub fn next_morning(session: &Session, now: Timestamp) -> Timestamp {
    let zone = session.zone();
    let today = zone.local(now).date();
    let first = morning_at(today, 6, zone);
    if first > now { first } else { morning_at(today + TimeDelta::days(1), 6, zone) }
}

/// The Monday of a week and the one after it, as moments there.
pub fn week(day: NaiveDate, zone: Zone) -> (NaiveDate, Timestamp, Timestamp) {
    let (from, midnight) = (monday(day), NaiveTime::MIN);
    let to = from + TimeDelta::days(7);
    (from, zone.moment_near(from.and_time(midnight)), zone.moment_near(to.and_time(midnight)))
}

/// The same time on the wall so many days before a meeting.
fn before(meeting: &Meeting, days: i64) -> Timestamp {
    meeting.zone.moment_near(meeting.starts_local - TimeDelta::days(days))
}

/// Seven in the morning of a day there.
fn morning(day: NaiveDate, zone: Zone) -> Timestamp {
    morning_at(day, 7, zone)
}

fn morning_at(day: NaiveDate, hour: i64, zone: Zone) -> Timestamp {
    let local: NaiveDateTime = day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
    zone.moment_near(local)
}

fn is_school_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// So many school days before a day; holidays of schools are not known here.
fn school_days_before(day: NaiveDate, count: usize) -> NaiveDate {
    let days = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
    days.filter(|day| is_school_day(*day)).nth(count.saturating_sub(1)).unwrap_or(day)
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(number: i32, start: &str) -> Meeting {
        let zone = Zone::parse("America/New_York").unwrap();
        let starts_local: NaiveDateTime = start.parse().unwrap();
        let ends_local = starts_local + TimeDelta::hours(3);
        Meeting {
            number,
            starts_local,
            ends_local,
            zone,
            starts_at: zone.moment(starts_local).unwrap(),
            ends_at: zone.moment(ends_local).unwrap(),
            room: None,
            address: None,
            online_url: None,
            code: None,
        }
    }

    fn planned(session: &Session) -> Vec<(Kind, i32, String)> {
        let local = |moment: Moment| session.zone().local(moment.due_at).to_string();
        plan(session).into_iter().map(|moment| (moment.kind, moment.meeting, local(moment))).collect()
    }

    #[test]
    fn moments_stand_on_the_wall_whatever_clocks_do() {
        // Clocks went back on November 1: the week before is an hour longer.
        let mut session = Session { meetings: vec![meeting(1, "2026-11-03T09:00:00")], ..Session::sample() };
        session.coverage = CoverageNeed::parse("half_day").unwrap();
        let wanted = [
            (Kind::Week, 0, "2026-10-27 09:00:00"),
            (Kind::Staff, 0, "2026-10-27 07:00:00"),
            (Kind::Organizer, 0, "2026-10-27 07:00:00"),
            (Kind::Hours, 0, "2026-11-10 07:00:00"),
            (Kind::Day, 1, "2026-11-02 09:00:00"),
            (Kind::Out, 1, "2026-11-02 07:00:00"),
        ];
        assert_eq!(planned(&session), wanted.map(|(kind, number, at)| (kind, number, at.to_owned())));
        let week = plan(&session)[0];
        assert_eq!(session.meetings[0].starts_at - week.due_at, TimeDelta::hours(7 * 24 + 1));
        for status in [SessionStatus::CANCELLED, SessionStatus::POSTPONED, SessionStatus::DRAFT] {
            assert_eq!(plan(&Session { status, ..session.clone() }), []);
        }
    }

    #[test]
    fn days_in_a_row_are_one_and_a_saturday_takes_nobody_out() {
        let meetings = ["2026-11-12T09:00:00", "2026-11-13T09:00:00", "2026-11-21T09:00:00"];
        let meetings = (1..).zip(meetings).map(|(number, start)| meeting(number, start)).collect();
        let coverage = CoverageNeed::parse("full_day").unwrap();
        let session = Session { meetings, coverage, ..Session::sample() };
        let numbers = |kind: Kind| -> Vec<i32> {
            plan(&session).into_iter().filter(|moment| moment.kind == kind).map(|moment| moment.meeting).collect()
        };
        assert_eq!(numbers(Kind::Day), [1, 3]);
        assert_eq!(numbers(Kind::Out), [1, 2]);
    }

    #[test]
    fn school_days_pass_over_the_weekend() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(school_days_before(day("2026-11-13"), 5), day("2026-11-06"));
        assert_eq!(school_days_before(day("2026-11-14"), 5), day("2026-11-09"), "Saturday");
        assert_eq!(school_days_before(day("2026-11-16"), 1), day("2026-11-13"), "Monday");
    }

    #[test]
    fn news_come_with_the_next_morning() {
        let session = Session { meetings: vec![meeting(1, "2026-11-03T09:00:00")], ..Session::sample() };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(next_morning(&session, at("2026-10-14T09:59:59Z")), at("2026-10-14T10:00:00Z"));
        assert_eq!(next_morning(&session, at("2026-10-14T10:00:00Z")), at("2026-10-15T10:00:00Z"));
    }
}
