//! Passkeys in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use crate::people::AccountId;
use crate::platform::{Result, Timestamp};
use crate::sign_in::passkey::{Passkey, PasskeyId};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "passkey")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub name: String,
        pub credential_id: String,
        pub credential: String,
        pub created_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A new passkey.
pub async fn insert(conn: &impl ConnectionTrait, passkey: &Passkey) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(passkey.id.0),
        account_id: Set(passkey.account.0),
        name: Set(passkey.name.clone()),
        credential_id: Set(passkey.credential_id.clone()),
        credential: Set(passkey.credential.clone()),
        created_at: Set(passkey.created_at),
        used_at: Set(passkey.used_at),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The passkeys of an account, the oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Passkey>> {
    let mine = row::Column::AccountId.eq(account.0);
    let rows = row::Entity::find().filter(mine).order_by_asc(row::Column::CreatedAt).all(conn).await?;
    Ok(rows.into_iter().map(passkey_of).collect())
}

/// Whether the account has one.
pub async fn any(conn: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let mine = row::Column::AccountId.eq(account.0);
    Ok(row::Entity::find().filter(mine).limit(1).one(conn).await?.is_some())
}

/// The passkey that a browser names.
pub async fn by_credential(conn: &impl ConnectionTrait, credential_id: &str) -> Result<Option<Passkey>> {
    let this = row::Column::CredentialId.eq(credential_id);
    Ok(row::Entity::find().filter(this).one(conn).await?.map(passkey_of))
}

/// A passkey was used: its counter and the state of its backup. Not where another use of it was quicker.
pub async fn used(conn: &impl ConnectionTrait, before: &Passkey, credential: &str, now: Timestamp) -> Result<bool> {
    let unchanged = row::Column::Id.eq(before.id.0).and(row::Column::Credential.eq(&before.credential));
    let update = row::Entity::update_many()
        .col_expr(row::Column::Credential, Expr::value(credential))
        .col_expr(row::Column::UsedAt, Expr::value(now))
        .filter(unchanged);
    Ok(update.exec(conn).await?.rows_affected == 1)
}

/// Takes out one passkey of an account, or all. How many.
pub async fn delete(conn: &impl ConnectionTrait, account: AccountId, only: Option<PasskeyId>) -> Result<u64> {
    let mut which = row::Column::AccountId.eq(account.0);
    if let Some(only) = only {
        which = which.and(row::Column::Id.eq(only.0));
    }
    Ok(row::Entity::delete_many().filter(which).exec(conn).await?.rows_affected)
}

/// Takes out the passkeys of an account that were added since a moment.
pub async fn delete_since(conn: &impl ConnectionTrait, account: AccountId, since: Timestamp) -> Result<()> {
    let which = row::Column::AccountId.eq(account.0).and(row::Column::CreatedAt.gte(since));
    row::Entity::delete_many().filter(which).exec(conn).await?;
    Ok(())
}

fn passkey_of(row: row::Model) -> Passkey {
    Passkey {
        id: PasskeyId(row.id),
        account: AccountId(row.account_id),
        name: row.name,
        credential_id: row.credential_id,
        credential: row.credential,
        created_at: row.created_at,
        used_at: row.used_at,
    }
}
