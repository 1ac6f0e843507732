//! Open data: everything public, in open formats, at addresses that stay.
//!
//! Feeds (Atom), harvesting (OAI-PMH), the sitemap, security.txt and the nightly export.

pub mod web;
