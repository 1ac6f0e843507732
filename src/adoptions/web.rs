//! Pages of adoptions.

mod crossing;
mod cycles;
mod follow_up;
mod ledger;
mod record;

use crate::platform::Timestamp;
use crate::web::methods::{Resource, resource};
use crate::web::views::Choice;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices/:slug/adoption", resource().get(ledger::form_view).post(ledger::keep_view)),
        ("/adoptions", resource().get(crossing::crossings_view)),
        ("/adoptions.csv", resource().get(crossing::crossings_csv_view)),
        ("/adoptions/:id", resource().get(ledger::adoption_view)),
        ("/adoptions/:id/version", resource().post(ledger::version_view)),
        ("/adoptions/:id/cycles", resource().get(cycles::new_view).post(cycles::begin_view)),
        ("/adoptions/:id/cycles/:number", resource().get(cycles::cycle_view).post(cycles::write_view)),
        ("/follow-ups/:id", resource().get(follow_up::ask_view).post(follow_up::answer_view)),
        ("/r/follow-up/:token", resource().get(follow_up::ask_link_view).post(follow_up::answer_link_view)),
        ("/me/adoptions", resource().get(ledger::mine_view)),
        ("/schools/:slug/dissemination", resource().get(record::record_view)),
        ("/schools/:slug/dissemination.csv", resource().get(record::record_csv_view)),
    ]
}

/// A choice of a form.
fn choice(value: &str, label: impl Into<String>, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.into(), selected: value == chosen }
}

/// A moment as a form carries it.
fn stamp(at: Timestamp) -> String {
    at.timestamp_micros().to_string()
}

/// The moment of a form; `None` where it carries none.
fn seen(text: &str) -> Option<Timestamp> {
    text.parse().ok().and_then(Timestamp::from_timestamp_micros)
}
