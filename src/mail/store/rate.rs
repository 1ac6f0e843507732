//! How many letters a minute has had. The row of a minute is locked by whoever counts in it until they commit, so several nodes
//! count exactly.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::platform::Result;

mod mail_rate {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_rate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub domain: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub minute: i64,
        pub letters: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use mail_rate::{ActiveModel, Column, Entity};

/// One letter more in this minute to this domain (`""`: to all); `false` where that would be more than `most`.
pub async fn take(conn: &impl ConnectionTrait, domain: &str, minute: i64, most: i64) -> Result<bool> {
    if most < 1 {
        return Ok(false);
    }
    let row = ActiveModel { domain: Set(domain.to_owned()), minute: Set(minute), letters: Set(1) };
    let one_more = OnConflict::columns([Column::Domain, Column::Minute])
        .value(Column::Letters, Expr::col((Entity, Column::Letters)).add(1))
        .action_and_where(Expr::col((Entity, Column::Letters)).lt(most))
        .to_owned();
    let counted = Entity::insert(row).on_conflict(one_more).exec_without_returning(conn).await?;
    Ok(counted > 0)
}

/// A letter that was counted does not go.
pub async fn give_back(conn: &impl ConnectionTrait, domain: &str, minute: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Letters, Expr::col(Column::Letters).sub(1))
        .filter(Column::Domain.eq(domain).and(Column::Minute.eq(minute)))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes out minutes that are over.
pub async fn forget(conn: &impl ConnectionTrait, before: i64) -> Result<()> {
    Entity::delete_many().filter(Column::Minute.lt(before)).exec(conn).await?;
    Ok(())
}
