//! What the pages of the entrance show, a file for each part of it.

pub mod entering;
pub mod second_step;
pub mod security;
