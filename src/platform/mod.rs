//! What every feature stands on and none owns: configuration, database, time, ids, errors, who acts, what
//! happened, what is to be done later.
//!
//! It knows nothing of schools or practices. Environment, time and chance enter the program here and
//! nowhere else (`clippy.toml` refuses them in other places), so that a test can set all three.

pub mod actor;
pub mod cells;
pub mod chance;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod event;
pub mod ids;
pub mod job;
pub mod permit;
pub mod personal;
pub mod secret;
pub mod throttle;
pub mod vocabulary;
pub mod xml;
pub mod zone;

pub use actor::{Actor, Grant, Person, Place, Role, Scope, Via};
pub use clock::{Clock, Timestamp};
pub use config::Config;
pub use db::{Cx, Db, Tx};
pub use error::{Error, FieldErrors, Result};
pub use event::Event;
pub use job::{Job, Outcome};
pub use permit::Permit;
pub use secret::Secret;
pub use zone::Zone;
