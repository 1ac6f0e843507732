//! Versions of statements. What is published is never written again.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::platform::{Error, Result};
use crate::statements::statement::StatementId;
use crate::statements::text::{Point, Text, Version};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub statement_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub preamble: String,
        pub points: String,
        pub note: Option<String>,
        pub published_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Version> {
    let points: Vec<Point> = serde_json::from_str(&row.points).map_err(Error::internal)?;
    Ok(Version {
        statement: StatementId(row.statement_id),
        number: row.number,
        text: Text { preamble: row.preamble, points },
        note: row.note.unwrap_or_default(),
        published_at: row.published_at,
    })
}

fn model(one: &Version) -> Result<row::Model> {
    Ok(row::Model {
        statement_id: one.statement.0,
        number: one.number,
        preamble: one.text.preamble.clone(),
        points: serde_json::to_string(&one.text.points).map_err(Error::internal)?,
        note: Some(one.note.clone()).filter(|note| !note.is_empty()),
        published_at: one.published_at,
    })
}

/// One version; of a draft its text is number 1. A number below 1 means it too.
pub async fn version(conn: &impl ConnectionTrait, id: StatementId, number: i32) -> Result<Option<Version>> {
    row::Entity::find_by_id((id.0, if number < 1 { 1 } else { number })).one(conn).await?.map(read).transpose()
}

/// All of them, in their order.
pub async fn all(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Version>> {
    let query = row::Entity::find().filter(Column::StatementId.eq(id.0)).order_by_asc(Column::Number);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Version) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// The text of a draft as it is now; one that is published is not touched.
pub async fn update_draft(conn: &impl ConnectionTrait, now: &Version) -> Result<()> {
    let draft = Column::StatementId.eq(now.statement.0).and(Column::Number.eq(now.number));
    let draft = draft.and(Column::PublishedAt.is_null());
    let active = model(now)?.into_active_model().reset_all();
    let done = row::Entity::update_many().set(active).filter(draft).exec(conn).await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::internal("a version that is published cannot change")) }
}

/// Takes out those of a statement that is a draft.
pub(super) async fn delete_of(conn: &impl ConnectionTrait, id: StatementId) -> Result<()> {
    let drafts = Column::StatementId.eq(id.0).and(Column::PublishedAt.is_null());
    row::Entity::delete_many().filter(drafts).exec(conn).await?;
    Ok(())
}
