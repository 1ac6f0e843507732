//! Who comes, for those who run a session.
