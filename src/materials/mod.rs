//! Files and links that belong to practices: uploads that are checked, cleaned and stored, and links that are looked after.

pub mod web;
