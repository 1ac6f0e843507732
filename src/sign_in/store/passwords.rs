//! What the entrance keeps in the row of an account: the hash of its password. The rest of the row is `people`'s.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, QuerySelect};

use crate::mail::Lang;
use crate::people::AccountId;
use crate::platform::{Result, Timestamp};
use crate::sign_in::password::PasswordHash;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub state: String,
        pub email: Option<String>,
        pub lang: String,
        pub password_hash: Option<String>,
        pub password_set_at: Option<DateTimeUtc>,
        pub valid_from: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An account as the entrance sees it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Which account.
    pub account: AccountId,
    /// Whether it may be used.
    pub active: bool,
    /// The address it has now.
    pub email: Option<String>,
    /// In which language its letters come.
    pub lang: Lang,
    /// The hash of its password, where it has one.
    pub hash: Option<PasswordHash>,
    /// Since when.
    pub set_at: Option<Timestamp>,
    /// What was proven up to this moment counts no more.
    pub valid_from: Option<Timestamp>,
}

/// The account of an address in lower case. One statement, found or not.
pub async fn of_email(conn: &impl ConnectionTrait, email: &str) -> Result<Option<Kept>> {
    Ok(row::Entity::find().filter(row::Column::Email.eq(email)).one(conn).await?.map(kept))
}

/// One account.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Option<Kept>> {
    Ok(row::Entity::find_by_id(account.0).one(conn).await?.map(kept))
}

/// The same, and nobody else changes the row until the transaction ends.
pub async fn hold(conn: &impl ConnectionTrait, account: AccountId) -> Result<Option<Kept>> {
    let find = row::Entity::find_by_id(account.0);
    let postgres = conn.get_database_backend() == sea_orm::DbBackend::Postgres;
    let find = if postgres { find.lock_exclusive() } else { find };
    Ok(find.one(conn).await?.map(kept))
}

/// Sets the password, or takes it away.
pub async fn set(
    conn: &impl ConnectionTrait,
    account: AccountId,
    hash: Option<&PasswordHash>,
    now: Timestamp,
) -> Result<()> {
    let text = hash.map(|hash| hash.as_str().to_owned());
    row::Entity::update_many()
        .col_expr(row::Column::PasswordHash, Expr::value(text))
        .col_expr(row::Column::PasswordSetAt, Expr::value(hash.map(|_| now)))
        .filter(row::Column::Id.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// The same password under parameters of today.
pub async fn renew(conn: &impl ConnectionTrait, account: AccountId, hash: &PasswordHash) -> Result<()> {
    let column = row::Column::PasswordHash;
    let text = Expr::value(hash.as_str().to_owned());
    row::Entity::update_many().col_expr(column, text).filter(row::Column::Id.eq(account.0)).exec(conn).await?;
    Ok(())
}

fn kept(row: row::Model) -> Kept {
    Kept {
        account: AccountId(row.id),
        active: row.state == "active",
        email: row.email,
        lang: Lang::of(&row.lang),
        hash: row.password_hash.map(PasswordHash::kept),
        set_at: row.password_set_at,
        valid_from: row.valid_from,
    }
}
