//! Pages of this feature.

use crate::web::methods::Resource;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
