//! What a certificate says, as it was when it was made (J-13). Never a Social Security number, a date of birth or a rating.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::people::{Account, School, SchoolId};
use crate::platform::vocabulary::Way;
use crate::sessions::credit::{self, Award, Products, SessionCredit};
use crate::sessions::schedule;
use crate::sessions::seat::Registration;
use crate::sessions::session::Session;

/// The program of a certificate that no program gives: it says how long somebody was there.
pub const ATTENDANCE: &str = "attendance";
/// Hours of attendance are counted in quarters, in hundredths of an hour.
const QUARTER: u32 = 25;

/// Everything a certificate says. Kept as JSON in its row; new keys need a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// How the person was called.
    pub name: String,
    /// The school they came from.
    pub school: String,
    /// Title of the session.
    pub title: String,
    /// Its format in words.
    pub format: String,
    /// Name of the program; "Attendance" where there was none.
    pub program: String,
    /// What units are called: "CTLE hours".
    pub unit: String,
    /// Hundredths of a unit.
    pub units: u32,
    /// What they are split into; empty where they are not.
    pub categories: Vec<Part>,
    /// Minutes of being there.
    pub minutes: i64,
    /// First day there.
    pub from: NaiveDate,
    /// Last day there.
    pub to: NaiveDate,
    /// Each meeting in words.
    pub dates: Vec<String>,
    /// "In person" or "Online".
    pub mode: String,
    /// Where it was; empty online.
    pub place: String,
    /// The school that invited.
    pub host: String,
    /// The school of another sector that invited with it; empty where there was none.
    pub cohost: String,
    /// Who sponsors the credit.
    pub sponsor: String,
    /// Their number with the state; empty where there is none.
    pub sponsor_number: String,
    /// Who signs.
    pub signer: String,
    /// What is filled in by hand: nothing of it is kept here.
    pub blanks: Vec<String>,
}

/// One category of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Part {
    /// Its code.
    pub code: String,
    /// "Content".
    pub label: String,
    /// Hundredths of a unit.
    pub units: u32,
}

impl Facts {
    /// Whether both say the same about the hours: how the person is called today is no correction.
    pub fn agree(&self, other: &Self) -> bool {
        Self { name: String::new(), ..self.clone() } == Self { name: String::new(), ..other.clone() }
    }

    /// "2.5 CTLE hours".
    pub fn amount(&self) -> String {
        format!("{} {}", hundredths(self.units), self.unit)
    }

    /// "In person, 12 Harbor Street".
    pub fn where_held(&self) -> String {
        if self.place.is_empty() { self.mode.clone() } else { format!("{}, {}", self.mode, self.place) }
    }
}

/// Hundredths as people write them: `2.5`.
pub fn hundredths(units: u32) -> String {
    let text = format!("{}.{:02}", units / 100, units % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What all certificates of a session have in common.
pub struct Common<'a> {
    /// The session, with meetings.
    pub session: &'a Session,
    /// What it gives.
    pub credits: &'a [SessionCredit],
    /// Whose products were handed in, for programs that ask for one.
    pub products: &'a Products,
    /// Schools of host, co-host and everybody who was there.
    pub schools: &'a HashMap<SchoolId, School>,
    /// How the organizer is called: signs for attendance.
    pub organizer: &'a str,
}

impl Common<'_> {
    /// What somebody earned who was there so many minutes: for each program that gives something its code and what the
    /// certificate says; else, from a quarter of an hour, that they were there.
    pub fn earned(&self, registration: &Registration, person: &Account, minutes: i64) -> Vec<(String, Facts)> {
        let shared = self.shared(registration, person, minutes);
        let by_program = self.credits.iter().filter_map(|credit| {
            if !self.products.let_pass(credit, registration.id) {
                return None;
            }
            let award = credit::award(credit, minutes)?;
            Some((credit.program.code.clone(), of_program(shared.clone(), credit, &award)))
        });
        let found: Vec<(String, Facts)> = by_program.collect();
        let hours = u32::try_from(minutes * 100 / 60).unwrap_or_default() / QUARTER * QUARTER;
        if !found.is_empty() || hours == 0 {
            return found;
        }
        let sponsor = shared.host.clone();
        let facts = Facts {
            program: "Attendance".to_owned(),
            unit: "hours".to_owned(),
            units: hours,
            sponsor,
            signer: self.organizer.to_owned(),
            ..shared
        };
        vec![(ATTENDANCE.to_owned(), facts)]
    }

    fn shared(&self, registration: &Registration, person: &Account, minutes: i64) -> Facts {
        let session = self.session;
        let name = |school: SchoolId| self.schools.get(&school).map_or(String::new(), |school| school.name.clone());
        let day = |meeting: Option<&crate::sessions::Meeting>| meeting.map(|meeting| meeting.starts_local.date());
        let online = registration.way == Way::ONLINE;
        Facts {
            name: person.name.clone(),
            school: name(registration.school),
            title: session.title.clone(),
            format: session.format.label().to_owned(),
            minutes,
            from: day(session.meetings.first()).unwrap_or_default(),
            to: day(session.meetings.last()).unwrap_or_default(),
            dates: session.meetings.iter().map(schedule::when).collect(),
            mode: registration.way.label().to_owned(),
            place: if online { String::new() } else { self.place() },
            host: name(session.host.school),
            cohost: session.cohost.as_ref().map_or(String::new(), |party| name(party.school)),
            ..Facts::default()
        }
    }

    /// The addresses of its meetings, each once; else the host and its city.
    fn place(&self) -> String {
        let mut places: Vec<&str> = Vec::new();
        for address in self.session.meetings.iter().filter_map(|meeting| meeting.address.as_deref()) {
            if !address.trim().is_empty() && !places.contains(&address) {
                places.push(address);
            }
        }
        if !places.is_empty() {
            return places.join("; ");
        }
        let Some(host) = self.schools.get(&self.session.host.school) else { return String::new() };
        let parts = [Some(host.name.as_str()), host.city.as_deref(), host.state.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn of_program(shared: Facts, credit: &SessionCredit, award: &Award) -> Facts {
    let rules = &credit.program.rules;
    let parts = rules.categories.iter().filter_map(|category| {
        let units = award.categories.get(&category.code).copied().filter(|units| *units > 0)?;
        Some(Part { code: category.code.clone(), label: category.label.clone(), units })
    });
    Facts {
        program: credit.program.name.clone(),
        unit: rules.unit.clone(),
        units: award.units,
        categories: parts.collect(),
        sponsor: credit.sponsor_name.clone(),
        sponsor_number: credit.sponsor_number.clone().unwrap_or_default(),
        signer: credit.signer.clone(),
        blanks: rules.blanks.clone(),
        ..shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_written_without_noise() {
        for (units, text) in
            [(0, "0"), (5, "0.05"), (25, "0.25"), (250, "2.5"), (300, "3"), (1000, "10"), (10_010, "100.1")]
        {
            assert_eq!(hundredths(units), text);
        }
    }

    #[test]
    fn another_name_is_no_correction() {
        let before = Facts { name: "Dina Ford".to_owned(), units: 250, ..Facts::default() };
        let after = Facts { name: "Dina Brook".to_owned(), ..before.clone() };
        assert!(before.agree(&after));
        assert!(!before.agree(&Facts { units: 225, ..after }));
    }
}
