//! Finding sessions: list, month, feeds of a search.

use crate::web::methods::Resource;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
