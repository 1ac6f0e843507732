//! Wishes, polls and votes.
