//! What the page of a session shows.
