//! Statements in the database.

pub mod amendments;
pub mod circle;
pub mod signatures;
pub mod statements;
pub mod versions;

/// Values in one statement.
const CHUNK: usize = 400;
