//! Pages of this feature.

mod contact;
mod questions;
mod visits;

use poem::http::StatusCode;
use poem::{Request, Response};

use super::circle::schools_of;
use super::views::contact::OverPage;
use crate::people::{self, SchoolId};
use crate::platform::{Actor, Cx, Error, Result};
use crate::web::form::{Corrections, Form};
use crate::web::methods::Resource;
use crate::web::site::{Site, own_page};
use crate::web::views::{Choice, Section};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    let mut pages = questions::pages();
    pages.extend(contact::pages());
    pages.extend(visits::pages());
    pages
}

/// The parameters of an address; none where they cannot be read.
fn query(request: &Request) -> Form {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// Whether a page is shown after what it is for was done.
fn is_done(request: &Request) -> bool {
    query(request).has("done")
}

/// What a form says about an error, and with which status.
fn corrections(error: Error) -> Result<(StatusCode, Corrections)> {
    if let Error::TooMany { .. } = error {
        let line = "That is as much as one person can write here in a day. Go on tomorrow; nothing you typed is lost.";
        return Ok((StatusCode::TOO_MANY_REQUESTS, Corrections::whole(line)));
    }
    let status = match error {
        Error::Conflict(_) | Error::Stale => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, Corrections::of(error)?))
}

/// The schools of the actor to choose from, where there are several. At most two statements.
async fn school_choices(cx: &Cx, chosen: &str) -> Result<Vec<Choice>> {
    let mine: Vec<SchoolId> = schools_of(cx.actor());
    if mine.len() < 2 {
        return Ok(Vec::new());
    }
    let schools = people::schools(cx, &mine).await?;
    let choice = |id: &SchoolId| {
        let school = schools.get(id)?;
        let value = id.to_string();
        Some(Choice { selected: value == chosen, value, label: school.name.clone() })
    };
    Ok(mine.iter().filter_map(choice).collect())
}

/// The name of the actor.
fn name_of(actor: &Actor) -> String {
    actor.person().map(|person| person.name.clone()).unwrap_or_default()
}

/// A link that leads nowhere any more: bent, of another installation, too old, of an account that is closed.
fn over(site: &Site, error: Error) -> poem::Result<Response> {
    let (status, line) = match error {
        Error::NotFound(_) => (
            StatusCode::NOT_FOUND,
            "Open it from the letter itself: part of the address may be missing, or what it is about is no longer kept.".to_owned(),
        ),
        Error::Conflict(line) => (StatusCode::GONE, line),
        other => return Err(other.into()),
    };
    own_page(status, &OverPage { chrome: secret_frame(site, "This link does not work any more"), line })
}

/// The frame of a page whose own address is a secret: it names none.
fn secret_frame(site: &Site, title: &str) -> crate::web::views::Chrome {
    let mut chrome = site.chrome(title, "", "");
    chrome.canonical.clear();
    (chrome.noindex, chrome.section) = (true, Section::Search);
    chrome
}
