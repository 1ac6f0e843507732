//! One's own collections.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{Shelf, asked, counted, practice_id};
use crate::catalog::PracticeId;
use crate::collections::collection::{self, CollectionForm};
use crate::collections::contents::{self, Entry};
use crate::collections::saves;
use crate::collections::views::{CollectionFields, CollectionPage, CollectionRow, CollectionsPage, EntryRow};
use crate::collections::{Collection, CollectionId, Visibility};
use crate::people::{self, SchoolId};
use crate::platform::{Actor, Cx, Db, Error, Place, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Link, Section};

/// Saved practices offered to add.
const OFFERED: u64 = 200;

fn said(form: &Form) -> CollectionForm {
    let get = |name: &str| form.get(name).to_owned();
    CollectionForm {
        title: get("title"),
        description: get("description"),
        visibility: get("visibility"),
        school: get("school"),
        shows_name: form.has("shows_name"),
    }
}

/// What a form shows: with the schools of the actor, and the one that was said before.
async fn fields(cx: &Cx, form: CollectionForm) -> Result<CollectionFields> {
    let grants = cx.actor().person().map(|person| person.grants.clone()).unwrap_or_default();
    let mut ids: Vec<SchoolId> = grants
        .iter()
        .filter_map(|grant| match grant.place {
            Place::School(id) => Some(SchoolId(id)),
            _ => None,
        })
        .chain(form.school.parse().ok())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let schools = if ids.is_empty() { Default::default() } else { people::schools(cx, &ids).await? };
    let mut schools: Vec<Choice> = schools
        .into_values()
        .map(|school| {
            let value = school.id.to_string();
            Choice { selected: value == form.school, value, label: school.name }
        })
        .collect();
    schools.sort_by_cached_key(|choice| choice.label.to_lowercase());
    schools.insert(0, Choice { value: String::new(), label: "No school".to_owned(), selected: form.school.is_empty() });
    let visibility = |one: Visibility| Choice {
        value: one.code().to_owned(),
        label: one.label().to_owned(),
        selected: one.code() == form.visibility,
    };
    Ok(CollectionFields {
        title: form.title,
        description: form.description,
        visibilities: Visibility::ALL.into_iter().map(visibility).collect(),
        schools,
        shows_name: form.shows_name,
    })
}

/// GET `/me/collections`
#[handler]
pub async fn collections_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = if asked(request, "done") == "deleted" { "The collection is deleted." } else { "" };
    let cx = db.cx(actor);
    let view = CollectionsPage { done: done.to_owned(), ..CollectionsPage::default() };
    show_all(&cx, *site, view, CollectionForm::default(), StatusCode::OK).await
}

async fn show_all(
    cx: &Cx,
    site: &Site,
    view: CollectionsPage,
    typed: CollectionForm,
    status: StatusCode,
) -> poem::Result<Response> {
    let mine = collection::mine(cx).await?;
    let counts = contents::counts(cx, &mine).await?;
    let row = |one: &Collection| CollectionRow {
        title: one.title.clone(),
        url: format!("/me/collections/{}", one.id),
        facts: facts(one, counts.get(&one.id).copied().unwrap_or_default()),
        readers: one.visibility.label().to_owned(),
        hidden: one.hidden_at.is_some(),
    };
    let mut chrome = site.chrome("Your collections", "", "/me/collections");
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let rows = mine.iter().map(row).collect();
    let view = CollectionsPage { chrome, rows, typed: fields(cx, typed).await?, ..view };
    own_page(status, &view)
}

/// "5 practices, changed March 4, 2026".
pub fn facts(one: &Collection, practices: u64) -> String {
    format!("{}, changed {}", counted(practices), day_of(one.updated_at))
}

