//! `/me/security`: how somebody signs in, and where they are signed in.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::browser::{current, parameter};
use crate::people;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sign_in::own_password::{self, Proof, is_fresh};
use crate::sign_in::views::security::{OwnPasswordPage, Proving, SecurityPage, SignInRow};
use crate::sign_in::visit::{self, Visit, VisitId};
use crate::sign_in::{Entrance, address};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Chrome, Section};

/// More browsers than this are ended together.
const SHOWN: usize = 50;

/// `/me/security`
#[handler]
pub async fn security_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    entrance: Data<&Entrance>,
    signed_in: SignedIn,
) -> poem::Result<Response> {
    let SignedIn(actor) = signed_in;
    let current = current(request)?;
    let cx = db.cx(actor);
    let account = people::account::account(&cx, current.account).await?;
    let row = |visit: Visit| SignInRow {
        device: visit.device,
        method: visit.method.label().to_owned(),
        since: day_of(visit.created_at),
        seen: format!("{}, {} UTC", day_of(visit.seen_at), visit.seen_at.format("%H:%M")),
        this: visit.id == current.id,
        end_action: format!("/me/security/sign-ins/{}/ending", visit.id),
    };
    let view = SecurityPage {
        chrome: frame(&site, "Security", "/me/security"),
        done: said(&parameter(request, "done")),
        email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        has_providers: entrance.providers.list().next().is_some(),
        moving_to: address::waiting(&cx, account.id).await?.unwrap_or_default(),
        password_since: own_password::set_since(&cx, account.id).await?.map(day_of),
        lacks_second_step: cx.actor().person().is_some_and(|person| person.lacks_second_step()),
        sign_ins: visit::visits_of(&cx, account.id).await?.into_iter().take(SHOWN).map(row).collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// What was just done.
fn said(code: &str) -> &'static str {
    match code {
        "password" => "Your password is set, every other browser was signed out, and every token was revoked.",
        "no-password" => "Your password is gone, and every token was revoked. A link by email signs you in.",
        "address" => "Both mailboxes have a letter. Your account moves when both have agreed.",
        "ended" => "That browser is signed out.",
        "others" => "Every other browser is signed out.",
        _ => "",
    }
}

/// GET `/me/security/password`
#[handler]
pub async fn password_view(
    request: &Request,
    site: Data<&Site>,
    db: Data<&Db>,
    signed_in: SignedIn,
) -> poem::Result<Response> {
    let proving = proving(&db.cx(signed_in.0), &current(request)?, "/me/security/password").await?;
    password_page(&site, StatusCode::OK, proving, Corrections::default())
}

/// POST `/me/security/password`
#[handler]
pub async fn change_password_view(
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
    match own_password::change(&db, &entrance, actor.clone(), proof, form.raw("password")).await {
        Ok(()) => Ok(see_other("/me/security?done=password")),
        Err(error) => password_again(&site, &db, actor, &visit, error).await,
    }
}

/// POST `/me/security/password/removal`
#[handler]
pub async fn remove_password_view(
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
    match own_password::remove(&db, &entrance, actor.clone(), proof).await {
        Ok(()) => Ok(see_other("/me/security?done=no-password")),
        Err(error) => password_again(&site, &db, actor, &visit, error).await,
    }
}

/// POST `/me/security/sign-ins/{id}/ending`
#[handler]
pub async fn end_view(db: Data<&Db>, signed_in: SignedIn, Path(id): Path<String>) -> poem::Result<Response> {
    let id: VisitId = id.parse().map_err(|_| Error::NotFound("sign-in"))?;
    let SignedIn(actor) = signed_in;
    let account = actor.account().ok_or(Error::SignInRequired)?;
    let mut tx = db.write(actor).await?;
    visit::end(&mut tx, people::AccountId(account), id).await?;
    tx.commit().await?;
    Ok(see_other("/me/security?done=ended"))
}

/// POST `/me/security/other-sign-ins/ending`
#[handler]
pub async fn end_others_view(request: &Request, db: Data<&Db>, signed_in: SignedIn) -> poem::Result<Response> {
    let current = current(request)?;
    let mut tx = db.write(signed_in.0).await?;
    visit::end_others(&mut tx, current.account, Some(current.id)).await?;
    tx.commit().await?;
    Ok(see_other("/me/security?done=others"))
}

/// What a form asks for before it changes how somebody signs in.
pub(super) async fn proving(cx: &Cx, visit: &Visit, next: &'static str) -> Result<Proving> {
    let account = people::account::account(cx, visit.account).await?;
    Ok(Proving {
        fresh: is_fresh(visit, cx.now()),
        has_password: own_password::set_since(cx, visit.account).await?.is_some(),
        email: account.email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
        next,
    })
}

async fn password_again(site: &Site, db: &Db, actor: Actor, visit: &Visit, error: Error) -> poem::Result<Response> {
    let corrections = Corrections::of(error)?;
    let proving = proving(&db.cx(actor), visit, "/me/security/password").await?;
    password_page(site, StatusCode::UNPROCESSABLE_ENTITY, proving, corrections)
}

fn password_page(
    site: &Site,
    status: StatusCode,
    proving: Proving,
    corrections: Corrections,
) -> poem::Result<Response> {
    let chrome = frame(site, "Password", "/me/security/password");
    own_page(status, &OwnPasswordPage { chrome, corrections, proving })
}

/// The frame of a page of the signed-in person.
pub(super) fn frame(site: &Site, title: &str, path: &str) -> Chrome {
    let mut chrome = site.chrome(title, "", path);
    chrome.section = Section::Me;
    chrome.noindex = true;
    chrome
}
