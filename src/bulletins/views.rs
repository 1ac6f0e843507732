//! What the pages of announcements and newsletters show.

pub mod announcements;
pub mod newsletter;
