//! Attendance over JSON.
