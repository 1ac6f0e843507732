//! Hours at which nobody is written to, and those at which digests go. Pure; everything is reckoned on the wall clock of the
//! person, so that a change of clocks moves neither the night nor the morning.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};

use crate::platform::{Timestamp, Zone};

/// A letter that is of use for less than this after the quiet hours goes before they are over.
const TOO_LATE: TimeDelta = TimeDelta::hours(2);

/// Minutes of a day.
const DAY: i16 = 24 * 60;

/// Quiet hours: from one time on the wall to another, over midnight where the second is earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: i16,
    until: i16,
}

impl Quiet {
    /// Between two minutes of the day; `None` where they are none, or the same.
    pub fn new(from: i16, until: i16) -> Option<Self> {
        let fits = |minute: i16| (0..DAY).contains(&minute);
        (fits(from) && fits(until) && from != until).then_some(Self { from, until })
    }

    /// Minutes after midnight.
    pub fn from(self) -> i16 {
        self.from
    }

    /// Minutes after midnight.
    pub fn until(self) -> i16 {
        self.until
    }

    /// When the quiet hours end that hold at this moment; `None` where none do.
    pub fn end(self, zone: Zone, now: Timestamp) -> Option<Timestamp> {
        let local = zone.local(now);
        let minute = i16::try_from(local.hour() * 60 + local.minute()).unwrap_or_default();
        let over_midnight = self.until < self.from;
        let inside = if over_midnight {
            minute >= self.from || minute < self.until
        } else {
            (self.from..self.until).contains(&minute)
        };
        if !inside {
            return None;
        }
        let tomorrow = over_midnight && minute >= self.from;
        let day = if tomorrow { local.date() + Days::new(1) } else { local.date() };
        let end = zone.moment_near(at(day.and_time(NaiveTime::MIN), self.until));
        // When clocks go back, the first of two equal times may be over already.
        Some(if end > now { end } else { now + TimeDelta::hours(1) })
    }

    /// Until when a letter waits: to the end of the quiet hours, or not at all where it would then be of no use.
    pub fn hold(self, zone: Zone, now: Timestamp, not_after: Option<Timestamp>) -> Option<Timestamp> {
        let end = self.end(zone, now)?;
        let of_use = not_after.is_none_or(|not_after| not_after >= end + TOO_LATE);
        of_use.then_some(end)
    }
}

fn at(midnight: NaiveDateTime, minute: i16) -> NaiveDateTime {
    midnight + TimeDelta::minutes(i64::from(minute))
}

/// The first moment after `after` at which it is that hour there, on that weekday (1 Monday to 7 Sunday) where one is given.
pub fn next_digest(zone: Zone, hour: u32, weekday: Option<u8>, after: Timestamp) -> Timestamp {
    let wanted = |day: Weekday| weekday.is_none_or(|number| day.number_from_monday() == u32::from(number));
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
    let today = zone.local(after).date();
    let days = (0..=8).map(|ahead| today + Days::new(ahead)).filter(|day| wanted(day.weekday()));
    let mut moments = days.map(|day| zone.moment_near(day.and_time(time))).filter(|moment| *moment > after);
    moments.next().unwrap_or(after + TimeDelta::days(7))
}

