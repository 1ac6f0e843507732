//! Accounts in the database.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QuerySelect};

use crate::mail::{Email, Lang};
use crate::people::account::{Account, AccountId, AccountState};
use crate::platform::{Error, Result};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub state: String,
        pub name: String,
        pub email: Option<String>,
        pub email_confirmed_at: Option<DateTimeUtc>,
        pub password_hash: Option<String>,
        pub password_set_at: Option<DateTimeUtc>,
        pub title: Option<String>,
        pub time_zone: Option<String>,
        pub lang: String,
        pub grades: Json,
        pub subjects: Json,
        pub welcomed_at: Option<DateTimeUtc>,
        pub valid_from: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One account.
pub async fn by_id(conn: &impl ConnectionTrait, id: AccountId) -> Result<Option<Account>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(account_of).transpose()
}

/// One account that nobody else changes until the transaction ends.
pub async fn lock(conn: &impl ConnectionTrait, id: AccountId) -> Result<Option<Account>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(account_of).transpose()
}

/// The account of an address in lower case.
pub async fn by_email(conn: &impl ConnectionTrait, email: &str) -> Result<Option<Account>> {
    row::Entity::find().filter(row::Column::Email.eq(email)).one(conn).await?.map(account_of).transpose()
}

/// A new account, without a password.
pub async fn insert(conn: &impl ConnectionTrait, account: &Account) -> Result<()> {
    row::Entity::insert(row_of(account)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// An account whose facts changed; its password stays as it is.
pub async fn update(conn: &impl ConnectionTrait, account: &Account) -> Result<()> {
    let mut active = row_of(account)?.into_active_model().reset_all();
    active.password_hash = sea_orm::ActiveValue::NotSet;
    active.password_set_at = sea_orm::ActiveValue::NotSet;
    row::Entity::update(active).exec(conn).await?;
    Ok(())
}

fn row_of(account: &Account) -> Result<row::Model> {
    Ok(row::Model {
        id: account.id.0,
        state: account.state.code().to_owned(),
        name: account.name.clone(),
        email: account.email.as_ref().map(|email| email.as_str().to_owned()),
        email_confirmed_at: account.email_confirmed_at,
        password_hash: None,
        password_set_at: None,
        title: account.title.clone(),
        time_zone: account.time_zone.clone(),
        lang: account.lang.tag().to_owned(),
        grades: serde_json::to_value(&account.grades).map_err(Error::internal)?,
        subjects: serde_json::to_value(&account.subjects).map_err(Error::internal)?,
        welcomed_at: account.welcomed_at,
        valid_from: account.valid_from,
        created_at: account.created_at,
        updated_at: account.updated_at,
    })
}

/// An account of a row.
pub fn account_of(row: row::Model) -> Result<Account> {
    Ok(Account {
        id: AccountId(row.id),
        state: AccountState::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of an account"))?,
        name: row.name,
        email: row.email.map(|email| Email::parse(&email).map_err(Error::internal)).transpose()?,
        email_confirmed_at: row.email_confirmed_at,
        title: row.title,
        time_zone: row.time_zone,
        lang: Lang::of(&row.lang),
        grades: serde_json::from_value(row.grades).map_err(Error::internal)?,
        subjects: serde_json::from_value(row.subjects).map_err(Error::internal)?,
        welcomed_at: row.welcomed_at,
        valid_from: row.valid_from,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
