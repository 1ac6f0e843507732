//! `/cities/{slug}/newsletter`, the links of its letters, and `/announcements/{id}` for everybody.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::bulletins::Press;
use crate::bulletins::announcement::{self, Announcement};
use crate::bulletins::newsletter::{self, Found};
use crate::bulletins::views::newsletter::{AnnouncedPage, LinkPage, NewsletterPage};
use crate::platform::throttle::network;
use crate::platform::{Cx, Db, Error, Result};
use crate::web::asker::Asker;
use crate::web::form::{Corrections, Form};
use crate::web::headers::ClientAddress;
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Chrome, Link};

/// GET `/cities/{slug}/newsletter`
#[handler]
pub async fn newsletter_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = all.get("done") == "asked";
    let view = NewsletterPage { asked, ..NewsletterPage::default() };
    show(&db.cx(actor), &site, &slug, view, StatusCode::OK).await
}

/// POST `/cities/{slug}/newsletter`
#[handler]
pub async fn ask_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    request: &Request,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let from = request.data::<ClientAddress>().map(|address| network(address.0)).unwrap_or_default();
    match newsletter::ask(&db, &press, &slug, form.get("email"), &from).await {
        Ok(()) => Ok(see_other(&format!("/cities/{slug}/newsletter?done=asked"))),
        Err(error) => {
            let status = match error {
                Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let email = form.get("email").to_owned();
            let view = NewsletterPage { corrections: Corrections::of(error)?, email, ..NewsletterPage::default() };
            show(&db.cx(actor), &site, &slug, view, status).await
        }
    }
}

async fn show(cx: &Cx, site: &Site, slug: &str, view: NewsletterPage, status: StatusCode) -> poem::Result<Response> {
    let city = newsletter::city_of(cx, slug).await?;
    let url = format!("/cities/{}/newsletter", city.slug);
    let about = format!("What district and charter schools of {} do together, in a letter now and then.", city.place());
    let lately = announcement::lately(cx, &city.slug).await?;
    let link = |one: &Announcement| {
        let link = Link { text: one.subject.clone(), url: format!("/announcements/{}", one.id) };
        (link, day(one))
    };
    let view = NewsletterPage {
        chrome: site.chrome(&format!("News of {}", city.place()), &about, &url),
        city: city.place(),
        lately: lately.iter().map(link).collect(),
        announces: announcement::announces(cx, &city.slug).await?,
        url,
        ..view
    };
    own_page(status, &view)
}

/// "October 14, 2026": the day it left, there.
fn day(one: &Announcement) -> String {
    one.due_at.map(|at| one.zone.local(at).format("%B %-d, %Y").to_string()).unwrap_or_default()
}

/// The frame of a page whose own address is a secret: it names none.
fn frame(site: &Site, title: &str) -> Chrome {
    let mut chrome = site.chrome(title, "", "");
    chrome.canonical.clear();
    chrome.noindex = true;
    chrome
}

/// A link that we did not make, or whose subscription is over.
fn over(site: &Site, status: StatusCode, line: &str) -> poem::Result<Response> {
    let heading = "This link does not work any more".to_owned();
    let view = LinkPage { chrome: frame(site, &heading), heading, lines: vec![line.to_owned()], ..LinkPage::default() };
    own_page(status, &view)
}

fn found(site: &Site, found: Result<Found>) -> std::result::Result<Found, Box<poem::Result<Response>>> {
    match found {
        Ok(found) => Ok(found),
        Err(Error::NotFound(_)) => {
            let line = "Open it from the letter itself: part of the address may be missing.";
            Err(Box::new(over(site, StatusCode::NOT_FOUND, line)))
        }
        Err(other) => Err(Box::new(Err(other.into()))),
    }
}

