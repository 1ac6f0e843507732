//! The entrance over HTTP: a file for each part of it.

pub mod cookie;
pub mod enter;
pub mod identify;
mod tokens;

use crate::web::methods::{Resource, resource};

/// The pages of the entrance.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/me/tokens", resource().get(tokens::tokens_view).post(tokens::make_token_view)),
        ("/me/tokens/:id/revocation", resource().post(tokens::revoke_token_view)),
    ]
}
