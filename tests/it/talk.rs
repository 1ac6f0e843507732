//! Talk through the front, on both engines.
