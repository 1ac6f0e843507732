//! Highlights: a collaboration shown to the city, with live numbers and words that both schools approved (M-1, M-2).
//!
//! Beside them the page a mayor's office opens on Monday morning. Its staff never sees a roster or an individual teacher (M-4).

pub mod web;
