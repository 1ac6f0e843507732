//! Saved searches, and how far news were told, in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::saved::{Of, Saved, SavedId};
use crate::notices::Pace;
use crate::people::AccountId;
use crate::platform::{Error, Result};

mod saved_search {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_search")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub kind: String,
        pub name: String,
        pub query: String,
        pub pace: String,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod place {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "following_place")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub log: String,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod told {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "following_told")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: Uuid,
        pub version: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use saved_search::Column;

fn read(row: saved_search::Model) -> Result<Saved> {
    Ok(Saved {
        id: SavedId(row.id),
        account: AccountId(row.account_id),
        of: Of::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of saved search"))?,
        name: row.name,
        query: row.query,
        pace: Pace::of(&row.pace).ok_or_else(|| Error::internal("an unknown pace"))?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn row(saved: &Saved) -> saved_search::Model {
    saved_search::Model {
        id: saved.id.0,
        account_id: saved.account.0,
        kind: saved.of.code().to_owned(),
        name: saved.name.clone(),
        query: saved.query.clone(),
        pace: saved.pace.code().to_owned(),
        created_at: saved.created_at,
        updated_at: saved.updated_at,
    }
}

/// What somebody saved, newest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Saved>> {
    let query = saved_search::Entity::find().filter(Column::AccountId.eq(account.0)).order_by_desc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// One of them.
pub async fn by_id(conn: &impl ConnectionTrait, id: SavedId) -> Result<Option<Saved>> {
    saved_search::Entity::find_by_id(id.0).one(conn).await?.map(read).transpose()
}

/// Those of these that are there.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Saved>> {
    let query = saved_search::Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(conn).await?.into_iter().map(read).collect()
}

/// Keeps it, in place of what was kept under its id.
pub async fn keep(conn: &impl ConnectionTrait, saved: &Saved) -> Result<()> {
    let changed = OnConflict::column(Column::Id)
        .update_columns([Column::Name, Column::Query, Column::Pace, Column::UpdatedAt])
        .to_owned();
    let insert = saved_search::Entity::insert(row(saved).into_active_model()).on_conflict(changed);
    insert.exec_without_returning(conn).await?;
    Ok(())
}

/// Takes one out; whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, id: SavedId) -> Result<bool> {
    Ok(saved_search::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected > 0)
}

/// Takes out everything of an account.
pub async fn delete_of(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    saved_search::Entity::delete_many().filter(Column::AccountId.eq(account.0)).exec(conn).await?;
    Ok(())
}

/// How far a log was told of.
pub async fn place(conn: &impl ConnectionTrait, log: &str) -> Result<i64> {
    Ok(place::Entity::find_by_id(log.to_owned()).one(conn).await?.map_or(0, |row| row.seq))
}

/// Moves the place from one number to another; whether it was there. Who moves it first has told.
pub async fn advance(conn: &impl ConnectionTrait, log: &str, from: i64, to: i64) -> Result<bool> {
    use sea_orm::sea_query::Expr;
    let moved = place::Entity::update_many()
        .col_expr(place::Column::Seq, Expr::value(to))
        .filter(place::Column::Log.eq(log))
        .filter(place::Column::Seq.eq(from))
        .exec(conn)
        .await?;
    Ok(moved.rows_affected > 0)
}

/// The states of things that were told of last.
pub async fn told(conn: &impl ConnectionTrait, kind: &str, subjects: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let query = told::Entity::find()
        .filter(told::Column::Kind.eq(kind))
        .filter(told::Column::Subject.is_in(subjects.iter().copied()))
        .limit(10_000);
    Ok(query.all(conn).await?.into_iter().map(|row| (row.subject, row.version)).collect())
}

/// Notes that a state was told of.
pub async fn note_told(conn: &impl ConnectionTrait, kind: &str, subject: Uuid, version: &str) -> Result<()> {
    let row = told::Model { kind: kind.to_owned(), subject, version: version.to_owned() };
    let known = OnConflict::columns([told::Column::Kind, told::Column::Subject])
        .update_column(told::Column::Version)
        .to_owned();
    told::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}
