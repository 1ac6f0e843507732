//! The integration tests: one binary, a file per feature, through the front (HTTP, the command line), on both engines.
//!
//! `tests/run` starts what they need. By hand: set `COMMONGROUND_TEST_POSTGRES` to the URL of a server on which
//! databases may be made.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]

mod admin;
mod adoptions;
mod architecture;
mod attendance;
mod audit;
mod bounces;
mod bulletins;
mod calendar;
mod catalog;
mod certificates;
mod cli;
mod collections;
mod compacts;
mod console;
mod contributions;
mod demand;
mod digests;
mod engines;
mod following;
mod guard;
mod highlights;
mod imip;
mod letters;
mod letters_in_time;
mod mail;
mod materials;
mod me;
mod membership;
mod moderation;
mod notices;
mod oidc;
mod open_data;
mod outbox;
mod pages;
mod people;
mod permissions;
mod posting;
mod privacy;
mod queries;
mod relevance;
mod reminders;
mod report;
mod review;
mod roster;
mod search;
mod seat_letters;
mod seats;
mod seats_model;
mod second_step;
mod server;
mod session_list;
mod session_pages;
mod sessions;
mod sign_in;
mod statements;
mod support;
mod talk;
