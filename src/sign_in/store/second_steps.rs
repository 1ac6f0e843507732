//! Whether an account has a second step, its codes of an app, its recovery codes.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, PaginatorTrait};

use super::passkeys;
use crate::people::AccountId;
use crate::platform::{Result, Timestamp, ids};

pub mod totp {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "totp")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub sealed: String,
        pub confirmed_at: Option<DateTimeUtc>,
        pub last_step: Option<i64>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod recovery_code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub secret_hash: String,
        pub created_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Whether the account has codes of an app or a passkey. Two statements.
pub async fn is_set_up(conn: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let app = app(conn, account).await?;
    Ok(app.is_some_and(|app| app.confirmed_at.is_some()) || passkeys::any(conn, account).await?)
}

/// The codes of an app, confirmed or not.
pub async fn app(conn: &impl ConnectionTrait, account: AccountId) -> Result<Option<totp::Model>> {
    Ok(totp::Entity::find_by_id(account.0).one(conn).await?)
}

/// Begins codes of an app, in the place of such as were begun and never confirmed.
pub async fn begin_app(conn: &impl ConnectionTrait, account: AccountId, sealed: String, now: Timestamp) -> Result<()> {
    let row = totp::ActiveModel {
        account_id: Set(account.0),
        sealed: Set(sealed),
        confirmed_at: Set(None),
        last_step: Set(None),
        created_at: Set(now),
    };
    let columns = [totp::Column::Sealed, totp::Column::ConfirmedAt, totp::Column::LastStep, totp::Column::CreatedAt];
    let again = OnConflict::column(totp::Column::AccountId).update_columns(columns).to_owned();
    totp::Entity::insert(row).on_conflict(again).exec_without_returning(conn).await?;
    Ok(())
}

/// Confirms them with the time step of the first code; whether they waited for it.
pub async fn confirm_app(conn: &impl ConnectionTrait, account: AccountId, step: i64, now: Timestamp) -> Result<bool> {
    let waiting = totp::Column::AccountId.eq(account.0).and(totp::Column::ConfirmedAt.is_null());
    let update = totp::Entity::update_many()
        .col_expr(totp::Column::ConfirmedAt, Expr::value(now))
        .col_expr(totp::Column::LastStep, Expr::value(step))
        .filter(waiting);
    Ok(update.exec(conn).await?.rows_affected == 1)
}

/// Takes the code of a time step; whether it and all later ones were free until now.
pub async fn take_step(conn: &impl ConnectionTrait, account: AccountId, step: i64) -> Result<bool> {
    let free = totp::Column::LastStep.is_null().or(totp::Column::LastStep.lt(step));
    let mine = totp::Column::AccountId.eq(account.0).and(totp::Column::ConfirmedAt.is_not_null());
    let update = totp::Entity::update_many().col_expr(totp::Column::LastStep, Expr::value(step));
    Ok(update.filter(mine.and(free)).exec(conn).await?.rows_affected == 1)
}

/// Takes out codes of an app and recovery codes that were made since a moment.
pub async fn remove_since(conn: &impl ConnectionTrait, account: AccountId, since: Timestamp) -> Result<()> {
    let app = totp::Column::AccountId.eq(account.0).and(totp::Column::CreatedAt.gte(since));
    totp::Entity::delete_many().filter(app).exec(conn).await?;
    let codes = recovery_code::Column::AccountId.eq(account.0).and(recovery_code::Column::CreatedAt.gte(since));
    recovery_code::Entity::delete_many().filter(codes).exec(conn).await?;
    Ok(())
}

/// Takes out the codes of an app.
pub async fn remove_app(conn: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    Ok(totp::Entity::delete_by_id(account.0).exec(conn).await?.rows_affected == 1)
}

/// How many recovery codes are left.
pub async fn recovery_left(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let mine = recovery_code::Column::AccountId.eq(account.0).and(recovery_code::Column::UsedAt.is_null());
    Ok(recovery_code::Entity::find().filter(mine).count(conn).await?)
}

/// Puts new recovery codes in the place of the old ones; none takes them out.
pub async fn replace_recovery(
    conn: &impl ConnectionTrait,
    account: AccountId,
    hashes: Vec<String>,
    now: Timestamp,
) -> Result<()> {
    let mine = recovery_code::Column::AccountId.eq(account.0);
    recovery_code::Entity::delete_many().filter(mine).exec(conn).await?;
    let rows: Vec<_> = hashes
        .into_iter()
        .map(|hash| recovery_code::ActiveModel {
            id: Set(ids::fresh()),
            account_id: Set(account.0),
            secret_hash: Set(hash),
            created_at: Set(now),
            used_at: Set(None),
        })
        .collect();
    if !rows.is_empty() {
        recovery_code::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Takes a recovery code; its id, or `None` where there is no such code or it was taken before.
pub async fn take_recovery(
    conn: &impl ConnectionTrait,
    account: AccountId,
    hash: &str,
    now: Timestamp,
) -> Result<Option<Uuid>> {
    let this = recovery_code::Column::AccountId.eq(account.0).and(recovery_code::Column::SecretHash.eq(hash));
    let free = this.and(recovery_code::Column::UsedAt.is_null());
    let Some(found) = recovery_code::Entity::find().filter(free.clone()).one(conn).await? else { return Ok(None) };
    let update = recovery_code::Entity::update_many().col_expr(recovery_code::Column::UsedAt, Expr::value(now));
    let taken = update.filter(free).exec(conn).await?.rows_affected == 1;
    Ok(taken.then_some(found.id))
}
