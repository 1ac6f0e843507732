//! `/me/security/address`: asking to move to another address. The answers of the mailboxes are in `links.rs`.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::browser::{current, network};
use super::security::{frame, proving};
use crate::platform::Db;
use crate::sign_in::own_password::Proof;
use crate::sign_in::views::security::OwnAddressPage;
use crate::sign_in::{Entrance, address};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};

const PATH: &str = "/me/security/address";

/// GET `/me/security/address`
#[handler]
pub async fn address_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    signed_in: SignedIn,
) -> poem::Result<Response> {
    let view = OwnAddressPage {
        chrome: frame(&site, "Move to another address", PATH),
        proving: proving(&db.cx(signed_in.0), &current(request)?, PATH).await?,
        ..OwnAddressPage::default()
    };
    own_page(StatusCode::OK, &view)
}

/// POST `/me/security/address`
#[handler]
pub async fn ask_address_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    signed_in: SignedIn,
    form: Form,
) -> poem::Result<Response> {
    let SignedIn(actor) = signed_in;
    let visit = current(request)?;
    let proof = Proof { visit: &visit, password: form.raw("old_password") };
    let typed = form.get("email");
    let asked = address::ask(&db, &entrance, actor.clone(), proof, typed, &network(request)).await;
    let Err(error) = asked else { return Ok(see_other("/me/security?done=address")) };
    let view = OwnAddressPage {
        chrome: frame(&site, "Move to another address", PATH),
        corrections: Corrections::of(error)?,
        proving: proving(&db.cx(actor), &visit, PATH).await?,
        email: typed.to_owned(),
    };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}
