//! Tables and queries of joint sessions, a file for each part. The row of a session is held before anything of it is changed;
//! its counters are changed by `sessions::count_seats` alone, where a CHECK guards the capacity.

pub mod afterwards;
pub mod attendance;
pub mod calendars;
pub mod certificates;
pub mod conflicts;
pub mod credit;
pub mod discarding;
pub mod list;
pub mod mergers;
pub mod messages;
pub mod outreach;
pub mod pages;
pub mod personal;
pub mod registrations;
pub mod reminders;
pub mod rooms;
pub mod sessions;
pub mod wishes;

/// What a query runs on, for files that may not name the library.
pub use sea_orm::ConnectionTrait as Connection;

/// So many ids are asked for in one statement: SQLite takes a bounded number of parameters.
pub const CHUNK: usize = 900;
