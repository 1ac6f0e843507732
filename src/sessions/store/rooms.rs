//! Rooms of schools.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::people::SchoolId;
use crate::platform::Result;
use crate::sessions::room::Room;
use crate::sessions::session::RoomId;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "room")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub name: String,
        pub seats: Option<i32>,
        pub access: Option<String>,
        pub retired_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rooms of these schools, retired ones among them, by name.
pub async fn of_schools(conn: &impl ConnectionTrait, schools: &[SchoolId]) -> Result<Vec<Room>> {
    if schools.is_empty() {
        return Ok(Vec::new());
    }
    let query = row::Entity::find().filter(row::Column::SchoolId.is_in(schools.iter().map(|school| school.0)));
    let rows = query.order_by_asc(row::Column::Name).order_by_asc(row::Column::Id).all(conn).await?;
    Ok(rows.into_iter().map(room_of).collect())
}

/// Rooms by id.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[RoomId]) -> Result<HashMap<RoomId, Room>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = row::Entity::find().filter(row::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        found.extend(query.all(conn).await?.into_iter().map(|row| (RoomId(row.id), room_of(row))));
    }
    Ok(found)
}

/// Rooms held in the order of their ids, against another session that would take them at the same time.
pub async fn hold(conn: &impl ConnectionTrait, ids: &[RoomId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let query = row::Entity::find().filter(row::Column::Id.is_in(ids.iter().map(|id| id.0)));
    query.order_by_asc(row::Column::Id).lock_exclusive().all(conn).await?;
    Ok(())
}

/// One room, held for a change.
pub async fn to_change(conn: &impl ConnectionTrait, id: RoomId) -> Result<Option<Room>> {
    Ok(row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(room_of))
}

/// Writes a new room.
pub async fn insert(conn: &impl ConnectionTrait, room: &Room) -> Result<()> {
    row::Entity::insert(row_of(room).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Writes a room that is held.
pub async fn update(conn: &impl ConnectionTrait, room: &Room) -> Result<()> {
    row::Entity::update(row_of(room).into_active_model().reset_all()).exec(conn).await?;
    Ok(())
}

fn room_of(row: row::Model) -> Room {
    Room {
        id: RoomId(row.id),
        school: SchoolId(row.school_id),
        name: row.name,
        seats: row.seats,
        access: row.access,
        retired_at: row.retired_at,
        created_at: row.created_at,
    }
}

fn row_of(room: &Room) -> row::Model {
    row::Model {
        id: room.id.0,
        school_id: room.school.0,
        name: room.name.clone(),
        seats: room.seats,
        access: room.access.clone(),
        retired_at: room.retired_at,
        created_at: room.created_at,
    }
}
