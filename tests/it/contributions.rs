//! Contributions through the front, on both engines.