/// GET `/n/confirm/{token}`
#[handler]
pub async fn to_confirm_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    match found(&site, newsletter::to_confirm(&db, &press, &token).await) {
        Ok(Found::Subscriber(one)) if one.confirmed_at.is_none() => {
            let heading = format!("Get news of {}?", one.city_name);
            let view = LinkPage {
                chrome: frame(&site, &heading),
                heading,
                lines: vec![
                    format!("Letters go to {}.", one.email.as_str()),
                    "Each of them has a link that ends them with one click.".to_owned(),
                ],
                button: "Yes, send me the news",
                ..LinkPage::default()
            };
            own_page(StatusCode::OK, &view)
        }
        Ok(Found::Subscriber(one)) => own_page(StatusCode::OK, &confirmed(&site, &one.city, &one.city_name)),
        Ok(Found::Gone) => over(
            &site,
            StatusCode::GONE,
            "Nobody said yes within 7 days, or the letters were ended. Ask again on the page of the newsletter.",
        ),
        Err(answer) => *answer,
    }
}

fn confirmed(site: &Site, city: &str, name: &str) -> LinkPage {
    let heading = format!("You get news of {name}");
    LinkPage {
        chrome: frame(site, &heading),
        heading,
        lines: vec!["Each letter has a link that ends them with one click.".to_owned()],
        onward: Link { text: "What was announced lately".to_owned(), url: format!("/cities/{city}/newsletter") },
        ..LinkPage::default()
    }
}

/// POST `/n/confirm/{token}`
#[handler]
pub async fn confirm_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    match found(&site, newsletter::confirm(&db, &press, &token).await) {
        Ok(Found::Subscriber(one)) => own_page(StatusCode::OK, &confirmed(&site, &one.city, &one.city_name)),
        Ok(Found::Gone) => over(
            &site,
            StatusCode::GONE,
            "Nobody said yes within 7 days, or the letters were ended. Ask again on the page of the newsletter.",
        ),
        Err(answer) => *answer,
    }
}

/// GET `/n/{token}`
#[handler]
pub async fn to_leave_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    match found(&site, newsletter::to_leave(&db, &press, &token).await) {
        Ok(Found::Subscriber(one)) => {
            let heading = format!("Get no more news of {}?", one.city_name);
            let view = LinkPage {
                chrome: frame(&site, &heading),
                heading,
                lines: vec![format!(
                    "{} is forgotten then, with all letters of the newsletter to it.",
                    one.email.as_str()
                )],
                button: "End these letters",
                class: "button--danger",
                ..LinkPage::default()
            };
            own_page(StatusCode::OK, &view)
        }
        Ok(Found::Gone) => own_page(StatusCode::OK, &left(&site)),
        Err(answer) => *answer,
    }
}

fn left(site: &Site) -> LinkPage {
    let heading = "You get no more of these letters".to_owned();
    LinkPage {
        chrome: frame(site, &heading),
        heading,
        lines: vec!["The address is forgotten. One that was on its way already may still arrive.".to_owned()],
        ..LinkPage::default()
    }
}

/// POST `/n/{token}`: by the page's button, or by a mail program's one click (RFC 8058), which sends no cookie and follows no
/// redirect. What it sends says nothing more than the address does, and is not read.
#[handler]
pub async fn leave_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    match found(&site, newsletter::leave(&db, &press, &token).await) {
        Ok(_) => own_page(StatusCode::OK, &left(&site)),
        Err(answer) => *answer,
    }
}

/// GET `/announcements/{id}`
#[handler]
pub async fn announced_view(
    Asker(actor): Asker,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let id = id.parse().map_err(|_| Error::NotFound("announcement"))?;
    let one = announcement::published(&db.cx(actor), id).await?;
    let mut chrome = site.chrome(&one.subject, "", &format!("/announcements/{id}"));
    chrome.description = one.paragraphs().next().unwrap_or_default().chars().take(200).collect();
    let (text, url) = one.button.clone().unwrap_or_default();
    let view = AnnouncedPage {
        chrome,
        subject: one.subject.clone(),
        city: one.city_name.clone(),
        newsletter_url: format!("/cities/{}/newsletter", one.city),
        day: day(&one),
        paragraphs: one.paragraphs().map(str::to_owned).collect(),
        button: Link { text, url },
    };
    own_page(StatusCode::OK, &view)
}
