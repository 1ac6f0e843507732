//! School days: Monday to Friday. Holidays differ from place to place and are not known here.

use chrono::{Datelike, TimeDelta, Weekday};

use crate::platform::Timestamp;

/// The zone by whose day a moment is counted: a few hours west of UTC, so that an evening in the United States is still its own day.
const WEST: TimeDelta = TimeDelta::hours(6);

fn is_school_day(at: Timestamp) -> bool {
    !matches!((at - WEST).weekday(), Weekday::Sat | Weekday::Sun)
}

/// So many school days later, at the same time of the day.
pub fn after(at: Timestamp, days: i64) -> Timestamp {
    let (mut then, mut left) = (at, days);
    while left > 0 {
        then += TimeDelta::days(1);
        left -= i64::from(is_school_day(then));
    }
    then
}

/// How many school days have begun since; counting stops at 999.
pub fn between(from: Timestamp, to: Timestamp) -> i64 {
    let (mut then, mut count) = (from, 0);
    while then + TimeDelta::days(1) <= to && count < 999 {
        then += TimeDelta::days(1);
        count += i64::from(is_school_day(then));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // Wednesday noon in New York: Thursday, Friday, Monday.
        let wednesday = at("2026-10-14T16:00:00Z");
        assert_eq!(after(wednesday, 3), at("2026-10-19T16:00:00Z"));
        assert_eq!(after(wednesday, 7), at("2026-10-23T16:00:00Z"));
        assert_eq!(between(wednesday, at("2026-10-19T16:00:00Z")), 3);
        assert_eq!(between(wednesday, at("2026-10-15T15:00:00Z")), 0);
        // Friday evening there is Saturday by UTC.
        assert_eq!(after(at("2026-10-17T01:00:00Z"), 1), at("2026-10-20T01:00:00Z"));
    }
}
