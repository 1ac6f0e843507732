//! What others ask of sessions that are over: how many a school hosted and went to, who came by sector, and which practice
//! somebody saw. Reading alone; each a constant number of statements.

use std::collections::{BTreeMap, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect};

use super::attendance::row as attendance;
use super::registrations::row as registration;
use super::sessions::row as session;
use super::{CHUNK, afterwards};
use crate::people::{AccountId, SchoolId};
use crate::platform::Result;
use crate::platform::vocabulary::{Attendance, SessionStatus};
use crate::sessions::practice_use::Answer;
use crate::sessions::session::{NO_SECTOR, SessionId};

fn hosted_by(schools: &[SchoolId]) -> Condition {
    let ids: Vec<Uuid> = schools.iter().map(|school| school.0).collect();
    Condition::all().add(session::Column::Status.eq(SessionStatus::COMPLETED.code())).add(
        Condition::any()
            .add(session::Column::HostSchoolId.is_in(ids.clone()))
            .add(session::Column::CohostSchoolId.is_in(ids)),
    )
}

fn here() -> [&'static str; 2] {
    [Attendance::PRESENT, Attendance::PARTIAL].map(Attendance::code)
}

/// How many completed sessions these schools hosted or hosted with another.
pub async fn count_hosted(conn: &impl ConnectionTrait, schools: &[SchoolId]) -> Result<u64> {
    Ok(session::Entity::find().filter(hosted_by(schools)).count(conn).await?)
}

/// At how many sessions somebody of these schools was.
pub async fn count_attended(conn: &impl ConnectionTrait, schools: &[SchoolId]) -> Result<u64> {
    let theirs: SelectStatement = Query::select()
        .column(registration::Column::Id)
        .from(registration::Entity)
        .and_where(registration::Column::SchoolId.is_in(schools.iter().map(|school| school.0)))
        .to_owned();
    let found: Option<i64> = attendance::Entity::find()
        .select_only()
        .expr_as(Expr::col(attendance::Column::SessionId).count_distinct(), "n")
        .filter(attendance::Column::State.is_in(here()))
        .filter(attendance::Column::RegistrationId.in_subquery(theirs))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.unwrap_or_default().unsigned_abs())
}

/// Completed sessions that these schools hosted or hosted with another, the newest first, at most `limit`.
pub async fn hosted(conn: &impl ConnectionTrait, schools: &[SchoolId], limit: u64) -> Result<Vec<SessionId>> {
    let query = session::Entity::find().select_only().column(session::Column::Id).filter(hosted_by(schools));
    let query = query.order_by_desc(session::Column::StartsAt).order_by_asc(session::Column::Id).limit(limit);
    let found: Vec<Uuid> = query.into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}

/// Completed sessions of which host and co-host are both among these schools, the newest first.
pub async fn hosted_between(conn: &impl ConnectionTrait, schools: &[SchoolId], limit: u64) -> Result<Vec<SessionId>> {
    let ids: Vec<Uuid> = schools.iter().map(|school| school.0).collect();
    let query = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::Status.eq(SessionStatus::COMPLETED.code()))
        .filter(session::Column::HostSchoolId.is_in(ids.clone()))
        .filter(session::Column::CohostSchoolId.is_in(ids));
    let query = query.order_by_desc(session::Column::StartsAt).order_by_asc(session::Column::Id).limit(limit);
    let found: Vec<Uuid> = query.into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}

/// How many people came to each session, by sector.
pub async fn came(
    conn: &impl ConnectionTrait,
    sessions: &[SessionId],
) -> Result<HashMap<SessionId, BTreeMap<String, u64>>> {
    let mut found: HashMap<SessionId, BTreeMap<String, u64>> = HashMap::new();
    for chunk in sessions.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
        let present: SelectStatement = Query::select()
            .column(attendance::Column::RegistrationId)
            .from(attendance::Entity)
            .and_where(attendance::Column::SessionId.is_in(ids.clone()))
            .and_where(attendance::Column::State.is_in(here()))
            .to_owned();
        let rows: Vec<(Uuid, Option<String>, i64)> = registration::Entity::find()
            .select_only()
            .columns([registration::Column::SessionId, registration::Column::Sector])
            .column_as(registration::Column::Id.count(), "n")
            .filter(registration::Column::SessionId.is_in(ids))
            .filter(registration::Column::Id.in_subquery(present))
            .group_by(registration::Column::SessionId)
            .group_by(registration::Column::Sector)
            .into_tuple()
            .all(conn)
            .await?;
        for (id, sector, n) in rows {
            let sector = sector.unwrap_or_else(|| NO_SECTOR.to_owned());
            *found.entry(SessionId(id)).or_default().entry(sector).or_default() += n.unsigned_abs();
        }
    }
    Ok(found)
}

/// Sessions at which somebody was, with the school they came from and whether they said that they use what they saw; the newest
/// first, at most `limit`.
pub async fn seen_by(
    conn: &impl ConnectionTrait,
    account: AccountId,
    limit: u64,
) -> Result<Vec<(SessionId, SchoolId, bool)>> {
    use afterwards::practice_use as used;
    let present: SelectStatement = Query::select()
        .column(attendance::Column::RegistrationId)
        .from(attendance::Entity)
        .and_where(attendance::Column::State.is_in(here()))
        .and_where(
            Expr::col((attendance::Entity, attendance::Column::RegistrationId))
                .equals((registration::Entity, registration::Column::Id)),
        )
        .to_owned();
    let rows: Vec<(Uuid, Uuid, Uuid)> = registration::Entity::find()
        .select_only()
        .columns([registration::Column::Id, registration::Column::SessionId, registration::Column::SchoolId])
        .filter(registration::Column::AccountId.eq(account.0))
        .filter(Expr::exists(present))
        .order_by_desc(registration::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let said: Vec<Uuid> = used::Entity::find()
        .select_only()
        .column(used::Column::RegistrationId)
        .filter(used::Column::RegistrationId.is_in(rows.iter().map(|(id, ..)| *id)))
        .filter(used::Column::Answer.eq(Answer::Yes.code()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, session, school)| (SessionId(session), SchoolId(school), said.contains(&id)))
        .collect())
}