/// POST `/me/collections`
#[handler]
pub async fn make_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, said) = (db.cx(actor.clone()), said(&form));
    let made = async {
        let mut tx = db.write(actor).await?;
        let id = collection::make(&mut tx, &said).await?;
        tx.commit().await.map(|()| id)
    };
    match made.await {
        Ok(id) => Ok(see_other(&format!("/me/collections/{id}?done=made"))),
        Err(error) => {
            let view = CollectionsPage { corrections: Corrections::of(error)?, ..CollectionsPage::default() };
            show_all(&cx, *site, view, said, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// GET `/me/collections/{id}`
#[handler]
pub async fn collection_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "made" => "Your collection is made.",
        "copied" => "This copy is yours now, and nobody else sees it.",
        "changed" => "Changed.",
        "kept" => "Kept.",
        "added" => "Added.",
        "link" => "The link is another one now.",
        _ => "",
    };
    let view = CollectionPage { done: done.to_owned(), ..CollectionPage::default() };
    show(&db.cx(actor), *site, &id, view, None, None, StatusCode::OK).await
}

/// POST `/me/collections/{id}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, said) = (db.cx(actor.clone()), said(&form));
    let one = collection::collection(&cx, &id).await?;
    let changed = async {
        let mut tx = db.write(actor).await?;
        collection::change(&mut tx, one.id, &said, None).await?;
        tx.commit().await
    };
    match changed.await {
        Ok(()) => Ok(back(one.id, "changed")),
        Err(error) => {
            let view = CollectionPage { corrections: Corrections::of(error)?, ..CollectionPage::default() };
            show(&cx, *site, &id, view, Some(said), None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn back(id: CollectionId, done: &str) -> Response {
    see_other(&format!("/me/collections/{id}?done={done}"))
}

/// The practices of a form in its order with the line about each, and the one that is taken out.
type Order = (Vec<(PracticeId, String)>, Option<PracticeId>);

/// What the form says, with one practice moved or taken out by the button that was pressed.
fn order_of(form: &Form) -> Result<Order> {
    let lines = form.starting("line-").filter_map(|(name, line)| {
        let id: PracticeId = name.trim_start_matches("line-").parse().ok()?;
        Some((id, line.to_owned()))
    });
    let mut lines: Vec<(PracticeId, String)> = lines.collect();
    let place = |lines: &[(PracticeId, String)], id: &str| {
        let id = practice_id(id)?;
        lines.iter().position(|(practice, _)| *practice == id).ok_or(Error::NotFound("practice"))
    };
    if form.has("up") {
        let at = place(&lines, form.get("up"))?;
        lines.swap(at, at.saturating_sub(1));
    }
    if form.has("down") {
        let at = place(&lines, form.get("down"))?;
        let next = (at + 1).min(lines.len() - 1);
        lines.swap(at, next);
    }
    let out = if form.has("remove") { Some(practice_id(form.get("remove"))?) } else { None };
    Ok((lines, out))
}

/// POST `/me/collections/{id}/practices`
#[handler]
pub async fn arrange_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = collection::collection(&cx, &id).await?;
    let (order, out) = order_of(&form)?;
    match arrange(&db, actor, one.id, &order, out).await {
        Ok(()) => Ok(back(one.id, "kept")),
        Err(error) => {
            let view = CollectionPage { corrections: Corrections::of(error)?, ..CollectionPage::default() };
            show(&cx, *site, &id, view, None, Some(order), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn arrange(
    db: &Db,
    actor: Actor,
    id: CollectionId,
    order: &[(PracticeId, String)],
    out: Option<PracticeId>,
) -> Result<()> {
    let mut tx = db.write(actor).await?;
    contents::arrange(&mut tx, id, order).await?;
    if let Some(out) = out {
        contents::take_out(&mut tx, id, out).await?;
    }
    tx.commit().await
}

/// POST `/me/collections/{id}/additions`
#[handler]
pub async fn add_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = collection::collection(&cx, &id).await?;
    let added = async {
        let practice: PracticeId = form
            .get("practice")
            .parse()
            .map_err(|_| Error::invalid("practice", "Choose one of your saved practices."))?;
        let mut tx = db.write(actor).await?;
        contents::put(&mut tx, one.id, practice, Some(form.get("line")), None).await?;
        tx.commit().await
    };
    match added.await {
        Ok(()) => Ok(back(one.id, "added")),
        Err(error) => {
            let view = CollectionPage {
                corrections: Corrections::of(error)?,
                new_line: form.get("line").to_owned(),
                new_practice: form.get("practice").to_owned(),
                ..CollectionPage::default()
            };
            show(&cx, *site, &id, view, None, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/me/collections/{id}/link`
#[handler]
pub async fn link_view(SignedIn(actor): SignedIn, Path(id): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    let one = collection::collection(&db.cx(actor.clone()), &id).await?;
    let mut tx = db.write(actor).await?;
    collection::renew_link(&mut tx, one.id).await?;
    tx.commit().await?;
    Ok(back(one.id, "link"))
}

/// POST `/me/collections/{id}/deletion`
#[handler]
pub async fn delete_view(SignedIn(actor): SignedIn, Path(id): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    let one = collection::collection(&db.cx(actor.clone()), &id).await?;
    let mut tx = db.write(actor).await?;
    collection::delete(&mut tx, one.id).await?;
    tx.commit().await?;
    Ok(see_other("/me/collections?done=deleted"))
}

/// The page of one's collection; with what was typed of it, and its practices in the order and with the lines that were typed.
async fn show(
    cx: &Cx,
    site: &Site,
    id: &str,
    view: CollectionPage,
    typed: Option<CollectionForm>,
    order: Option<Vec<(PracticeId, String)>>,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = collection::collection(cx, id).await?;
    let mut entries = contents::entries(cx, &one).await?;
    let saved = saves::mine(cx, None, OFFERED).await?;
    let inside: Vec<PracticeId> = entries.iter().map(|entry| entry.practice).collect();
    let left: Vec<PracticeId> = saved.iter().map(|s| s.practice).filter(|id| !inside.contains(id)).collect();
    let shelf = Shelf::of(cx, &[inside.as_slice(), left.as_slice()].concat()).await?;
    if let Some(order) = order {
        retype(&mut entries, &order);
    }
    let row = |entry: &Entry| {
        let line = entry.line.clone().unwrap_or_default();
        Some(EntryRow { practice: shelf.line(entry.practice)?, line })
    };
    let choice = |id: &PracticeId| {
        let line = shelf.line(*id).filter(|line| line.retired.is_empty())?;
        Some(Choice { selected: line.id == view.new_practice, value: line.id, label: line.title })
    };
    let url = format!("/me/collections/{}", one.id);
    let mut chrome = site.chrome(&one.title, "", &url);
    (chrome.section, chrome.noindex) = (Section::Me, true);
    let view = CollectionPage {
        chrome,
        url,
        readers: readers(&one).to_owned(),
        shared_url: one.path().map(|path| format!("{}{path}", site.base_url)).unwrap_or_default(),
        by_link: one.visibility == Visibility::Link,
        hidden: one.hidden_at.is_some(),
        copied_from: source(cx, &one).await?,
        entries: entries.iter().filter_map(row).collect(),
        saved: left.iter().filter_map(choice).collect(),
        typed: fields(cx, typed.unwrap_or_else(|| CollectionForm::of(&one))).await?,
        title: one.title,
        ..view
    };
    own_page(status, &view)
}

fn readers(one: &Collection) -> &'static str {
    match one.visibility {
        Visibility::Private => "Nobody but you sees this collection.",
        Visibility::Link => "Everybody who has its link reads it.",
        Visibility::Public => "Everybody reads it.",
    }
}

/// Entries in the order and with the lines of a form that was refused.
fn retype(entries: &mut [Entry], order: &[(PracticeId, String)]) {
    for entry in entries.iter_mut() {
        if let Some((_, line)) = order.iter().find(|(practice, _)| *practice == entry.practice) {
            entry.line = Some(line.clone());
        }
    }
    let place = |id: PracticeId| order.iter().position(|(practice, _)| *practice == id).unwrap_or(usize::MAX);
    entries.sort_by_key(|entry| place(entry.practice));
}

/// The one that it began as a copy of; without an address where that is not shared with the reader any more.
async fn source(cx: &Cx, one: &Collection) -> Result<Option<Link>> {
    let Some(id) = one.copied_from else { return Ok(None) };
    match crate::collections::shared(cx, &id.to_string()).await {
        Ok(source) => {
            let url = source.path().unwrap_or_default();
            Ok(Some(Link { text: source.title, url }))
        }
        Err(Error::NotFound(_)) => Ok(Some(Link::default())),
        Err(error) => Err(error),
    }
}
