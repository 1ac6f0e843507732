//! Schools and organizations as administrators find and change them.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::memberships::{membership_of, row as membership};
use super::{CHUNK, organization, organization_of, school, with_organizations};
use crate::people::membership::{Membership, MembershipState};
use crate::people::offices::SchoolOf;
use crate::people::school::{Organization, OrganizationId, School, SchoolId};
use crate::platform::{Result, Timestamp};

/// Schools by the ids asked for; one that was merged is answered with the school it became part of. Two statements for
/// every 900 ids, and two more where some were merged.
pub async fn standing(conn: &impl ConnectionTrait, wanted: &[SchoolId]) -> Result<HashMap<SchoolId, School>> {
    let mut found: HashMap<SchoolId, School> =
        super::schools(conn, wanted).await?.into_iter().map(|school| (school.id, school)).collect();
    let merged: Vec<(SchoolId, SchoolId)> =
        found.values().filter_map(|school| Some((school.id, school.merged_into?))).collect();
    if merged.is_empty() {
        return Ok(found);
    }
    let into: HashSet<SchoolId> = merged.iter().map(|(_, into)| *into).collect();
    let into: Vec<SchoolId> = into.into_iter().collect();
    let whole: HashMap<SchoolId, School> =
        super::schools(conn, &into).await?.into_iter().map(|school| (school.id, school)).collect();
    for (id, into) in merged {
        if let Some(school) = whole.get(&into) {
            found.insert(id, school.clone());
        }
    }
    Ok(found)
}

/// Schools in the order of ids that are no part of another. Two statements.
pub async fn in_order(conn: &impl ConnectionTrait, after: Option<SchoolId>, limit: u64) -> Result<Vec<School>> {
    let mut query = school::Entity::find().filter(school::Column::MergedInto.is_null());
    if let Some(after) = after {
        query = query.filter(school::Column::Id.gt(after.0));
    }
    with_organizations(conn, query.order_by_asc(school::Column::Id).limit(limit).all(conn).await?).await
}

/// How many there are.
pub async fn count(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(school::Entity::find().filter(school::Column::MergedInto.is_null()).count(conn).await?)
}

/// Their names in addresses, in the same order.
pub async fn addresses(conn: &impl ConnectionTrait, skip: u64, limit: u64) -> Result<Vec<String>> {
    let query = school::Entity::find().select_only().column(school::Column::Slug);
    let query = query.filter(school::Column::MergedInto.is_null()).order_by_asc(school::Column::Id);
    Ok(query.offset(skip).limit(limit).into_tuple().all(conn).await?)
}

/// Those of `ids` that became part of another school.
pub async fn merged(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let mut merged = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let query = school::Entity::find()
            .select_only()
            .column(school::Column::Id)
            .filter(school::Column::Id.is_in(chunk.to_vec()).and(school::Column::MergedInto.is_not_null()));
        merged.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    Ok(merged)
}

/// Schools that became part of one of `ids`.
pub async fn merged_into(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut merged = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = school::Entity::find()
            .select_only()
            .column(school::Column::Id)
            .filter(school::Column::MergedInto.is_in(chunk.to_vec()));
        merged.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    Ok(merged)
}

/// Organizations by id.
pub async fn organizations_of(
    conn: &impl ConnectionTrait,
    ids: &[OrganizationId],
) -> Result<HashMap<OrganizationId, Organization>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let these = organization::Column::Id.is_in(chunk.iter().map(|id| id.0));
        let rows = organization::Entity::find().filter(these).all(conn).await?;
        found.extend(rows.into_iter().map(|row| (OrganizationId(row.id), organization_of(row))));
    }
    Ok(found)
}

/// The open schools of organizations, in the order of their ids.
pub async fn schools_of(conn: &impl ConnectionTrait, ids: &[OrganizationId]) -> Result<Vec<SchoolOf>> {
    use school::Column;
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let these = Column::OrganizationId.is_in(chunk.iter().map(|id| id.0));
        let open = these.and(Column::ClosedOn.is_null()).and(Column::MergedInto.is_null());
        let columns = [Column::Id, Column::OrganizationId, Column::Sector, Column::Students];
        let query = school::Entity::find().select_only().columns(columns).filter(open).order_by_asc(Column::Id);
        let rows: Vec<(Uuid, Uuid, Option<String>, Option<i32>)> = query.into_tuple().all(conn).await?;
        found.extend(rows.into_iter().map(|(id, organization, sector, students)| SchoolOf {
            school: SchoolId(id),
            organization: OrganizationId(organization),
            sector,
            students,
        }));
    }
    Ok(found)
}

/// Rows of schools that nobody else changes until the transaction ends, always taken in the order of their ids.
pub async fn lock(conn: &impl ConnectionTrait, ids: &[SchoolId]) -> Result<Vec<school::Model>> {
    let query = school::Entity::find().filter(school::Column::Id.is_in(ids.iter().map(|id| id.0)));
    Ok(query.order_by_asc(school::Column::Id).lock_exclusive().all(conn).await?)
}

/// Makes `from`, and what had become part of it, part of `into`: nothing points at a school that points on.
pub async fn merge(conn: &impl ConnectionTrait, from: SchoolId, into: SchoolId, now: Timestamp) -> Result<()> {
    school::Entity::update_many()
        .col_expr(school::Column::MergedInto, Expr::value(into.0))
        .col_expr(school::Column::UpdatedAt, Expr::value(now))
        .filter(school::Column::Id.eq(from.0).or(school::Column::MergedInto.eq(from.0)))
        .exec(conn)
        .await?;
    Ok(())
}

