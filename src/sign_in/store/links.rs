//! Links of letters in the database: each works once and for a while.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_time_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub purpose: String,
        pub account_id: Option<Uuid>,
        pub email: String,
        pub secret_hash: String,
        pub data: Json,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub used_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in, or opening an account.
    SignIn,
    /// The mailbox that an account has agrees to a change of address.
    OldAddress,
    /// The mailbox that it moves to.
    NewAddress,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::OldAddress => "old_address",
            Self::NewAddress => "new_address",
        }
    }

    fn parse(code: &str) -> Result<Self> {
        let all = [Self::SignIn, Self::OldAddress, Self::NewAddress];
        all.into_iter().find(|purpose| purpose.code() == code).ok_or_else(|| Error::internal("an unknown kind of link"))
    }
}

/// A link, without its secret.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose account, where there is one.
    pub account: Option<AccountId>,
    /// The mailbox it went to.
    pub email: String,
    /// Where it leads, or what it belongs to.
    pub data: serde_json::Value,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// A new link.
pub async fn insert(conn: &impl ConnectionTrait, link: &Kept, secret_hash: &str, now: Timestamp) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(link.id),
        purpose: Set(link.purpose.code().to_owned()),
        account_id: Set(link.account.map(|account| account.0)),
        email: Set(link.email.clone()),
        secret_hash: Set(secret_hash.to_owned()),
        data: Set(link.data.clone()),
        created_at: Set(now),
        expires_at: Set(link.expires_at),
        used_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// A link that works at this moment. Changes nothing.
pub async fn look(conn: &impl ConnectionTrait, secret_hash: &str, now: Timestamp) -> Result<Option<Kept>> {
    row::Entity::find().filter(works(secret_hash, now)).one(conn).await?.map(kept).transpose()
}

/// Uses a link up: of two who bring it at once, one gets it.
pub async fn take(conn: &impl ConnectionTrait, secret_hash: &str, now: Timestamp) -> Result<Option<Kept>> {
    let taken = row::Entity::update_many()
        .col_expr(row::Column::UsedAt, Expr::value(now))
        .filter(works(secret_hash, now))
        .exec_with_returning(conn)
        .await?;
    taken.into_iter().next().map(kept).transpose()
}

/// Takes back every link of an account that waits.
pub async fn withdraw(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<()> {
    let waiting = row::Column::AccountId.eq(account.0).and(row::Column::UsedAt.is_null());
    row::Entity::update_many().col_expr(row::Column::UsedAt, Expr::value(now)).filter(waiting).exec(conn).await?;
    Ok(())
}

/// Forgets links that ended before.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    Ok(row::Entity::delete_many().filter(row::Column::ExpiresAt.lt(before)).exec(conn).await?.rows_affected)
}

fn works(secret_hash: &str, now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    row::Column::SecretHash.eq(secret_hash).and(row::Column::UsedAt.is_null()).and(row::Column::ExpiresAt.gt(now))
}

fn kept(row: row::Model) -> Result<Kept> {
    Ok(Kept {
        id: row.id,
        purpose: Purpose::parse(&row.purpose)?,
        account: row.account_id.map(AccountId),
        email: row.email,
        data: row.data,
        expires_at: row.expires_at,
    })
}
