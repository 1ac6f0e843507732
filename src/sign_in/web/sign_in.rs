//! Signing in with a password, and asking for a link.

use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{Request, Response, handler};

use super::browser::{arrival, parameter};
use super::enter::entered;
use crate::platform::{Actor, Db, Error};
use crate::sign_in::views::entering::{LetterSentPage, SignInPage};
use crate::sign_in::{Entrance, arrival::onward, link, password};
use crate::web::asker::Asker;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, safe_next, see_other};

/// `/sign-in`
#[handler]
pub async fn sign_in_view(
    request: &Request,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    asker: Asker,
) -> poem::Result<Response> {
    let mut view = page(&site, &entrance, &parameter(request, "next"), "");
    view.signed_in_as = asker.0.person().map(|person| person.name.clone()).unwrap_or_default();
    own_page(StatusCode::OK, &view)
}

/// POST `/sign-in`: with a password.
#[handler]
pub async fn password_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let (typed, next) = (form.get("email"), safe_next(form.get("next")));
    match password::sign_in(&db, &entrance, typed, form.raw("password"), &arrival(request)).await {
        Ok((proceeding, account)) => {
            let next = onward(&db.cx(Actor::Visitor), &proceeding, account, next).await?;
            Ok(entered(&site, &proceeding, &next))
        }
        Err(error) => again(&site, &entrance, next, typed, error),
    }
}

/// POST `/sign-in/link`: a link by email. The answer is the same whoever asks.
#[handler]
pub async fn ask_link_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let (typed, next) = (form.get("email"), safe_next(form.get("next")));
    match link::ask(&db, &entrance, typed, next, &arrival(request)).await {
        Ok(()) => Ok(see_other("/sign-in/letter")),
        Err(error) => again(&site, &entrance, next, typed, error),
    }
}

/// `/sign-in/letter`
#[handler]
pub async fn letter_sent_view(site: Data<&Site>) -> poem::Result<Response> {
    let mut chrome = site.chrome("Look into your mail", "", "/sign-in/letter");
    chrome.noindex = true;
    own_page(StatusCode::OK, &LetterSentPage { chrome })
}

fn page(site: &Site, entrance: &Entrance, next: &str, email: &str) -> SignInPage {
    let mut chrome = site.chrome("Sign in", "Sign in to Common Ground, or join with your work address.", "/sign-in");
    chrome.noindex = true;
    let providers = super::oidc::links(entrance, next);
    SignInPage { chrome, email: email.to_owned(), next: safe_next(next).to_owned(), providers, ..SignInPage::default() }
}

/// The form once more, with what to put right.
fn again(site: &Site, entrance: &Entrance, next: &str, typed: &str, error: Error) -> poem::Result<Response> {
    let wait = match &error {
        Error::TooMany { wait } => Some(wait.as_secs() + 1),
        _ => None,
    };
    let status = if wait.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut view = page(site, entrance, next, typed);
    view.corrections = Corrections::of(error)?;
    let mut response = own_page(status, &view)?;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}
