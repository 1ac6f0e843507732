//! Collections through the front, on both engines.
