//! Tables and queries of saved practices and collections.
//!
//! A file for what people save, one for collections, and one for what is in a collection.

pub mod collections;
pub mod contents;
pub mod saves;
