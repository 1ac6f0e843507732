//! What is exported and listed today: each file asks the fronts of one corner of the product, as a visitor, and gives rows in pieces.
//! A feature that comes gets its lines in [`exported`] and [`listed`] here.

pub mod places;
pub mod practices;
pub mod sessions;
pub mod together;
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
        Arc::new(together::Compacts(base_url())),
        Arc::new(together::Commitments(base_url())),
        Arc::new(together::Statements(base_url())),
        Arc::new(together::StatementVersions),
        Arc::new(together::SignOns),
        Arc::new(together::Highlights(base_url())),
        Arc::new(together::Metrics),
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
        Arc::new(together::CompactPages),
        Arc::new(together::StatementPages),
        Arc::new(together::HighlightPages),
        Arc::new(together::CityPages),
        Arc::new(together::DigestPages),
    ]
}
