//! Changes of address that wait for both mailboxes.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "email_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub new_email: String,
        pub old_confirmed_at: Option<DateTimeUtc>,
        pub new_confirmed_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A change of address.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub account: AccountId,
    /// Where to.
    pub new_email: String,
    /// Whether the mailbox that the account has agreed.
    pub old_agreed: bool,
    /// Whether the mailbox it moves to agreed.
    pub new_agreed: bool,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// A new change that waits.
pub async fn insert(conn: &impl ConnectionTrait, change: &Change, now: Timestamp) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(change.id),
        account_id: Set(change.account.0),
        new_email: Set(change.new_email.clone()),
        created_at: Set(now),
        expires_at: Set(change.expires_at),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The change of an account that waits.
pub async fn waiting(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<Option<Change>> {
    let mine = row::Column::AccountId.eq(account.0).and(open(now));
    let newest = row::Entity::find().filter(mine).order_by_desc(row::Column::CreatedAt);
    Ok(newest.one(conn).await?.map(change_of))
}

/// One change that waits.
pub async fn by_id(conn: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<Option<Change>> {
    Ok(row::Entity::find_by_id(id).filter(open(now)).one(conn).await?.map(change_of))
}

/// One mailbox agrees. What is given back is what holds with it: whoever agrees second finds the first.
pub async fn agree(conn: &impl ConnectionTrait, id: Uuid, old: bool, now: Timestamp) -> Result<Option<Change>> {
    let column = if old { row::Column::OldConfirmedAt } else { row::Column::NewConfirmedAt };
    let agreed = row::Entity::update_many()
        .col_expr(column, Expr::value(now))
        .filter(row::Column::Id.eq(id).and(open(now)))
        .exec_with_returning(conn)
        .await?;
    Ok(agreed.into_iter().next().map(change_of))
}

/// It is done.
pub async fn done(conn: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<()> {
    let column = row::Column::DoneAt;
    row::Entity::update_many().col_expr(column, Expr::value(now)).filter(row::Column::Id.eq(id)).exec(conn).await?;
    Ok(())
}

/// Stops what waits for an account. How many.
pub async fn stop(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<u64> {
    let mine = row::Column::AccountId.eq(account.0).and(open(now));
    let stopped = row::Entity::update_many().col_expr(row::Column::ExpiresAt, Expr::value(now)).filter(mine).exec(conn);
    Ok(stopped.await?.rows_affected)
}

/// Forgets changes that were done or ended before: they hold addresses.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    Ok(row::Entity::delete_many().filter(row::Column::ExpiresAt.lt(before)).exec(conn).await?.rows_affected)
}

fn open(now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    row::Column::DoneAt.is_null().and(row::Column::ExpiresAt.gt(now))
}

fn change_of(row: row::Model) -> Change {
    Change {
        id: row.id,
        account: AccountId(row.account_id),
        new_email: row.new_email,
        old_agreed: row.old_confirmed_at.is_some(),
        new_agreed: row.new_confirmed_at.is_some(),
        expires_at: row.expires_at,
    }
}
