//! Adoptions through the front, on both engines.
