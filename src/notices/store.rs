//! Notices, settings and paces in the database.

pub mod personal;
pub mod settings;

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::list::{Kept, NoticeId};
use super::topic::{Pace, Topic};
use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub topic: String,
        pub event: String,
        pub about_kind: String,
        pub about_id: Uuid,
        pub names: Option<Uuid>,
        pub school_id: Option<Uuid>,
        pub line: String,
        pub path: String,
        pub waits: Option<String>,
        pub created_at: DateTimeUtc,
        pub read_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity};

/// Adds notices; gives the ids of those that were not there. One statement.
pub async fn insert(conn: &impl ConnectionTrait, rows: Vec<row::Model>) -> Result<HashSet<Uuid>> {
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([
        Column::Id,
        Column::AccountId,
        Column::Topic,
        Column::Event,
        Column::AboutKind,
        Column::AboutId,
        Column::Names,
        Column::SchoolId,
        Column::Line,
        Column::Path,
        Column::Waits,
        Column::CreatedAt,
    ]);
    for row in rows {
        let values: [Expr; 12] = [
            row.id.into(),
            row.account_id.into(),
            row.topic.into(),
            row.event.into(),
            row.about_kind.into(),
            row.about_id.into(),
            row.names.into(),
            row.school_id.into(),
            row.line.into(),
            row.path.into(),
            row.waits.into(),
            row.created_at.into(),
        ];
        insert.values(values).map_err(Error::internal)?;
    }
    insert.on_conflict(OnConflict::columns([Column::AccountId, Column::Event]).do_nothing().to_owned());
    insert.returning_col(Column::Id);
    let rows = conn.query_all(&insert).await?;
    rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "id")?)).collect()
}

/// How many notices of an account are not read, counted up to `most`. One statement along an index.
pub async fn unread(conn: &impl ConnectionTrait, account: AccountId, most: u64) -> Result<u64> {
    let mut some = Query::select();
    some.expr_as(Expr::value(1), "one")
        .from(Entity)
        .and_where(Expr::col(Column::AccountId).eq(account.0))
        .and_where(Expr::col(Column::ReadAt).is_null())
        .limit(most);
    let mut count = Query::select();
    count.expr_as(Expr::col("one").count(), "number").from_subquery(some, "some");
    let row = conn.query_one(&count).await?;
    let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(number).unwrap_or_default())
}

/// How many notices an account has.
pub async fn count(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    Ok(Entity::find().filter(Column::AccountId.eq(account.0)).count(conn).await?)
}

/// Notices of an account, the newest first; those after `before`.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
    before: Option<NoticeId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    let mut query = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_desc(Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.0));
    }
    Ok(query.all(conn).await?.into_iter().filter_map(kept).collect())
}

/// Marks notices of an account as read: these, or all up to one.
pub async fn read(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &[NoticeId],
    up_to: Option<NoticeId>,
    now: Timestamp,
) -> Result<u64> {
    let mut which = Column::Id.is_in(ids.iter().map(|id| id.0));
    if let Some(last) = up_to {
        which = which.or(Column::Id.lte(last.0));
    }
    let done = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(Some(now)))
        .filter(Column::AccountId.eq(account.0).and(Column::ReadAt.is_null()).and(which))
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}

/// What waits for a digest of an account and is not read, the newest first, at most so many; of what is for those who answer for
/// a school, that of these alone.
pub async fn waiting(
    conn: &impl ConnectionTrait,
    account: AccountId,
    paces: &[Pace],
    leads: &[Uuid],
    limit: u64,
) -> Result<Vec<Kept>> {
    let query = Entity::find()
        .filter(Column::SchoolId.is_null().or(Column::SchoolId.is_in(leads.iter().copied())))
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::Waits.is_in(paces.iter().map(|pace| pace.code())))
        .filter(Column::ReadAt.is_null())
        .order_by_desc(Column::Id)
        .limit(limit);
    Ok(query.all(conn).await?.into_iter().filter_map(kept).collect())
}

/// For which digests something of an account waits.
pub async fn waits(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Pace>> {
    let codes: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Waits)
        .distinct()
        .filter(Column::AccountId.eq(account.0).and(Column::Waits.is_not_null()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(codes.iter().filter_map(|code| Pace::of(code)).collect())
}

/// What waited for these digests waits no more.
pub async fn done(conn: &impl ConnectionTrait, account: AccountId, paces: &[Pace]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Waits, Expr::value(Option::<String>::None))
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::Waits.is_in(paces.iter().map(|pace| pace.code())))
        .exec(conn)
        .await?;
    Ok(())
}

/// What waits of a topic waits for another digest, or for none.
pub async fn wait_for(
    conn: &impl ConnectionTrait,
    account: AccountId,
    topics: &[Topic],
    waits: Option<Pace>,
) -> Result<()> {
    if topics.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Waits, Expr::value(waits.map(|pace| pace.code().to_owned())))
        .filter(Column::AccountId.eq(account.0).and(Column::Waits.is_not_null()))
        .filter(Column::Topic.is_in(topics.iter().map(|topic| topic.code())))
        .exec(conn)
        .await?;
    Ok(())
}

/// What was told to the leads of a school belongs to those of another.
pub async fn hand_over(conn: &impl ConnectionTrait, from: Uuid, into: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SchoolId, Expr::value(into))
        .filter(Column::SchoolId.eq(from))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes out what is told of a thing and not read yet: it is not so any more.
pub async fn take_back(conn: &impl ConnectionTrait, kind: &str, id: Uuid) -> Result<u64> {
    let of = Column::AboutId.eq(id).and(Column::AboutKind.eq(kind));
    Ok(Entity::delete_many().filter(of.and(Column::ReadAt.is_null())).exec(conn).await?.rows_affected)
}

/// Topics that an account has notices of.
pub async fn topics(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Topic>> {
    let query = Entity::find().select_only().column(Column::Topic).distinct();
    let codes: Vec<String> = query.filter(Column::AccountId.eq(account.0)).into_tuple().all(conn).await?;
    Ok(codes.iter().filter_map(|code| Topic::of(code)).collect())
}

/// Takes out notices that are older than `old` and not read, or read and older than `stale`, at most so many; how many.
pub async fn forget(conn: &impl ConnectionTrait, stale: Timestamp, old: Timestamp, limit: u64) -> Result<u64> {
    let mut ids = Query::select();
    ids.column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::CreatedAt).lt(stale))
        .and_where(Expr::col(Column::ReadAt).is_not_null().or(Expr::col(Column::CreatedAt).lt(old)))
        .limit(limit);
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(ids)).exec(conn).await?.rows_affected)
}

/// A notice of a row; a topic that this version does not know is not shown.
fn kept(row: row::Model) -> Option<Kept> {
    Some(Kept {
        id: NoticeId(row.id),
        topic: Topic::of(&row.topic)?,
        about: (row.about_kind, row.about_id),
        line: row.line,
        path: row.path,
        created_at: row.created_at,
        read_at: row.read_at,
    })
}
