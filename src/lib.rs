//! Common Ground: a searchable catalog of practices, shared by district and charter schools of one city.
//!
//! Read in this order: [`platform`] is what everything stands on; [`people`], [`sign_in`], [`catalog`], [`sessions`] and
//! [`search`] are the product, [`mail`] carries its letters and [`audit`] keeps what happened; [`web`] and [`api`] are the
//! shells they answer through; [`app`] puts it together and [`ops`] runs it. Who may import whom is a table in `docs/ARCHITECTURE.md`, and a test reads it.

pub mod adoptions;
pub mod api;
pub mod app;
pub mod audit;
pub mod bulletins;
pub mod catalog;
pub mod collections;
pub mod compacts;
pub mod contributions;
pub mod digests;
pub mod following;
pub mod highlights;
pub mod mail;
pub mod materials;
pub mod moderation;
pub mod notices;
pub mod open_data;
pub mod ops;
pub mod people;
pub mod platform;
pub mod report;
pub mod search;
pub mod sessions;
pub mod sign_in;
pub mod statements;
pub mod talk;
pub mod web;
