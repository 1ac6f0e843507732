//! Queries of the list of sessions.
