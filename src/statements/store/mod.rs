//! Statements in the database: the one place that holds the entities and queries of this feature. What is written once (a published
//! version, a withdrawn line) is refused here a second time.

pub mod amendments;
pub mod calls;
pub mod circle;
pub mod signatures;
pub mod signings;
pub mod statements;
pub mod versions;

/// Values in one statement.
const CHUNK: usize = 400;
