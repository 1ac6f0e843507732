//! Monthly digests and school-year reports of a city: drafted by the program, edited and sent by a person (M-3).
//!
//! A draft takes its numbers from the report; what a person writes stands beside them, and no number is typed over a computed one (M-2).

pub mod web;
