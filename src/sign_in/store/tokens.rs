//! Personal tokens in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};
use crate::sign_in::token::{Token, TokenId, parse_scope, scope_code};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub name: String,
        pub scope: String,
        pub secret_hash: String,
        pub hint: String,
        pub strong: bool,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
        pub revoked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A new token.
pub async fn insert(conn: &impl ConnectionTrait, token: &Token, secret_hash: &str) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(token.id.0),
        account_id: Set(token.account.0),
        name: Set(token.name.clone()),
        scope: Set(scope_code(token.scope).to_owned()),
        secret_hash: Set(secret_hash.to_owned()),
        hint: Set(token.hint.clone()),
        strong: Set(token.strong),
        created_at: Set(token.created_at),
        expires_at: Set(token.expires_at),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The token of a secret.
pub async fn by_hash(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Token>> {
    row::Entity::find().filter(row::Column::SecretHash.eq(hash)).one(conn).await?.map(token_of).transpose()
}

/// Tokens of an account, the newest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Token>> {
    let mine = row::Column::AccountId.eq(account.0);
    let rows = row::Entity::find().filter(mine).order_by_desc(row::Column::CreatedAt).all(conn).await?;
    rows.into_iter().map(token_of).collect()
}

/// A token was used.
pub async fn see(conn: &impl ConnectionTrait, id: TokenId, now: Timestamp) -> Result<()> {
    let column = row::Column::UsedAt;
    row::Entity::update_many().col_expr(column, Expr::value(now)).filter(row::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Revokes one token of an account, or all. How many.
pub async fn revoke(
    conn: &impl ConnectionTrait,
    account: AccountId,
    only: Option<TokenId>,
    now: Timestamp,
) -> Result<u64> {
    let mut which = row::Column::AccountId.eq(account.0).and(row::Column::RevokedAt.is_null());
    if let Some(only) = only {
        which = which.and(row::Column::Id.eq(only.0));
    }
    let done = row::Entity::update_many().col_expr(row::Column::RevokedAt, Expr::value(now)).filter(which).exec(conn);
    Ok(done.await?.rows_affected)
}

/// Revokes the tokens of an account that a second step stood behind.
pub async fn revoke_strong(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<()> {
    let mine = row::Column::AccountId.eq(account.0).and(row::Column::Strong.eq(true));
    let open = mine.and(row::Column::RevokedAt.is_null());
    row::Entity::update_many().col_expr(row::Column::RevokedAt, Expr::value(now)).filter(open).exec(conn).await?;
    Ok(())
}

fn token_of(row: row::Model) -> Result<Token> {
    Ok(Token {
        id: TokenId(row.id),
        account: AccountId(row.account_id),
        name: row.name,
        scope: parse_scope(&row.scope).ok_or_else(|| Error::internal("an unknown scope"))?,
        hint: row.hint,
        strong: row.strong,
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
    })
}
