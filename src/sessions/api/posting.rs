//! Posting and changing sessions over JSON.
