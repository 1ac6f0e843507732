//! Calendar feeds, and the page of one's own.

use poem::http::{HeaderValue, StatusCode};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::list::in_words;
use crate::platform::{Actor, Db, Error};
use crate::search::encode;
use crate::search::web::parameters;
use crate::sessions::calendar::{address, feeds};
use crate::sessions::desk::Desk;
use crate::sessions::list::Filters;
use crate::sessions::views::list::CalendarPage;
use crate::web::asker::{Asker, SignedIn};
use crate::web::etag;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Section;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions.ics", resource().get(all_view)),
        // A session's page is at the same place without the ending. The router anchors nothing by itself.
        ("/sessions/:file<^[A-Za-z0-9_-]+\\.ics>", resource().get(one_view)),
        ("/me/calendar", resource().get(calendar_view).post(renew_view)),
        ("/me/calendar/:file<^[A-Za-z0-9_-]+\\.ics>", resource().get(mine_view)),
    ]
}

/// GET `/sessions.ics`: what everybody may know of, filtered as `/sessions` is.
#[handler]
async fn all_view(request: &Request, db: Data<&Db>, desk: Data<&Desk>) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let (filters, errors) = Filters::read(asked.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    // A program that subscribes to a filter that cannot be read would keep everything for ever.
    errors.or(()).map_err(Error::from)?;
    let cx = db.cx(Actor::Visitor);
    let what = in_words(&cx, &filters).await?.join(", ");
    Ok(calendar(request, feeds::public(&cx, *desk, &filters, &what).await?, "no-cache"))
}

/// GET `/sessions/{id}.ics`
#[handler]
async fn one_view(
    Asker(actor): Asker,
    Path(file): Path<String>,
    request: &Request,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let found = feeds::one(&db.cx(actor), *desk, stem(&file)).await?;
    Ok(calendar(request, found, "private, no-cache"))
}

/// GET `/me/calendar/{secret}.ics`: for calendar programs, which cannot sign in.
#[handler]
async fn mine_view(
    Path(file): Path<String>,
    request: &Request,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let found = feeds::mine(&db.cx(Actor::Visitor), *desk, stem(&file)).await?;
    let mut response = calendar(request, found, "private, no-cache");
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}

fn stem(file: &str) -> &str {
    file.strip_suffix(".ics").unwrap_or(file)
}

fn calendar(request: &Request, text: String, keep: &'static str) -> Response {
    let mut response = etag::respond(request.headers(), "text/calendar; charset=utf-8", text.into_bytes());
    response.headers_mut().insert("cache-control", HeaderValue::from_static(keep));
    response
}

/// GET `/me/calendar`
#[handler]
async fn calendar_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = asked.iter().any(|(name, value)| name == "done" && value == "made");
    let address = address::address(&cx, &desk.secret).await?;
    let https = address.map(|secret| desk.head.link(&format!("/me/calendar/{secret}.ics"))).unwrap_or_default();
    let webcal = webcal(&https);
    let mut chrome = site.chrome("My calendar", "", "/me/calendar");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let view = CalendarPage {
        chrome,
        done: if done { "Your calendar has a new address.".to_owned() } else { String::new() },
        google: if https.is_empty() { String::new() } else { google(&webcal) },
        outlook: if https.is_empty() { String::new() } else { outlook(&https) },
        webcal,
        https,
    };
    own_page(StatusCode::OK, &view)
}

/// The address by which calendar programs subscribe.
pub(super) fn webcal(https: &str) -> String {
    https.split_once("://").map(|(_, rest)| format!("webcal://{rest}")).unwrap_or_default()
}

fn google(webcal: &str) -> String {
    format!("https://calendar.google.com/calendar/r?cid={}", encode(webcal))
}

fn outlook(https: &str) -> String {
    format!(
        "https://outlook.office.com/calendar/0/addfromweb?url={}&name={}",
        encode(https),
        encode("My joint sessions")
    )
}

/// POST `/me/calendar`: a new address.
#[handler]
async fn renew_view(SignedIn(actor): SignedIn, db: Data<&Db>) -> poem::Result<Response> {
    let mut tx = db.write(actor).await?;
    address::renew(&mut tx).await?;
    tx.commit().await?;
    Ok(see_other("/me/calendar?done=made"))
}
