//! Rooms of schools.
