//! What asks for a recent sign-in: whatever opens another way into an account, or erases it. A browser that was left open
//! signs in again first.

use poem::http::{Method, StatusCode};
use poem::{Request, Response, Result};

use super::browser::{current, parameter};
use super::second_step::again;
use crate::platform::{Db, Error};
use crate::sign_in::visit;
use crate::web::origin;
use crate::web::site::Site;

const SENTENCE: &str = "Sign in again first: this changes how you get in.";

/// The page that somebody comes back to, of what asks for a recent sign-in.
fn asked_from(request: &Request) -> Option<&'static str> {
    let path = request.uri().path();
    if path.starts_with("/sign-in/oidc/") && !parameter(request, "connect").is_empty() {
        return Some("/me/security/providers");
    }
    if !origin::changes(request.method()) {
        return None;
    }
    match path {
        "/me/security/second-step/app" => Some("/me/security/second-step"),
        "/me/security/second-step/app/confirmation" => Some("/me/security/second-step/app"),
        "/me/security/passkeys" | "/me/security/passkeys/options" => Some("/me/security/passkeys"),
        "/me/tokens" => Some("/me/tokens"),
        "/api/v1/me/tokens" if *request.method() == Method::POST => Some("/me/tokens"),
        "/me/data/erasure" => Some("/me/data"),
        _ => None,
    }
}

/// What a sign-in that is not recent is answered instead: a page that leads to the sign-in and back, or the sentence alone
/// for a program. Who has no sign-in in a browser is refused elsewhere.
pub(super) fn refusal(request: &Request, db: &Db, site: &Site) -> Result<Option<Response>> {
    let Some(back) = asked_from(request) else { return Ok(None) };
    let Ok(visit) = current(request) else { return Ok(None) };
    if visit::is_recent(&visit, db.clock().now()) {
        return Ok(None);
    }
    let path = request.uri().path();
    if path.starts_with("/api/") || path.ends_with("/options") {
        return Err(Error::Forbidden(SENTENCE.to_owned()).into());
    }
    again(StatusCode::FORBIDDEN, site, "Sign in again", SENTENCE, back).map(Some)
}
