//! What people follow, in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::people::account::AccountId;
use crate::people::follow::{Follow, FollowKind};
use crate::platform::{Error, Result};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub target: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What an account follows, by kind and target.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Follow>> {
    let rows = row::Entity::find().filter(row::Column::AccountId.eq(account.0));
    let rows = rows.order_by_asc(row::Column::Kind).order_by_asc(row::Column::Target).all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let kind = FollowKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of follow"))?;
            Ok(Follow { kind, target: row.target, since: row.created_at })
        })
        .collect()
}

/// Keeps it; one that is there stays as it is.
pub async fn insert(conn: &impl ConnectionTrait, account: AccountId, follow: Follow) -> Result<()> {
    let row = row::Model {
        account_id: account.0,
        kind: follow.kind.code().to_owned(),
        target: follow.target,
        created_at: follow.since,
    };
    let mut known = OnConflict::columns([row::Column::AccountId, row::Column::Kind, row::Column::Target]);
    let known = known.do_nothing().to_owned();
    row::Entity::insert(row.into_active_model()).try_insert().on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes it out; whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, account: AccountId, kind: FollowKind, target: &str) -> Result<bool> {
    let id = (account.0, kind.code().to_owned(), target.to_owned());
    Ok(row::Entity::delete_by_id(id).exec(conn).await?.rows_affected > 0)
}
