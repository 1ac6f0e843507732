//! Queries along the order of changes and along the ids.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect};

use super::practice::{Column, Entity};
use super::{CHUNK, SEARCHABLE, practice_of, version};
use crate::catalog::changes::{Place, Window};
use crate::catalog::practice::{Practice, PracticeId, Version};
use crate::platform::{Error, Result, Timestamp};

/// Statuses in which anybody may read of a practice: retired ones leave a tombstone.
const PUBLIC: [&str; 3] = ["published", "imported", "retired"];

/// Public practices, oldest change first.
pub async fn oldest_first(conn: &impl ConnectionTrait, window: Window, limit: u64) -> Result<Vec<Practice>> {
    let mut query = Entity::find().filter(Column::Status.is_in(PUBLIC));
    if let Some(from) = window.from {
        query = query.filter(Column::UpdatedAt.gte(from));
    }
    if let Some(before) = window.before {
        query = query.filter(Column::UpdatedAt.lt(before));
    }
    if let Some((at, id)) = window.after {
        let same = Condition::all().add(Column::UpdatedAt.eq(at)).add(Column::Id.gt(id.0));
        // The first condition leads along the index, the second is exact.
        query = query.filter(Column::UpdatedAt.gte(at));
        query = query.filter(Condition::any().add(Column::UpdatedAt.gt(at)).add(same));
    }
    let rows = query.order_by_asc(Column::UpdatedAt).order_by_asc(Column::Id).limit(limit).all(conn).await?;
    rows.into_iter().map(practice_of).collect()
}

/// Practices that search shows, newest change first.
pub async fn newest_first(conn: &impl ConnectionTrait, behind: Option<Place>, limit: u64) -> Result<Vec<Practice>> {
    let mut query = Entity::find().filter(Column::Status.is_in(SEARCHABLE));
    if let Some((at, id)) = behind {
        let same = Condition::all().add(Column::UpdatedAt.eq(at)).add(Column::Id.lt(id.0));
        query = query.filter(Column::UpdatedAt.lte(at));
        query = query.filter(Condition::any().add(Column::UpdatedAt.lt(at)).add(same));
    }
    let rows = query.order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id).limit(limit).all(conn).await?;
    rows.into_iter().map(practice_of).collect()
}

/// The newest changes of these practices.
pub async fn places(conn: &impl ConnectionTrait, ids: &[PracticeId]) -> Result<Vec<Place>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let query = Entity::find()
            .select_only()
            .columns([Column::UpdatedAt, Column::Id])
            .filter(Column::Id.is_in(chunk.iter().map(|id| id.0)));
        let rows: Vec<(Timestamp, Uuid)> = query.into_tuple().all(conn).await?;
        found.extend(rows.into_iter().map(|(at, id)| (at, PracticeId(id))));
    }
    Ok(found)
}

/// Public practices in the order of ids.
pub async fn in_order(conn: &impl ConnectionTrait, after: Option<PracticeId>, limit: u64) -> Result<Vec<Practice>> {
    let mut query = Entity::find().filter(Column::Status.is_in(PUBLIC));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.0));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit).all(conn).await?;
    rows.into_iter().map(practice_of).collect()
}

/// How many public practices there are.
pub async fn count(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find().filter(Column::Status.is_in(PUBLIC)).count(conn).await?)
}

/// Names in addresses of what search shows, in the order of ids.
pub async fn addresses(conn: &impl ConnectionTrait, skip: u64, limit: u64) -> Result<Vec<(String, Timestamp)>> {
    let query = Entity::find()
        .select_only()
        .columns([Column::Slug, Column::UpdatedAt])
        .filter(Column::Status.is_in(SEARCHABLE))
        .order_by_asc(Column::Id)
        .offset(skip)
        .limit(limit);
    Ok(query.into_tuple().all(conn).await?)
}

/// Every version of these practices.
pub async fn versions(conn: &impl ConnectionTrait, ids: &[PracticeId]) -> Result<Vec<(PracticeId, Version)>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = version::Entity::find()
            .filter(version::Column::PracticeId.is_in(chunk.iter().map(|id| id.0)))
            .order_by_asc(version::Column::PracticeId)
            .order_by_asc(version::Column::Version);
        for row in query.all(conn).await? {
            let version = Version {
                number: row.version,
                record: serde_json::from_value(row.record).map_err(Error::internal)?,
                note: row.note,
                created_at: row.created_at,
            };
            found.push((PracticeId(row.practice_id), version));
        }
    }
    Ok(found)
}

/// Has practices count as changed at a moment. Those that were taken out keep the day of that.
pub async fn moved(conn: &impl ConnectionTrait, ids: &[Uuid], now: Timestamp) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        Entity::update_many()
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.is_in(chunk.to_vec()))
            .filter(Column::Status.is_in(SEARCHABLE))
            .exec(conn)
            .await?;
    }
    Ok(())
}
