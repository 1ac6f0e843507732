//! What the pages of this feature show.

pub mod contact;
pub mod questions;
pub mod visits;
