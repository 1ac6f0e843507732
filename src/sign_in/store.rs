//! Tables and queries of the entrance, a file for each.

pub mod address_changes;
pub mod challenges;
pub mod forgetting;
pub mod links;
pub mod passkeys;
pub mod passwords;
pub mod second_steps;
pub mod tokens;
pub mod visits;
