//! The report of a city: numbers that count themselves, each with its definition, denominator and day.
//!
//! It reads across the tables of other features, read-only: the one exception to the rule that each feature asks the front of another.
//! Past periods do not change, small groups are not shown, and no hidden number can be had by subtraction.
//!
//! [`metric`] says what is counted and how, [`facts`] holds what is read, [`count`] makes numbers of it, and [`withhold`] decides
//! which of them are shown. Facts have days: what a school was on a day ([`past`]), when a session was held, when a pilot began. A
//! number about people is told at the ends of months whose attendance is locked.

pub mod api;
mod chart;
pub mod city;
mod count;
mod facts;
mod file;
pub mod metric;
pub mod past;
pub mod period;
mod promises;
mod store;
pub mod views;
pub mod web;
mod why;
mod withhold;
mod year;

use std::fmt;

use chrono::{NaiveDate, TimeDelta};
use futures_util::future::try_join;

use self::facts::Facts;
pub use self::metric::{Definition, Metric, Subject};
pub use self::why::Why;
use crate::people::SchoolId;
use crate::people::city as cities_of;
use crate::platform::{Cx, Result, Timestamp};

/// Cities of the list.
const CITIES: u64 = 500;

/// What a number is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Name in addresses of the city.
    pub city: String,
    /// First day. Numbers about people are told for whole months; those that count each person once from July 1 on.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// A neighborhood, as schools state it. Numbers about people are told by neighborhood for school years that are over.
    pub neighborhood: Option<String>,
    /// These schools alone; empty is all of the city. Numbers about people are not told for chosen schools.
    pub schools: Vec<SchoolId>,
}

impl Scope {
    /// All of a city.
    pub fn of_city(city: &str, from: NaiveDate, to: NaiveDate) -> Self {
        Self { city: city.to_owned(), from, to, ..Self::default() }
    }
}

/// A number with what it takes to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What is counted.
    pub metric: Metric,
    /// The number.
    pub reading: Reading,
    /// Why it is not told, where it is not.
    pub why: Option<Why>,
    /// What it is held against, where it is a share.
    pub of: Option<i64>,
    /// First day.
    pub from: NaiveDate,
    /// The last day it speaks of: not later than asked for, and earlier where later months are not counted yet or cannot be shown.
    pub to: NaiveDate,
    /// When it was counted.
    pub as_of: Timestamp,
    /// Version of the definition.
    pub version: u16,
}

impl Figure {
    /// The number, or why it is not told: "38 of 60 (63%)", "not enough data: fewer than 3 schools".
    pub fn words(&self) -> String {
        words(&self.reading, self.why)
    }
}

/// A number in words, or why it is not told.
pub fn words(reading: &Reading, why: Option<Why>) -> String {
    why.map_or_else(|| reading.to_string(), Why::sentence)
}

/// What a metric came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// So many.
    Count(i64),
    /// So many of so many.
    Share {
        /// So many.
        part: i64,
        /// Of so many.
        whole: i64,
    },
    /// School days.
    Days(f64),
    /// Too few people or schools to tell, or nothing to hold it against.
    NotEnough,
}

impl Reading {
    /// The share in whole percent; `None` for what is none.
    pub fn percent(&self) -> Option<i64> {
        match self {
            Self::Share { part, whole } if *whole > 0 => Some((part * 200 + whole) / (whole * 2)),
            _ => None,
        }
    }

    fn minus(&self, before: &Self) -> Self {
        match (self, before) {
            (Self::Count(now), Self::Count(then)) => Self::Count(now - then),
            (Self::Share { part, whole }, Self::Share { part: p, whole: w }) if whole > w => {
                Self::Share { part: part - p, whole: whole - w }
            }
            (Self::Share { .. }, Self::NotEnough) => self.clone(),
            _ => Self::NotEnough,
        }
    }

    fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Count(one), Self::Count(two)) => Self::Count(one + two),
            (Self::Share { part, whole }, Self::Share { part: p, whole: w }) => {
                Self::Share { part: part + p, whole: whole + w }
            }
            (Self::NotEnough, one) | (one, Self::NotEnough) => one.clone(),
            _ => Self::NotEnough,
        }
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Self::NotEnough | Self::Count(0))
    }
}

