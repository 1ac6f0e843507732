//! Addresses of personal calendars.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::people::AccountId;
use crate::platform::{Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "calendar_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub id: Uuid,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The id of a person's address, and since when it holds.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Option<(Uuid, Timestamp)>> {
    Ok(row::Entity::find_by_id(account.0).one(conn).await?.map(|row| (row.id, row.created_at)))
}

/// Whose address has this id.
pub async fn owner(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<AccountId>> {
    Ok(row::Entity::find().filter(row::Column::Id.eq(id)).one(conn).await?.map(|row| AccountId(row.account_id)))
}

/// Gives a person an address with this id; the one before leads nowhere from then on.
pub async fn put(conn: &impl ConnectionTrait, account: AccountId, id: Uuid, now: Timestamp) -> Result<()> {
    let row = row::ActiveModel { account_id: Set(account.0), id: Set(id), created_at: Set(now) };
    let replace =
        OnConflict::column(row::Column::AccountId).update_columns([row::Column::Id, row::Column::CreatedAt]).to_owned();
    row::Entity::insert(row).on_conflict(replace).exec_without_returning(conn).await?;
    Ok(())
}
