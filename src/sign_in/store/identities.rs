//! Who somebody is at a provider, and the questions that are under way there.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Result, Timestamp};
use crate::sign_in::oidc::{Identity, IdentityId};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub provider: String,
        pub issuer: String,
        pub subject: String,
        pub created_at: DateTimeUtc,
        pub used_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod question {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "challenge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub account_id: Option<Uuid>,
        pub data: String,
        pub expires_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const KIND: &str = "oidc";

/// The identity of this subject of this issuer.
pub async fn by_subject(conn: &impl ConnectionTrait, issuer: &str, subject: &str) -> Result<Option<Identity>> {
    let which = row::Column::Issuer.eq(issuer).and(row::Column::Subject.eq(subject));
    Ok(row::Entity::find().filter(which).one(conn).await?.map(identity_of))
}

/// The identities of an account, oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Identity>> {
    let mine = row::Column::AccountId.eq(account.0);
    let rows = row::Entity::find().filter(mine).order_by_asc(row::Column::CreatedAt).all(conn).await?;
    Ok(rows.into_iter().map(identity_of).collect())
}

/// A new identity.
pub async fn insert(conn: &impl ConnectionTrait, identity: &Identity) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(identity.id.0),
        account_id: Set(identity.account.0),
        provider: Set(identity.provider.clone()),
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        created_at: Set(identity.created_at),
        used_at: Set(identity.used_at),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// An identity was used.
pub async fn see(conn: &impl ConnectionTrait, id: IdentityId, now: Timestamp) -> Result<()> {
    let column = row::Column::UsedAt;
    row::Entity::update_many().col_expr(column, Expr::value(now)).filter(row::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Takes out one identity of an account, or all. How many.
pub async fn remove(conn: &impl ConnectionTrait, account: AccountId, only: Option<IdentityId>) -> Result<u64> {
    let mut which = row::Column::AccountId.eq(account.0);
    if let Some(only) = only {
        which = which.and(row::Column::Id.eq(only.0));
    }
    Ok(row::Entity::delete_many().filter(which).exec(conn).await?.rows_affected)
}

/// Keeps a question until it is answered; those that nobody answered in time go.
pub async fn ask(conn: &impl ConnectionTrait, id: Uuid, data: String, now: Timestamp, until: Timestamp) -> Result<()> {
    let late = question::Column::ExpiresAt.lt(now).and(question::Column::Kind.eq(KIND));
    question::Entity::delete_many().filter(late).exec(conn).await?;
    let row = question::ActiveModel {
        id: Set(id),
        kind: Set(KIND.to_owned()),
        account_id: Set(None),
        data: Set(data),
        expires_at: Set(until),
    };
    question::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Whether a question is kept.
pub async fn waits(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(question::Entity::find_by_id(id).one(conn).await?.is_some())
}

/// Takes a question out, for whoever comes first. `None` where there is none, or no longer.
pub async fn take(conn: &impl ConnectionTrait, id: Uuid, now: Timestamp) -> Result<Option<String>> {
    let which = question::Column::Id.eq(id).and(question::Column::Kind.eq(KIND));
    let Some(found) = question::Entity::find().filter(which.clone()).one(conn).await? else { return Ok(None) };
    let taken = question::Entity::delete_many().filter(which).exec(conn).await?.rows_affected == 1;
    Ok((taken && now < found.expires_at).then_some(found.data))
}

fn identity_of(row: row::Model) -> Identity {
    Identity {
        id: IdentityId(row.id),
        account: AccountId(row.account_id),
        provider: row.provider,
        issuer: row.issuer,
        subject: row.subject,
        created_at: row.created_at,
        used_at: row.used_at,
    }
}
