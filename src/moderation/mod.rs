//! Problems that people report, what was done about them, and the public log of it.

pub mod web;
