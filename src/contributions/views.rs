//! What the pages of contributions show.

pub mod review;
