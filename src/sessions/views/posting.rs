//! What posting and changing a session, and its life shows.
