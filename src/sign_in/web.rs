//! The entrance over HTTP: a file for each part of it.

pub mod cookie;
pub mod enter;
pub mod identify;
pub mod invitation;

use crate::web::methods::{Resource, resource};

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/invitations/:secret", resource().get(invitation::invitation_view).post(invitation::accept_view))]
}
