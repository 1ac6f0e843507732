//! Seats over JSON.
