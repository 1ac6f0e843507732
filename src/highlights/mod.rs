//! Highlights: a collaboration shown to the city, with live numbers and words that both schools approved (M-1, M-2).
//!
//! A mayor's office writes one ([`writing`]), often from a joint session: a headline, two sentences, what each school did, one to three
//! numbers. Numbers are counted when the page is read ([`numbers`]); one that is typed carries its source, and none is typed that can be
//! counted. Each school named gets a letter with the words about it, as they will appear, and says yes or asks for changes
//! ([`approval`]). A yes holds for exactly those words: whoever changes them asks again. When all have said yes it is published, at
//! the time that the office chose ([`publishing`]). A school may take its yes back at any time, and the page goes down at once; what
//! is withdrawn leaves its reason at its address.
//!
//! Beside them stands [`office`], the page a mayor's office opens on Monday morning. Its staff never sees a roster or an individual
//! teacher (M-4).

pub mod api;
pub mod approval;
pub mod clockwork;
pub mod highlight;
pub mod jsonld;
mod letters;
pub mod numbers;
pub mod office;
pub mod part;
pub mod personal;
pub mod photo;
mod policy;
pub mod press;
pub mod publishing;
pub mod reading;
pub mod search;
mod store;
pub mod views;
pub mod web;
pub mod writing;

pub use self::highlight::{Highlight, HighlightId, State};
pub use self::reading::{Filter, highlight, highlights, shown, shown_in};
