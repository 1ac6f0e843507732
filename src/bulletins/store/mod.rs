//! Tables and queries of announcements and of subscriptions without an account. The row of an announcement is held before
//! anything of it is changed, and a reader is added with it.

pub mod announcements;
pub mod subscribers;
