//! The change log: which thing changed, in the order of the commits.
//!
//! A follower (the search index of each node) remembers the last number it has seen and asks for what came
//! after. That is only right if a lower number never commits after a higher one (T9). So the numbers come
//! from one counter row that the transaction changes, and holds, until it commits: on PostgreSQL by the row
//! lock, on SQLite by the single writer. One code path, no engine's own sequence.
//!
//! Each thing has one row, moved to the newest number when it changes again: the log is as long as there are
//! things, and following it from zero visits all of them. That is what a rebuild does.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use row::{ActiveModel, Column, Entity};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use super::{Cx, Tx};
use crate::platform::error::{Error, Result};

mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "change_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub log: String,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "change_log")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub log: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: Uuid,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who has a log of its own that depends on another: what practices show of a school changes with the school.
#[async_trait]
pub trait Relay: Send + Sync {
    /// Called in the transaction that marked `subjects` in `log`; marks what depends on them.
    async fn changed(&self, tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()>;
}

/// Rows one statement carries at most: three parameters each, and SQLite takes 32,766.
const CHUNK: usize = 2_000;

/// Notes that the things `subjects` changed. The log's counter stays locked until the transaction ends, so
/// call this late in it.
pub async fn append(tx: &mut Tx, log: &str, subjects: &[Uuid]) -> Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(subjects.len()).map_err(Error::internal)?;
    let head = head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::col(head::Column::Seq).add(count))
        .filter(head::Column::Log.eq(log))
        .exec_with_returning(tx.conn())
        .await?
        .pop()
        .ok_or_else(|| Error::Internal(format!("the change log {log} has no head")))?;
    let mut seq = head.seq - count;
    for chunk in subjects.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|subject| {
                seq += 1;
                ActiveModel { log: Set(log.to_owned()), subject: Set(*subject), seq: Set(seq) }
            })
            .collect();
        Entity::insert_many(rows)
            .on_conflict(OnConflict::columns([Column::Log, Column::Subject]).update_column(Column::Seq).to_owned())
            .exec_without_returning(tx.conn())
            .await?;
    }
    for relay in Arc::clone(&tx.relays).iter() {
        relay.changed(tx, log, subjects).await?;
    }
    Ok(())
}

/// What changed after `seq`, at most `limit` things, oldest change first.
pub async fn after(cx: &Cx, log: &str, seq: i64, limit: u64) -> Result<Vec<(i64, Uuid)>> {
    let rows = Entity::find()
        .filter(Column::Log.eq(log))
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(limit)
        .all(cx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| (row.seq, row.subject)).collect())
}

/// The newest number of every log.
pub async fn heads(conn: &impl ConnectionTrait) -> Result<HashMap<String, i64>> {
    Ok(head::Entity::find().all(conn).await?.into_iter().map(|row| (row.log, row.seq)).collect())
}

/// The newest number of the log.
pub async fn head(conn: &impl ConnectionTrait, log: &str) -> Result<i64> {
    Ok(head::Entity::find_by_id(log.to_owned()).one(conn).await?.map_or(0, |row| row.seq))
}
