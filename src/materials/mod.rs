//! Files and links that belong to practices: uploads that are checked, cleaned and stored, and links that are looked after.
//!
//! Who writes a draft sends a file for it ([`file::upload`]). What it is, its content says ([`check`]): a list of kinds is taken, nothing
//! that runs, nothing that is far larger than it looks, and pictures are made anew without what a camera notes. Its bytes are kept under
//! their hash in a folder or a bucket ([`Storage`]), and the draft's list of materials names its address. It is served as a download and
//! never shown; to everybody once a published version names it, before that to those who may know of the draft. This feature may not
//! know drafts: `contributions` implements [`Shelf`], `app.rs` registers it.
//!
//! Links in published practices are asked once a week whether they still lead somewhere ([`links`]), by a client that reaches no private
//! address ([`links::guard`]). [`upkeep`] follows what is published, asks links that are due, and takes out what nobody has any more.

pub mod api;
pub mod check;
pub mod file;
mod kind;
pub mod links;
pub mod part;
pub mod personal;
mod policy;
mod storage;
mod store;
pub mod upkeep;
pub mod views;
pub mod web;

pub use self::check::LARGEST;
pub use self::file::{Depot, Folder, Material, MaterialId, Shelf};
pub use self::kind::FileKind;
pub use self::links::Links;
pub use self::storage::Storage;
