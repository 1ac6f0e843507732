//! Materials through the front, on both engines.
