//! Tables and queries of practices and their versions; those of adoptions are in `adoptions`.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::practice::{Practice, PracticeId, Version, VersionLine};
use crate::people::SchoolId;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Error, Result, Timestamp};

pub mod adoptions;
pub mod changes;

pub mod practice {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub source: Option<String>,
        pub status: String,
        pub origin_school_id: Option<Uuid>,
        pub title: String,
        pub version: i32,
        pub record: Json,
        pub published_on: Option<Date>,
        pub last_checked_on: Option<Date>,
        pub check_by: Option<Date>,
        pub imported_by: Option<String>,
        pub retired_reason: Option<String>,
        pub replaced_by: Option<Uuid>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub record: Json,
        pub note: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod check_asked {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_check_asked")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub check_by: Date,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i32,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Parameters one statement carries at most: below what both engines take.
const CHUNK: usize = 900;

/// Statuses in which search shows a practice.
const SEARCHABLE: [&str; 2] = ["published", "imported"];

/// One practice by its name in addresses or its id.
pub async fn practice(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Practice>> {
    let mut any = practice::Column::Slug.eq(reference);
    if let Ok(id) = reference.parse::<PracticeId>() {
        any = any.or(practice::Column::Id.eq(id.0));
    }
    practice::Entity::find().filter(any).one(conn).await?.map(practice_of).transpose()
}

/// The row of one practice, held until the transaction ends: versions are numbered one after another.
pub async fn practice_for_update(conn: &impl ConnectionTrait, id: PracticeId) -> Result<Option<practice::Model>> {
    Ok(practice::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?)
}

/// Practices by id, in no order.
pub async fn practices(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Practice>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = practice::Entity::find().filter(practice::Column::Id.is_in(chunk.to_vec())).all(conn).await?;
        for row in rows {
            found.push(practice_of(row)?);
        }
    }
    Ok(found)
}

/// Practices that began at these schools, newest first, at most `limit`.
pub async fn created_at(conn: &impl ConnectionTrait, schools: &[SchoolId], limit: u64) -> Result<Vec<Practice>> {
    practice::Entity::find()
        .filter(practice::Column::OriginSchoolId.is_in(schools.iter().map(|id| id.0)))
        .filter(practice::Column::Status.is_in(SEARCHABLE))
        .order_by_desc(practice::Column::PublishedOn)
        .order_by_asc(practice::Column::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(practice_of)
        .collect()
}

/// Ids of the practices that began at these schools.
pub async fn begun_at(conn: &impl ConnectionTrait, schools: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut ids = Vec::new();
    for chunk in schools.chunks(CHUNK) {
        let query = practice::Entity::find()
            .select_only()
            .column(practice::Column::Id)
            .filter(practice::Column::OriginSchoolId.is_in(chunk.to_vec()));
        ids.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    Ok(ids)
}

/// Number of practices that search shows, and of the schools where they began by sector code.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<(u64, Vec<(Uuid, i64)>)> {
    let total = practice::Entity::find().filter(practice::Column::Status.is_in(SEARCHABLE)).count(conn).await?;
    let schools = practice::Entity::find()
        .select_only()
        .column(practice::Column::OriginSchoolId)
        .column_as(practice::Column::Id.count(), "n")
        .filter(practice::Column::Status.is_in(SEARCHABLE))
        .filter(practice::Column::OriginSchoolId.is_not_null())
        .group_by(practice::Column::OriginSchoolId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok((total, schools))
}

/// Those of `ids` that search may show now. Asked by id alone: with the status among the conditions SQLite
/// takes the index of the status and walks through every practice.
pub async fn searchable(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let rows: Vec<(Uuid, String)> = practice::Entity::find()
        .select_only()
        .columns([practice::Column::Id, practice::Column::Status])
        .filter(practice::Column::Id.is_in(ids.to_vec()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter(|(_, status)| SEARCHABLE.contains(&status.as_str())).map(|(id, _)| id).collect())
}

/// Ids of practices after `after`, in the order of ids.
pub async fn ids(conn: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
    let mut query = practice::Entity::find().select_only().column(practice::Column::Id);
    if let Some(after) = after {
        query = query.filter(practice::Column::Id.gt(after));
    }
    Ok(query.order_by_asc(practice::Column::Id).limit(limit).into_tuple().all(conn).await?)
}

/// Versions of a practice, newest first, without their records.
pub async fn versions(conn: &impl ConnectionTrait, id: PracticeId) -> Result<Vec<VersionLine>> {
    let rows: Vec<(i32, Option<String>, Timestamp)> = version::Entity::find()
        .select_only()
        .columns([version::Column::Version, version::Column::Note, version::Column::CreatedAt])
        .filter(version::Column::PracticeId.eq(id.0))
        .order_by_desc(version::Column::Version)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(number, note, created_at)| VersionLine { number, note, created_at }).collect())
}

/// Versions of many practices, newest first, without their records. One statement for 900 practices.
pub async fn versions_of(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<VersionLine>>> {
    let mut found: HashMap<Uuid, Vec<VersionLine>> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(Uuid, i32, Option<String>, Timestamp)> = version::Entity::find()
            .select_only()
            .columns([
                version::Column::PracticeId,
                version::Column::Version,
                version::Column::Note,
                version::Column::CreatedAt,
            ])
            .filter(version::Column::PracticeId.is_in(chunk.to_vec()))
            .order_by_desc(version::Column::Version)
            .into_tuple()
            .all(conn)
            .await?;
        for (practice, number, note, created_at) in rows {
            found.entry(practice).or_default().push(VersionLine { number, note, created_at });
        }
    }
    Ok(found)
}

/// One version.
pub async fn version(conn: &impl ConnectionTrait, id: PracticeId, number: i32) -> Result<Option<Version>> {
    let row = version::Entity::find_by_id((id.0, number)).one(conn).await?;
    row.map(|row| {
        Ok(Version {
            number: row.version,
            record: serde_json::from_value(row.record).map_err(Error::internal)?,
            note: row.note,
            created_at: row.created_at,
        })
    })
    .transpose()
}

/// Existing practices with the sources given, as rows.
pub async fn by_source(conn: &impl ConnectionTrait, sources: &[String]) -> Result<HashMap<String, practice::Model>> {
    let rows = practice::Entity::find().filter(practice::Column::Source.is_in(sources.to_vec())).all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.source.clone()?, row))).collect())
}

