//! Tables and queries of announcements and of subscriptions without an account.

pub mod announcements;
pub mod subscribers;
