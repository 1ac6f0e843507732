//! What the organizer's console shows.
