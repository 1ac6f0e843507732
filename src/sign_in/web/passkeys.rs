//! Passkeys: adding and removing them, and signing in with one.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::browser::arrival;
use super::enter;
use super::second_step::{
    again, chrome, corrected, done, first_proof, may_change, on, own_account, person, shown_once, sign_in_page,
    stronger, too_late, visit_of,
};
use crate::people;
use crate::platform::throttle::network;
use crate::platform::{Actor, Db, Error, Result};
use crate::sign_in::Entrance;
use crate::sign_in::arrival::onward;
use crate::sign_in::passkey::{self, PasskeyId};
use crate::sign_in::second_step::{self, Proceeding, Proven};
use crate::sign_in::views::second_step::{PasskeyRow, PasskeysPage};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::headers::ClientAddress;
use crate::web::site::{self, Site, own_page, see_other};

/// The page of passkeys.
const HERE: &str = "/me/security/passkeys";

/// `GET /me/security/passkeys`
#[handler]
pub async fn passkeys_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let name = enter::device(request.headers());
    let mut view = page(&db, &site, &entrance, actor, name, Corrections::default()).await?;
    view.done = done(request);
    own_page(StatusCode::OK, &view)
}

/// `POST /me/security/passkeys/options`: what the browser is asked with, in JSON.
#[handler]
pub async fn new_options_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let account = own_account(&db, &actor).await?;
    let mut tx = db.write(actor).await?;
    let options = passkey::offer_new(&mut tx, &entrance.passkeys, &account).await?;
    tx.commit().await?;
    Ok(json(options))
}

/// `POST /me/security/passkeys`: what the device made.
#[handler]
pub async fn add_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    match add(&db, &entrance, &actor, &form).await {
        Ok(set_up) if set_up.recovery.is_empty() => {
            Ok(stronger(&site, &set_up.ticket, see_other(&format!("{HERE}?done=passkey-added"))))
        }
        Ok(set_up) => {
            let done = "The passkey is added. With it you sign in without password and without code.";
            Ok(stronger(&site, &set_up.ticket, shown_once(&site, done, set_up.recovery, HERE)?))
        }
        Err(error) => {
            let (status, corrections) = corrected(error)?;
            let view = page(&db, &site, &entrance, actor, form.get("name").to_owned(), corrections).await?;
            own_page(status, &view)
        }
    }
}

/// `POST /me/security/passkeys/:id/removal`
#[handler]
pub async fn remove_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    Path(id): Path<String>,
) -> poem::Result<Response> {
    let id: PasskeyId = id.parse().map_err(|_| Error::NotFound("passkey"))?;
    let account = own_account(&db, &actor).await?;
    let mut tx = db.write(actor).await?;
    passkey::remove(&mut tx, &entrance, &account, id).await?;
    tx.commit().await?;
    Ok(see_other(&format!("{HERE}?done=passkey-removed")))
}

/// `POST /sign-in/passkey/options`: what the browser is asked with, in JSON.
#[handler]
pub async fn entry_options_view(
    request: &Request,
    Asker(actor): Asker,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
) -> poem::Result<Response> {
    let from = request.data::<ClientAddress>().map(|address| network(address.0)).unwrap_or_default();
    let mut tx = db.write(actor).await?;
    let options = passkey::offer_entry(&mut tx, &entrance, &from).await?;
    tx.commit().await?;
    Ok(json(options))
}

/// `POST /sign-in/passkey`
#[handler]
pub async fn enter_view(
    request: &Request,
    Asker(actor): Asker,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let next = on(form.get("next"));
    match entered(request, &db, &entrance, actor, &form, None, &next).await {
        Ok((proceeding, next)) => Ok(enter::entered(&site, &proceeding, &next)),
        Err(error) => {
            let (status, corrections) = corrected(error)?;
            let sentence = corrections.list().first().map(|first| first.message.as_str()).unwrap_or_default();
            again(status, &site, "The passkey did not sign you in", sentence, &next)
        }
    }
}

/// `POST /sign-in/second-step/passkey`
#[handler]
pub async fn pass_view(
    request: &Request,
    Asker(actor): Asker,
    db: Data<&Db>,
    site: Data<&Site>,
    entrance: Data<&Entrance>,
    form: Form,
) -> poem::Result<Response> {
    let next = on(form.get("next"));
    let Some(proven) = first_proof(request, &db, &entrance) else {
        return too_late(StatusCode::UNPROCESSABLE_ENTITY, &site, &next);
    };
    match entered(request, &db, &entrance, actor, &form, Some(&proven), &next).await {
        Ok((proceeding, next)) => Ok(enter::entered(&site, &proceeding, &next)),
        Err(error) => {
            let (status, corrections) = corrected(error)?;
            let view = sign_in_page(&db, &site, &entrance, &proven, next, corrections).await?;
            own_page(status, &view)
        }
    }
}

async fn entered(
    request: &Request,
    db: &Db,
    entrance: &Entrance,
    actor: Actor,
    form: &Form,
    first: Option<&Proven>,
    next: &str,
) -> Result<(Proceeding, String)> {
    let mut tx = db.write(actor.clone()).await?;
    let brought = passkey::bring_entry(&mut tx, form.raw("credential")).await?;
    tx.commit().await?;
    let cx = db.cx(Actor::Visitor);
    let account = people::account::account(&cx, passkey::claimed(&cx, &brought).await?).await?;
    let mut tx = db.write(actor).await?;
    let device = enter::device(request.headers());
    let ticket = passkey::enter(&mut tx, entrance, &account, brought, first, &device).await?;
    arrival(request).end_former(&mut tx).await?;
    tx.commit().await?;
    let proceeding = Proceeding::In(ticket);
    let next = onward(&db.cx(Actor::Visitor), &proceeding, account.id, next).await?;
    Ok((proceeding, next))
}

async fn add(db: &Db, entrance: &Entrance, actor: &Actor, form: &Form) -> Result<second_step::SetUp> {
    let account = own_account(db, actor).await?;
    let visit = visit_of(actor)?;
    let mut tx = db.write(actor.clone()).await?;
    let brought = passkey::bring_new(&mut tx, form.raw("credential")).await?;
    tx.commit().await?;
    let mut tx = db.write(actor.clone()).await?;
    let set_up = passkey::add(&mut tx, entrance, &account, visit, form.get("name"), brought).await?;
    tx.commit().await?;
    Ok(set_up)
}

async fn page(
    db: &Db,
    site: &Site,
    entrance: &Entrance,
    actor: Actor,
    name: String,
    corrections: Corrections,
) -> Result<PasskeysPage> {
    let account = own_account(db, &actor).await?;
    let cx = db.cx(actor.clone());
    let state = second_step::state(&cx, account.id).await?;
    let passkeys = passkey::passkeys_of(&cx, account.id).await?;
    let row = |passkey: passkey::Passkey| PasskeyRow {
        id: passkey.id.to_string(),
        name: passkey.name,
        added: site::day_of(passkey.created_at),
        used: passkey.used_at.map(site::day_of).unwrap_or_default(),
    };
    Ok(PasskeysPage {
        chrome: chrome(site, "Passkeys", HERE),
        corrections,
        passkeys: passkeys.into_iter().map(row).collect(),
        works: entrance.passkeys.works(),
        may_change: may_change(person(&actor)?, &state),
        next_name: name,
        done: String::new(),
    })
}

/// An answer for the script beside the form.
fn json(text: String) -> Response {
    let response = Response::builder().content_type("application/json");
    response.header("cache-control", "no-store").body(text)
}
