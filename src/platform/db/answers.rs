//! Answers to writes that may be sent twice (an `Idempotency-Key`, a form whose button is pressed twice): the table, and
//! nothing of HTTP.

use row::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};

use super::{Db, Tx};
use crate::platform::actor::Actor;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer_once")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub request_hash: String,
        pub status: Option<i16>,
        pub headers: Json,
        pub body: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a key stands for.
#[derive(Debug, PartialEq)]
pub enum Known {
    /// It is new: the request may be done, and no other with this key.
    New,
    /// The same request is under way, or ended without an answer.
    UnderWay,
    /// It was used for another request.
    Other,
    /// The same request was answered.
    Answered(Answer),
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers: names and values.
    pub headers: serde_json::Value,
    /// The body, sealed by whoever keeps it.
    pub sealed: String,
}

/// Takes a key for a request, or says what it stands for already. What was taken before `since` is forgotten.
pub async fn take(db: &Db, account: Uuid, key: &str, request_hash: &str, since: Timestamp) -> Result<Known> {
    let tx = db.write(Actor::System("answers")).await?;
    let this = Column::AccountId.eq(account).and(Column::Key.eq(key));
    Entity::delete_many().filter(this.and(Column::CreatedAt.lt(since))).exec(tx.conn()).await?;
    let fresh = ActiveModel {
        account_id: Set(account),
        key: Set(key.to_owned()),
        request_hash: Set(request_hash.to_owned()),
        status: Set(None),
        headers: Set(serde_json::json!({})),
        body: Set(String::new()),
        created_at: Set(tx.now()),
    };
    let taken = OnConflict::columns([Column::AccountId, Column::Key]).do_nothing().to_owned();
    let inserted = Entity::insert(fresh).on_conflict(taken).exec_without_returning(tx.conn()).await?;
    if inserted > 0 {
        tx.commit().await?;
        return Ok(Known::New);
    }
    let row = Entity::find_by_id((account, key.to_owned())).one(tx.conn()).await?;
    Ok(match row {
        // Let go of a moment ago: it may be sent again.
        None => Known::UnderWay,
        Some(row) if row.request_hash != request_hash => Known::Other,
        Some(row) => match row.status.and_then(|status| u16::try_from(status).ok()) {
            Some(status) => Known::Answered(Answer { status, headers: row.headers, sealed: row.body }),
            None => Known::UnderWay,
        },
    })
}

/// Keeps the answer of a key that was taken.
pub async fn keep(db: &Db, account: Uuid, key: &str, answer: Answer) -> Result<()> {
    let tx = db.write(Actor::System("answers")).await?;
    let status = i16::try_from(answer.status).unwrap_or_default();
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(status))
        .col_expr(Column::Headers, Expr::value(answer.headers))
        .col_expr(Column::Body, Expr::value(answer.sealed))
        .filter(Column::AccountId.eq(account).and(Column::Key.eq(key)))
        .exec(tx.conn())
        .await?;
    tx.commit().await
}

/// Lets go of a key: the request changed nothing.
pub async fn let_go(db: &Db, account: Uuid, key: &str) -> Result<()> {
    let tx = db.write(Actor::System("answers")).await?;
    Entity::delete_many().filter(Column::AccountId.eq(account).and(Column::Key.eq(key))).exec(tx.conn()).await?;
    tx.commit().await
}

/// Forgets answers from before a moment.
pub async fn forget_before(db: &Db, before: Timestamp) -> Result<u64> {
    let tx = db.write(Actor::System("answers")).await?;
    let gone = Entity::delete_many().filter(Column::CreatedAt.lt(before)).exec(tx.conn()).await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}

/// Forgets the answers of an account.
pub async fn forget(tx: &mut Tx, account: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(&tx.conn).await?;
    Ok(())
}
