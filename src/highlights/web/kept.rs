//! A form that was sent after the sign-in had ended: nothing is done, and nothing typed is lost.

use poem::Response;
use poem::http::StatusCode;

use crate::highlights::views::kept::{KeptField, KeptPage};
use crate::web::form::Form;
use crate::web::site::{Site, own_page};
use crate::web::views::Chrome;

/// Fields that nobody typed.
const SILENT: [&str; 3] = ["revision", "zone", "form_token"];

/// The page of a form that came without a sign-in: what was typed, the way to sign in, and a button that sends it again. `back` is where
/// the form stood.
pub fn signed_out(site: &Site, form: &Form, action: &str, back: &str) -> poem::Result<Response> {
    let field = |(name, value): (&str, &str)| KeptField {
        words: match SILENT.contains(&name) || name.starts_with("was/") || value.is_empty() {
            true => String::new(),
            false => name.replace(['_', '/'], " "),
        },
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let title = "Sign in to keep this";
    let view = KeptPage {
        chrome: Chrome { noindex: true, ..site.chrome(title, "", back) },
        fields: form.starting("").map(field).collect(),
        action: action.to_owned(),
    };
    own_page(StatusCode::UNAUTHORIZED, &view)
}
