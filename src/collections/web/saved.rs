//! Saving a practice, and the list of what one saved.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{Shelf, asked, counted};
use crate::catalog::{self, Practice};
use crate::collections::collection::{self, CollectionId};
use crate::collections::saves::{self, SaveId};
use crate::collections::views::{SavePage, SavedPage, SavedRow};
use crate::collections::{Collection, contents};
use crate::platform::{Cx, Db, Error};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Link, Section};

/// Practices on a page.
const PAGE: u64 = 50;

/// GET `/practices/{slug}/saved`
#[handler]
pub async fn save_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "saved" => "Saved.",
        "kept" => "Your note is kept.",
        "added" => "Added to the collection.",
        _ => "",
    };
    let cx = db.cx(actor);
    let practice = catalog::practice(&cx, &slug).await?;
    let note = saves::saved(&cx, practice.id).await?.and_then(|saved| saved.note).unwrap_or_default();
    let view = SavePage { done: done.to_owned(), note, ..SavePage::default() };
    show(&cx, *site, &practice, view, "", StatusCode::OK).await
}

/// POST `/practices/{slug}/saved`
#[handler]
pub async fn saved_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let practice = catalog::practice(&cx, &slug).await?;
    let before = saves::saved(&cx, practice.id).await?;
    let note = form.has("note").then(|| form.get("note"));
    let saved = async {
        let mut tx = db.write(actor).await?;
        saves::save(&mut tx, practice.id, note).await?;
        tx.commit().await
    };
    match saved.await {
        Ok(()) if form.get("from") == "list" => Ok(see_other("/me/saved?done=kept")),
        Ok(()) => {
            let done = if before.is_some() { "kept" } else { "saved" };
            Ok(see_other(&format!("/practices/{}/saved?done={done}", practice.slug)))
        }
        Err(error) => {
            let (corrections, note) = (Corrections::of(error)?, form.get("note").to_owned());
            let view = SavePage { corrections, note, ..SavePage::default() };
            show(&cx, *site, &practice, view, "", StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/practices/{slug}/saved/removal`
#[handler]
pub async fn removal_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let practice = catalog::practice(&db.cx(actor.clone()), &slug).await?;
    let mut tx = db.write(actor).await?;
    saves::remove(&mut tx, practice.id).await?;
    tx.commit().await?;
    Ok(see_other("/me/saved?done=removed"))
}

/// POST `/practices/{slug}/saved/collection`
#[handler]
pub async fn collect_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let practice = catalog::practice(&cx, &slug).await?;
    let added = async {
        let id: CollectionId = form
            .get("collection")
            .parse()
            .map_err(|_| Error::invalid("collection", "Choose one of your collections."))?;
        let mut tx = db.write(actor).await?;
        contents::put(&mut tx, id, practice.id, Some(form.get("line")), None).await?;
        tx.commit().await
    };
    match added.await {
        Ok(()) => Ok(see_other(&format!("/practices/{}/saved?done=added", practice.slug))),
        Err(error) => {
            let note = saves::saved(&cx, practice.id).await?.and_then(|saved| saved.note).unwrap_or_default();
            let (corrections, line) = (Corrections::of(error)?, form.get("line").to_owned());
            let view = SavePage { corrections, note, line, ..SavePage::default() };
            show(&cx, *site, &practice, view, form.get("collection"), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show(
    cx: &Cx,
    site: &Site,
    practice: &Practice,
    view: SavePage,
    chosen: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let path = format!("/practices/{}/saved", practice.slug);
    let mut chrome = site.chrome(&format!("Save {}", practice.record.title), "", &path);
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let all = collection::mine(cx).await?;
    let holding = contents::holding(cx, practice.id).await?;
    let (is_in, others): (Vec<&Collection>, Vec<&Collection>) = all.iter().partition(|one| holding.contains(&one.id));
    let link = |one: &Collection| Link { text: one.title.clone(), url: format!("/me/collections/{}", one.id) };
    let choice = |one: &Collection| {
        let value = one.id.to_string();
        Choice { selected: value == chosen, value, label: one.title.clone() }
    };
    let shelf = Shelf::of(cx, &[practice.id]).await?;
    let view = SavePage {
        chrome,
        practice: shelf.line(practice.id).ok_or(Error::NotFound("practice"))?,
        saved: saves::saved(cx, practice.id).await?.is_some(),
        is_in: is_in.into_iter().map(link).collect(),
        collections: others.into_iter().map(choice).collect(),
        ..view
    };
    own_page(status, &view)
}

/// GET `/me/saved`
#[handler]
pub async fn list_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "kept" => "Your note is kept.",
        "removed" => "It is no longer among your saved practices.",
        _ => "",
    };
    let before: Option<SaveId> = asked(request, "before").parse().ok();
    let cx = db.cx(actor);
    let mut found = saves::mine(&cx, before, PAGE + 1).await?;
    let more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| format!("/me/saved?before={}", last.id));
    let ids: Vec<_> = found.iter().map(|saved| saved.practice).collect();
    let shelf = Shelf::of(&cx, &ids).await?;
    let row = |saved: saves::Saved| {
        Some(SavedRow {
            practice: shelf.line(saved.practice)?,
            note: saved.note.unwrap_or_default(),
            since: format!("Saved {}", day_of(saved.saved_at)),
        })
    };
    let total = saves::total(&cx).await?;
    let mut chrome = site.chrome("Your saved practices", "", "/me/saved");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let view = SavedPage {
        chrome,
        done: done.to_owned(),
        rows: found.into_iter().filter_map(row).collect(),
        count: if total == 0 { String::new() } else { counted(total) },
        next_url: next.unwrap_or_default(),
        later: before.is_some(),
    };
    own_page(StatusCode::OK, &view)
}
