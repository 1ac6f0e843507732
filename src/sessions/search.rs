//! What of a session is searchable.
