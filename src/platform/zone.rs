//! Time on the wall at a place. What people agree on is "9 o'clock in New York"; which moment that is depends on rules that
//! change, so both are kept: the local time with its zone, and the moment for comparing.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetName, Tz};

use super::clock::Timestamp;
use super::error::Error;

/// A time zone of the IANA data: `America/New_York`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// Why a local time names no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Clocks go forward over it: there is no such time. Holds the first time after the gap.
    Gap(NaiveDateTime),
    /// Clocks go back over it: it comes twice. Holds the first and the second moment.
    Twice(Timestamp, Timestamp),
}

impl Zone {
    /// The zone of a name.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let wanted = "Choose a time zone like America/New_York.";
        Tz::from_str(name.trim()).map(Self).map_err(|_| Error::invalid("zone", wanted))
    }

    /// Its name in the IANA data.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The moment of a local time; a time that does not come, or comes twice, is not guessed.
    pub fn moment(self, local: NaiveDateTime) -> Result<Timestamp, Unclear> {
        match self.0.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Ok(at.to_utc()),
            MappedLocalTime::Ambiguous(first, second) => Err(Unclear::Twice(first.to_utc(), second.to_utc())),
            MappedLocalTime::None => Err(Unclear::Gap(self.after_gap(local))),
        }
    }

    /// The moment that somebody typed: `2026-11-14T09:00` as the wall there shows it, or a moment with its offset (RFC 3339). The
    /// refusal says what to do.
    pub fn read(self, text: &str) -> Result<Timestamp, &'static str> {
        let text = text.trim();
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(at.to_utc());
        }
        let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
        let local = forms.into_iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        // Calendars know no other centuries, and neither do the rules of zones.
        let local = local.filter(|local| (2000..2100).contains(&local.year()));
        let local = local.ok_or("Give the day and the time, like 2026-11-14 and 09:00.")?;
        self.moment(local).map_err(|unclear| match unclear {
            Unclear::Gap(_) => "Clocks go forward over this time, so it does not come; choose an hour later.",
            Unclear::Twice(..) => "Clocks go back and this time comes twice; choose an hour earlier or later.",
        })
    }

    /// The same for reckoning, where any moment near will do: the start of a day, a deadline.
    pub fn moment_near(self, local: NaiveDateTime) -> Timestamp {
        match self.moment(local) {
            Ok(at) | Err(Unclear::Twice(at, _)) => at,
            Err(Unclear::Gap(after)) => self.moment(after).unwrap_or_else(|_| after.and_utc()),
        }
    }

    /// The local time of a moment.
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// What people call the offset then: `EDT`.
    pub fn abbreviation(self, at: Timestamp) -> String {
        let offset = self.0.offset_from_utc_datetime(&at.naive_utc());
        match offset.abbreviation() {
            Some(name) if name.chars().all(char::is_alphabetic) => name.to_owned(),
            _ => format!("UTC{}", offset.fix()),
        }
    }

    /// A moment with the offset of the place: `2026-10-14T12:00:00-04:00`.
    pub fn rfc3339(self, at: Timestamp) -> String {
        at.with_timezone(&self.0).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }

    /// The zone, for libraries that speak of it.
    pub fn tz(self) -> Tz {
        self.0
    }

    /// The first time on the wall after a gap: clocks jump by full minutes, at most some hours.
    fn after_gap(self, local: NaiveDateTime) -> NaiveDateTime {
        let minutes = (1..=24 * 60).map(|minutes| local + TimeDelta::minutes(minutes));
        let valid = |time: &NaiveDateTime| !matches!(self.0.from_local_datetime(time), MappedLocalTime::None);
        let mut minutes = minutes.filter(valid);
        minutes.next().unwrap_or(local)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::America__New_York)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn clocks_go_forward_and_back() {
        let zone = Zone::parse("America/New_York").unwrap();
        assert_eq!(zone.moment(local("2027-03-14T02:30:00")), Err(Unclear::Gap(local("2027-03-14T03:00:00"))));
        let twice = zone.moment(local("2027-11-07T01:30:00"));
        let first: Timestamp = "2027-11-07T05:30:00Z".parse().unwrap();
        assert_eq!(twice, Err(Unclear::Twice(first, first + TimeDelta::hours(1))));
        let noon = zone.moment(local("2027-03-14T12:00:00")).unwrap();
        assert_eq!(
            (noon.to_rfc3339(), zone.abbreviation(noon)),
            ("2027-03-14T16:00:00+00:00".to_owned(), "EDT".to_owned())
        );
        assert_eq!(zone.rfc3339(noon), "2027-03-14T12:00:00-04:00");
        assert_eq!(zone.local(noon), local("2027-03-14T12:00:00"));
        assert_eq!(zone.moment_near(local("2027-03-14T02:30:00")).to_rfc3339(), "2027-03-14T07:00:00+00:00");
    }

    #[test]
    fn what_is_typed_is_a_time_on_the_wall_or_a_moment() {
        let zone = Zone::default();
        let at = |text: &str| zone.read(text).map(|at| at.to_rfc3339());
        assert_eq!(at(" 2026-11-14T09:00 ").unwrap(), "2026-11-14T14:00:00+00:00");
        assert_eq!(at("2026-11-14T09:00:00-08:00").unwrap(), "2026-11-14T17:00:00+00:00");
        assert!(at("2027-03-14T02:30").unwrap_err().contains("forward"));
        assert!(at("2027-11-07T01:30").unwrap_err().contains("twice"));
        for nothing in ["", "tomorrow", "9999-01-01T10:00", "2026-11-14"] {
            assert!(at(nothing).unwrap_err().contains("day and the time"), "{nothing}");
        }
    }

    #[test]
    fn a_zone_without_letters_is_called_by_its_offset() {
        let zone = Zone::parse("America/Sao_Paulo").unwrap();
        assert_eq!(zone.abbreviation(Timestamp::UNIX_EPOCH), "UTC-03:00");
        assert!(Zone::parse("Rivermark").is_err());
    }
}
