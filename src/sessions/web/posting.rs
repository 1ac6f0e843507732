//! Posting and changing a session, and its life.

use crate::web::methods::Resource;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
