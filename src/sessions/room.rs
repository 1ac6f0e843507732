//! Rooms: each belongs to a school, which says what people have to know before they come.

use serde_json::json;

use super::policy;
use super::session::RoomId;
use super::store::rooms as store;
use crate::people::SchoolId;
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Result, Timestamp, Tx};

/// A room of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// Whose.
    pub school: SchoolId,
    /// Its name: "Library", "Room 204".
    pub name: String,
    /// How many people it seats.
    pub seats: Option<i32>,
    /// Steps, lifts, loops: facts for people who have to know before they come.
    pub access: Option<String>,
    /// When it was taken out of use.
    pub retired_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A room as somebody describes it.
#[derive(Clone, Debug, Default)]
pub struct NewRoom {
    /// Its name.
    pub name: String,
    /// How many people it seats; empty is not known.
    pub seats: String,
    /// Access facts; empty says nothing.
    pub access: String,
}

/// Most rooms of one school.
const MOST: usize = 200;

/// Rooms of schools that are in use, by name. One statement.
pub async fn rooms(cx: &Cx, schools: &[SchoolId]) -> Result<Vec<Room>> {
    let all = store::of_schools(cx.conn(), schools).await?;
    Ok(all.into_iter().filter(|room| room.retired_at.is_none()).collect())
}

/// Rooms to choose from: those of schools that are in use, and those a session has already, which a form would lose otherwise.
/// At most two statements.
pub async fn offered(cx: &Cx, schools: &[SchoolId], used: &[RoomId]) -> Result<Vec<Room>> {
    let mut all = rooms(cx, schools).await?;
    let missing: Vec<RoomId> = used.iter().copied().filter(|id| all.iter().all(|room| room.id != *id)).collect();
    if !missing.is_empty() {
        let mut others: Vec<Room> = by_ids(cx, &missing).await?.into_values().collect();
        others.sort_by(|a, b| (&a.name, a.id.0).cmp(&(&b.name, b.id.0)));
        all.extend(others);
    }
    Ok(all)
}

/// Rooms by id, retired ones too: what a session names is shown for ever. One statement.
pub async fn by_ids(cx: &Cx, ids: &[RoomId]) -> Result<std::collections::HashMap<RoomId, Room>> {
    store::by_ids(cx.conn(), ids).await
}

/// Whether the actor keeps the rooms of a school.
pub fn keeps(actor: &Actor, school: SchoolId) -> bool {
    policy::keep_rooms(actor, school.0).is_ok()
}

/// Adds a room.
pub async fn add(tx: &mut Tx, school: SchoolId, new: NewRoom) -> Result<Room> {
    let permit = policy::keep_rooms(tx.actor(), school.0)?;
    let (name, seats, access) = check(new)?;
    let there = store::of_schools(tx.conn(), &[school]).await?;
    unlike(&there, None, &name)?;
    if there.len() >= MOST {
        return Err(Error::Conflict(format!(
            "A school has at most {MOST} rooms here; rename one that is no longer used."
        )));
    }
    let room = Room { id: RoomId::fresh(), school, name, seats, access, retired_at: None, created_at: tx.now() };
    store::insert(tx.conn(), &room).await?;
    tx.record(&permit, Event::about("room.added", "room", room.id.0).with(json!({ "school": school.0 }))).await?;
    Ok(room)
}

/// Changes what is said of a room; sessions that name it show the new words.
pub async fn change(tx: &mut Tx, school: SchoolId, id: RoomId, new: NewRoom) -> Result<Room> {
    let permit = policy::keep_rooms(tx.actor(), school.0)?;
    let (name, seats, access) = check(new)?;
    let held = of_school(tx, school, id).await?;
    unlike(&store::of_schools(tx.conn(), &[school]).await?, Some(id), &name)?;
    let room = Room { name, seats, access, ..held.clone() };
    if room == held {
        return Ok(held);
    }
    store::update(tx.conn(), &room).await?;
    tx.record(&permit, Event::about("room.changed", "room", id.0).with(json!({ "school": school.0 }))).await?;
    Ok(room)
}

/// Takes a room out of use, or brings it back: it can no longer be chosen, and sessions that name it keep it.
pub async fn retire(tx: &mut Tx, school: SchoolId, id: RoomId, retired: bool) -> Result<Room> {
    let permit = policy::keep_rooms(tx.actor(), school.0)?;
    let held = of_school(tx, school, id).await?;
    if held.retired_at.is_some() == retired {
        return Ok(held);
    }
    let room = Room { retired_at: retired.then_some(tx.now()), ..held };
    store::update(tx.conn(), &room).await?;
    let action = if retired { "room.retired" } else { "room.reopened" };
    tx.record(&permit, Event::about(action, "room", id.0).with(json!({ "school": school.0 }))).await?;
    Ok(room)
}

/// Every room of a school, for those who keep them. One statement.
pub async fn kept(cx: &Cx, school: SchoolId) -> Result<Vec<Room>> {
    if !keeps(cx.actor(), school) {
        return Err(Error::NotFound("school"));
    }
    store::of_schools(cx.conn(), &[school]).await
}

async fn of_school(tx: &Tx, school: SchoolId, id: RoomId) -> Result<Room> {
    let room = store::to_change(tx.conn(), id).await?;
    room.filter(|room| room.school == school).ok_or(Error::NotFound("room"))
}

fn unlike(there: &[Room], but: Option<RoomId>, name: &str) -> Result<()> {
    let same = |room: &&Room| Some(room.id) != but && room.name.to_lowercase() == name.to_lowercase();
    match there.iter().find(same) {
        Some(_) => Err(Error::invalid("name", "The school has a room of this name; choose another name.")),
        None => Ok(()),
    }
}

fn check(new: NewRoom) -> Result<(String, Option<i32>, Option<String>)> {
    let mut errors = FieldErrors::default();
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 80 || name.contains(char::is_control) {
        errors.add("name", "Give a name of 1 to 80 characters.");
    }
    let seats = match new.seats.trim() {
        "" => None,
        text => {
            let seats = text.parse::<i32>().ok().filter(|seats| (1..=5_000).contains(seats));
            if seats.is_none() {
                errors.add("seats", "Give a whole number from 1 to 5,000, or nothing.");
            }
            seats
        }
    };
    let access = new.access.trim().replace("\r\n", "\n");
    if access.chars().count() > 600 || access.contains(|c: char| c.is_control() && c != '\n') {
        errors.add("access", "Use up to 600 characters.");
    }
    Ok(errors.or((name, seats, Some(access).filter(|text| !text.is_empty())))?)
}
