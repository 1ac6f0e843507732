//! What sessions keep of a school that became part of another: every column that names one, but for those of certificates,
//! which say for ever what was true then and are read by the whole family of a school.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::sessions::row;
use super::{CHUNK, registrations, rooms};
use crate::people::SchoolId;
use crate::platform::Result;
use crate::platform::vocabulary::{Consent, SessionStatus};

/// Where a school is named.
const NAMED: [(&str, &str); 9] = [
    ("room", "school_id"),
    ("session", "host_school_id"),
    ("session", "cohost_school_id"),
    ("facilitator", "school_id"),
    ("session_invited", "school_id"),
    ("session_school", "school_id"),
    ("registration", "school_id"),
    ("wish", "school_id"),
    ("poll", "school_id"),
];

/// How much went over.
#[derive(Debug, Default)]
pub struct Moved {
    /// Sessions that name the school in any way.
    pub sessions: usize,
    /// Registrations of its staff.
    pub registrations: u64,
    /// Its rooms.
    pub rooms: usize,
}

/// Which of these schools are named anywhere. A statement for each column that names one.
pub async fn named(conn: &impl ConnectionTrait, schools: &[SchoolId]) -> Result<BTreeSet<SchoolId>> {
    let mut found = BTreeSet::new();
    for chunk in schools.chunks(CHUNK) {
        for (table, column) in NAMED {
            let mut query = Query::select();
            query.distinct().column(column).from(table);
            query.and_where(Expr::col(column).is_in(chunk.iter().map(|school| school.0)));
            for row in conn.query_all(&query).await? {
                found.insert(SchoolId(row.try_get("", column)?));
            }
        }
    }
    Ok(found)
}

/// Makes everything that is `from`'s into `into`'s. The sessions are held first, in the order of their ids, so that no seat
/// moves meanwhile.
pub async fn carry_over(conn: &impl ConnectionTrait, from: SchoolId, into: SchoolId) -> Result<Moved> {
    let mut moved = Moved { sessions: hold(conn, from).await?, ..Moved::default() };
    moved.rooms = carry_rooms(conn, from, into).await?;
    // What is named once for a session and school: what is there already takes it in.
    let mut twice = Query::delete();
    let mut there = Query::select();
    there.column("session_id").from("session_invited").and_where(Expr::col("school_id").eq(into.0));
    twice.from_table("session_invited").and_where(Expr::col("school_id").eq(from.0));
    twice.and_where(Expr::col("session_id").in_subquery(there));
    conn.execute(&twice).await?;
    carry_tallies(conn, from, into).await?;
    for (table, column) in NAMED.iter().filter(|(table, _)| !matches!(*table, "room" | "session_school")) {
        let mut update = Query::update();
        update.table(*table).value(*column, into.0).and_where(Expr::col(*column).eq(from.0));
        let count = conn.execute(&update).await?.rows_affected();
        if *table == "registration" {
            moved.registrations = count;
        }
    }
    // A draft of the two has one school now, and asks another to invite with it.
    row::Entity::update_many()
        .col_expr(row::Column::CohostSchoolId, Expr::value(Option::<Uuid>::None))
        .col_expr(row::Column::CohostSector, Expr::value(Option::<String>::None))
        .col_expr(row::Column::Consent, Expr::value(Consent::NONE.code()))
        .col_expr(row::Column::ConsentBy, Expr::value(Option::<Uuid>::None))
        .col_expr(row::Column::Revision, Expr::col(row::Column::Revision).add(1))
        .filter(row::Column::HostSchoolId.eq(into.0))
        .filter(row::Column::CohostSchoolId.eq(into.0))
        .filter(row::Column::Status.is_in([SessionStatus::DRAFT.code(), SessionStatus::SUBMITTED.code()]))
        .exec(conn)
        .await?;
    Ok(moved)
}

/// Holds every session that names the school, and says how many there are.
async fn hold(conn: &impl ConnectionTrait, school: SchoolId) -> Result<usize> {
    let mut ids: BTreeSet<Uuid> = BTreeSet::new();
    for (table, column) in NAMED {
        let id = match table {
            "session" => "id",
            "facilitator" | "session_invited" | "session_school" | "registration" => "session_id",
            _ => continue,
        };
        let mut query = Query::select();
        query.distinct().column(id).from(table).and_where(Expr::col(column).eq(school.0));
        for row in conn.query_all(&query).await? {
            ids.insert(row.try_get("", id)?);
        }
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    for chunk in ids.chunks(CHUNK) {
        let query = row::Entity::find().select_only().column(row::Column::Id);
        let query = query.filter(row::Column::Id.is_in(chunk.to_vec())).order_by_asc(row::Column::Id);
        query.lock_exclusive().into_tuple::<Uuid>().all(conn).await?;
    }
    Ok(ids.len())
}

/// Rooms go over, with a number where the other school has one of the same name.
async fn carry_rooms(conn: &impl ConnectionTrait, from: SchoolId, into: SchoolId) -> Result<usize> {
    let (theirs, mut there) = (rooms::of_schools(conn, &[from]).await?, rooms::of_schools(conn, &[into]).await?);
    let count = theirs.len();
    for mut room in theirs {
        let taken = |name: &str| there.iter().any(|other| other.name.to_lowercase() == name.to_lowercase());
        let short: String = room.name.chars().take(72).collect();
        let mut number = 2;
        while taken(&room.name) {
            room.name = format!("{} ({number})", short.trim_end());
            number += 1;
        }
        room.school = into;
        rooms::update(conn, &room).await?;
        there.push(room);
    }
    Ok(count)
}

/// Seats of both are counted as those of one.
async fn carry_tallies(conn: &impl ConnectionTrait, from: SchoolId, into: SchoolId) -> Result<()> {
    use registrations::tally::{Column, Entity};
    let key = [Column::SessionId, Column::Way, Column::SchoolId, Column::Sector];
    let mut theirs = Query::select();
    theirs.columns([Column::SessionId, Column::Way]).expr(Expr::value(into.0));
    theirs.columns([Column::Sector, Column::Taken]).from(Entity).and_where(Expr::col(Column::SchoolId).eq(from.0));
    let both = Expr::col((Entity, Column::Taken)).add(Expr::col(("excluded", Column::Taken)));
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([
        Column::SessionId,
        Column::Way,
        Column::SchoolId,
        Column::Sector,
        Column::Taken,
    ]);
    insert.select_from(theirs).map_err(crate::platform::Error::internal)?;
    insert.on_conflict(OnConflict::columns(key).value(Column::Taken, both).to_owned());
    conn.execute(&insert).await?;
    Entity::delete_many().filter(Column::SchoolId.eq(from.0)).exec(conn).await?;
    Ok(())
}
