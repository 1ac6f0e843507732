//! What the report is counted from: dated facts of one city, with numbers in place of people. No I/O.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::Scope;
use super::year::Years;
use crate::people::city::City;
use crate::platform::{Timestamp, Zone};

/// Everything that is counted.
#[derive(Debug)]
pub struct Facts {
    /// The city.
    pub city: City,
    /// The moment of reading.
    pub now: Timestamp,
    /// The zone of the city: that of its last meeting.
    pub zone: Zone,
    /// The day it is there.
    pub today: NaiveDate,
    /// The day on which the service began there.
    pub began: NaiveDate,
    /// Schools that are or were in the city, and others that are named, by their number.
    pub places: Vec<Place>,
    /// Sessions that took place, with a host or co-host that was ever in the city.
    pub held: Vec<Held>,
    /// Who wanted to come to them.
    pub seats: Vec<Seat>,
    /// Practices that were published.
    pub practices: Vec<Shared>,
    /// Practices that schools of the city began to try.
    pub tried: Vec<Tried>,
    /// When schools let their staff go.
    pub approvals: Vec<Approved>,
    /// Searches without an answer, by the first day of the month.
    pub searches: Vec<(NaiveDate, i64)>,
    /// The city's commitments, as they stand now.
    pub commitments: Vec<Promise>,
    /// The same people by school years and months.
    pub years: Years,
}

/// A school through time.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Its id.
    pub id: uuid::Uuid,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Latitude and longitude.
    pub position: Option<(f64, f64)>,
    /// The day it was put on record.
    pub recorded_on: NaiveDate,
    /// What it was, the oldest first.
    pub was: Vec<Was>,
}

/// What a school was from a day on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Was {
    /// From which day.
    pub since: NaiveDate,
    /// Code of its sector.
    pub sector: Option<String>,
    /// Its neighborhood.
    pub neighborhood: Option<String>,
    /// The day it closed, as far as was known then.
    pub closed_on: Option<NaiveDate>,
    /// Whether it was in the city.
    pub here: bool,
    /// Whether it had become part of another.
    pub merged: bool,
}

/// A session that took place.
#[derive(Clone, Debug)]
pub struct Held {
    /// The day of its last meeting, there.
    pub on: NaiveDate,
    /// Numbers of the schools that invited.
    pub hosts: Vec<usize>,
    /// Seats, in the room and online.
    pub seats: i64,
    /// Whether it was joint by who came; `None` until attendance is locked.
    pub joint: Option<bool>,
}

/// What became of somebody's wish for a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// They had one.
    Seated,
    /// No seat came free, or the school did not let them go.
    Unmet,
    /// They took it back.
    TakenBack,
}

/// Somebody's registration at a session that took place.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Number of the session.
    pub held: usize,
    /// Number of the person.
    pub person: u32,
    /// Number of the school they came from.
    pub school: usize,
    /// What became of the wish.
    pub wish: Wish,
    /// Whether they were there at a meeting.
    pub came: bool,
    /// Whether they were absent at every meeting.
    pub absent: bool,
    /// Minutes they were there.
    pub minutes: i64,
    /// Whether this is where they came first.
    pub first: First,
}

/// Whether somebody came to a session of the city for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum First {
    /// They had come before in this school year, or did not come.
    #[default]
    No,
    /// Never before.
    Ever,
    /// For the first time in this school year; they had come in one before.
    ThisYear,
}

/// A practice that was published.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The school where it began.
    pub school: usize,
    /// The day it was first published.
    pub on: NaiveDate,
    /// Whether it told of something that was stopped.
    pub stopped: bool,
}

/// A pilot.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The school that tried.
    pub school: usize,
    /// Its sector when it began.
    pub to: Option<Arc<str>>,
    /// The school where the practice began.
    pub origin: Option<usize>,
    /// The sector that one had on the first day of the pilot.
    pub from: Option<Arc<str>>,
    /// The day on which it counts.
    pub on: NaiveDate,
    /// The 365th day of the pilot.
    pub year_on: NaiveDate,
    /// Whether it was in use that day; `None` before it.
    pub kept: Option<bool>,
}

