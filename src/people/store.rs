//! Tables and queries of organizations, sectors and schools; accounts and memberships have files of their own.

pub mod accounts;
pub mod admin;
pub mod cities;
pub mod domains;
pub mod follows;
pub mod invitations;
pub mod memberships;
pub mod personal;
pub mod places;

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::school::{GradeSpan, Organization, OrganizationId, School, SchoolId, Sector};
use crate::platform::error::{Error, Result};

/// What a query runs on, for files that may not name the library.
pub use sea_orm::ConnectionTrait as Connection;

pub mod school {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "school")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub nces_id: Option<String>,
        pub name: String,
        pub sector: Option<String>,
        pub sector_source: Option<String>,
        pub organization_id: Option<Uuid>,
        pub city: Option<String>,
        pub state: Option<String>,
        pub neighborhood: Option<String>,
        pub campus: Option<String>,
        pub grade_low: Option<i16>,
        pub grade_high: Option<i16>,
        pub school_type: Option<String>,
        pub locale: Option<String>,
        pub students: Option<i32>,
        pub shares: Json,
        pub profile: Option<String>,
        pub lat: Option<f64>,
        pub lon: Option<f64>,
        pub facts_from: String,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub closed_on: Option<Date>,
        pub merged_into: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod organization {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "organization")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub kind: String,
        pub name: String,
        pub nces_id: Option<String>,
        pub city: Option<String>,
        pub state: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod sector {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sector")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub label: String,
        pub position: i32,
        pub shown: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Parameters one statement carries at most: below what both engines take.
const CHUNK: usize = 900;

/// Every sector that is shown, in order.
pub async fn sectors(conn: &impl ConnectionTrait) -> Result<Vec<Sector>> {
    let rows = sector::Entity::find()
        .filter(sector::Column::Shown.eq(true))
        .order_by_asc(sector::Column::Position)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| Sector { code: row.code, label: row.label }).collect())
}

/// Schools by id, each with its organization. Two statements for every 900 ids.
pub async fn schools(conn: &impl ConnectionTrait, ids: &[SchoolId]) -> Result<Vec<School>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        rows.extend(
            school::Entity::find().filter(school::Column::Id.is_in(chunk.iter().map(|id| id.0))).all(conn).await?,
        );
    }
    with_organizations(conn, rows).await
}

/// One school by its name in addresses, its id or its federal id.
pub async fn school(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<School>> {
    let mut any = school::Column::Slug.eq(reference).or(school::Column::NcesId.eq(reference));
    if let Ok(id) = reference.parse::<SchoolId>() {
        any = any.or(school::Column::Id.eq(id.0));
    }
    let rows = school::Entity::find().filter(any).limit(1).all(conn).await?;
    Ok(with_organizations(conn, rows).await?.pop())
}

/// Ids of the schools that `references` name: by name in addresses, id, federal id, or exact name where only
/// one school has it.
pub async fn resolve(conn: &impl ConnectionTrait, references: &HashSet<String>) -> Result<HashMap<String, SchoolId>> {
    use school::Column;
    let mut found: HashMap<String, SchoolId> = HashMap::new();
    let references: Vec<&String> = references.iter().collect();
    for chunk in references.chunks(CHUNK / 4) {
        let texts: Vec<&str> = chunk.iter().map(|text| text.as_str()).collect();
        let ids: Vec<Uuid> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        type Named = (Uuid, String, Option<String>, String, Option<Uuid>);
        let rows: Vec<Named> = school::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Slug, Column::NcesId, Column::Name, Column::MergedInto])
            .filter(
                Column::Slug
                    .is_in(texts.clone())
                    .or(Column::NcesId.is_in(texts.clone()))
                    .or(Column::Name.is_in(texts.clone()))
                    .or(Column::Id.is_in(ids)),
            )
            .into_tuple()
            .all(conn)
            .await?;
        // A school that was merged means the one it became part of.
        let mut by_name: HashMap<&str, HashSet<Uuid>> = HashMap::new();
        for (id, _, _, name, into) in &rows {
            by_name.entry(name).or_default().insert(into.unwrap_or(*id));
        }
        for (id, slug, nces_id, name, into) in &rows {
            let sole = by_name.get(name.as_str()).is_some_and(|ids| ids.len() == 1);
            let names = [Some(slug), nces_id.as_ref(), sole.then_some(name), Some(&id.to_string())].map(|n| n.cloned());
            found.extend(names.into_iter().flatten().map(|name| (name, SchoolId(into.unwrap_or(*id)))));
        }
    }
    Ok(found)
}

/// Ids of schools after `after`, in the order of ids: for walking through all of them.
pub async fn school_ids(conn: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
    let mut query = school::Entity::find().select_only().column(school::Column::Id);
    if let Some(after) = after {
        query = query.filter(school::Column::Id.gt(after));
    }
    Ok(query.order_by_asc(school::Column::Id).limit(limit).into_tuple().all(conn).await?)
}

