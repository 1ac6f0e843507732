//! Joint sessions over JSON, a file for each part.

mod document;

pub mod attendance;
pub mod certificates;
pub mod list;
pub mod messages;
pub mod posting;
pub mod roster;
pub mod seats;

pub use self::document::SessionDocument;
