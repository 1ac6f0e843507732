//! What pages of statements show.

pub mod draft;
pub mod signing;
pub mod statement;
