//! Days, months and school years, and when a month is counted. Pure.

use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};

/// A month is counted for people from this day of the next on: attendance is locked five days after a session.
const RELEASED_ON: u64 = 7;

/// The school year that a day lies in: the calendar year of its July 1.
pub fn school_year(day: NaiveDate) -> i32 {
    if day.month() >= 7 { day.year() } else { day.year() - 1 }
}

/// First and last day of a school year: July 1 to June 30.
pub fn bounds(year: i32) -> (NaiveDate, NaiveDate) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(year, 7, 1), day(year + 1, 6, 30))
}

/// "2025–26".
pub fn year_label(year: i32) -> String {
    format!("{year}\u{2013}{:02}", (year + 1).rem_euclid(100))
}

/// The first day of the month of a day.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The last day of the month of a day.
pub fn month_end(day: NaiveDate) -> NaiveDate {
    month_of(day).checked_add_months(Months::new(1)).map_or(day, |next| next - TimeDelta::days(1))
}

/// The number of the month of a day in its school year: 1 is July, 12 is June.
pub fn number(day: NaiveDate) -> usize {
    (day.month() as usize + 5) % 12 + 1
}

/// The last day of the month of that number; of 0 the day before the school year.
pub fn end_of(year: i32, number: usize) -> NaiveDate {
    let months = Months::new(u32::try_from(number).unwrap_or_default());
    bounds(year).0.checked_add_months(months).unwrap_or_default() - TimeDelta::days(1)
}

/// The day from which the month of a day is counted.
pub fn released_on(day: NaiveDate) -> NaiveDate {
    month_end(day) + TimeDelta::days(i64::try_from(RELEASED_ON).unwrap_or_default())
}

/// How many months of a school year are counted on a day: 0 to 12.
pub fn released(year: i32, today: NaiveDate) -> usize {
    (1..=12).take_while(|number| released_on(end_of(year, *number)) <= today).count()
}

/// The day on which a fact counts: its own, unless it was put on record after its month was counted. What lies before the service
/// began counts on its own day.
pub fn counted_on(fact: NaiveDate, recorded: NaiveDate, began: NaiveDate) -> NaiveDate {
    if fact < began || recorded < released_on(fact) { fact } else { recorded }
}

/// School days from one day to another: Mondays to Fridays after the first, up to the second. Holidays are not known here.
pub fn school_days(from: NaiveDate, to: NaiveDate) -> i64 {
    let days = from.iter_days().skip(1).take_while(|day| *day <= to).take(999);
    days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).map(|_| 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_school_year_goes_from_july_to_june() {
        assert_eq!((school_year(day("2026-06-30")), school_year(day("2026-07-01"))), (2025, 2026));
        assert_eq!(bounds(2025), (day("2025-07-01"), day("2026-06-30")));
        assert_eq!((year_label(2025), year_label(2099)), ("2025\u{2013}26".to_owned(), "2099\u{2013}00".to_owned()));
        assert_eq!((number(day("2025-07-31")), number(day("2026-01-01")), number(day("2026-06-01"))), (1, 7, 12));
        assert_eq!((end_of(2025, 0), end_of(2025, 8)), (day("2025-06-30"), day("2026-02-28")));
    }

    #[test]
    fn a_month_is_counted_from_the_seventh_of_the_next() {
        assert_eq!(released_on(day("2026-10-14")), day("2026-11-07"));
        assert_eq!((released(2026, day("2026-11-06")), released(2026, day("2026-11-07"))), (3, 4));
        assert_eq!((released(2025, day("2026-11-06")), released(2027, day("2026-11-06"))), (12, 0));
    }

    #[test]
    fn what_is_put_on_record_late_counts_late() {
        let began = day("2025-07-01");
        assert_eq!(counted_on(day("2025-09-10"), day("2025-10-06"), began), day("2025-09-10"));
        assert_eq!(counted_on(day("2025-09-10"), day("2025-10-07"), began), day("2025-10-07"));
        assert_eq!(counted_on(day("2024-09-10"), day("2025-10-07"), began), day("2024-09-10"));
    }

    #[test]
    fn weekends_are_no_school_days() {
        assert_eq!(school_days(day("2026-10-14"), day("2026-10-14")), 0);
        assert_eq!(school_days(day("2026-10-14"), day("2026-10-19")), 3);
        assert_eq!(school_days(day("2026-10-16"), day("2026-10-18")), 0);
    }
}
