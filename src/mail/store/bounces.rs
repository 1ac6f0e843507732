//! What came back, and the addresses that get no letters because of it.

use std::collections::HashMap;

use chrono::Duration;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use super::outbox;
use crate::mail::Email;
use crate::mail::letter::LetterId;
use crate::mail::suppression::{Bounced, Reason, Scope, Suppressed};
use crate::platform::{Result, Timestamp, ids};

pub mod bounce {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "bounce")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub letter_id: Uuid,
        pub account_id: Option<Uuid>,
        pub address: String,
        pub kind: String,
        pub status: Option<String>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod suppression {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_suppression")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub address: String,
        pub account_id: Option<Uuid>,
        pub scope: String,
        pub reason: String,
        pub letter_id: Option<Uuid>,
        pub since: DateTimeUtc,
        pub active: bool,
        pub lifted_at: Option<DateTimeUtc>,
        pub tried_at: Option<DateTimeUtc>,
        pub tried_for: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use suppression::Column as Of;

impl From<suppression::Model> for Suppressed {
    fn from(row: suppression::Model) -> Self {
        Self {
            id: row.id,
            address: row.address,
            scope: Scope::of(&row.scope),
            reason: Reason::of(&row.reason),
            since: row.since,
            lifted_at: row.lifted_at,
        }
    }
}

/// The letter of that id, where it is there.
pub async fn letter(conn: &impl ConnectionTrait, id: LetterId) -> Result<Option<Bounced>> {
    found(conn, outbox::Column::Id.eq(id.0)).await
}

/// The letter to that address with one of these Message-IDs.
pub async fn letter_to(conn: &impl ConnectionTrait, message_ids: &[String], to: &str) -> Result<Option<Bounced>> {
    let is_it = outbox::Column::MessageId.is_in(message_ids);
    Ok(found(conn, is_it).await?.filter(|letter| letter.address.eq_ignore_ascii_case(to)))
}

async fn found(conn: &impl ConnectionTrait, is_it: sea_orm::sea_query::SimpleExpr) -> Result<Option<Bounced>> {
    let columns = [outbox::Column::Id, outbox::Column::Recipient, outbox::Column::AccountId];
    let query = outbox::Entity::find().select_only().columns(columns).filter(is_it);
    let row: Option<(Uuid, String, Option<Uuid>)> = query.into_tuple().one(conn).await?;
    Ok(row.map(|(id, address, account)| Bounced { letter: LetterId(id), address: address.to_lowercase(), account }))
}

/// Notes that a letter came back; `false` where that was known.
pub async fn note(
    conn: &impl ConnectionTrait,
    letter: &Bounced,
    kind: &str,
    status: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let row = bounce::ActiveModel {
        id: Set(ids::fresh()),
        letter_id: Set(letter.letter.0),
        account_id: Set(letter.account),
        address: Set(letter.address.clone()),
        kind: Set(kind.to_owned()),
        status: Set(status.map(str::to_owned)),
        at: Set(now),
    };
    let twice = OnConflict::columns([bounce::Column::LetterId, bounce::Column::Kind]).do_nothing().to_owned();
    let inserted = bounce::Entity::insert(row).on_conflict(twice).exec_without_returning(conn).await;
    match inserted {
        Ok(rows) => Ok(rows > 0),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// When letters to an address came back in this way since a moment, oldest first; at most ten.
pub async fn times(conn: &impl ConnectionTrait, address: &str, kind: &str, since: Timestamp) -> Result<Vec<Timestamp>> {
    let rows = bounce::Entity::find()
        .filter(bounce::Column::Address.eq(address).and(bounce::Column::At.gt(since)))
        .filter(bounce::Column::Kind.eq(kind))
        .order_by_asc(bounce::Column::At)
        .limit(10)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// What holds or held for an address.
pub async fn of_address(conn: &impl ConnectionTrait, address: &str) -> Result<Vec<(Suppressed, bool)>> {
    let rows = suppression::Entity::find().filter(Of::Address.eq(address)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.active, row)).map(|(active, row)| (row.into(), active)).collect())
}

/// Which letters an address does not get now.
pub async fn holds(conn: &impl ConnectionTrait, address: &str) -> Result<Option<Scope>> {
    let query = suppression::Entity::find().select_only().column(Of::Scope);
    let holding = Of::Address.eq(address).and(Of::Active.eq(true));
    let scopes: Vec<String> = query.filter(holding).into_tuple().all(conn).await?;
    // All is more than lists.
    Ok(scopes.iter().map(|scope| Scope::of(scope)).min())
}

/// An address gets no letters any more.
pub async fn suppress(
    conn: &impl ConnectionTrait,
    (address, account, letter): (&str, Option<Uuid>, Option<LetterId>),
    scope: Scope,
    reason: Reason,
    now: Timestamp,
) -> Result<()> {
    let row = suppression::ActiveModel {
        id: Set(ids::fresh()),
        address: Set(address.to_owned()),
        account_id: Set(account),
        scope: Set(scope.code().to_owned()),
        reason: Set(reason.code().to_owned()),
        letter_id: Set(letter.map(|letter| letter.0)),
        since: Set(now),
        active: Set(true),
        lifted_at: Set(None),
        tried_at: Set(None),
        tried_for: Set(None),
    };
    // A letter that was nobody's says nothing of whose address it is.
    let new = Expr::col(("excluded", Of::AccountId));
    let whose = Func::coalesce([new, Expr::col((suppression::Entity, Of::AccountId))]);
    let again = OnConflict::columns([Of::Address, Of::Scope])
        .update_columns([Of::Reason, Of::LetterId, Of::Since, Of::Active])
        .value(Of::AccountId, whose)
        .to_owned();
    suppression::Entity::insert(row).on_conflict(again).exec_without_returning(conn).await?;
    Ok(())
}

/// Whose address it is, as far as letters to it tell.
pub async fn account_at(conn: &impl ConnectionTrait, address: &str) -> Result<Option<Uuid>> {
    let theirs = outbox::Column::Recipient.eq(address).and(outbox::Column::AccountId.is_not_null());
    let query = outbox::Entity::find().select_only().column(outbox::Column::AccountId).filter(theirs);
    let newest = query.order_by_desc(outbox::Column::Id).into_tuple().one(conn).await?;
    Ok(newest.flatten())
}

/// The one of that id that holds now.
pub async fn active(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Suppressed>> {
    let row = suppression::Entity::find_by_id(id).filter(Of::Active.eq(true)).one(conn).await?;
    Ok(row.map(Into::into))
}

/// Lets letters go there again.
pub async fn lift(conn: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<()> {
    suppression::Entity::update_many()
        .col_expr(Of::Active, Expr::value(false))
        .col_expr(Of::LiftedAt, Expr::value(Some(now)))
        .filter(Of::Id.eq(id))
        .exec(conn)
        .await?;
    Ok(())
}

/// Lets a letter through to an address where nobody was, unless another was let through so shortly before.
pub async fn let_through(
    conn: &impl ConnectionTrait,
    address: &str,
    letter: LetterId,
    now: Timestamp,
    every: Duration,
) -> Result<bool> {
    let nobody = Of::Address.eq(address).and(Of::Active.eq(true)).and(Of::Scope.eq(Scope::All.code()));
    let rested = Of::TriedAt.is_null().or(Of::TriedAt.lte(now - every)).or(Of::TriedFor.eq(letter.0));
    let through = suppression::Entity::update_many()
        .col_expr(Of::TriedAt, Expr::value(Some(now)))
        .col_expr(Of::TriedFor, Expr::value(Some(letter.0)))
        .filter(nobody.and(Of::Reason.eq(Reason::Unknown.code())).and(rested))
        .exec(conn)
        .await?;
    Ok(through.rows_affected > 0)
}

/// Ends what is held against addresses where nobody was, since before `before`.
pub async fn end_unknown(conn: &impl ConnectionTrait, before: Timestamp, now: Timestamp) -> Result<u64> {
    let old = Of::Active.eq(true).and(Of::Since.lt(before)).and(Of::Reason.eq(Reason::Unknown.code()));
    let ended = suppression::Entity::update_many()
        .col_expr(Of::Active, Expr::value(false))
        .col_expr(Of::LiftedAt, Expr::value(Some(now)))
        .filter(old)
        .exec(conn)
        .await?;
    Ok(ended.rows_affected)
}

/// Those of an account, or of the address that it has, that hold now.
pub async fn of_account(conn: &impl ConnectionTrait, account: Uuid, own: Option<&Email>) -> Result<Vec<Suppressed>> {
    let mut mine = Of::AccountId.eq(account);
    if let Some(own) = own {
        mine = mine.or(Of::Address.eq(own.as_str().to_lowercase()));
    }
    let rows =
        suppression::Entity::find().filter(mine.and(Of::Active.eq(true))).order_by_asc(Of::Scope).all(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// All that hold now, newest first, at most `limit` after the first `skip`; and how many there are.
pub async fn list(conn: &impl ConnectionTrait, skip: u64, limit: u64) -> Result<(Vec<Suppressed>, u64)> {
    let all = suppression::Entity::find().filter(Of::Active.eq(true));
    let count = all.clone().count(conn).await?;
    let newest = all.order_by_desc(Of::Since).order_by_desc(Of::Id);
    let rows = newest.offset(skip).limit(limit).all(conn).await?;
    Ok((rows.into_iter().map(Into::into).collect(), count))
}

/// Of these letters those that came back, with the worst of what was said.
pub async fn came_back(conn: &impl ConnectionTrait, letters: &[LetterId]) -> Result<HashMap<LetterId, String>> {
    if letters.is_empty() {
        return Ok(HashMap::new());
    }
    let these = bounce::Column::LetterId.is_in(letters.iter().map(|id| id.0));
    // soft, hard, complaint: what is later in the alphabet but for "hard" is worse, so the order is made here.
    let rows = bounce::Entity::find().filter(these).all(conn).await?;
    let mut found: HashMap<LetterId, String> = HashMap::new();
    let rank = |kind: &str| ["soft", "hard", "complaint"].iter().position(|known| *known == kind);
    for row in rows {
        let known = found.entry(LetterId(row.letter_id)).or_insert_with(|| row.kind.clone());
        if rank(&row.kind) > rank(known) {
            *known = row.kind;
        }
    }
    Ok(found)
}

/// What is kept of a person: bounces `(kind, status, at)`, and addresses that get no letters.
pub async fn kept(conn: &impl ConnectionTrait, account: Uuid) -> Result<(Vec<bounce::Model>, Vec<suppression::Model>)> {
    let bounces = bounce::Entity::find().filter(bounce::Column::AccountId.eq(account));
    let bounces = bounces.order_by_asc(bounce::Column::At).all(conn).await?;
    let stopped =
        suppression::Entity::find().filter(Of::AccountId.eq(account)).order_by_asc(Of::Since).all(conn).await?;
    Ok((bounces, stopped))
}

/// What is nobody's and of this address becomes this account's.
pub async fn claim(conn: &impl ConnectionTrait, address: &str, account: Uuid) -> Result<()> {
    let whose = Expr::value(account);
    let nobodys = bounce::Column::Address.eq(address).and(bounce::Column::AccountId.is_null());
    bounce::Entity::update_many().col_expr(bounce::Column::AccountId, whose.clone()).filter(nobodys).exec(conn).await?;
    let nobodys = Of::Address.eq(address).and(Of::AccountId.is_null());
    suppression::Entity::update_many().col_expr(Of::AccountId, whose).filter(nobodys).exec(conn).await?;
    Ok(())
}

/// Takes out what is kept of an address and is nobody's.
pub async fn forget(conn: &impl ConnectionTrait, address: &str) -> Result<()> {
    let nobodys = bounce::Column::Address.eq(address).and(bounce::Column::AccountId.is_null());
    bounce::Entity::delete_many().filter(nobodys).exec(conn).await?;
    let nobodys = Of::Address.eq(address).and(Of::AccountId.is_null());
    suppression::Entity::delete_many().filter(nobodys).exec(conn).await?;
    Ok(())
}

/// Takes out what is kept of an account.
pub async fn erase(conn: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    bounce::Entity::delete_many().filter(bounce::Column::AccountId.eq(account)).exec(conn).await?;
    suppression::Entity::delete_many().filter(Of::AccountId.eq(account)).exec(conn).await?;
    Ok(())
}