/// Which of the names in addresses are taken.
pub async fn taken_slugs(conn: &impl ConnectionTrait, slugs: &[String]) -> Result<HashSet<String>> {
    let rows: Vec<String> = practice::Entity::find()
        .select_only()
        .column(practice::Column::Slug)
        .filter(practice::Column::Slug.is_in(slugs.to_vec()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// New practices and their first versions.
pub async fn insert(
    conn: &impl ConnectionTrait,
    rows: Vec<practice::Model>,
    versions: Vec<version::Model>,
) -> Result<()> {
    if !rows.is_empty() {
        practice::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(conn)
            .await?;
    }
    if !versions.is_empty() {
        version::Entity::insert_many(versions.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(conn)
            .await?;
    }
    Ok(())
}

/// A practice as it is now.
pub async fn update(conn: &impl ConnectionTrait, row: practice::Model) -> Result<()> {
    row.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes a practice out of search and says why; the row and its versions stay (P-8).
pub async fn retire(
    conn: &impl ConnectionTrait,
    id: PracticeId,
    reason: &str,
    replaced_by: Option<PracticeId>,
    now: Timestamp,
) -> Result<()> {
    let row = practice::ActiveModel {
        id: Set(id.0),
        status: Set(PracticeStatus::RETIRED.code().to_owned()),
        retired_reason: Set(Some(reason.to_owned())),
        replaced_by: Set(replaced_by.map(|other| other.0)),
        updated_at: Set(now),
        ..Default::default()
    };
    row.update(conn).await?;
    Ok(())
}

/// Published practices whose check is due between two days and whose school was not asked in this step, the soonest first.
pub async fn unasked(
    conn: &impl ConnectionTrait,
    step: i32,
    (from, to): (chrono::NaiveDate, chrono::NaiveDate),
    limit: u64,
) -> Result<Vec<practice::Model>> {
    let asked = Query::select()
        .column(check_asked::Column::PracticeId)
        .from(check_asked::Entity)
        .and_where(
            Expr::col((check_asked::Entity, check_asked::Column::PracticeId))
                .equals((practice::Entity, practice::Column::Id)),
        )
        .and_where(
            Expr::col((check_asked::Entity, check_asked::Column::CheckBy))
                .equals((practice::Entity, practice::Column::CheckBy)),
        )
        .and_where(check_asked::Column::Step.eq(step))
        .to_owned();
    Ok(practice::Entity::find()
        .filter(practice::Column::CheckBy.between(from, to))
        .filter(practice::Column::Status.eq(PracticeStatus::PUBLISHED.code()))
        .filter(Expr::exists(asked).not())
        .order_by_asc(practice::Column::CheckBy)
        .order_by_asc(practice::Column::Id)
        .limit(limit)
        .all(conn)
        .await?)
}

/// A school was asked whether a practice still holds. Twice is as good as once.
pub async fn put_asked(
    conn: &impl ConnectionTrait,
    id: PracticeId,
    check_by: chrono::NaiveDate,
    step: i32,
    at: Timestamp,
) -> Result<()> {
    use check_asked::Column as C;
    let row = check_asked::Model { practice_id: id.0, check_by, step, at };
    let conflict = OnConflict::columns([C::PracticeId, C::CheckBy, C::Step]).do_nothing().to_owned();
    check_asked::Entity::insert(row.into_active_model()).on_conflict(conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// A row as the practice it holds.
pub fn practice_of(row: practice::Model) -> Result<Practice> {
    let unreadable = |error| Error::Internal(format!("practice {} cannot be read: {error}", row.id));
    Ok(Practice {
        record: serde_json::from_value(row.record).map_err(unreadable)?,
        id: PracticeId(row.id),
        slug: row.slug,
        source: row.source,
        status: row.status.parse().map_err(Error::internal)?,
        origin_school: row.origin_school_id.map(SchoolId),
        version: row.version,
        published_on: row.published_on,
        last_checked_on: row.last_checked_on,
        check_by: row.check_by,
        imported_by: row.imported_by,
        retired_reason: row.retired_reason,
        replaced_by: row.replaced_by.map(PracticeId),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