/// "1,204", "38 of 60 (63%)", "1 school day", "not enough data".
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => f.write_str(&grouped(*n)),
            Self::Share { part, whole } => {
                write!(f, "{} of {} ({}%)", grouped(*part), grouped(*whole), self.percent().unwrap_or_default())
            }
            Self::Days(days) if (*days - 1.0).abs() < f64::EPSILON => f.write_str("1 school day"),
            Self::Days(days) => write!(f, "{days} school days"),
            Self::NotEnough => f.write_str("not enough data"),
        }
    }
}

fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("-{text}") } else { text }
}

/// Everything that can be counted of a city, read once: for lists with many figures.
#[derive(Debug)]
pub struct Numbers {
    facts: Facts,
}

impl Numbers {
    /// The figure of a metric. The city of the scope is this one, whatever it says.
    pub fn figure(&self, metric: Metric, scope: &Scope) -> Figure {
        count::figure(&self.facts, metric, scope)
    }

    /// Every metric, in their order.
    pub fn figures(&self, scope: &Scope) -> Vec<Figure> {
        Metric::ALL.into_iter().map(|metric| self.figure(metric, scope)).collect()
    }

    /// The day it is in the city.
    pub fn today(&self) -> NaiveDate {
        self.facts.today
    }
}

/// The numbers of a city, by its name in addresses. A constant number of statements.
///
/// # Errors
/// `NotFound` where no school is.
pub async fn numbers(cx: &Cx, city: &str) -> Result<Numbers> {
    numbers_of(cx, city, None).await
}

/// The same where school years are asked about that these days lie in, and no others: approvals are read of those years alone.
async fn numbers_of(cx: &Cx, city: &str, days: Option<(NaiveDate, NaiveDate)>) -> Result<Numbers> {
    let city = cities_of::city(cx, city).await?;
    // A day in the city may be the one before or after in the log.
    let days = days.map(|(from, to)| {
        let (from, to) = (period::bounds(period::school_year(from)).0, period::bounds(period::school_year(to)).1);
        (from - TimeDelta::days(1), to + TimeDelta::days(3))
    });
    let (commitments, facts) = try_join(promises::promises(cx, &city), store::facts(cx, city.clone(), days)).await?;
    Ok(Numbers { facts: Facts { commitments, ..facts } })
}

/// Cities with schools that take part: names in addresses and in words, by name. One statement.
pub async fn cities(cx: &Cx) -> Result<Vec<(String, String)>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, state) in store::cities(cx.conn(), CITIES).await? {
        let slug = cities_of::slug_of(&name, state.as_deref());
        let place = state.map_or_else(|| name.clone(), |state| format!("{name}, {state}"));
        // Of two ways to write it the later is shown, as on the page itself.
        match found.iter_mut().find(|one| one.0 == slug) {
            Some(known) => known.1 = place,
            None => found.push((slug, place)),
        }
    }
    Ok(found)
}

/// One figure. Who shows several of a city asks for [`numbers`].
pub async fn figure(cx: &Cx, metric: Metric, scope: &Scope) -> Result<Figure> {
    Ok(numbers_of(cx, &scope.city, Some((scope.from, scope.from))).await?.figure(metric, scope))
}

/// Every metric of a scope, in their order.
pub async fn figures(cx: &Cx, scope: &Scope) -> Result<Vec<Figure>> {
    Ok(numbers_of(cx, &scope.city, Some((scope.from, scope.from))).await?.figures(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_words() {
        let words = |reading: Reading| reading.to_string();
        assert_eq!(words(Reading::Count(1_234_567)), "1,234,567");
        assert_eq!(words(Reading::Share { part: 38, whole: 60 }), "38 of 60 (63%)");
        assert_eq!(words(Reading::Days(2.5)), "2.5 school days");
        assert_eq!(words(Reading::Days(1.0)), "1 school day");
        assert_eq!(words(Reading::NotEnough), "not enough data");
    }
}
