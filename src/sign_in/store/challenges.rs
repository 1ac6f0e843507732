//! What a browser must bring back: each is taken out when it is brought, so it serves once.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::people::AccountId;
use crate::platform::{Result, Timestamp};

pub mod row {
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

/// A challenge of a kind: for an account, or for whoever answers it.
pub struct Challenge {
    /// Its id, which the browser brings back.
    pub id: Uuid,
    /// What for.
    pub kind: &'static str,
    /// For whom.
    pub account: Option<AccountId>,
    /// What we need when it comes back.
    pub data: String,
}

/// Keeps a challenge for so long. Those whose time is over go at the same moment, so that the table stays small.
pub async fn keep(
    conn: &impl ConnectionTrait,
    challenge: Challenge,
    now: Timestamp,
    patience: TimeDelta,
) -> Result<()> {
    row::Entity::delete_many().filter(row::Column::ExpiresAt.lte(now)).exec(conn).await?;
    let row = row::ActiveModel {
        id: Set(challenge.id),
        kind: Set(challenge.kind.to_owned()),
        account_id: Set(challenge.account.map(|account| account.0)),
        data: Set(challenge.data),
        expires_at: Set(now + patience),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes a challenge out: for whom it was, and its data. Of two who bring it at once, one gets it.
pub async fn take(
    conn: &impl ConnectionTrait,
    kind: &str,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<(Option<AccountId>, String)>> {
    let this = row::Column::Id.eq(id).and(row::Column::Kind.eq(kind)).and(row::Column::ExpiresAt.gt(now));
    let Some(found) = row::Entity::find().filter(this.clone()).one(conn).await? else { return Ok(None) };
    let taken = row::Entity::delete_many().filter(this).exec(conn).await?.rows_affected == 1;
    Ok(taken.then_some((found.account_id.map(AccountId), found.data)))
}

/// Takes out those of an account.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    row::Entity::delete_many().filter(row::Column::AccountId.eq(account.0)).exec(conn).await?;
    Ok(())
}
