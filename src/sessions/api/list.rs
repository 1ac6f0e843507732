//! Finding and reading sessions over JSON.
