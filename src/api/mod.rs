//! The shell of the JSON API: how refusals, lists and tags look in every operation. The operations are in the
//! features' `api.rs`; [`docs`] turns the description of all of them into pages.

mod caller;
pub mod day;
pub mod docs;
pub mod idempotency;
pub mod pages;
mod refused;
pub mod tagged;
pub mod views;
pub mod vocabularies;
pub mod whole;
mod written;

use poem_openapi::Tags;

pub use self::caller::Caller;
pub use self::refused::{Field, ProblemDocument, Refused};
pub use self::written::Written;

/// The groups of the description.
#[derive(Tags)]
pub enum Group {
    /// Search the catalog and read practices with their evidence, versions and adoptions. No sign-in.
    Practices,
    /// Find schools and the organizations they belong to. No sign-in.
    Schools,
    /// Joint sessions: find them, ask for seats, answer for your school, run them.
    Sessions,
    /// What continues the text typed so far.
    Search,
    /// Who you are here: your account, places, tokens and sign-ins, and everything kept about you.
    Me,
    /// Who belongs to a school or an office, and in which role.
    People,
    /// What a mayor's office tells its city.
    Announcements,
    /// What sectors do together: compacts, statements, highlights, digests, the report of a city. Reading needs no sign-in.
    Collaborations,
    /// What administrators do: people, schools, the audit log.
    Administration,
    /// The words people choose from: codes and what they mean. No sign-in.
    Vocabularies,
}

/// The header `Link` of a list (RFC 8288): where the next page is.
pub fn next_link(url: Option<&str>) -> Option<String> {
    url.map(|url| format!("<{url}>; rel=\"next\""))
}
