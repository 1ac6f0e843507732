//! Tables and queries of compacts.
//!
//! A file for compacts with their parties, seats, texts and visits, one for their own history, and one for commitments with their
//! history and links.

pub mod commitments;
pub mod compacts;
pub mod history;

/// Ids in one statement.
const CHUNK: usize = 900;
