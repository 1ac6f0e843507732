//! Compacts: what a district, charter schools and a city promise each other, and what became of it.
//!
//! Compacts fade because silence is invisible; here it shows. How fresh a commitment is, is computed and never typed (C-4); nothing is
//! met before a second owner from another sector says so (C-5); no due date moves without a trace (C-3).

pub mod web;
