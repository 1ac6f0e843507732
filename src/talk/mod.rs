//! Talk about practices: questions with answers, letters to whoever knows a practice best, and visits.

pub mod web;
