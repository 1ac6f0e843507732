//! Tables and queries of saved practices and collections: a file for each, and one for what is in a collection.

pub mod collections;
pub mod contents;
pub mod saves;
