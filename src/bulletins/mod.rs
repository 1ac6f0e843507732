//! Announcements to those who follow a city, and newsletters for people without an account.