/// Open invitations and email domains of `from` are from now on those of `into`.
pub async fn move_openings(conn: &impl ConnectionTrait, from: SchoolId, into: SchoolId) -> Result<()> {
    let mut invitations = Query::update();
    invitations
        .table("invitation")
        .value("school_id", into.0)
        .and_where(Expr::col("school_id").eq(from.0))
        .and_where(Expr::col("accepted_at").is_null())
        .and_where(Expr::col("withdrawn_at").is_null());
    conn.execute(&invitations).await?;
    let mut domains = Query::update();
    domains.table("email_domain").value("school_id", into.0).and_where(Expr::col("school_id").eq(from.0));
    conn.execute(&domains).await?;
    Ok(())
}

/// Memberships of a school that are asked for or hold.
pub async fn open_memberships(conn: &impl ConnectionTrait, school: SchoolId) -> Result<Vec<Membership>> {
    use membership::Column;
    let open = [MembershipState::Asked, MembershipState::Current].map(MembershipState::code);
    let here = Column::SchoolId.eq(school.0).and(Column::State.is_in(open));
    let rows = membership::Entity::find().filter(here).order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(membership_of).collect()
}

/// A school whose facts changed, if it is still the one read at `seen`.
pub async fn change(conn: &impl ConnectionTrait, row: school::Model, seen: Timestamp) -> Result<bool> {
    let same = school::Column::Id.eq(row.id).and(school::Column::UpdatedAt.eq(seen));
    let mut active = row.into_active_model().reset_all();
    active.id = sea_orm::ActiveValue::NotSet;
    Ok(school::Entity::update_many().set(active).filter(same).exec(conn).await?.rows_affected == 1)
}

/// One page of schools in the order of names, open or not, after the name and id given, and how many there are: those
/// whose name holds `wanted`, or that have it as their name in addresses or federal id.
pub async fn schools(
    conn: &impl ConnectionTrait,
    wanted: &str,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<(u64, Vec<School>)> {
    use school::Column;
    let mut query = school::Entity::find();
    if !wanted.is_empty() {
        let named = Expr::expr(Func::lower(Expr::col(Column::Name))).like(holding(wanted));
        query = query.filter(named.or(Column::Slug.eq(wanted)).or(Column::NcesId.eq(wanted)));
    }
    let total = query.clone().count(conn).await?;
    if let Some((name, id)) = after {
        query = query.filter(Column::Name.gt(name.clone()).or(Column::Name.eq(name).and(Column::Id.gt(id))));
    }
    let rows = query.order_by_asc(Column::Name).order_by_asc(Column::Id).limit(limit).all(conn).await?;
    Ok((total, with_organizations(conn, rows).await?))
}

/// Schools and organizations that a text means: by id, name in addresses or federal id; else those called exactly so;
/// else those whose name holds it. At most `limit` of each.
pub async fn named(conn: &impl ConnectionTrait, text: &str, limit: u64) -> Result<(Vec<School>, Vec<Organization>)> {
    let id: Option<Uuid> = text.parse().ok();
    let mut school_key = school::Column::Slug.eq(text).or(school::Column::NcesId.eq(text));
    let mut organization_key = organization::Column::Slug.eq(text).or(organization::Column::NcesId.eq(text));
    if let Some(id) = id {
        school_key = school_key.or(school::Column::Id.eq(id));
        organization_key = organization_key.or(organization::Column::Id.eq(id));
    }
    let lower = |column: &'static str| Expr::expr(Func::lower(Expr::col(column)));
    let exact = text.to_lowercase();
    let ways = [
        (school_key, organization_key),
        (lower("name").eq(exact.clone()), lower("name").eq(exact)),
        (lower("name").like(holding(text)), lower("name").like(holding(text))),
    ];
    for (of_schools, of_organizations) in ways {
        let standing = of_schools.and(Expr::col("merged_into").is_null());
        let schools = school::Entity::find().filter(standing).order_by_asc(school::Column::Name).limit(limit);
        let schools = with_organizations(conn, schools.all(conn).await?).await?;
        let found = organization::Entity::find().filter(of_organizations).order_by_asc(organization::Column::Name);
        let organizations = found.limit(limit).all(conn).await?.into_iter().map(organization_of).collect::<Vec<_>>();
        if !schools.is_empty() || !organizations.is_empty() {
            return Ok((schools, organizations));
        }
    }
    Ok((Vec::new(), Vec::new()))
}

/// Organizations by id.
pub async fn organizations(conn: &impl ConnectionTrait, ids: &[OrganizationId]) -> Result<Vec<Organization>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let wanted = organization::Column::Id.is_in(chunk.iter().map(|id| id.0));
        found.extend(organization::Entity::find().filter(wanted).all(conn).await?.into_iter().map(organization_of));
    }
    Ok(found)
}

/// How many schools stand for themselves, and how many organizations there are.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<(u64, u64)> {
    let schools = school::Entity::find().filter(school::Column::MergedInto.is_null()).count(conn).await?;
    Ok((schools, organization::Entity::find().count(conn).await?))
}

/// LIKE folds case on one engine and not on the other, so both sides are lower case.
pub(super) fn holding(text: &str) -> LikeExpr {
    let text: String = text.chars().take(200).collect();
    let literal = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{literal}%")).escape('\\')
}
