//! What the pages of the entrance show.

pub mod oidc;
