//! The roster over JSON.
