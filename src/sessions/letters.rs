//! The letters of seats: exactly one for each transition.
