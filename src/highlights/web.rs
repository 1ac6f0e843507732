//! Pages of this feature: highlights for everybody, their writing, the word of schools, and the page of an office.

mod approval;
mod fields;
pub mod kept;
mod office;
mod piece;
mod public;
mod writing;

use poem::Request;

use crate::search::web::parameters;
use crate::web::methods::{Resource, resource};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/highlights", resource().get(public::list_view).post(writing::write_view)),
        ("/highlights.atom", resource().get(public::feed_view)),
        ("/highlights/new", resource().get(writing::new_view)),
        ("/highlights/:slug", resource().get(public::highlight_view)),
        ("/highlights/:slug/card", resource().get(public::card_view)),
        ("/highlights/:slug/press", resource().get(public::press_view)),
        ("/highlights/:slug/press.txt", resource().get(public::press_text_view)),
        ("/highlights/:slug/photo", resource().get(public::photo_view).post(writing::photo_view)),
        ("/highlights/:slug/photo/removal", resource().post(writing::remove_photo_view)),
        ("/highlights/:slug/edit", resource().get(writing::edit_view).post(writing::change_view)),
        ("/highlights/:slug/deletion", resource().post(writing::delete_view)),
        ("/highlights/:slug/review", resource().post(writing::ask_view)),
        ("/highlights/:slug/publication", resource().post(writing::publish_view)),
        ("/highlights/:slug/withdrawal", resource().post(writing::withdraw_view)),
        ("/highlights/:slug/approval/:school", resource().get(approval::own_view).post(approval::say_view)),
        ("/approve-highlight/:token", resource().get(approval::asked_view).post(approval::answer_view)),
        ("/approve-highlight/:token/photo", resource().get(approval::photo_view)),
        ("/office", resource().get(office::office_view)),
    ]
}

/// The first value of a parameter of the address.
fn asked(request: &Request, name: &str) -> String {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
