//! How often somebody did a thing on a day.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel};

use crate::people::AccountId;
use crate::platform::Result;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "talk_limit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        pub used: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

/// Counts one more of a kind on a day; `false` where there were `most` of them. The row is held from then on.
pub async fn take(
    conn: &impl ConnectionTrait,
    account: AccountId,
    kind: &str,
    day: NaiveDate,
    most: i32,
) -> Result<bool> {
    let row = row::Model { account_id: account.0, kind: kind.to_owned(), day, used: 0 };
    let known = OnConflict::columns([Column::AccountId, Column::Kind, Column::Day]).do_nothing().to_owned();
    row::Entity::insert(row.into_active_model()).try_insert().on_conflict(known).exec_without_returning(conn).await?;
    let taken = row::Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).add(1))
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Day.eq(day))
        .filter(Column::Used.lt(most))
        .exec(conn)
        .await?;
    Ok(taken.rows_affected > 0)
}

/// Takes one of a kind and a day back.
pub async fn give_back(conn: &impl ConnectionTrait, account: AccountId, kind: &str, day: NaiveDate) -> Result<()> {
    row::Entity::update_many()
        .col_expr(Column::Used, Expr::col(Column::Used).sub(1))
        .filter(Column::AccountId.eq(account.0))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Day.eq(day))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes out those from before a day; how many.
pub async fn forget(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<u64> {
    Ok(row::Entity::delete_many().filter(Column::Day.lt(before)).exec(conn).await?.rows_affected)
}

/// Takes out those of an account.
pub async fn forget_of(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    row::Entity::delete_many().filter(Column::AccountId.eq(account.0)).exec(conn).await?;
    Ok(())
}
