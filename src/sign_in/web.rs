//! The entrance over HTTP: a file for each part of it.

pub mod cookie;
pub mod enter;
pub mod identify;

use crate::web::methods::Resource;

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    Vec::new()
}
