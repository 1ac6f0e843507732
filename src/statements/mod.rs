//! Statements and frameworks: a text with numbered points, and who stands behind which version of it (C-9).
//!
//! A text begins as a private draft with invited commenters, is published in versions that never change, and collects sign-ons that are
//! bound to the version signed and can be withdrawn.

pub mod web;
