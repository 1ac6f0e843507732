//! The report of a city: numbers that count themselves, each with its definition, denominator and day.
//!
//! It reads across the tables of other features, read-only: the one exception to the rule that each feature asks the front of another.
//! Past periods do not change, small groups are not shown, and no hidden number can be had by subtraction.

pub mod web;
