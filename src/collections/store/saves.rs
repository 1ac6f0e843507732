//! Saved practices in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::catalog::PracticeId;
use crate::collections::saves::{SaveId, Saved};
use crate::people::AccountId;
use crate::platform::{Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "saved_practice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub practice_id: Uuid,
        pub note: Option<String>,
        pub saved_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Saved {
    Saved {
        id: SaveId(row.id),
        account: AccountId(row.account_id),
        practice: PracticeId(row.practice_id),
        note: row.note,
        saved_at: row.saved_at,
        updated_at: row.updated_at,
    }
}

/// What somebody saved, the newest first, before one of them.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
    before: Option<SaveId>,
    limit: u64,
) -> Result<Vec<Saved>> {
    let mut query = row::Entity::find().filter(Column::AccountId.eq(account.0));
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.0));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// How many somebody saved.
pub async fn count(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    Ok(row::Entity::find().filter(Column::AccountId.eq(account.0)).count(conn).await?)
}

/// What somebody saved of one practice.
pub async fn of_practice(
    conn: &impl ConnectionTrait,
    account: AccountId,
    practice: PracticeId,
) -> Result<Option<Saved>> {
    let query = row::Entity::find().filter(Column::AccountId.eq(account.0)).filter(Column::PracticeId.eq(practice.0));
    Ok(query.one(conn).await?.map(read))
}

/// Saves one; whether it was not there.
pub async fn insert(conn: &impl ConnectionTrait, new: &Saved) -> Result<bool> {
    let model = row::Model {
        id: new.id.0,
        account_id: new.account.0,
        practice_id: new.practice.0,
        note: new.note.clone(),
        saved_at: new.saved_at,
        updated_at: new.updated_at,
    };
    let there = OnConflict::columns([Column::AccountId, Column::PracticeId]).do_nothing().to_owned();
    let insert = row::Entity::insert(model.into_active_model()).on_conflict(there);
    Ok(insert.exec_without_returning(conn).await? > 0)
}

/// Changes the note of one.
pub async fn set_note(conn: &impl ConnectionTrait, id: SaveId, note: Option<&str>, now: Timestamp) -> Result<()> {
    row::Entity::update_many()
        .col_expr(Column::Note, Expr::value(note.map(str::to_owned)))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes one out; whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, account: AccountId, practice: PracticeId) -> Result<bool> {
    let query =
        row::Entity::delete_many().filter(Column::AccountId.eq(account.0)).filter(Column::PracticeId.eq(practice.0));
    Ok(query.exec(conn).await?.rows_affected > 0)
}

/// Takes out everything that somebody saved; how many there were.
pub async fn delete_of(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    Ok(row::Entity::delete_many().filter(Column::AccountId.eq(account.0)).exec(conn).await?.rows_affected)
}
