//! When a session meets, in words: weekday, date, time on the wall there, and what people call that time.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use super::session::Meeting;
use crate::mail::Lang;
use crate::platform::{Timestamp, Zone};

/// "Saturday, March 13, 2027, 9:00 AM to 12:00 PM EST".
pub fn when(meeting: &Meeting) -> String {
    when_in(Lang::En, meeting)
}

/// The same in a language: "sábado, 13 de marzo de 2027, 9:00 a. m. a 12:00 p. m. EST".
pub fn when_in(lang: Lang, meeting: &Meeting) -> String {
    let until = match lang {
        Lang::En => "to",
        Lang::Es => "a",
    };
    let zone = meeting.zone.abbreviation(meeting.ends_at);
    if meeting.zone.abbreviation(meeting.starts_at) != zone {
        // Clocks change meanwhile: each time with its own name.
        let moment = |at| moment_in(lang, at, meeting.zone);
        return format!("{} {until} {}", moment(meeting.starts_at), moment(meeting.ends_at));
    }
    let (start, end) = (meeting.starts_local, meeting.ends_local);
    let last = if start.date() == end.date() { String::new() } else { format!("{}, ", date(lang, end)) };
    format!("{}, {} {until} {last}{} {zone}", date(lang, start), time(lang, start), time(lang, end))
}

/// "9:00 AM EST": the start alone, where the day stands beside it.
pub fn start(meeting: &Meeting) -> String {
    format!("{} {}", time(Lang::En, meeting.starts_local), meeting.zone.abbreviation(meeting.starts_at))
}

/// "Friday, October 3, 2027, 9:00 AM EDT".
pub fn moment(at: Timestamp, zone: Zone) -> String {
    moment_in(Lang::En, at, zone)
}

/// The same in a language.
pub fn moment_in(lang: Lang, at: Timestamp, zone: Zone) -> String {
    let local = zone.local(at);
    format!("{}, {} {}", date(lang, local), time(lang, local), zone.abbreviation(at))
}

/// "Friday, October 3, 2027".
pub fn day(at: Timestamp, zone: Zone) -> String {
    day_in(Lang::En, at, zone)
}

/// The same in a language.
pub fn day_in(lang: Lang, at: Timestamp, zone: Zone) -> String {
    date(lang, zone.local(at))
}

/// "Friday, October 3, 2027", of a day there.
pub fn date_of(day: NaiveDate) -> String {
    day.format("%A, %B %-d, %Y").to_string()
}

const DAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

fn date(lang: Lang, local: NaiveDateTime) -> String {
    let index = |number: u32| usize::try_from(number).unwrap_or_default();
    match lang {
        Lang::En => date_of(local.date()),
        Lang::Es => {
            let day = DAYS.get(index(local.weekday().num_days_from_monday())).copied().unwrap_or_default();
            let month = MONTHS.get(index(local.month0())).copied().unwrap_or_default();
            format!("{day}, {} de {month} de {}", local.day(), local.year())
        }
    }
}

fn time(lang: Lang, local: NaiveDateTime) -> String {
    match lang {
        Lang::En => local.format("%-I:%M %p").to_string(),
        Lang::Es => {
            let half = if local.hour() < 12 { "a. m." } else { "p. m." };
            format!("{} {half}", local.format("%-I:%M"))
        }
    }
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
        assert_eq!(when_in(Lang::Es, &morning), "sábado, 13 de marzo de 2027, 9:00 a. m. a 12:00 p. m. EST");
        let spanish = "viernes, 12 de marzo de 2027, 8:00 p. m. a sábado, 13 de marzo de 2027, 9:30 a. m. EST";
        assert_eq!(when_in(Lang::Es, &two), spanish);
        assert_eq!(start(&morning), "9:00 AM EST");
        assert_eq!(moment(morning.starts_at, zone), "Saturday, March 13, 2027, 9:00 AM EST");
        assert_eq!(day(morning.starts_at, zone), "Saturday, March 13, 2027");
    }
}
