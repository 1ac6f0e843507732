//! Collections in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::contents;
use crate::collections::collection::{Collection, CollectionId, Visibility};
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "collection")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub school_id: Option<Uuid>,
        pub title: String,
        pub description: Option<String>,
        pub visibility: String,
        pub slug: Option<String>,
        pub link_key: Option<String>,
        pub shows_name: bool,
        pub copied_from: Option<Uuid>,
        pub hidden_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Collection> {
    Ok(Collection {
        id: CollectionId(row.id),
        owner: AccountId(row.account_id),
        school: row.school_id.map(SchoolId),
        title: row.title,
        description: row.description,
        visibility: Visibility::parse(&row.visibility).ok_or_else(|| Error::internal("an unknown visibility"))?,
        slug: row.slug,
        key: row.link_key,
        shows_name: row.shows_name,
        copied_from: row.copied_from.map(CollectionId),
        hidden_at: row.hidden_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn model(one: &Collection) -> row::Model {
    row::Model {
        id: one.id.0,
        account_id: one.owner.0,
        school_id: one.school.map(|id| id.0),
        title: one.title.clone(),
        description: one.description.clone(),
        visibility: one.visibility.code().to_owned(),
        slug: one.slug.clone(),
        link_key: one.key.clone(),
        shows_name: one.shows_name,
        copied_from: one.copied_from.map(|id| id.0),
        hidden_at: one.hidden_at,
        created_at: one.created_at,
        updated_at: one.updated_at,
    }
}

/// Collections of somebody, the last changed first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Collection>> {
    let query = row::Entity::find().filter(Column::AccountId.eq(account.0));
    let query = query.order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id).limit(1_000);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// The ids of somebody's, for a question of another table.
pub(super) fn ids_of(account: AccountId) -> SelectStatement {
    Query::select().column(Column::Id).from(row::Entity).and_where(Column::AccountId.eq(account.0)).to_owned()
}

/// Those of these that are there.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Collection>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = row::Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(conn).await?.into_iter().map(read).collect()
}

/// The one of this name in addresses, of this key, or of this id.
pub async fn by_reference(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Collection>> {
    let mut named = Column::Slug.eq(reference).or(Column::LinkKey.eq(reference));
    if let Ok(id) = reference.parse::<CollectionId>() {
        named = named.or(Column::Id.eq(id.0));
    }
    row::Entity::find().filter(named).one(conn).await?.map(read).transpose()
}

/// One, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: CollectionId) -> Result<Option<Collection>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(read).transpose()
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Collection) -> Result<()> {
    row::Entity::insert(model(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Collection) -> Result<()> {
    model(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes these out, with what is in them.
pub async fn delete(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    contents::delete_of(conn, ids).await?;
    row::Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied())).exec(conn).await?;
    Ok(())
}
