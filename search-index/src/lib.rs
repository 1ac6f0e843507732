//! Full-text search over a folder: documents in, ranked hits, counts and snippets out.
//!
//! [`Index::open`] gives an [`Index`] that many threads search and one [`Writer`] fills. What a person typed is read by
//! [`grammar::parse`]; the caller makes [`Clause`]s of it (synonyms and labels as alternatives), adds filters, an order
//! and a page, and gets a [`Found`]. Nothing here knows what the documents are about.
//!
//! The folder is a copy of what a database holds, and says with every commit how far it has come ([`Position`]). It
//! may be lost at any time: a damaged folder opens as an empty one that asks to be filled.

mod document;
mod layout;
mod text;
mod tokens;

pub mod grammar;
mod query;

mod folder;
mod index;
mod position;
mod storage;
mod writer;

mod facets;
mod segment;
mod snapshot;
mod vocabulary;

mod answer;
mod cache;
mod cursor;
mod lists;
mod matching;
mod plan;
mod spelling;

mod found;
mod marks;
mod related;
mod snippet;
mod suggest;
mod watch;

mod error;

pub use document::Document;
pub use error::{Error, Result};
pub use found::{Found, Hit, Related, Suggestion, Suggestions};
pub use index::{Health, Index, Opened, Options};
pub use layout::Schema;
pub use plan::Correction;
pub use position::Position;
pub use query::{Alternative, Clause, FacetRequest, Filter, Matching, PAGE, Query, Role, Sort};
pub use watch::{Watch, Watches};
pub use writer::{Effort, Writer};
