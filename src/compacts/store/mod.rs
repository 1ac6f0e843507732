//! Tables and queries of compacts.
//!
//! A file for compacts with their parties, seats, texts and visits, and one for commitments with their history and links.

pub mod commitments;
pub mod compacts;

/// Ids in one statement.
const CHUNK: usize = 900;