/// The zone of most people of a state, by its two letters: where somebody has not said their own.
pub fn zone_of_state(state: &str) -> Zone {
    let zones: HashMap<&str, &str> = HashMap::from([
        ("AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI", "America/Chicago"),
        ("CO ID MT NM UT WY", "America/Denver"),
        ("AZ", "America/Phoenix"),
        ("CA NV OR WA", "America/Los_Angeles"),
        ("AK", "America/Anchorage"),
        ("HI", "Pacific/Honolulu"),
        ("PR VI", "America/Puerto_Rico"),
        ("GU MP", "Pacific/Guam"),
        ("AS", "Pacific/Pago_Pago"),
    ]);
    let state = state.trim().to_ascii_uppercase();
    let found = zones.iter().find(|(states, _)| states.split(' ').any(|one| one == state));
    found.and_then(|(_, name)| Zone::parse(name).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york() -> Zone {
        Zone::default()
    }

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_night_is_quiet_and_ends_in_the_morning() {
        let night = Quiet::new(22 * 60, 7 * 60).unwrap();
        let ends = |now: &str| night.end(new_york(), moment(now)).map(|end| end.to_rfc3339());
        assert_eq!(ends("2026-10-14T16:00:00Z"), None);
        assert_eq!(ends("2026-10-15T01:59:59Z"), None, "one second before ten");
        for inside in ["2026-10-15T02:00:00Z", "2026-10-15T05:00:00Z", "2026-10-15T10:59:59Z"] {
            assert_eq!(ends(inside).as_deref(), Some("2026-10-15T11:00:00+00:00"), "{inside}");
        }
        assert_eq!(ends("2026-10-15T11:00:00Z"), None);
        let noon = Quiet::new(12 * 60, 13 * 60).unwrap();
        let end = noon.end(new_york(), moment("2026-10-14T16:30:00Z"));
        assert_eq!(end, Some(moment("2026-10-14T17:00:00Z")));
        assert!(Quiet::new(60, 60).is_none() && Quiet::new(-1, 5).is_none() && Quiet::new(0, DAY).is_none());
    }

    #[test]
    fn the_morning_stays_the_morning_when_clocks_change() {
        let night = Quiet::new(22 * 60, 7 * 60).unwrap();
        // Clocks go forward on March 14, 2027, and back on November 1, 2026.
        let spring = night.end(new_york(), moment("2027-03-14T04:00:00Z"));
        assert_eq!(spring, Some(moment("2027-03-14T11:00:00Z")));
        let autumn = night.end(new_york(), moment("2026-11-01T03:00:00Z"));
        assert_eq!(autumn, Some(moment("2026-11-01T12:00:00Z")));
        // A quiet time that ends within the hour that comes twice, or not at all.
        let odd = Quiet::new(0, 90).unwrap();
        for minutes in 0..180 {
            for start in ["2026-11-01T04:00:00Z", "2027-03-14T05:00:00Z"] {
                let now = moment(start) + TimeDelta::minutes(minutes);
                assert!(odd.end(new_york(), now).is_none_or(|end| end > now), "{now}");
            }
        }
    }

    #[test]
    fn what_would_be_over_by_the_morning_goes_now() {
        let night = Quiet::new(22 * 60, 7 * 60).unwrap();
        let now = moment("2026-10-15T03:00:00Z");
        let end = moment("2026-10-15T11:00:00Z");
        let hold = |hours: i64| night.hold(new_york(), now, Some(end + TimeDelta::hours(hours)));
        assert_eq!(night.hold(new_york(), now, None), Some(end));
        assert_eq!((hold(-1), hold(0), hold(1)), (None, None, None));
        assert_eq!((hold(2), hold(5)), (Some(end), Some(end)));
        assert_eq!(night.hold(new_york(), moment("2026-10-14T16:00:00Z"), None), None);
    }

    #[test]
    fn a_digest_goes_at_its_hour_on_its_day() {
        let next = |weekday, after: &str| next_digest(new_york(), 7, weekday, moment(after)).to_rfc3339();
        assert_eq!(next(None, "2026-10-14T10:59:59Z"), "2026-10-14T11:00:00+00:00");
        assert_eq!(next(None, "2026-10-14T11:00:00Z"), "2026-10-15T11:00:00+00:00");
        // October 14 is a Wednesday.
        assert_eq!(next(Some(3), "2026-10-14T11:00:00Z"), "2026-10-21T11:00:00+00:00");
        assert_eq!(next(Some(1), "2026-10-14T16:00:00Z"), "2026-10-19T11:00:00+00:00");
        assert_eq!(next(None, "2026-10-31T16:00:00Z"), "2026-11-01T12:00:00+00:00", "clocks went back");
        let gap = next_digest(new_york(), 2, None, moment("2027-03-14T05:00:00Z"));
        assert_eq!(gap, moment("2027-03-14T07:00:00Z"), "two o'clock does not come");
    }

    #[test]
    fn states_have_zones() {
        assert_eq!(zone_of_state("NY").name(), "America/New_York");
        assert_eq!(zone_of_state("tx").name(), "America/Chicago");
        assert_eq!(zone_of_state("WA").name(), "America/Los_Angeles");
        assert_eq!(zone_of_state("").name(), "America/New_York");
        assert_eq!(zone_of_state("XX").name(), "America/New_York");
    }
}
