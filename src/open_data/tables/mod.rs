//! What is exported and listed today: each file asks the fronts of one corner of the product, as a visitor, and gives rows in pieces.
//! A feature that comes gets its lines in [`exported`] and [`listed`] here.

pub mod cities;
pub mod compacts;
pub mod places;
pub mod practices;
pub mod sessions;
pub mod statements;
pub mod words;

use std::sync::Arc;

use super::exported::Exported;
use super::sitemap::{Listed, Pages};

/// Every table, in the order of the files.
pub fn exported(base_url: &Arc<str>) -> Vec<Arc<dyn Exported>> {
    let base_url = || Arc::clone(base_url);
    vec![
        Arc::new(practices::Practices(base_url())),
        Arc::new(practices::Versions),
        Arc::new(practices::Evidence),
        Arc::new(practices::Adoptions(base_url())),
        Arc::new(places::Schools(base_url())),
        Arc::new(sessions::Sessions(base_url())),
        Arc::new(sessions::Meetings),
        Arc::new(compacts::Compacts(base_url())),
        Arc::new(compacts::Commitments(base_url())),
        Arc::new(statements::Statements(base_url())),
        Arc::new(statements::StatementVersions),
        Arc::new(statements::SignOns),
        Arc::new(cities::Highlights(base_url())),
        Arc::new(cities::Metrics),
        Arc::new(words::Vocabularies),
        Arc::new(words::Sectors),
    ]
}

/// Every kind of pages that search engines are told of.
pub fn listed() -> Vec<Arc<dyn Listed>> {
    vec![
        Arc::new(Pages),
        Arc::new(practices::PracticePages),
        Arc::new(places::SchoolPages),
        Arc::new(sessions::SessionPages),
        Arc::new(compacts::CompactPages),
        Arc::new(statements::StatementPages),
        Arc::new(cities::HighlightPages),
        Arc::new(cities::CityPages),
        Arc::new(cities::DigestPages),
    ]
}
