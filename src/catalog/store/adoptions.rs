//! Tables and queries of adoptions and their steps.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::catalog::adoption::{Adoption, AdoptionId, Piloted, Step};
use crate::catalog::practice::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::AdoptionStage;
use crate::platform::{Error, Result};

pub mod adoption {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "adoption")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub practice_id: Uuid,
        pub school_id: Uuid,
        pub version: i32,
        pub sector_at_start: Option<String>,
        pub stage: String,
        pub started_on: Date,
        pub stage_since: Date,
        pub lead_role: Option<String>,
        pub changed_what: Option<String>,
        pub kept_core: Option<String>,
        pub result_note: Option<String>,
        pub would_recommend: Option<bool>,
        pub contact_ok: bool,
        pub stopped_reason: Option<String>,
        pub piloted_on: Option<Date>,
        pub logged_by: Option<Uuid>,
        pub learned_from_session: Option<Uuid>,
        pub look_on: Option<Date>,
        pub asked_day: i32,
        pub told_version: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod step {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "adoption_step")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub adoption_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub stage: String,
        pub since: Date,
        pub stopped_reason: Option<String>,
        pub recorded_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use adoption::{Column, Entity, Model};

/// Stages that count as using a practice: interest and plans never do.
const USING: [&str; 3] = ["piloting", "in_use", "sustained"];

