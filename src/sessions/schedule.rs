//! When a session meets, in words: weekday, date, time on the wall there, and what people call that time.

use chrono::NaiveDateTime;

use super::session::Meeting;
use crate::platform::{Timestamp, Zone};

/// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
pub fn when(meeting: &Meeting) -> String {
    let zone = meeting.zone.abbreviation(meeting.ends_at);
    if meeting.zone.abbreviation(meeting.starts_at) != zone {
        // Clocks change meanwhile: each time with its own name.
        return format!("{} to {}", moment(meeting.starts_at, meeting.zone), moment(meeting.ends_at, meeting.zone));
    }
    if meeting.starts_local.date() == meeting.ends_local.date() {
        return format!(
            "{}, {} to {} {zone}",
            date(meeting.starts_local),
            time(meeting.starts_local),
            time(meeting.ends_local)
        );
    }
    let (start, end) = (meeting.starts_local, meeting.ends_local);
    format!("{}, {} to {}, {} {zone}", date(start), time(start), date(end), time(end))
}

/// "9:00 AM EST": the start alone, where the day stands beside it.
pub fn start(meeting: &Meeting) -> String {
    format!("{} {}", time(meeting.starts_local), meeting.zone.abbreviation(meeting.starts_at))
}

/// "Friday, October 3, 2027, 9:00 AM EDT".
pub fn moment(at: Timestamp, zone: Zone) -> String {
    let local = zone.local(at);
    format!("{}, {} {}", date(local), time(local), zone.abbreviation(at))
}

/// "Friday, October 3, 2027".
pub fn day(at: Timestamp, zone: Zone) -> String {
    date(zone.local(at))
}

/// "Friday, October 3, 2027", of a day there.
pub fn date_of(day: chrono::NaiveDate) -> String {
    day.format("%A, %B %-d, %Y").to_string()
}

fn date(local: NaiveDateTime) -> String {
    local.format("%A, %B %-d, %Y").to_string()
}

fn time(local: NaiveDateTime) -> String {
    local.format("%-I:%M %p").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_the_day_and_the_zone() {
        let zone = Zone::parse("America/New_York").unwrap();
        let local = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let meeting = |start: &str, end: &str| Meeting {
            number: 1,
            starts_local: local(start),
            ends_local: local(end),
            zone,
            starts_at: zone.moment(local(start)).unwrap(),
            ends_at: zone.moment(local(end)).unwrap(),
            room: None,
            address: None,
            online_url: None,
            code: None,
        };
        let morning = meeting("2027-03-13T09:00:00", "2027-03-13T12:00:00");
        assert_eq!(when(&morning), "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST");
        let night = meeting("2027-03-13T20:00:00", "2027-03-14T09:30:00");
        assert_eq!(when(&night), "Saturday, March 13, 2027, 8:00 PM EST to Sunday, March 14, 2027, 9:30 AM EDT");
        let two = meeting("2027-03-12T20:00:00", "2027-03-13T09:30:00");
        assert_eq!(when(&two), "Friday, March 12, 2027, 8:00 PM to Saturday, March 13, 2027, 9:30 AM EST");
        assert_eq!(start(&morning), "9:00 AM EST");
        assert_eq!(moment(morning.starts_at, zone), "Saturday, March 13, 2027, 9:00 AM EST");
        assert_eq!(day(morning.starts_at, zone), "Saturday, March 13, 2027");
    }
}
