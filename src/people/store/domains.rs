//! Email domains of schools and organizations in the database.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::memberships::{columns, place_of};
use super::{CHUNK, school};
use crate::people::domain::EmailDomain;
use crate::people::school::SchoolId;
use crate::platform::{Place, Result};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "email_domain")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub domain: String,
        pub school_id: Option<Uuid>,
        pub organization_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The place of a domain.
pub async fn by_name(conn: &impl ConnectionTrait, domain: &str) -> Result<Option<EmailDomain>> {
    Ok(row::Entity::find_by_id(domain).one(conn).await?.map(domain_of))
}

/// Domains of a place, or of all, in the order of names: 1,000 at most.
pub async fn list(conn: &impl ConnectionTrait, place: Option<Place>) -> Result<Vec<EmailDomain>> {
    let mut query = row::Entity::find();
    match place.map(columns) {
        Some((Some(school), _)) => query = query.filter(row::Column::SchoolId.eq(school)),
        Some((_, Some(organization))) => query = query.filter(row::Column::OrganizationId.eq(organization)),
        _ => {}
    }
    let rows = query.order_by_asc(row::Column::Domain).limit(1_000).all(conn).await?;
    Ok(rows.into_iter().map(domain_of).collect())
}

/// A new domain.
pub async fn insert(conn: &impl ConnectionTrait, domain: EmailDomain) -> Result<()> {
    let (school_id, organization_id) = columns(domain.place);
    let row = row::Model { domain: domain.domain, school_id, organization_id, created_at: domain.created_at };
    row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes a domain out; whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, domain: &str) -> Result<bool> {
    Ok(row::Entity::delete_by_id(domain).exec(conn).await?.rows_affected > 0)
}

/// Ids of the open schools of a place, in the order of names: `limit` at most.
pub async fn schools_at(conn: &impl ConnectionTrait, place: Place, limit: u64) -> Result<Vec<SchoolId>> {
    let of_place = match place {
        Place::School(id) => school::Column::Id.eq(id),
        Place::Organization(id) => school::Column::OrganizationId.eq(id),
        Place::Installation => return Ok(Vec::new()),
    };
    let query = school::Entity::find().select_only().column(school::Column::Id).filter(of_place);
    let query = query.filter(school::Column::ClosedOn.is_null().and(school::Column::MergedInto.is_null()));
    let ids = query.order_by_asc(school::Column::Name).order_by_asc(school::Column::Id).limit(limit);
    Ok(ids.into_tuple::<Uuid>().all(conn).await?.into_iter().map(SchoolId).collect())
}

/// Whether the school is there, not closed and not merged into another.
pub async fn is_open(conn: &impl ConnectionTrait, id: SchoolId) -> Result<bool> {
    Ok(!schools_at(conn, Place::School(id.0), 1).await?.is_empty())
}

/// Which of these schools are open.
pub async fn open_among(conn: &impl ConnectionTrait, ids: &[SchoolId]) -> Result<HashSet<SchoolId>> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let query = school::Entity::find().select_only().column(school::Column::Id);
        let query = query.filter(school::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        let query = query.filter(school::Column::ClosedOn.is_null().and(school::Column::MergedInto.is_null()));
        found.extend(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(SchoolId));
    }
    Ok(found)
}

fn domain_of(row: row::Model) -> EmailDomain {
    EmailDomain { place: place_of(row.school_id, row.organization_id), domain: row.domain, created_at: row.created_at }
}
