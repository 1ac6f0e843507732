//! A collection as its readers see it, and copies.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::Shelf;
use super::mine::facts;
use crate::collections::contents::{self, Entry};
use crate::collections::views::{SharedEntry, SharedPage};
use crate::collections::{Visibility, byline, shared};
use crate::platform::Db;
use crate::search::web::card_view;
use crate::web::asker::{Asker, SignedIn};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Section;

/// GET `/collections/{slug}`
#[handler]
pub async fn collection_view(
    Asker(actor): Asker,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let one = shared(&cx, &reference).await?;
    let path = one.path().unwrap_or_else(|| format!("/collections/{}", one.id));
    if one.visibility == Visibility::Public && one.slug.as_deref() != Some(reference.as_str()) {
        // By its key or id: the address that lasts is the one with the name.
        return Ok(see_other(&path));
    }
    let entries = contents::entries(&cx, &one).await?;
    let ids: Vec<_> = entries.iter().map(|entry| entry.practice).collect();
    let shelf = Shelf::of(&cx, &ids).await?;
    let row = |entry: &Entry| {
        Some(SharedEntry {
            card: shelf.cards.get(&entry.practice).map(|card| card_view(card, String::new())),
            practice: shelf.line(entry.practice)?,
            line: entry.line.clone().unwrap_or_default(),
        })
    };
    let owns = cx.actor().account() == Some(one.owner.0);
    let description = one.description.clone().unwrap_or_default();
    let mut chrome = site.chrome(&one.title, description.lines().next().unwrap_or_default(), &path);
    chrome.section = Section::Search;
    chrome.print_view = request.uri().query() == Some("print");
    chrome.noindex = chrome.print_view || one.visibility != Visibility::Public || one.hidden_at.is_some();
    let view = SharedPage {
        chrome,
        facts: facts(&one, entries.len() as u64),
        by: byline(&cx, &one).await?,
        description: description.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        entries: entries.iter().filter_map(row).collect(),
        report_url: format!("/report?about=collection:{}", one.id),
        own_url: if owns { format!("/me/collections/{}", one.id) } else { String::new() },
        may_copy: cx.actor().person().is_some() && !owns,
        hidden: one.hidden_at.is_some(),
        url: path,
        title: one.title,
    };
    own_page(StatusCode::OK, &view)
}

/// POST `/collections/{slug}/copy`
#[handler]
pub async fn copy_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let mut tx = db.write(actor).await?;
    let id = contents::copy(&mut tx, &reference).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/me/collections/{id}?done=copied")))
}
