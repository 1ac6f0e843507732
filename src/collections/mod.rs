//! Practices that people save for themselves, with private notes, and collections that they share.

pub mod web;
