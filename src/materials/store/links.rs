//! Tables and queries of links.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use crate::platform::{Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
        pub url: String,
        pub state: String,
        pub failures: i32,
        pub since: Option<DateTimeUtc>,
        pub checked_at: Option<DateTimeUtc>,
        pub due_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod pair {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod mark {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "link_mark")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A link that is looked after.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its hash.
    pub hash: String,
    /// Its address.
    pub url: String,
    /// Weekly checks in a row that did not reach it.
    pub failures: i32,
    /// Since when it is not reached.
    pub since: Option<Timestamp>,
    /// When it is asked next.
    pub due_at: Timestamp,
}

const PRACTICES: &str = "practices";

/// Up to which change of the practices they were looked at.
pub async fn seen(conn: &impl ConnectionTrait) -> Result<i64> {
    Ok(mark::Entity::find_by_id(PRACTICES.to_owned()).one(conn).await?.map_or(0, |row| row.seq))
}

/// They were looked at up to this change.
pub async fn see(conn: &impl ConnectionTrait, seq: i64) -> Result<()> {
    let row = mark::ActiveModel { name: Set(PRACTICES.to_owned()), seq: Set(seq) };
    let on_conflict = OnConflict::column(mark::Column::Name).update_column(mark::Column::Seq).to_owned();
    mark::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// Pairs of practices and hashes of links, for these practices.
pub async fn pairs(conn: &impl ConnectionTrait, practices: &[Uuid]) -> Result<HashSet<(Uuid, String)>> {
    let rows = pair::Entity::find().filter(pair::Column::PracticeId.is_in(practices.iter().copied())).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.practice_id, row.hash)).collect())
}

/// Links that are new are looked after from `due_at` on; those that are there stay as they are.
pub async fn insert(conn: &impl ConnectionTrait, links: Vec<(String, String, Timestamp)>) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let rows = links.into_iter().map(|(hash, url, due_at)| row::ActiveModel {
        hash: Set(hash),
        url: Set(url),
        state: Set("new".to_owned()),
        failures: Set(0),
        since: Set(None),
        checked_at: Set(None),
        due_at: Set(due_at),
    });
    let on_conflict = OnConflict::column(row::Column::Hash).do_nothing().to_owned();
    row::Entity::insert_many(rows).try_insert().on_conflict(on_conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// Practices have these links now.
pub async fn join(conn: &impl ConnectionTrait, pairs: Vec<(Uuid, String)>) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let rows =
        pairs.into_iter().map(|(practice, hash)| pair::ActiveModel { practice_id: Set(practice), hash: Set(hash) });
    let on_conflict = OnConflict::columns([pair::Column::PracticeId, pair::Column::Hash]).do_nothing().to_owned();
    pair::Entity::insert_many(rows).try_insert().on_conflict(on_conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// A practice has these links no more.
pub async fn part(conn: &impl ConnectionTrait, practice: Uuid, hashes: Vec<String>) -> Result<()> {
    let rows = pair::Entity::delete_many().filter(pair::Column::PracticeId.eq(practice));
    rows.filter(pair::Column::Hash.is_in(hashes)).exec(conn).await?;
    Ok(())
}

/// Links that no practice has are looked after no more.
pub async fn forget(conn: &impl ConnectionTrait) -> Result<u64> {
    let used = Query::select().column(pair::Column::Hash).from(pair::Entity).to_owned();
    Ok(row::Entity::delete_many().filter(row::Column::Hash.not_in_subquery(used)).exec(conn).await?.rows_affected)
}

/// Links that are due, the longest waiting first.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, most: u64) -> Result<Vec<Kept>> {
    let rows = row::Entity::find().filter(row::Column::DueAt.lte(now)).order_by_asc(row::Column::DueAt).limit(most);
    Ok(rows.all(conn).await?.into_iter().map(of).collect())
}

/// Moves the time of these, if nobody has in the meantime.
pub async fn postpone(conn: &impl ConnectionTrait, hashes: Vec<String>, now: Timestamp, to: Timestamp) -> Result<()> {
    let rows = row::Entity::update_many().col_expr(row::Column::DueAt, Expr::value(to));
    rows.filter(row::Column::Hash.is_in(hashes)).filter(row::Column::DueAt.lte(now)).exec(conn).await?;
    Ok(())
}

/// What asking a link came to, unless another node has noted it meanwhile.
pub async fn note(
    conn: &impl ConnectionTrait,
    kept: &Kept,
    reached: bool,
    now: Timestamp,
    due_at: Timestamp,
) -> Result<()> {
    let since: Option<Timestamp> = if reached { None } else { kept.since.or(Some(now)) };
    let failures = if reached { 0 } else { kept.failures.saturating_add(1) };
    row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(if reached { "reachable" } else { "unreachable" }))
        .col_expr(row::Column::Failures, Expr::value(failures))
        .col_expr(row::Column::Since, Expr::value(since))
        .col_expr(row::Column::CheckedAt, Expr::value(now))
        .col_expr(row::Column::DueAt, Expr::value(due_at))
        .filter(row::Column::Hash.eq(kept.hash.clone()))
        .filter(row::Column::DueAt.eq(kept.due_at))
        .exec(conn)
        .await?;
    Ok(())
}

/// Links of a practice that were not reached so often in a row.
pub async fn dead(conn: &impl ConnectionTrait, practice: Uuid, failures: i32) -> Result<Vec<Kept>> {
    let of_practice = Query::select()
        .column(pair::Column::Hash)
        .from(pair::Entity)
        .and_where(pair::Column::PracticeId.eq(practice))
        .to_owned();
    let rows = row::Entity::find()
        .filter(row::Column::Failures.gte(failures))
        .filter(row::Column::Hash.in_subquery(of_practice))
        .order_by_asc(row::Column::Url);
    Ok(rows.all(conn).await?.into_iter().map(of).collect())
}

fn of(row: row::Model) -> Kept {
    Kept { hash: row.hash, url: row.url, failures: row.failures, since: row.since, due_at: row.due_at }
}
