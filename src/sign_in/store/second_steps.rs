//! Whether an account has a second step.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QuerySelect};

use crate::people::AccountId;
use crate::platform::Result;

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

pub mod passkey {
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

/// Whether the account has codes of an app or a passkey. Two statements.
pub async fn is_set_up(conn: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let codes = totp::Entity::find_by_id(account.0).filter(totp::Column::ConfirmedAt.is_not_null()).one(conn).await?;
    if codes.is_some() {
        return Ok(true);
    }
    let passkey = passkey::Entity::find().filter(passkey::Column::AccountId.eq(account.0)).limit(1).one(conn).await?;
    Ok(passkey.is_some())
}
