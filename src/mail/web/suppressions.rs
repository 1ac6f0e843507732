//! Pages of addresses that get no letters: the person's own, and the administrators' list.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use uuid::Uuid;

use crate::mail::suppression::{self, Reason, Scope, Suppressed};
use crate::mail::views::bounces::{MyMailPage, StoppedRow, SuppressionsPage};
use crate::mail::{Addresses, Email, outbox};
use crate::platform::{Actor, Cx, Db, Error, Timestamp};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Section, grouped};

/// Rows of a page.
const PAGE: u64 = 50;

/// `/admin/mail/suppressions`
#[handler]
pub async fn suppressions_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let mut view = list_page(actor, &db, &site, &form).await?;
    view.done = match (form.has("lifted"), form.has("entered")) {
        (true, _) => "Letters go there again.",
        (_, true) => "No letters go there from now on.",
        _ => "",
    };
    own_page(StatusCode::OK, &view)
}

async fn list_page(actor: Actor, db: &Db, site: &Site, form: &Form) -> Result<SuppressionsPage, Error> {
    let page: u64 = form.get("page").parse().unwrap_or(1).clamp(1, 100_000);
    let cx = db.cx(actor);
    let (rows, count) = suppression::list(&cx, (page - 1) * PAGE, PAGE).await?;
    let mut chrome = site.chrome("Addresses without letters", "", "/admin/mail/suppressions");
    chrome.section = Section::Admin;
    chrome.noindex = true;
    let next = count > page * PAGE;
    Ok(SuppressionsPage {
        chrome,
        admin_at: "mail",
        count: match count {
            0 => "No address".to_owned(),
            1 => "1 address".to_owned(),
            n => format!("{} addresses", grouped(n)),
        },
        rows: rows.iter().map(|row| line(row, "/admin/mail/suppressions", "lift", None)).collect(),
        next_url: if next { format!("/admin/mail/suppressions?page={}", page + 1) } else { String::new() },
        first_url: if page > 1 { "/admin/mail/suppressions".to_owned() } else { String::new() },
        scopes: scopes(Scope::Lists),
        ..SuppressionsPage::default()
    })
}

fn scopes(chosen: Scope) -> Vec<Choice> {
    let choice = |scope: Scope| Choice {
        value: scope.code().to_owned(),
        label: not_sent(scope).to_owned(),
        selected: scope == chosen,
    };
    vec![choice(Scope::Lists), choice(Scope::All)]
}

fn not_sent(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "No letters at all",
        Scope::Lists => "No news and announcements",
    }
}

/// `POST /admin/mail/suppressions`
#[handler]
pub async fn enter_view(
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    form: Form,
) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let mut tx = db.write(actor.clone()).await?;
    let scope = if form.get("scope") == "all" { Scope::All } else { Scope::Lists };
    let entered = match Email::parse(form.get("email")) {
        Ok(email) => suppression::enter(&mut tx, &email, scope).await,
        Err(message) => Err(Error::invalid("email", message)),
    };
    match entered {
        Ok(_) => {
            tx.commit().await?;
            Ok(see_other("/admin/mail/suppressions?entered"))
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            let page = list_page(actor, &db, &site, &Form::default()).await?;
            let (email, scopes) = (form.get("email").to_owned(), scopes(scope));
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &SuppressionsPage { corrections, email, scopes, ..page })
        }
    }
}

/// `POST /admin/mail/suppressions/:id/lift`
#[handler]
pub async fn lift_view(Path(id): Path<String>, SignedIn(actor): SignedIn, db: Data<&Db>) -> poem::Result<Response> {
    let mut tx = db.write(actor).await?;
    suppression::lift(&mut tx, number(&id)?).await?;
    tx.commit().await?;
    Ok(see_other("/admin/mail/suppressions?lifted"))
}

/// `/me/mail`
#[handler]
pub async fn mine_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    addresses: Data<&Arc<dyn Addresses>>,
) -> poem::Result<Response> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let mut view = my_page(actor, &db, &site, &***addresses).await?;
    view.again = form.has("again");
    own_page(StatusCode::OK, &view)
}

/// The address that the actor's account has.
async fn own(cx: &Cx, addresses: &dyn Addresses) -> Result<Option<Email>, Error> {
    match cx.actor().account() {
        Some(account) => addresses.address_of(cx, account).await,
        None => Ok(None),
    }
}

async fn my_page(actor: Actor, db: &Db, site: &Site, addresses: &dyn Addresses) -> Result<MyMailPage, Error> {
    let cx = db.cx(actor);
    let rows = suppression::mine(&cx, own(&cx, addresses).await?.as_ref()).await?;
    let mut chrome = site.chrome("Letters to you", "", "/me/mail");
    chrome.noindex = true;
    let rows = rows.iter().map(|row| line(row, "/me/mail", "again", Some(cx.now()))).collect();
    Ok(MyMailPage { chrome, rows, ..MyMailPage::default() })
}

/// `POST /me/mail/:id/again`
#[handler]
pub async fn again_view(
    Path(id): Path<String>,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
    addresses: Data<&Arc<dyn Addresses>>,
) -> poem::Result<Response> {
    let own = own(&db.cx(actor.clone()), &***addresses).await?;
    let mut tx = db.write(actor.clone()).await?;
    match suppression::try_again(&mut tx, own.as_ref(), number(&id)?).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other("/me/mail?again"))
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            let view = MyMailPage { corrections, ..my_page(actor, &db, &site, &***addresses).await? };
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

fn number(id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::NotFound("address"))
}

/// `now`: for the person, who tries again once a day.
fn line(row: &Suppressed, path: &str, verb: &str, now: Option<Timestamp>) -> StoppedRow {
    let why = match row.reason {
        Reason::Unknown => "The mail server there says that there is nobody of that name.",
        Reason::Refused => "The mail server there refused our letters for good.",
        Reason::Full => "The mailbox was full, or its mail server away, for many days.",
        Reason::Complaint => "Somebody there called one of our letters unwanted.",
        Reason::Entered => "The city's administrators entered it.",
    };
    let not_before = now.and_then(|now| suppression::may_try_at(row, now));
    StoppedRow {
        address: row.address.clone(),
        why,
        what: not_sent(row.scope),
        since: day_of(row.since),
        url: format!("{path}/{}/{verb}", row.id),
        not_before: not_before.map(|at| format!("{}, {} UTC", day_of(at), at.format("%H:%M"))).unwrap_or_default(),
    }
}
