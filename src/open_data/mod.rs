//! Open data: everything public, in open formats, at addresses that stay.
//!
//! Sites like this lose their funding and vanish; what schools wrote must not vanish with them. So whoever wants to may follow
//! the catalog in a feed reader (`/practices.atom`), harvest it into a library (`/oai`, [`oai`]), find it by a search engine
//! (`/sitemap.xml`, [`sitemap`]), or take all of it at once: each night everything public is written as CSV and JSON Lines
//! with a data dictionary and checksums ([`export`]), and the last thirty days of it can be downloaded ([`nightly`]).
//!
//! What is exported is said table by table: an [`exported::Exported`] names its fields and hands out rows in pieces. What is
//! listed for search engines is a [`sitemap::Listed`]. A feature that comes later gets one of each, and `app.rs` registers them.
//! Nothing here reads as anybody but a visitor, and no table has a field about a person.

pub mod export;
pub mod exported;
pub mod nightly;
pub mod oai;
pub mod sitemap;
pub mod tables;
pub mod views;
pub mod web;

use std::path::PathBuf;
use std::sync::Arc;

use self::exported::Exported;
use self::sitemap::Listed;

/// What stands behind open data on this node; cheap to clone.
#[derive(Clone)]
pub struct OpenData {
    /// The public address, without a slash at the end.
    pub base_url: Arc<str>,
    /// Address for questions, about security too.
    pub contact: Arc<str>,
    /// The folder with the nightly exports.
    pub folder: PathBuf,
    /// What is exported, in the order of the files.
    pub exported: Arc<[Arc<dyn Exported>]>,
    /// What search engines are told of.
    pub listed: Arc<[Arc<dyn Listed>]>,
}

impl OpenData {
    /// The name of this installation in identifiers: the host of its address.
    pub fn host(&self) -> &str {
        let rest = self.base_url.split_once("://").map_or(&*self.base_url, |(_, rest)| rest);
        rest.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("localhost")
    }
}
