//! Tables and queries of the entrance, a file for each.

pub mod personal;
pub mod second_steps;
pub mod tokens;
pub mod visits;
