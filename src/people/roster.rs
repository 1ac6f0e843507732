//! People from a roster.
