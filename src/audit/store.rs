//! The log as it is read, and the tables of its seals.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DbBackend, FromQueryResult, QueryOrder, QuerySelect, QueryTrait,
};

use super::chain::{Head, Seal};
use super::{Entry, Filter};
use crate::platform::db::events;
use crate::platform::{Error, Result};

mod seal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_seal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub event_id: i64,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_seal_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub seq: i64,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events that fit, the newest first, below a number.
pub async fn newest(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>> {
    let mut query = events::Entity::find().filter(condition(filter));
    if let Some(before) = before {
        query = query.filter(events::Column::Id.lt(before));
    }
    let rows = query.order_by_desc(events::Column::Id).limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(entry_of).collect())
}

/// How many fit.
pub async fn count(conn: &impl ConnectionTrait, filter: &Filter) -> Result<u64> {
    Ok(events::Entity::find().filter(condition(filter)).count(conn).await?)
}

fn condition(filter: &Filter) -> Condition {
    use events::Column;
    let about = |actor: &String| {
        let by = Condition::any().add(Column::Actor.eq(actor.as_str()));
        match actor.parse::<Uuid>() {
            Ok(id) => by.add(Column::SubjectKind.eq("account").and(Column::Subject.eq(id))),
            Err(_) => by,
        }
    };
    Condition::all()
        .add_option(filter.action.as_ref().map(|action| Column::Action.eq(action.as_str())))
        .add_option(filter.actor.as_ref().map(about))
        .add_option(filter.subject_kind.as_ref().map(|kind| Column::SubjectKind.eq(kind.as_str())))
        .add_option(filter.subject.map(|id| Column::Subject.eq(id)))
        .add_option(filter.from.map(|from| Column::At.gte(from)))
        .add_option(filter.before.map(|before| Column::At.lt(before)))
}

/// Every action there is an event of.
pub async fn actions(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let query = events::Entity::find().select_only().column(events::Column::Action).distinct();
    Ok(query.order_by_asc(events::Column::Action).into_tuple().all(conn).await?)
}

/// Events of these numbers.
pub async fn entries(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Entry>> {
    let rows = events::Entity::find().filter(events::Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    Ok(rows.into_iter().map(entry_of).collect())
}

/// Events without a seal above a number, in the order of their numbers.
pub async fn unsealed(conn: &impl ConnectionTrait, above: i64, limit: u64) -> Result<Vec<Entry>> {
    let query = events::Entity::find().filter(has_no_seal()).filter(events::Column::Id.gt(above));
    let rows = query.order_by_asc(events::Column::Id).limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(entry_of).collect())
}

/// How many events have no seal.
pub async fn count_unsealed(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(events::Entity::find().filter(has_no_seal()).count(conn).await?)
}

fn has_no_seal() -> Expr {
    let mut seal = Query::select();
    seal.expr(Expr::val(1))
        .from(seal::Entity)
        .and_where(Expr::col((seal::Entity, seal::Column::EventId)).equals((events::Entity, events::Column::Id)));
    Expr::exists(seal).not()
}

/// Adds seals.
pub async fn insert(conn: &impl ConnectionTrait, seals: &[Seal]) -> Result<()> {
    let rows = seals.iter().map(|seal| seal::ActiveModel {
        seq: Set(seal.seq),
        event_id: Set(seal.event),
        hash: Set(seal.hash.clone()),
    });
    seal::Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// Seals above a number, in order.
pub async fn seals(conn: &impl ConnectionTrait, above: i64, limit: u64) -> Result<Vec<Seal>> {
    let query = seal::Entity::find().filter(seal::Column::Seq.gt(above)).order_by_asc(seal::Column::Seq);
    let rows = query.limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(|row| Seal { seq: row.seq, event: row.event_id, hash: row.hash }).collect())
}

/// The largest number of an event that has a seal.
pub async fn newest_sealed(conn: &impl ConnectionTrait) -> Result<i64> {
    let newest: Option<Option<i64>> =
        seal::Entity::find().select_only().column_as(seal::Column::EventId.max(), "id").into_tuple().one(conn).await?;
    Ok(newest.flatten().unwrap_or_default())
}

/// The end of the chain.
pub async fn head(conn: &impl ConnectionTrait) -> Result<Head> {
    Ok(head_and_newest(conn).await?.0)
}

/// The end of the chain as it is noted, and the number of the newest seal there is: one statement, one moment.
pub async fn head_and_newest(conn: &impl ConnectionTrait) -> Result<(Head, i64)> {
    #[derive(FromQueryResult)]
    struct Both {
        seq: i64,
        hash: String,
        newest: Option<i64>,
    }
    let newest = seal::Entity::find().select_only().column_as(seal::Column::Seq.max(), "newest").into_query();
    let query = head::Entity::find()
        .select_only()
        .columns([head::Column::Seq, head::Column::Hash])
        .expr_as(Expr::SubQuery(None, Box::new(newest.into())), "newest");
    let both = query.into_model::<Both>().one(conn).await?;
    let both = both.ok_or_else(|| Error::internal("the end of the chain is not noted"))?;
    Ok((Head { number: both.seq, hash: both.hash }, both.newest.unwrap_or_default()))
}

/// The end of the chain, held until the transaction ends: who holds it seals.
pub async fn lock_head(conn: &impl ConnectionTrait) -> Result<Head> {
    let mut query = head::Entity::find();
    if conn.get_database_backend() == DbBackend::Postgres {
        query = query.lock(LockType::Update);
    }
    let row = query.one(conn).await?.ok_or_else(|| Error::internal("the end of the chain is not noted"))?;
    Ok(Head { number: row.seq, hash: row.hash })
}

/// Moves the end of the chain.
pub async fn set_head(conn: &impl ConnectionTrait, head: &Head) -> Result<()> {
    head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::value(head.number))
        .col_expr(head::Column::Hash, Expr::value(head.hash.as_str()))
        .exec(conn)
        .await?;
    Ok(())
}

fn entry_of(row: events::Model) -> Entry {
    Entry {
        id: row.id,
        at: row.at,
        actor_kind: row.actor_kind,
        actor: row.actor,
        action: row.action,
        subject_kind: row.subject_kind,
        subject: row.subject,
        detail: row.detail,
        via: row.via,
    }
}
