//! A time zone as calendars are told of it (RFC 5545 3.6.5), made from the same IANA data by which a session's moments were
//! reckoned, so that the two cannot differ.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::OffsetComponents;

use super::write::Lines;
use crate::platform::{Timestamp, Zone};

/// One time the clocks are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Onset {
    /// On the wall just before.
    local: NaiveDateTime,
    /// Seconds east of UTC before and after.
    from: i32,
    to: i32,
    /// Whether it is summer time afterwards.
    summer: bool,
    /// What people call the time afterwards.
    name: String,
}

/// Years looked at beyond those of the events: a rule must hold in all of them to be written as one.
const YEARS_AFTER: i32 = 4;

/// Writes what events between two years need to know of a zone.
pub fn write(lines: &mut Lines, zone: Zone, first: i32, last: i32) {
    let (first, last) = (first - 1, last + YEARS_AFTER);
    let onsets = onsets(zone, first, last);
    lines.begin("VTIMEZONE");
    lines.text("TZID", zone.name());
    match rules(&onsets, first, last) {
        Some(rules) => {
            for (onset, rule) in rules {
                component(lines, onset, Some(&rule));
            }
        }
        None => {
            component(lines, &standing(zone, first), None);
            for onset in &onsets {
                component(lines, onset, None);
            }
        }
    }
    lines.end("VTIMEZONE");
}

fn component(lines: &mut Lines, onset: &Onset, rule: Option<&str>) {
    let kind = if onset.summer { "DAYLIGHT" } else { "STANDARD" };
    lines.begin(kind);
    lines.raw("DTSTART", &onset.local.format("%Y%m%dT%H%M%S").to_string());
    lines.raw("TZOFFSETFROM", &offset(onset.from));
    lines.raw("TZOFFSETTO", &offset(onset.to));
    lines.text("TZNAME", &onset.name);
    if let Some(rule) = rule {
        lines.raw("RRULE", rule);
    }
    lines.end(kind);
}

/// `-0400`; with seconds where an old zone has some.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) = (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}

fn east(zone: Zone, at: Timestamp) -> i32 {
    zone.tz().offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

fn is_summer(zone: Zone, at: Timestamp) -> bool {
    !zone.tz().offset_from_utc_datetime(&at.naive_utc()).dst_offset().is_zero()
}

fn start_of(year: i32) -> Timestamp {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN).and_utc()
}

/// How things stand when the first year begins.
fn standing(zone: Zone, first: i32) -> Onset {
    let at = start_of(first);
    let to = east(zone, at);
    Onset { local: zone.local(at), from: to, to, summer: is_summer(zone, at), name: zone.abbreviation(at) }
}

/// Every change of the clocks in these years. They never change twice within a day.
fn onsets(zone: Zone, first: i32, last: i32) -> Vec<Onset> {
    let mut found = Vec::new();
    let (mut day, end) = (start_of(first), start_of(last + 1));
    while day < end {
        let next = day + Days::new(1);
        if east(zone, day) != east(zone, next) {
            let at = change_between(zone, day, next);
            let from = east(zone, day);
            found.push(Onset {
                local: at.naive_utc() + TimeDelta::seconds(from.into()),
                from,
                to: east(zone, at),
                summer: is_summer(zone, at),
                name: zone.abbreviation(at),
            });
        }
        day = next;
    }
    found
}

/// The first second with the later offset.
fn change_between(zone: Zone, before: Timestamp, after: Timestamp) -> Timestamp {
    let (mut low, mut high) = (before.timestamp(), after.timestamp());
    let old = east(zone, before);
    let moment = |second| DateTime::<Utc>::from_timestamp(second, 0).unwrap_or(after);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if east(zone, moment(middle)) == old { low = middle } else { high = middle }
    }
    moment(high)
}

/// The changes as two yearly rules, where the years are all alike: what every calendar program understands.
fn rules(onsets: &[Onset], first: i32, last: i32) -> Option<Vec<(&Onset, String)>> {
    let mut rules = Vec::new();
    for summer in [true, false] {
        let these: Vec<&Onset> = onsets.iter().filter(|onset| onset.summer == summer).collect();
        let start = *these.first()?;
        let alike = |onset: &&Onset| {
            (onset.from, onset.to, &onset.name, onset.local.month(), onset.local.weekday(), onset.local.time())
                == (start.from, start.to, &start.name, start.local.month(), start.local.weekday(), start.local.time())
        };
        let yearly = these.iter().map(|onset| onset.local.year()).eq(first..=last);
        if !yearly || !these.iter().all(alike) {
            return None;
        }
        let week = |onset: &&Onset| (onset.local.day() - 1) / 7 + 1;
        let is_last = |onset: &&Onset| (onset.local + Days::new(7)).month() != onset.local.month();
        let number = if these.iter().all(is_last) {
            "-1".to_owned()
        } else if these.iter().all(|onset| week(onset) == week(&start)) {
            week(&start).to_string()
        } else {
            return None;
        };
        let day = match start.local.weekday() {
            Weekday::Mon => "MO",
            Weekday::Tue => "TU",
            Weekday::Wed => "WE",
            Weekday::Thu => "TH",
            Weekday::Fri => "FR",
            Weekday::Sat => "SA",
            Weekday::Sun => "SU",
        };
        rules.push((start, format!("FREQ=YEARLY;BYMONTH={};BYDAY={number}{day}", start.local.month())));
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, first: i32, last: i32) -> String {
        let mut lines = Lines::default();
        write(&mut lines, Zone::parse(zone).unwrap(), first, last);
        lines.done()
    }

    #[test]
    fn new_york_has_two_rules() {
        assert_eq!(
            written("America/New_York", 2027, 2027).replace("\r\n", "\n"),
            "BEGIN:VTIMEZONE\nTZID:America/New_York\n\
             BEGIN:DAYLIGHT\nDTSTART:20260308T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nTZNAME:EDT\n\
             RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\n\
             BEGIN:STANDARD\nDTSTART:20261101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nTZNAME:EST\n\
             RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nEND:VTIMEZONE\n"
        );
        assert!(written("Europe/Berlin", 2027, 2027).contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"));
    }

    #[test]
    fn zones_without_a_rule_are_told_change_by_change() {
        let phoenix = written("America/Phoenix", 2027, 2028);
        assert_eq!(phoenix.matches("BEGIN:STANDARD").count(), 1, "{phoenix}");
        assert!(!phoenix.contains("RRULE") && phoenix.contains("TZOFFSETFROM:-0700\r\nTZOFFSETTO:-0700"));
        // Summer time there depends on the moon.
        let casablanca = written("Africa/Casablanca", 2027, 2027);
        assert!(!casablanca.contains("RRULE") && casablanca.matches("BEGIN:").count() > 6, "{casablanca}");
        assert!(written("Asia/Kolkata", 2027, 2027).contains("TZOFFSETTO:+0530"));
        assert_eq!((offset(-17_762), offset(0)), ("-045602".to_owned(), "+0000".to_owned()));
    }

    #[test]
    fn a_year_whose_rule_changed_is_not_written_as_one_rule() {
        // Until 2006 American clocks changed in April and October.
        let changed = written("America/New_York", 2005, 2008);
        assert!(!changed.contains("RRULE"), "{changed}");
        assert!(changed.contains("DTSTART:20050403T020000") && changed.contains("DTSTART:20070311T020000"));
    }
}
