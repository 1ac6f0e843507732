//! Addresses of personal calendars.
