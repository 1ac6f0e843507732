//! Tables and queries of files.

pub mod links;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::file::{Material, MaterialId};
use crate::catalog::PracticeId;
use crate::people::AccountId;
use crate::platform::{Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "material")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub contribution_id: Uuid,
        pub practice_id: Uuid,
        pub name: String,
        pub kind: String,
        pub hash: String,
        pub size: i64,
        pub account_id: Option<Uuid>,
        pub published_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod blob {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "material_blob")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub size: i64,
        pub wanted_at: DateTimeUtc,
        pub leaving_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A file by its id.
pub async fn by_id(conn: &impl ConnectionTrait, id: MaterialId) -> Result<Option<Material>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(of).transpose()
}

/// The files of a contribution, the first one first.
pub async fn of_contribution(conn: &impl ConnectionTrait, contribution: Uuid) -> Result<Vec<Material>> {
    let rows = row::Entity::find().filter(row::Column::ContributionId.eq(contribution));
    rows.order_by_asc(row::Column::Id).all(conn).await?.into_iter().map(of).collect()
}

/// The files that somebody sent, the first one first.
pub async fn sent_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Material>> {
    let rows = row::Entity::find().filter(row::Column::AccountId.eq(account.0));
    rows.order_by_asc(row::Column::Id).all(conn).await?.into_iter().map(of).collect()
}

/// Files that no published version was seen to name, in the order of their ids.
pub async fn unpublished(conn: &impl ConnectionTrait, after: Option<MaterialId>, most: u64) -> Result<Vec<Material>> {
    let mut rows = row::Entity::find().filter(row::Column::PublishedAt.is_null());
    if let Some(after) = after {
        rows = rows.filter(row::Column::Id.gt(after.0));
    }
    rows.order_by_asc(row::Column::Id).limit(most).all(conn).await?.into_iter().map(of).collect()
}

/// Unpublished files of these practices.
pub async fn unpublished_of(conn: &impl ConnectionTrait, practices: &[Uuid]) -> Result<Vec<Material>> {
    if practices.is_empty() {
        return Ok(Vec::new());
    }
    let rows = row::Entity::find()
        .filter(row::Column::PublishedAt.is_null())
        .filter(row::Column::PracticeId.is_in(practices.iter().copied()));
    rows.all(conn).await?.into_iter().map(of).collect()
}

/// A file is there now.
pub async fn insert(conn: &impl ConnectionTrait, it: &Material) -> Result<()> {
    let row = row::Model {
        id: it.id.0,
        contribution_id: it.contribution,
        practice_id: it.practice.0,
        name: it.name.clone(),
        kind: it.kind.code().to_owned(),
        hash: it.hash.clone(),
        size: it.size,
        account_id: it.account.map(|account| account.0),
        published_at: it.published_at,
        created_at: it.created_at,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes a file out; says whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, id: MaterialId) -> Result<bool> {
    Ok(row::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected > 0)
}

/// Notes that a published version names these.
pub async fn publish(conn: &impl ConnectionTrait, ids: &[Uuid], at: Timestamp) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = row::Entity::update_many().col_expr(row::Column::PublishedAt, Expr::value(at));
    rows.filter(row::Column::Id.is_in(ids.iter().copied())).exec(conn).await?;
    Ok(())
}

/// Takes somebody's name off the files they sent.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let nobody: Option<Uuid> = None;
    let rows = row::Entity::update_many().col_expr(row::Column::AccountId, Expr::value(nobody));
    Ok(rows.filter(row::Column::AccountId.eq(account.0)).exec(conn).await?.rows_affected)
}

/// Notes that somebody sends these bytes; `false` while they are being taken out.
pub async fn want(conn: &impl ConnectionTrait, hash: &str, size: i64, now: Timestamp) -> Result<bool> {
    let new =
        blob::ActiveModel { hash: Set(hash.to_owned()), size: Set(size), wanted_at: Set(now), leaving_at: Set(None) };
    let on_conflict = OnConflict::column(blob::Column::Hash).update_column(blob::Column::WantedAt).to_owned();
    blob::Entity::insert(new).on_conflict(on_conflict).exec_without_returning(conn).await?;
    let row = blob::Entity::find_by_id(hash.to_owned()).one(conn).await?;
    Ok(row.is_some_and(|row| row.leaving_at.is_none()))
}

/// Marks bytes that no file has and nobody has sent since `before`: nobody is let use them from now on.
pub async fn begin_leaving(conn: &impl ConnectionTrait, before: Timestamp, now: Timestamp, most: u64) -> Result<u64> {
    let used = Query::select().column(row::Column::Hash).from(row::Entity).to_owned();
    let idle = blob::Entity::find()
        .select_only()
        .column(blob::Column::Hash)
        .filter(blob::Column::LeavingAt.is_null())
        .filter(blob::Column::WantedAt.lt(before))
        .filter(blob::Column::Hash.not_in_subquery(used))
        .order_by_asc(blob::Column::WantedAt)
        .limit(most);
    let hashes: Vec<String> = idle.into_tuple().all(conn).await?;
    if hashes.is_empty() {
        return Ok(0);
    }
    let rows = blob::Entity::update_many().col_expr(blob::Column::LeavingAt, Expr::value(now));
    // Looked at again: somebody may have sent the same a moment ago.
    let rows = rows.filter(blob::Column::Hash.is_in(hashes)).filter(blob::Column::WantedAt.lt(before));
    Ok(rows.exec(conn).await?.rows_affected)
}

/// Bytes that are being taken out.
pub async fn leaving(conn: &impl ConnectionTrait, most: u64) -> Result<Vec<String>> {
    let rows = blob::Entity::find().filter(blob::Column::LeavingAt.is_not_null()).limit(most).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.hash).collect())
}

/// They are out.
pub async fn gone(conn: &impl ConnectionTrait, hash: &str) -> Result<()> {
    let rows = blob::Entity::delete_many().filter(blob::Column::Hash.eq(hash));
    rows.filter(blob::Column::LeavingAt.is_not_null()).exec(conn).await?;
    Ok(())
}

fn of(row: row::Model) -> Result<Material> {
    Ok(Material {
        id: MaterialId(row.id),
        contribution: row.contribution_id,
        practice: PracticeId(row.practice_id),
        name: row.name,
        kind: row.kind.parse()?,
        hash: row.hash,
        size: row.size,
        account: row.account_id.map(AccountId),
        published_at: row.published_at,
        created_at: row.created_at,
    })
}
