//! What asking for a session, proposing times shows.
