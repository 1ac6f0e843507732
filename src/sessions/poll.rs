//! Proposing times.
