//! Pages of compacts.

mod answers;
mod care;
mod commitments;
mod compacts;
mod links;
mod mine;
mod parties;
mod wording;
mod writing;

use poem::Request;

use crate::platform::{Error, Result, Timestamp};
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::views::Choice;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/compacts", resource().get(compacts::list_view).post(writing::begin_view)),
        ("/compacts/new", resource().get(writing::new_view)),
        ("/compacts/compare", resource().get(compacts::compare_view)),
        ("/compacts/:slug", resource().get(compacts::compact_view)),
        ("/compacts/:slug/history", resource().get(compacts::history_view)),
        ("/compacts/:slug/publication", resource().post(writing::publish_view)),
        ("/compacts/:slug/edit", resource().get(writing::edit_view).post(writing::change_view)),
        ("/compacts/:slug/parties", resource().get(parties::parties_view).post(parties::add_party_view)),
        ("/compacts/:slug/parties/:id", resource().post(parties::move_party_view)),
        ("/compacts/:slug/seats", resource().post(parties::add_seat_view)),
        ("/compacts/:slug/seats/:id/removal", resource().post(parties::remove_seat_view)),
        ("/compacts/:slug/text", resource().get(writing::text_view).post(writing::write_text_view)),
        ("/compacts/:slug/text/:version", resource().get(compacts::text_view)),
        ("/compacts/:slug/visits", resource().get(writing::visit_view).post(writing::log_visit_view)),
        ("/compacts/:slug/commitments", resource().get(commitments::new_view).post(commitments::make_view)),
        ("/compacts/:slug/commitments/:number", resource().get(commitments::commitment_view)),
        (
            "/compacts/:slug/commitments/:number/edit",
            resource().get(commitments::edit_view).post(commitments::change_view),
        ),
        (
            "/compacts/:slug/commitments/:number/updates",
            resource().get(answers::update_view).post(answers::updated_view),
        ),
        (
            "/compacts/:slug/commitments/:number/confirmation",
            resource().get(answers::confirm_view).post(answers::confirmed_view),
        ),
        ("/compacts/:slug/commitments/:number/links", resource().get(links::link_view).post(links::linked_view)),
        ("/compacts/:slug/commitments/:number/handover", resource().get(care::handover_view).post(care::handed_view)),
        (
            "/compacts/:slug/commitments/:number/redaction",
            resource().get(care::redaction_view).post(care::redacted_view),
        ),
        ("/compacts/:slug/commitments/:number/links/:id/removal", resource().post(links::unlink_view)),
        ("/me/commitments", resource().get(mine::mine_view)),
    ]
}

fn asked(request: &Request, name: &str) -> String {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    all.get(name).to_owned()
}

fn asked_all(request: &Request, name: &str) -> Vec<String> {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    all.all(name).into_iter().filter(|value| !value.is_empty()).collect()
}

fn number(text: &str, what: &'static str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound(what))
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
