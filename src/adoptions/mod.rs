//! Who takes a practice over: from interest to lasting use or a stop with its reason, in the words of those who tried.
//!
//! The adoptions themselves and their steps are rows of the catalog, because "used by" stands on every result
//! ([`crate::catalog::adoption`]). Here is what happens around them: the forms of a school ([`ledger`]), the questions after 30,
//! 90 and 365 days ([`follow_up`]), the log of what a school tried ([`cycle`]), which practices crossed the line between sectors
//! and were kept ([`crossing`]), and the record of what a school shared, with whom and with what result ([`record`]).

pub mod api;
pub mod clockwork;
pub mod crossing;
pub mod cycle;
pub mod follow_up;
pub mod ledger;
pub mod part;
pub mod personal;
mod policy;
pub mod record;
mod store;
pub mod views;
pub mod web;
