//! Credit programs, and what a session gives.
