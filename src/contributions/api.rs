//! Contributions over JSON.

pub mod review;
