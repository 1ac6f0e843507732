//! The pages.

use crate::web::methods::Resource;

/// The pages of this feature.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
