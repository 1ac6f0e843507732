//! Pages of this feature.

mod confirm;
mod review;

use crate::web::methods::Resource;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = review::pages();
    pages.extend(confirm::pages());
    pages
}
