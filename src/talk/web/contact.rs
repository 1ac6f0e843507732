//! `/practices/{slug}/contact`: letters to whoever knows a practice best, who gets them, and the page where one is answered.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{corrections, is_done, name_of, over, school_choices, secret_frame};
use crate::people::AccountId;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::talk::Exchange;
use crate::talk::circle::{Circle, circle};
use crate::talk::contact::{self, NewNote, NoteId};
use crate::talk::link::{self, Errand};
use crate::talk::views::contact::{ContactPage, ContactSettingsPage, ReplyPage};
use crate::talk::views::questions::{Typed, lines};
use crate::talk::words::Words;
use crate::web::asker::SignedIn;
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices/:slug/contact", resource().get(contact_view).post(write_view)),
        ("/practices/:slug/contact/settings", resource().get(settings_view).post(name_view)),
        ("/talk/reply/:token", resource().get(reply_view).post(send_view)),
    ]
}

fn typed(form: &Form) -> Typed {
    Typed { text: form.raw("text").to_owned(), named: form.has("named"), no_student: form.has("no_student") }
}

/// GET `/practices/{slug}/contact`
#[handler]
pub async fn contact_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let circle = circle(&cx, &slug).await?;
    let done = if is_done(request) { "Sent. You get the answer by letter." } else { "" };
    let view = ContactPage { done: done.to_owned(), ..ContactPage::default() };
    show(&cx, *site, &circle, view, "", StatusCode::OK).await
}

/// POST `/practices/{slug}/contact`
#[handler]
pub async fn write_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let circle = circle(&cx, &slug).await?;
    let new = NewNote {
        words: Words::new(form.raw("text"), form.has("no_student")),
        school: form.get("school").to_owned(),
        named: form.has("named"),
    };
    let written = async {
        let mut tx = db.write(actor).await?;
        contact::write(&mut tx, *exchange, &circle, new).await?;
        tx.commit().await
    };
    match written.await {
        Ok(()) => Ok(see_other(&format!("{}/contact?done", circle.path()))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = ContactPage { corrections, typed: typed(&form), ..ContactPage::default() };
            show(&cx, *site, &circle, view, form.get("school"), status).await
        }
    }
}

async fn show(
    cx: &Cx,
    site: &Site,
    circle: &Circle,
    view: ContactPage,
    school: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let (title, url) = (circle.practice.record.title.clone(), circle.path());
    let mut chrome = site.chrome(&format!("Write about {title}"), "", &format!("{url}/contact"));
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let closed = match &circle.origin {
        _ if !circle.is_open() => "This practice was taken out of the catalog; its page says why.",
        None => "This practice came from outside; nobody here answers for it.",
        Some(_) => "",
    };
    let view = ContactPage {
        chrome,
        school: circle.origin.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
        contact_role: circle.practice.record.contact_role.clone().unwrap_or_default(),
        closed: closed.to_owned(),
        may_write: cx.actor().person().is_some_and(|person| !person.grants.is_empty()),
        schools: school_choices(cx, school).await?,
        name: name_of(cx.actor()),
        may_name: contact::may_name(cx.actor(), circle),
        title,
        url,
        ..view
    };
    own_page(status, &view)
}

/// GET `/practices/{slug}/contact/settings`
#[handler]
pub async fn settings_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let circle = circle(&cx, &slug).await?;
    let done = if is_done(request) { "Saved." } else { "" };
    let view = ContactSettingsPage { done: done.to_owned(), ..ContactSettingsPage::default() };
    show_settings(&cx, *site, &circle, view, StatusCode::OK).await
}

/// POST `/practices/{slug}/contact/settings`
#[handler]
pub async fn name_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let circle = circle(&cx, &slug).await?;
    if !contact::may_name(&actor, &circle) {
        return Err(Error::NotFound("page").into());
    }
    let named = async {
        let chosen = match form.get("account") {
            "" => None,
            text => {
                Some(text.parse::<AccountId>().map_err(|_| Error::invalid("account", "Choose somebody of the list."))?)
            }
        };
        let mut tx = db.write(actor).await?;
        contact::name(&mut tx, &circle, chosen).await?;
        tx.commit().await
    };
    match named.await {
        Ok(()) => Ok(see_other(&format!("{}/contact/settings?done", circle.path()))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = ContactSettingsPage { corrections, ..ContactSettingsPage::default() };
            show_settings(&cx, *site, &circle, view, status).await
        }
    }
}

async fn show_settings(
    cx: &Cx,
    site: &Site,
    circle: &Circle,
    view: ContactSettingsPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let (staff, named) = contact::choices(cx, circle).await?;
    let (title, url) = (circle.practice.record.title.clone(), circle.path());
    let mut chrome = site.chrome(&format!("Letters about {title}"), "", &format!("{url}/contact/settings"));
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let leads =
        Choice { value: String::new(), label: "Those who lead the school".to_owned(), selected: named.is_none() };
    let people = staff.iter().map(|one| Choice {
        value: one.account.id.to_string(),
        label: one.account.name.clone(),
        selected: named == Some(one.account.id),
    });
    let view = ContactSettingsPage {
        chrome,
        school: circle.origin.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
        people: std::iter::once(leads).chain(people).collect(),
        title,
        url,
        ..view
    };
    own_page(status, &view)
}

/// The person and the letter of a link.
async fn read(db: &Db, exchange: &Exchange, token: &str) -> Result<(Actor, NoteId)> {
    let link = link::read(&exchange.secret, Errand::Reply, token)?;
    let actor = link::actor(&db.cx(Actor::Visitor), &link).await?;
    Ok((actor, NoteId(link.subject)))
}

/// GET `/talk/reply/{token}`
#[handler]
pub async fn reply_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = if is_done(request) { "Sent. They get your answer by letter." } else { "" };
    let view = ReplyPage { done: done.to_owned(), ..ReplyPage::default() };
    show_reply(*db, *exchange, *site, &token, view, StatusCode::OK).await
}

/// POST `/talk/reply/{token}`
#[handler]
pub async fn send_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (actor, note) = match read(*db, *exchange, &token).await {
        Ok(found) => found,
        Err(error) => return over(*site, error),
    };
    let words = Words::new(form.raw("text"), form.has("no_student"));
    let sent = async {
        let mut tx = db.write(actor).await?;
        contact::reply(&mut tx, *exchange, note, &words, form.has("named")).await?;
        tx.commit().await
    };
    match sent.await {
        Ok(()) => Ok(see_other(&format!("/talk/reply/{token}?done"))),
        Err(error @ Error::NotFound(_)) => over(*site, error),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = ReplyPage { corrections, typed: typed(&form), ..ReplyPage::default() };
            show_reply(*db, *exchange, *site, &token, view, status).await
        }
    }
}

async fn show_reply(
    db: &Db,
    exchange: &Exchange,
    site: &Site,
    token: &str,
    view: ReplyPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let found = async {
        let (actor, id) = read(db, exchange, token).await?;
        let opened = contact::open(&db.cx(actor.clone()), id).await?;
        Ok((actor, opened))
    };
    let (actor, opened) = match found.await {
        Ok(found) => found,
        Err(error) => return over(site, error),
    };
    let view = ReplyPage {
        chrome: secret_frame(site, "Answer a letter"),
        title: opened.practice.record.title.clone(),
        url: format!("/practices/{}", opened.practice.slug),
        by: opened.byline,
        on: day_of(opened.note.created_at),
        lines: lines(&opened.note.text),
        action: format!("/talk/reply/{token}"),
        name: name_of(&actor),
        ..view
    };
    own_page(status, &view)
}
