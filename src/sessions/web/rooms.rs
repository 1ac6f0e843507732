//! `/schools/{slug}/rooms`: rooms of a school, for those who keep them; for everybody else there is no such page.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::people::{self, School};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::web::parameters;
use crate::sessions::room::{self, NewRoom, Room};
use crate::sessions::session::RoomId;
use crate::sessions::views::posting::{RoomRow, RoomsPage, Typed};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Section;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/schools/:slug/rooms", resource().get(rooms_view).post(add_view)),
        ("/schools/:slug/rooms/:id", resource().post(change_view)),
        ("/schools/:slug/rooms/:id/retirement", resource().post(retire_view)),
        ("/schools/:slug/rooms/:id/return", resource().post(return_view)),
    ]
}

/// GET `/schools/{slug}/rooms`
#[handler]
pub async fn rooms_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "added" => "The room is there; sessions can choose it.",
        "changed" => "Saved. Sessions that name the room show the new words.",
        "retired" => "Out of use. Sessions that name the room keep it.",
        "returned" => "Back in use.",
        _ => "",
    };
    let view = RoomsPage { done: done.to_owned(), ..RoomsPage::default() };
    show(&db.cx(actor), *site, &slug, view, None, StatusCode::OK).await
}

/// POST `/schools/{slug}/rooms`
#[handler]
pub async fn add_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let school = kept(&cx, &slug).await?;
    let added = async {
        let mut tx = db.write(actor).await?;
        room::add(&mut tx, school.id, new_room(&form)).await?;
        tx.commit().await
    };
    match added.await {
        Ok(()) => Ok(back(&school, "added")),
        Err(error) => {
            let mut typed = Typed::default();
            for name in ["name", "seats", "access"] {
                typed.put(name, form.get(name));
            }
            let view = RoomsPage { corrections: Corrections::of(error)?, typed, ..RoomsPage::default() };
            show(&cx, *site, &slug, view, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/schools/{slug}/rooms/{id}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let school = kept(&cx, &slug).await?;
    let id = room_id(&id)?;
    let changed = async {
        let mut tx = db.write(actor).await?;
        room::change(&mut tx, school.id, id, new_room(&form)).await?;
        tx.commit().await
    };
    match changed.await {
        Ok(()) => Ok(back(&school, "changed")),
        Err(error) => {
            let said: Vec<String> = Corrections::of(error)?.list().iter().map(|c| c.message.clone()).collect();
            let row = RoomRow {
                id: id.to_string(),
                name: form.get("name").to_owned(),
                seats: form.get("seats").to_owned(),
                access: form.get("access").to_owned(),
                retired: false,
                wrong: said.join(" "),
            };
            show(&cx, *site, &slug, RoomsPage::default(), Some(row), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/schools/{slug}/rooms/{id}/retirement`
#[handler]
pub async fn retire_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    retire(&db, actor, &slug, &id, true).await
}

/// POST `/schools/{slug}/rooms/{id}/return`
#[handler]
pub async fn return_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
) -> poem::Result<Response> {
    retire(&db, actor, &slug, &id, false).await
}

async fn retire(db: &Db, actor: Actor, slug: &str, id: &str, retired: bool) -> poem::Result<Response> {
    let school = kept(&db.cx(actor.clone()), slug).await?;
    let mut tx = db.write(actor).await?;
    room::retire(&mut tx, school.id, room_id(id)?, retired).await?;
    tx.commit().await?;
    Ok(back(&school, if retired { "retired" } else { "returned" }))
}

/// The school of an address, for whoever keeps its rooms.
async fn kept(cx: &Cx, slug: &str) -> Result<School> {
    let school = people::school(cx, slug).await?;
    if room::keeps(cx.actor(), school.id) { Ok(school) } else { Err(Error::NotFound("school")) }
}

fn room_id(text: &str) -> Result<RoomId> {
    text.parse().map_err(|_| Error::NotFound("room"))
}

fn new_room(form: &Form) -> NewRoom {
    let text = |name: &str| form.get(name).to_owned();
    NewRoom { name: text("name"), seats: text("seats"), access: text("access") }
}

fn back(school: &School, done: &str) -> Response {
    see_other(&format!("/schools/{}/rooms?done={done}", school.slug))
}

async fn show(
    cx: &Cx,
    site: &Site,
    slug: &str,
    view: RoomsPage,
    typed: Option<RoomRow>,
    status: StatusCode,
) -> poem::Result<Response> {
    let school = kept(cx, slug).await?;
    let url = format!("/schools/{}", school.slug);
    let mut chrome = site.chrome(&format!("Rooms of {}", school.name), "", &format!("{url}/rooms"));
    (chrome.section, chrome.noindex) = (Section::Schools, true);
    let row = |room: Room| RoomRow {
        id: room.id.to_string(),
        name: room.name,
        seats: room.seats.map_or(String::new(), |seats| seats.to_string()),
        access: room.access.unwrap_or_default(),
        retired: room.retired_at.is_some(),
        wrong: String::new(),
    };
    let mut rooms: Vec<RoomRow> = room::kept(cx, school.id).await?.into_iter().map(row).collect();
    if let Some(typed) = typed
        && let Some(row) = rooms.iter_mut().find(|row| row.id == typed.id)
    {
        *row = typed;
    }
    rooms.sort_by_key(|row| row.retired);
    own_page(status, &RoomsPage { chrome, school: school.name, url, rooms, ..view })
}
