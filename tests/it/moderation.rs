//! Moderation through the front, on both engines.
