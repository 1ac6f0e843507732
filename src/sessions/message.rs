//! What organizers write to those who come.
