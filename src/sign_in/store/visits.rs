//! Sign-ins in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};
use crate::sign_in::visit::{Method, Visit, VisitId};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub secret_hash: String,
        pub method: String,
        pub strong_at: Option<DateTimeUtc>,
        pub device: String,
        pub created_at: DateTimeUtc,
        pub seen_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A new sign-in.
pub async fn insert(conn: &impl ConnectionTrait, visit: &Visit, secret_hash: &str) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(visit.id.0),
        account_id: Set(visit.account.0),
        secret_hash: Set(secret_hash.to_owned()),
        method: Set(visit.method.code().to_owned()),
        strong_at: Set(visit.strong_at),
        device: Set(visit.device.clone()),
        created_at: Set(visit.created_at),
        seen_at: Set(visit.seen_at),
        expires_at: Set(visit.expires_at),
        ended_at: Set(visit.ended_at),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The sign-in of a ticket.
pub async fn by_hash(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Visit>> {
    row::Entity::find().filter(row::Column::SecretHash.eq(hash)).one(conn).await?.map(visit_of).transpose()
}

/// Sign-ins of an account that were not ended, the newest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Visit>> {
    let mine = row::Column::AccountId.eq(account.0).and(row::Column::EndedAt.is_null());
    let rows = row::Entity::find().filter(mine).order_by_desc(row::Column::CreatedAt).all(conn).await?;
    rows.into_iter().map(visit_of).collect()
}

/// A sign-in was used.
pub async fn see(conn: &impl ConnectionTrait, id: VisitId, now: Timestamp) -> Result<()> {
    let column = row::Column::SeenAt;
    row::Entity::update_many().col_expr(column, Expr::value(now)).filter(row::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Ends sign-ins of an account: one, or all but one. How many.
pub async fn end(
    conn: &impl ConnectionTrait,
    account: AccountId,
    only: Option<VisitId>,
    but: Option<VisitId>,
    now: Timestamp,
) -> Result<u64> {
    let mut which = row::Column::AccountId.eq(account.0).and(row::Column::EndedAt.is_null());
    if let Some(only) = only {
        which = which.and(row::Column::Id.eq(only.0));
    }
    if let Some(but) = but {
        which = which.and(row::Column::Id.ne(but.0));
    }
    let ended = row::Entity::update_many().col_expr(row::Column::EndedAt, Expr::value(now)).filter(which).exec(conn);
    Ok(ended.await?.rows_affected)
}

/// Marks a sign-in as strong and gives it another ticket. Whether it was there.
pub async fn strengthen(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: VisitId,
    secret_hash: &str,
    now: Timestamp,
) -> Result<bool> {
    let current = row::Column::Id.eq(id.0).and(row::Column::AccountId.eq(account.0));
    let update = row::Entity::update_many()
        .col_expr(row::Column::SecretHash, Expr::value(secret_hash))
        .col_expr(row::Column::StrongAt, Expr::value(now))
        .filter(current.and(row::Column::EndedAt.is_null()));
    Ok(update.exec(conn).await?.rows_affected == 1)
}

/// No sign-in of the account is strong.
pub async fn weaken(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    let mine = row::Column::AccountId.eq(account.0).and(row::Column::StrongAt.is_not_null());
    let none = Expr::value(None::<Timestamp>);
    row::Entity::update_many().col_expr(row::Column::StrongAt, none).filter(mine).exec(conn).await?;
    Ok(())
}

fn visit_of(row: row::Model) -> Result<Visit> {
    Ok(Visit {
        id: VisitId(row.id),
        account: AccountId(row.account_id),
        method: Method::parse(&row.method).ok_or_else(|| Error::internal("an unknown way to sign in"))?,
        strong_at: row.strong_at,
        device: row.device,
        created_at: row.created_at,
        seen_at: row.seen_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
    })
}
