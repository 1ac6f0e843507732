//! The people of a city by school years and months: put in order once, so that each number looks at its own month alone, and remembers
//! what it came to. Pure.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::facts::{Approved, First, Held, Place, Seat};
use super::metric::Metric;
use super::{Reading, period};

/// Months of a school year.
pub const MONTHS: usize = 12;

/// A running number of a school year: what it is at the end of each month, from 0 before the first, and where it is shown. What it is
/// at the end of a month hangs on that month and those before it.
#[derive(Debug)]
pub struct Running {
    /// Whether it is shown.
    pub shown: Vec<bool>,
    /// What it is.
    pub at: Vec<Reading>,
}

/// A school year of the city's sessions. Numbers are those of the facts; a month has its place, July the first.
#[derive(Debug, Default)]
pub struct Year {
    /// Seats at sessions of each month.
    pub seats: [Vec<usize>; MONTHS],
    /// Seats that these sessions offered.
    pub offered: [i64; MONTHS],
    /// Seats that schools approved, by the day of the yes.
    pub approved: [Vec<usize>; MONTHS],
    running: [OnceLock<Running>; Metric::ALL.len()],
}

impl Year {
    /// The running number of a metric, counted when it is asked for the first time.
    pub fn running(&self, metric: Metric, count: impl FnOnce() -> Running) -> &Running {
        self.running[metric as usize].get_or_init(count)
    }
}

/// Every school year in which something was.
#[derive(Debug, Default)]
pub struct Years {
    by: BTreeMap<i32, Year>,
    none: Year,
}

impl Years {
    /// The years of these facts, and notes at each seat whether somebody came there for the first time. `here` says whether a
    /// school was the city's on a day.
    pub fn of(places: &[Place], held: &[Held], seats: &mut [Seat], approvals: &[Approved]) -> Self {
        let here = |school: usize, on| places.get(school).and_then(|place| place.on(on)).is_some_and(|was| was.here);
        let ours: Vec<bool> = held.iter().map(|one| one.hosts.iter().any(|host| here(*host, one.on))).collect();
        let mut by: BTreeMap<i32, Year> = BTreeMap::new();
        for (one, _) in held.iter().zip(&ours).filter(|(_, ours)| **ours) {
            by.entry(period::school_year(one.on)).or_default().offered[period::number(one.on) - 1] += one.seats;
        }
        let mut order: Vec<usize> = (0..seats.len()).filter(|at| ours[seats[*at].held]).collect();
        order.sort_by_key(|at| held[seats[*at].held].on);
        // The last school year in which each came.
        let mut last: Vec<Option<i32>> = Vec::new();
        for at in order {
            let seat = &mut seats[at];
            let on = held[seat.held].on;
            let year = period::school_year(on);
            by.entry(year).or_default().seats[period::number(on) - 1].push(at);
            if seat.came {
                let person = seat.person as usize;
                last.resize(last.len().max(person + 1), None);
                seat.first = match last[person].replace(year) {
                    None => First::Ever,
                    Some(before) if before < year => First::ThisYear,
                    Some(_) => First::No,
                };
            }
        }
        for (at, one) in approvals.iter().enumerate().filter(|(_, one)| here(one.school, one.on)) {
            by.entry(period::school_year(one.on)).or_default().approved[period::number(one.on) - 1].push(at);
        }
        Self { by, none: Year::default() }
    }

    /// The school year that begins in a calendar year.
    pub fn year(&self, of: i32) -> &Year {
        self.by.get(&of).unwrap_or(&self.none)
    }
}
