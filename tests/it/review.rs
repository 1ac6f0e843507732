//! Review through the front, on both engines.
