//! What the pages of compacts show.

pub mod commitment;
pub mod compact;
pub mod form;
pub mod lists;
