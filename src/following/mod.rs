//! What people follow, and searches that they saved: who hears of a new or changed practice or session.
//!
//! A person follows things ([`follows`]: a school, a topic, a city, a practice, the sessions of a school) and keeps searches
//! ([`saved`]). Beside the server of every node runs a [`Lookout`](lookout::Lookout): it goes through the change logs of
//! practices and sessions as search does, finds what is new or materially changed ([`news`]), and hands a notice to everybody
//! who follows it or has a search that finds it. A saved search is not run for every practice: the practice finds the
//! searches ([`crate::search::Watches`]).
//!
//! How far each log was told of is a row of the database, moved in the transaction of the notices: no news is lost or told
//! twice, whatever is killed, and of several nodes one comes first.

pub mod api;
pub mod follows;
pub mod lookout;
mod news;
pub mod personal;
mod policy;
pub mod saved;
mod store;
pub mod views;
pub mod web;

pub use self::follows::{follow, followers_of_city, mine, unfollow};
pub use self::lookout::Lookout;
pub use self::saved::{Saved, SavedId};