/// Ids of the schools of these organizations.
pub async fn schools_of(conn: &impl ConnectionTrait, organizations: &[OrganizationId]) -> Result<Vec<Uuid>> {
    let mut ids = Vec::new();
    for chunk in organizations.chunks(CHUNK) {
        let query = school::Entity::find()
            .select_only()
            .column(school::Column::Id)
            .filter(school::Column::OrganizationId.is_in(chunk.iter().map(|id| id.0)));
        ids.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    Ok(ids)
}

/// One organization by its name in addresses or its id.
pub async fn organization(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Organization>> {
    let mut any = organization::Column::Slug.eq(reference).or(organization::Column::NcesId.eq(reference));
    if let Ok(id) = reference.parse::<OrganizationId>() {
        any = any.or(organization::Column::Id.eq(id.0));
    }
    Ok(organization::Entity::find().filter(any).one(conn).await?.map(organization_of))
}

/// Organizations by name, one page: those whose name holds `wanted`, after the name and id given.
pub async fn organizations(
    conn: &impl ConnectionTrait,
    wanted: Option<&str>,
    kind: Option<&str>,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<(u64, Vec<Organization>)> {
    use organization::Column;
    let mut query = organization::Entity::find();
    if let Some(wanted) = wanted {
        // LIKE folds case on one engine and not on the other.
        let wanted: String = wanted.chars().take(200).collect();
        let literal = wanted.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{literal}%")).escape('\\');
        query = query.filter(Expr::expr(Func::lower(Expr::col(Column::Name))).like(pattern));
    }
    if let Some(kind) = kind {
        query = query.filter(Column::Kind.eq(kind));
    }
    let total = query.clone().count(conn).await?;
    if let Some((name, id)) = after {
        query = query.filter(Column::Name.gt(name.clone()).or(Column::Name.eq(name).and(Column::Id.gt(id))));
    }
    let rows = query.order_by_asc(Column::Name).order_by_asc(Column::Id).limit(limit).all(conn).await?;
    Ok((total, rows.into_iter().map(organization_of).collect()))
}

/// Existing schools of the federal ids given, as rows.
pub async fn schools_by_nces(conn: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<school::Model>> {
    Ok(school::Entity::find().filter(school::Column::NcesId.is_in(ids.iter().copied())).all(conn).await?)
}

/// Which of the names in addresses are taken by a school.
pub async fn taken_school_slugs(conn: &impl ConnectionTrait, slugs: &[String]) -> Result<HashSet<String>> {
    let mut taken = HashSet::new();
    for chunk in slugs.chunks(CHUNK) {
        let rows: Vec<String> = school::Entity::find()
            .select_only()
            .column(school::Column::Slug)
            .filter(school::Column::Slug.is_in(chunk.to_vec()))
            .into_tuple()
            .all(conn)
            .await?;
        taken.extend(rows);
    }
    Ok(taken)
}

/// Which of the names in addresses are taken by an organization.
pub async fn taken_organization_slugs(conn: &impl ConnectionTrait, slugs: &[String]) -> Result<HashSet<String>> {
    let rows: Vec<String> = organization::Entity::find()
        .select_only()
        .column(organization::Column::Slug)
        .filter(organization::Column::Slug.is_in(slugs.to_vec()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// New schools.
pub async fn insert_schools(conn: &impl ConnectionTrait, rows: Vec<school::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    school::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// A school whose facts changed.
pub async fn update_school(conn: &impl ConnectionTrait, row: school::Model) -> Result<()> {
    row.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Ids and names of the organizations with the federal ids given.
pub async fn organizations_by_nces(
    conn: &impl ConnectionTrait,
    ids: &[&str],
) -> Result<HashMap<String, (OrganizationId, String)>> {
    let rows =
        organization::Entity::find().filter(organization::Column::NcesId.is_in(ids.iter().copied())).all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.nces_id?, (OrganizationId(row.id), row.name)))).collect())
}

/// New organizations.
pub async fn insert_organizations(conn: &impl ConnectionTrait, rows: Vec<organization::Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    organization::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// An organization under a new name.
pub async fn rename_organization(
    conn: &impl ConnectionTrait,
    id: OrganizationId,
    name: &str,
    now: DateTimeUtc,
) -> Result<()> {
    let row = organization::ActiveModel {
        id: Set(id.0),
        name: Set(name.to_owned()),
        updated_at: Set(now),
        ..Default::default()
    };
    row.update(conn).await?;
    Ok(())
}

async fn with_organizations(conn: &impl ConnectionTrait, rows: Vec<school::Model>) -> Result<Vec<School>> {
    let wanted: HashSet<Uuid> = rows.iter().filter_map(|row| row.organization_id).collect();
    let wanted: Vec<Uuid> = wanted.into_iter().collect();
    let mut organizations = HashMap::new();
    for chunk in wanted.chunks(CHUNK) {
        let found =
            organization::Entity::find().filter(organization::Column::Id.is_in(chunk.to_vec())).all(conn).await?;
        organizations.extend(found.into_iter().map(|row| (row.id, organization_of(row))));
    }
    rows.into_iter()
        .map(|row| {
            let organization = row.organization_id.and_then(|id| organizations.get(&id).cloned());
            school_of(row, organization)
        })
        .collect()
}

fn school_of(row: school::Model, organization: Option<Organization>) -> Result<School> {
    Ok(School {
        id: SchoolId(row.id),
        slug: row.slug,
        nces_id: row.nces_id,
        name: row.name,
        sector: row.sector,
        sector_source: row.sector_source,
        organization,
        city: row.city,
        state: row.state,
        neighborhood: row.neighborhood,
        campus: row.campus,
        grades: row.grade_low.zip(row.grade_high).map(|(low, high)| GradeSpan { low, high }),
        school_type: row.school_type,
        locale: row.locale,
        students: row.students,
        shares: serde_json::from_value(row.shares).map_err(Error::internal)?,
        profile: row.profile,
        position: row.lat.zip(row.lon),
        facts_from: row.facts_from,
        updated_at: row.updated_at,
        closed_on: row.closed_on,
        merged_into: row.merged_into.map(SchoolId),
    })
}

fn organization_of(row: organization::Model) -> Organization {
    Organization {
        id: OrganizationId(row.id),
        slug: row.slug,
        kind: row.kind,
        name: row.name,
        nces_id: row.nces_id,
        city: row.city,
        state: row.state,
    }
}
