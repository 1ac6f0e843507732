//! What the sessions of the signed-in person shows.
