//! What happened, for those who answer for it: the event log as evidence.
//!
//! Every operation writes an event in its own transaction (`platform::Event`). Here the events are sealed into a chain of
//! hashes ([`seal`]), so that a row changed behind the program's back is found.

pub mod api;
mod store;
pub mod web;
