//! Checking in, the roster on a phone, the sheet to print.

use crate::web::methods::Resource;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
