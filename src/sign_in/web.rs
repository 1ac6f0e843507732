//! The entrance over HTTP: a file for each part of it.

pub mod cookie;
pub mod enter;
pub mod identify;
pub mod oidc;

use crate::web::methods::Resource;

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = Vec::new();
    pages.extend(oidc::pages());
    pages
}
