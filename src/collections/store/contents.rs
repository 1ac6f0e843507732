//! What is in collections, in the database.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::catalog::PracticeId;
use crate::collections::collection::CollectionId;
use crate::collections::contents::Entry;
use crate::people::AccountId;
use crate::platform::Result;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "collection_practice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub collection_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        pub place: i32,
        pub line: Option<String>,
        pub added_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Entry {
    Entry { practice: PracticeId(row.practice_id), line: row.line, added_at: row.added_at }
}

/// What is in one, in its order.
pub async fn of(conn: &impl ConnectionTrait, id: CollectionId) -> Result<Vec<Entry>> {
    let query = row::Entity::find().filter(Column::CollectionId.eq(id.0));
    let rows = query.order_by_asc(Column::Place).order_by_asc(Column::PracticeId).all(conn).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// What is in each of these, in its order.
pub async fn of_many(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<CollectionId, Vec<Entry>>> {
    let mut found: HashMap<CollectionId, Vec<Entry>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let query = row::Entity::find().filter(Column::CollectionId.is_in(ids.iter().copied()));
    for row in query.order_by_asc(Column::Place).order_by_asc(Column::PracticeId).all(conn).await? {
        found.entry(CollectionId(row.collection_id)).or_default().push(read(row));
    }
    Ok(found)
}

/// How many are in each of these.
pub async fn counts(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<CollectionId, u64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, i64)> = row::Entity::find()
        .select_only()
        .column(Column::CollectionId)
        .column_as(Column::PracticeId.count(), "practices")
        .filter(Column::CollectionId.is_in(ids.iter().copied()))
        .group_by(Column::CollectionId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, n)| (CollectionId(id), n.unsigned_abs())).collect())
}

/// Which collections of somebody a practice is in.
pub async fn holding(
    conn: &impl ConnectionTrait,
    owner: AccountId,
    practice: PracticeId,
) -> Result<HashSet<CollectionId>> {
    let rows: Vec<Uuid> = row::Entity::find()
        .select_only()
        .column(Column::CollectionId)
        .filter(Column::PracticeId.eq(practice.0))
        .filter(Column::CollectionId.in_subquery(super::collections::ids_of(owner)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(CollectionId).collect())
}

/// Makes this what is in one, in this order. At most a hundred rows.
pub async fn replace(conn: &impl ConnectionTrait, id: CollectionId, list: &[Entry]) -> Result<()> {
    delete_of(conn, &[id.0]).await?;
    if list.is_empty() {
        return Ok(());
    }
    let rows = list.iter().zip(1..).map(|(entry, place)| {
        let row = row::Model {
            collection_id: id.0,
            practice_id: entry.practice.0,
            place,
            line: entry.line.clone(),
            added_at: entry.added_at,
        };
        row.into_active_model()
    });
    row::Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// Empties these.
pub async fn delete_of(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<()> {
    row::Entity::delete_many().filter(Column::CollectionId.is_in(ids.iter().copied())).exec(conn).await?;
    Ok(())
}
