//! Links of letters: GET shows what a link would do, POST does it (T10).

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::browser::{arrival, parameter};
use super::enter::entered;
use crate::platform::{Actor, Db};
use crate::sign_in::address::{self, Agreed};
use crate::sign_in::arrival::onward;
use crate::sign_in::views::entering::{AddressAnswerPage, AddressQuestionPage, LinkGonePage, LinkPage};
use crate::sign_in::{Entrance, link};
use crate::web::form::Corrections;
use crate::web::site::{Site, own_page, safe_next, see_other};
use crate::web::views::Chrome;

/// GET `/sign-in/link/{secret}`
#[handler]
pub async fn link_view(site: Data<&Site>, db: Data<&Db>, Path(secret): Path<String>) -> poem::Result<Response> {
    let Some(waiting) = link::look(&db, &secret).await? else { return gone(&site, true) };
    let title = if waiting.name.is_some() { "Sign in" } else { "Open your account" };
    let action = format!("/sign-in/link/{}", secret.trim());
    own_page(
        StatusCode::OK,
        &LinkPage { chrome: chrome(&site, title), action, email: waiting.email, name: waiting.name },
    )
}

/// POST `/sign-in/link/{secret}`
#[handler]
pub async fn use_link_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    Path(secret): Path<String>,
) -> poem::Result<Response> {
    let Some((proceeding, account, next)) = link::enter(&db, &entrance, &secret, &arrival(request)).await? else {
        return gone(&site, true);
    };
    let next = onward(&db.cx(Actor::Visitor), &proceeding, account, safe_next(&next)).await?;
    Ok(entered(&site, &proceeding, &next))
}

/// GET `/address-change/{secret}`
#[handler]
pub async fn question_view(site: Data<&Site>, db: Data<&Db>, Path(secret): Path<String>) -> poem::Result<Response> {
    let Some(question) = address::look(&db, &secret).await? else { return gone(&site, false) };
    let action = format!("/address-change/{}", secret.trim());
    let chrome = chrome(&site, "Move to another address");
    own_page(StatusCode::OK, &AddressQuestionPage { chrome, action, new_email: question.new_email, old: question.old })
}

/// POST `/address-change/{secret}`
#[handler]
pub async fn agree_view(
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    Path(secret): Path<String>,
) -> poem::Result<Response> {
    match address::agree(&db, &entrance, &secret).await? {
        Some(Agreed::Moved) => Ok(see_other("/address-change?outcome=moved")),
        Some(Agreed::Waiting) => Ok(see_other("/address-change?outcome=waiting")),
        None => gone(&site, false),
    }
}

/// POST `/address-change/{secret}/refusal`
#[handler]
pub async fn refuse_view(
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    Path(secret): Path<String>,
) -> poem::Result<Response> {
    match address::refuse(&db, &entrance, &secret).await? {
        Some(()) => Ok(see_other("/address-change?outcome=refused")),
        None => gone(&site, false),
    }
}

/// GET `/address-change`: what an answer led to.
#[handler]
pub async fn answer_view(request: &Request, site: Data<&Site>) -> poem::Result<Response> {
    let outcome = match parameter(request, "outcome").as_str() {
        "moved" => "moved",
        "waiting" => "waiting",
        "refused" => "refused",
        _ => return Ok(see_other("/me/security")),
    };
    own_page(StatusCode::OK, &AddressAnswerPage { chrome: chrome(&site, "Move to another address"), outcome })
}

fn gone(site: &Site, to_sign_in: bool) -> poem::Result<Response> {
    let chrome = chrome(site, "This link does not work any more");
    own_page(StatusCode::GONE, &LinkGonePage { chrome, to_sign_in, corrections: Corrections::default() })
}

/// The frame of a page whose own address is a secret: it names none.
fn chrome(site: &Site, title: &str) -> Chrome {
    let mut chrome = site.chrome(title, "", "");
    chrome.canonical.clear();
    chrome.noindex = true;
    chrome
}