impl Tried {
    /// From which sector to which, where both are known and differ.
    pub fn crossed(&self) -> Option<(&str, &str)> {
        let (from, to) = (self.from.as_deref()?, self.to.as_deref()?);
        (from != to && self.origin != Some(self.school)).then_some((from, to))
    }
}

/// A seat that a school approved.
#[derive(Clone, Debug)]
pub struct Approved {
    /// Number of the person.
    pub person: u32,
    /// The school.
    pub school: usize,
    /// The day of the yes.
    pub on: NaiveDate,
    /// School days since it was asked for.
    pub days: i64,
}

/// A commitment of a compact, as it stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promise {
    /// What is promised.
    pub sentence: String,
    /// Name of the compact.
    pub compact: String,
    /// Its page.
    pub url: String,
    /// What is shown: "Met", "Reported met, waiting for Millbrook Schools" ..
    pub standing: String,
    /// The same without whom it waits for.
    pub status: String,
    /// "Fresh", "Due for an update", "No update".
    pub freshness: String,
    /// The day it was last spoken of.
    pub spoken_on: NaiveDate,
    /// Whether it was missed.
    pub missed: bool,
    /// Whether two sides see it in two ways.
    pub disputed: bool,
    /// Whether it is met, confirmed.
    pub met: bool,
    /// Whether something is still to come of it.
    pub open: bool,
    /// Whether nothing was heard of it for more than 180 days.
    pub silent: bool,
}

impl Place {
    /// What it was on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&Was> {
        self.was.iter().rev().find(|was| was.since <= day).or(self.was.first())
    }

    /// Whether it was a school of the city on a day. One that was put on record after the service `began` counts from then on; a
    /// closing, too, changes nothing of the time before it was written down.
    pub fn is_open(&self, day: NaiveDate, began: NaiveDate) -> bool {
        let open = |was: &Was| was.here && !was.merged && was.closed_on.is_none_or(|closed| closed > day);
        self.recorded_on <= day.max(began) && self.on(day).is_some_and(open)
    }
}

impl Facts {
    /// Whether a school was in what is asked about on a day.
    pub fn is_in(&self, scope: &Scope, school: usize, day: NaiveDate) -> bool {
        let Some(place) = self.places.get(school) else { return false };
        let Some(was) = place.on(day) else { return false };
        was.here
            && scope.neighborhood.as_deref().is_none_or(|wanted| was.neighborhood.as_deref() == Some(wanted))
            && (scope.schools.is_empty() || scope.schools.iter().any(|school| school.0 == place.id))
    }

    /// The neighborhood where a school was on a day, in the city.
    pub fn neighborhood(&self, school: usize, day: NaiveDate) -> Option<&str> {
        let was = self.places.get(school)?.on(day)?;
        was.neighborhood.as_deref().filter(|_| was.here)
    }

    /// The sector of a school on a day.
    pub fn sector(&self, school: usize, day: NaiveDate) -> Option<&str> {
        self.places.get(school)?.on(day)?.sector.as_deref()
    }

    /// Neighborhoods of the city's schools on a day, in the order of the alphabet.
    pub fn neighborhoods(&self, day: NaiveDate) -> Vec<String> {
        let open = self.places.iter().filter(|place| place.is_open(day, self.began));
        let mut names: Vec<String> = open.filter_map(|place| place.on(day)?.neighborhood.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many schools there were on a day, by number.
    pub fn open_schools<'a>(&'a self, scope: &'a Scope, day: NaiveDate) -> impl Iterator<Item = usize> + 'a {
        let open = move |at: &usize| self.places[*at].is_open(day, self.began) && self.is_in(scope, *at, day);
        (0..self.places.len()).filter(open)
    }
}

/// Numbers for ids, in the order in which they come.
#[derive(Debug, Default)]
pub struct Numbered(HashMap<uuid::Uuid, usize>);

impl Numbered {
    /// The number of an id, a new one for one that is new.
    pub fn of(&mut self, id: uuid::Uuid) -> usize {
        let next = self.0.len();
        *self.0.entry(id).or_insert(next)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The number of an id that is known.
    pub fn known(&self, id: uuid::Uuid) -> Option<usize> {
        self.0.get(&id).copied()
    }
}