/// Puts an adoption on record, unless there is one of the practice and school; whether there was none.
pub async fn insert(conn: &impl ConnectionTrait, adoption: &Adoption) -> Result<bool> {
    let known = OnConflict::columns([Column::PracticeId, Column::SchoolId]).do_nothing().to_owned();
    let insert = Entity::insert(row_of(adoption).into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// An adoption as it is now.
pub async fn update(conn: &impl ConnectionTrait, adoption: &Adoption) -> Result<()> {
    row_of(adoption).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// One adoption.
pub async fn by_id(conn: &impl ConnectionTrait, id: AdoptionId) -> Result<Option<Adoption>> {
    Entity::find_by_id(id.0).one(conn).await?.map(adoption_of).transpose()
}

/// Adoptions of these ids.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[AdoptionId]) -> Result<Vec<Adoption>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(900) {
        for row in Entity::find().filter(Column::Id.is_in(chunk.iter().map(|id| id.0))).all(conn).await? {
            found.push(adoption_of(row)?);
        }
    }
    Ok(found)
}

/// One adoption, held until the transaction ends.
pub async fn to_change(conn: &impl ConnectionTrait, id: AdoptionId) -> Result<Option<Adoption>> {
    Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(adoption_of).transpose()
}

/// The adoption of a practice by one of these schools; of several the one that was told last.
pub async fn at(conn: &impl ConnectionTrait, practice: PracticeId, schools: &[SchoolId]) -> Result<Option<Adoption>> {
    let query = Entity::find()
        .filter(Column::PracticeId.eq(practice.0))
        .filter(Column::SchoolId.is_in(schools.iter().map(|school| school.0)))
        .order_by_desc(Column::UpdatedAt);
    query.one(conn).await?.map(adoption_of).transpose()
}

/// Adoptions of a practice, the longest first.
pub async fn of(conn: &impl ConnectionTrait, practices: &[PracticeId]) -> Result<Vec<Adoption>> {
    let mut found = Vec::new();
    for chunk in practices.chunks(CHUNK) {
        let query = Entity::find()
            .filter(Column::PracticeId.is_in(chunk.iter().map(|id| id.0)))
            .order_by_asc(Column::StartedOn)
            .order_by_asc(Column::Id);
        for row in query.all(conn).await? {
            found.push(adoption_of(row)?);
        }
    }
    Ok(found)
}

/// Adoptions by these schools, the newest first, at most `limit`.
pub async fn by_schools(conn: &impl ConnectionTrait, schools: &[SchoolId], limit: u64) -> Result<Vec<Adoption>> {
    Entity::find()
        .filter(Column::SchoolId.is_in(schools.iter().map(|id| id.0)))
        .order_by_desc(Column::StartedOn)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(adoption_of)
        .collect()
}

/// Schools that use each practice, by the sector they had when they began. One statement for 900 practices.
pub async fn used_by(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, BTreeMap<String, u64>>> {
    let mut used: HashMap<Uuid, BTreeMap<String, u64>> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(Uuid, Option<String>, i64)> = Entity::find()
            .select_only()
            .columns([Column::PracticeId, Column::SectorAtStart])
            .column_as(Expr::col(Column::Id).count(), "n")
            .filter(Column::PracticeId.is_in(chunk.to_vec()))
            .filter(Column::Stage.is_in(USING))
            .group_by(Column::PracticeId)
            .group_by(Column::SectorAtStart)
            .into_tuple()
            .all(conn)
            .await?;
        for (practice, sector, n) in rows {
            let sector = sector.unwrap_or_else(|| "unknown".to_owned());
            *used.entry(practice).or_default().entry(sector).or_default() += n.unsigned_abs();
        }
    }
    Ok(used)
}

/// Adoptions that reached a pilot, with where their practices began, the newest pilot first, at most `limit`.
pub async fn piloted(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Piloted>> {
    use super::practice;
    let query = Query::select()
        .columns([
            (Entity, Column::Id),
            (Entity, Column::PracticeId),
            (Entity, Column::SchoolId),
            (Entity, Column::SectorAtStart),
            (Entity, Column::Stage),
            (Entity, Column::PilotedOn),
        ])
        .columns([(practice::Entity, practice::Column::Slug), (practice::Entity, practice::Column::Title)])
        .column((practice::Entity, practice::Column::OriginSchoolId))
        .from(Entity)
        .inner_join(
            practice::Entity,
            Expr::col((practice::Entity, practice::Column::Id)).equals((Entity, Column::PracticeId)),
        )
        .and_where(Expr::col((Entity, Column::PilotedOn)).is_not_null())
        .and_where(Expr::col((practice::Entity, practice::Column::OriginSchoolId)).is_not_null())
        .order_by((Entity, Column::PilotedOn), sea_orm::Order::Desc)
        .order_by((Entity, Column::Id), sea_orm::Order::Asc)
        .limit(limit)
        .to_owned();
    let rows = conn.query_all(&query).await?;
    let read = |row: QueryResult| -> Result<Piloted> {
        let stage: String = row.try_get("", "stage")?;
        Ok(Piloted {
            id: AdoptionId(row.try_get("", "id")?),
            practice: PracticeId(row.try_get("", "practice_id")?),
            slug: row.try_get("", "slug")?,
            title: row.try_get("", "title")?,
            origin: SchoolId(row.try_get("", "origin_school_id")?),
            school: SchoolId(row.try_get("", "school_id")?),
            sector: row.try_get("", "sector_at_start")?,
            stage: stage.parse().map_err(Error::internal)?,
            piloted_on: row.try_get("", "piloted_on")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Adoptions to look at by a day, the longest due first.
pub async fn to_look_at(conn: &impl ConnectionTrait, today: NaiveDate, limit: u64) -> Result<Vec<AdoptionId>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::LookOn.lte(today));
    let found: Vec<Uuid> = query.order_by_asc(Column::LookOn).limit(limit).into_tuple().all(conn).await?;
    Ok(found.into_iter().map(AdoptionId).collect())
}

/// Has the adoptions of these practices looked at that know an older version alone and have not stopped.
pub async fn look_at_older(conn: &impl ConnectionTrait, practices: &[Uuid], today: NaiveDate) -> Result<()> {
    use super::practice;
    for chunk in practices.chunks(CHUNK) {
        let newest = Query::select()
            .column(practice::Column::Version)
            .from(practice::Entity)
            .and_where(Expr::col((practice::Entity, practice::Column::Id)).equals((Entity, Column::PracticeId)))
            .to_owned();
        let newest = || Expr::expr(sea_orm::sea_query::SimpleExpr::SubQuery(None, Box::new(newest.clone().into())));
        Entity::update_many()
            .col_expr(Column::LookOn, Expr::value(today))
            .filter(Column::PracticeId.is_in(chunk.to_vec()))
            .filter(Column::Stage.ne(AdoptionStage::STOPPED.code()))
            .filter(Expr::col((Entity, Column::Version)).lt(newest()))
            .filter(Expr::col((Entity, Column::ToldVersion)).lt(newest()))
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// Adoptions that somebody put on record, oldest first.
pub async fn logged_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Adoption>> {
    let query = Entity::find().filter(Column::LoggedBy.eq(account.0)).order_by_asc(Column::CreatedAt);
    query.all(conn).await?.into_iter().map(adoption_of).collect()
}

/// Takes somebody out of what they put on record; how many adoptions that were.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let none: Option<Uuid> = None;
    let query = Entity::update_many().col_expr(Column::LoggedBy, Expr::value(none));
    Ok(query.filter(Column::LoggedBy.eq(account.0)).exec(conn).await?.rows_affected)
}

/// The steps of adoptions, in their order.
pub async fn steps(conn: &impl ConnectionTrait, ids: &[AdoptionId]) -> Result<HashMap<AdoptionId, Vec<Step>>> {
    let mut found: HashMap<AdoptionId, Vec<Step>> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = step::Entity::find().filter(step::Column::AdoptionId.is_in(chunk.iter().map(|id| id.0)));
        for row in query.order_by_asc(step::Column::Number).all(conn).await? {
            found.entry(AdoptionId(row.adoption_id)).or_default().push(Step {
                number: row.number,
                stage: row.stage.parse().map_err(Error::internal)?,
                since: row.since,
                stopped_reason: row.stopped_reason,
                recorded_at: row.recorded_at,
            });
        }
    }
    Ok(found)
}

/// Writes a step down: a new one, or the last one with another date.
pub async fn put_step(conn: &impl ConnectionTrait, id: AdoptionId, step: &Step) -> Result<()> {
    let row = step::Model {
        adoption_id: id.0,
        number: step.number,
        stage: step.stage.code().to_owned(),
        since: step.since,
        stopped_reason: step.stopped_reason.clone(),
        recorded_at: step.recorded_at,
    };
    let known = OnConflict::columns([step::Column::AdoptionId, step::Column::Number])
        .update_columns([step::Column::Since, step::Column::StoppedReason, step::Column::RecordedAt])
        .to_owned();
    step::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

fn row_of(adoption: &Adoption) -> Model {
    Model {
        id: adoption.id.0,
        practice_id: adoption.practice.0,
        school_id: adoption.school.0,
        version: adoption.version,
        sector_at_start: adoption.sector_at_start.clone(),
        stage: adoption.stage.code().to_owned(),
        started_on: adoption.started_on,
        stage_since: adoption.stage_since,
        lead_role: adoption.lead_role.clone(),
        changed_what: adoption.changed_what.clone(),
        kept_core: adoption.kept_core.map(|kept| kept.code().to_owned()),
        result_note: adoption.result_note.clone(),
        would_recommend: adoption.would_recommend,
        contact_ok: adoption.contact_ok,
        stopped_reason: adoption.stopped_reason.clone(),
        piloted_on: adoption.piloted_on,
        logged_by: adoption.logged_by.map(|account| account.0),
        learned_from_session: adoption.learned_from,
        look_on: adoption.look_on,
        asked_day: adoption.asked_day,
        told_version: adoption.told_version,
        created_at: adoption.created_at,
        updated_at: adoption.updated_at,
    }
}

fn adoption_of(row: Model) -> Result<Adoption> {
    Ok(Adoption {
        id: AdoptionId(row.id),
        practice: PracticeId(row.practice_id),
        school: SchoolId(row.school_id),
        version: row.version,
        sector_at_start: row.sector_at_start,
        stage: row.stage.parse().map_err(Error::internal)?,
        started_on: row.started_on,
        stage_since: row.stage_since,
        lead_role: row.lead_role,
        changed_what: row.changed_what,
        kept_core: row.kept_core.map(|code| code.parse().map_err(Error::internal)).transpose()?,
        result_note: row.result_note,
        would_recommend: row.would_recommend,
        contact_ok: row.contact_ok,
        stopped_reason: row.stopped_reason,
        piloted_on: row.piloted_on,
        logged_by: row.logged_by.map(AccountId),
        learned_from: row.learned_from_session,
        look_on: row.look_on,
        asked_day: row.asked_day,
        told_version: row.told_version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
