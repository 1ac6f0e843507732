//! Steps of sign-ons. They are added, and never written again.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use super::signatures;
use crate::platform::{Error, Result};
use crate::statements::history::{Did, Step};
use crate::statements::signing::SignatureId;
use crate::statements::statement::StatementId;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_signing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub signature_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub did: String,
        pub version: i32,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Step> {
    Ok(Step {
        signature: SignatureId(row.signature_id),
        number: row.number,
        did: Did::parse(&row.did).ok_or_else(|| Error::internal("an unknown step of a sign-on"))?,
        version: row.version,
        at: row.at,
    })
}

/// Those of every sign-on of a statement, each in their order.
pub async fn of_statement(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Step>> {
    let query = row::Entity::find().filter(Column::SignatureId.in_subquery(signatures::ids_on(id)));
    let query = query.order_by_asc(Column::SignatureId).order_by_asc(Column::Number);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// How many a sign-on has.
pub async fn count(conn: &impl ConnectionTrait, id: SignatureId) -> Result<u64> {
    Ok(row::Entity::find().filter(Column::SignatureId.eq(id.0)).count(conn).await?)
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Step) -> Result<()> {
    let row = row::Model {
        signature_id: new.signature.0,
        number: new.number,
        did: new.did.code().to_owned(),
        version: new.version,
        at: new.at,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}
