//! Queries of the report. It reads tables of other features, which nobody else may; it writes its own two alone.

mod past;
mod pilots;
mod reading;
mod seats;

pub use self::past::{fold, record};
pub use self::reading::{cities, facts};
