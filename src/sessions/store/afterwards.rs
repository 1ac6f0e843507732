//! Access needs, answers of surveys, whether a practice was used, and which letters of the
//! time after a session are written.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, Iterable, QueryOrder, QuerySelect};

use super::registrations::{self, registration_of};
use super::sessions;
use crate::platform::vocabulary::{AccessNeed, Attendance, Seat, SessionStatus};
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::access::Needs;
use crate::sessions::practice_use::{Answer, Use};
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::session::SessionId;
use crate::sessions::survey::Answered;

pub mod need {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_need")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        pub session_id: Uuid,
        pub needs: Json,
        pub note: Option<String>,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod survey {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "survey_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub session_id: Uuid,
        pub answers: Json,
        pub comment: Option<String>,
        pub answered_on: Date,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod practice_use {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_use")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i32,
        pub answer: String,
        pub note: Option<String>,
        pub answered_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod written {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "after_letter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub written_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who was there, as far as this file asks: the rows are written by `store::attendance`.
pub mod presence {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "attendance")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub meeting: i32,
        pub session_id: Uuid,
        pub state: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What somebody needs.
pub async fn need_of(conn: &impl ConnectionTrait, registration: RegistrationId) -> Result<Option<Needs>> {
    need::Entity::find_by_id(registration.0).one(conn).await?.map(needs_of_row).transpose()
}

/// What the people of a session need.
pub async fn needs_of(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Needs>> {
    let query = need::Entity::find().filter(need::Column::SessionId.eq(session.0));
    query.order_by_asc(need::Column::RegistrationId).all(conn).await?.into_iter().map(needs_of_row).collect()
}

/// Keeps what somebody needs, in place of what was there.
pub async fn keep_need(conn: &impl ConnectionTrait, needs: &Needs, session: SessionId, now: Timestamp) -> Result<()> {
    let codes: Vec<&str> = needs.needs.iter().map(|need| need.code()).collect();
    let row = need::Model {
        registration_id: needs.registration.0,
        session_id: session.0,
        needs: serde_json::to_value(codes).map_err(Error::internal)?,
        note: Some(needs.note.clone()).filter(|note| !note.is_empty()),
        updated_at: now,
    };
    let changes = [need::Column::Needs, need::Column::Note, need::Column::UpdatedAt];
    let known = OnConflict::column(need::Column::RegistrationId).update_columns(changes).to_owned();
    need::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes out what somebody needs; whether there was anything.
pub async fn delete_need(conn: &impl ConnectionTrait, registration: RegistrationId) -> Result<bool> {
    Ok(need::Entity::delete_by_id(registration.0).exec(conn).await?.rows_affected > 0)
}

/// Registrations whose needs nobody has a reason to know any more: the seat was given back, or the session ended before `end`.
pub async fn needs_to_forget(conn: &impl ConnectionTrait, end: Timestamp, limit: u64) -> Result<Vec<RegistrationId>> {
    let mut released = Query::select();
    released.column(registrations::row::Column::Id).from(registrations::row::Entity);
    released.and_where(Expr::col(registrations::row::Column::Seat).eq(Seat::RELEASED.code()));
    released.and_where(
        Expr::col((registrations::row::Entity, registrations::row::Column::Id))
            .equals((need::Entity, need::Column::RegistrationId)),
    );
    let mut over = Query::select();
    over.column(sessions::row::Column::Id).from(sessions::row::Entity);
    over.and_where(Expr::col(sessions::row::Column::EndsAt).lte(end));
    over.and_where(
        Expr::col((sessions::row::Entity, sessions::row::Column::Id)).equals((need::Entity, need::Column::SessionId)),
    );
    let due = sea_orm::Condition::any().add(Expr::exists(released)).add(Expr::exists(over));
    let query = need::Entity::find().select_only().column(need::Column::RegistrationId).filter(due).limit(limit);
    let found: Vec<Uuid> = query.into_tuple().all(conn).await?;
    Ok(found.into_iter().map(RegistrationId).collect())
}

fn needs_of_row(row: need::Model) -> Result<Needs> {
    let codes: Vec<String> = serde_json::from_value(row.needs).map_err(Error::internal)?;
    let needs = codes.iter().map(|code| AccessNeed::parse(code).map_err(Error::internal)).collect::<Result<_>>()?;
    Ok(Needs { registration: RegistrationId(row.registration_id), needs, note: row.note.unwrap_or_default() })
}

/// Whether somebody was at a meeting of a session, whole or in part.
pub async fn was_there(conn: &impl ConnectionTrait, registration: RegistrationId) -> Result<bool> {
    let query = presence::Entity::find().filter(presence::Column::RegistrationId.eq(registration.0));
    let here = [Attendance::PRESENT, Attendance::PARTIAL].map(Attendance::code);
    Ok(query.filter(presence::Column::State.is_in(here)).count(conn).await? > 0)
}

/// Says that somebody answered the survey, unless they have; whether they had not.
pub async fn mark_surveyed(conn: &impl ConnectionTrait, id: RegistrationId, now: Timestamp) -> Result<bool> {
    use registrations::row::{Column, Entity};
    let query = Entity::update_many().col_expr(Column::SurveyedAt, Expr::value(now));
    let done = query.filter(Column::Id.eq(id.0)).filter(Column::SurveyedAt.is_null()).exec(conn).await?;
    Ok(done.rows_affected == 1)
}

/// Keeps an answer under an id that says nothing of when.
pub async fn insert_answer(conn: &impl ConnectionTrait, id: Uuid, session: SessionId, answer: &Answered) -> Result<()> {
    let row = survey::Model {
        id,
        session_id: session.0,
        answers: serde_json::to_value(&answer.marks).map_err(Error::internal)?,
        comment: Some(answer.comment.clone()).filter(|comment| !comment.is_empty()),
        answered_on: answer.on,
    };
    survey::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// The answers of a session, in an order that says nothing of when.
pub async fn answers(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Answered>> {
    let query = survey::Entity::find().filter(survey::Column::SessionId.eq(session.0));
    let rows = query.order_by_asc(survey::Column::Id).all(conn).await?;
    let answer = |row: survey::Model| {
        let marks = serde_json::from_value(row.answers).map_err(Error::internal)?;
        Ok(Answered { marks, comment: row.comment.unwrap_or_default(), on: row.answered_on })
    };
    rows.into_iter().map(answer).collect()
}

/// What somebody said about using the practice.
pub async fn use_of(conn: &impl ConnectionTrait, registration: RegistrationId, day: i32) -> Result<Option<Use>> {
    let Some(row) = practice_use::Entity::find_by_id((registration.0, day)).one(conn).await? else { return Ok(None) };
    let answer = Answer::parse(&row.answer).ok_or_else(|| Error::internal("an answer nobody knows"))?;
    Ok(Some(Use { answer, note: row.note.unwrap_or_default() }))
}

/// Keeps what somebody says about using the practice, in place of what they said before.
pub async fn keep_use(
    conn: &impl ConnectionTrait,
    registration: RegistrationId,
    day: i32,
    said: &Use,
    now: Timestamp,
) -> Result<()> {
    use practice_use::Column;
    let row = practice_use::Model {
        registration_id: registration.0,
        day,
        answer: said.answer.code().to_owned(),
        note: Some(said.note.clone()).filter(|note| !note.is_empty()),
        answered_at: now,
    };
    let known = OnConflict::columns([Column::RegistrationId, Column::Day])
        .update_columns([Column::Answer, Column::Note, Column::AnsweredAt])
        .to_owned();
    practice_use::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Counted {
    answer: String,
    number: i64,
}

/// How often each answer was given at a day of a session.
pub async fn use_counts(conn: &impl ConnectionTrait, session: SessionId, day: i32) -> Result<Vec<(Answer, u64)>> {
    use registrations::row as seat;
    let mut theirs = Query::select();
    theirs.column(seat::Column::Id).from(seat::Entity).and_where(Expr::col(seat::Column::SessionId).eq(session.0));
    let query = practice_use::Entity::find()
        .select_only()
        .column(practice_use::Column::Answer)
        .column_as(practice_use::Column::RegistrationId.count(), "number")
        .filter(practice_use::Column::RegistrationId.in_subquery(theirs))
        .filter(practice_use::Column::Day.eq(day))
        .group_by(practice_use::Column::Answer);
    let rows = query.into_model::<Counted>().all(conn).await?;
    let known = |row: Counted| Answer::parse(&row.answer).map(|answer| (answer, row.number.unsigned_abs()));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Sessions that ended between two moments and were not called off, by the end; with a practice alone where `practice` says so.
pub async fn ended_between(
    conn: &impl ConnectionTrait,
    after: Timestamp,
    until: Timestamp,
    practice: bool,
) -> Result<Vec<SessionId>> {
    use sessions::row::{Column, Entity};
    let held = [
        SessionStatus::PUBLISHED,
        SessionStatus::REGISTRATION_CLOSED,
        SessionStatus::RUNNING,
        SessionStatus::COMPLETED,
    ];
    let mut query = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::EndsAt.gt(after))
        .filter(Column::EndsAt.lte(until))
        .filter(Column::Status.is_in(held.map(SessionStatus::code)));
    if practice {
        query = query.filter(Column::PracticeId.is_not_null());
    }
    let found: Vec<Uuid> = query.order_by_asc(Column::EndsAt).limit(500).into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}

/// Registrations of people who were there, of those sessions, to whom this letter was not written; by session.
pub async fn unwritten(
    conn: &impl ConnectionTrait,
    of: &[SessionId],
    kind: &str,
    limit: u64,
) -> Result<Vec<Registration>> {
    use registrations::row::{Column, Entity};
    let ids: Vec<Uuid> = of.iter().map(|id| id.0).collect();
    let here = [Attendance::PRESENT, Attendance::PARTIAL].map(Attendance::code);
    let mut there: SelectStatement = Query::select();
    there.column(presence::Column::RegistrationId).from(presence::Entity);
    there.and_where(Expr::col(presence::Column::SessionId).is_in(ids.clone()));
    there.and_where(Expr::col(presence::Column::State).is_in(here));
    let mut done: SelectStatement = Query::select();
    done.column(written::Column::RegistrationId).from(written::Entity);
    done.and_where(Expr::col(written::Column::SessionId).is_in(ids.clone()));
    done.and_where(Expr::col(written::Column::Kind).eq(kind));
    let query = Entity::find()
        .filter(Column::SessionId.is_in(ids))
        .filter(Column::Id.in_subquery(there))
        .filter(Column::Id.not_in_subquery(done))
        .order_by_asc(Column::SessionId)
        .order_by_asc(Column::Id)
        .limit(limit);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Notes that a letter is written; whether it was not before.
pub async fn write_once(
    conn: &impl ConnectionTrait,
    registration: &Registration,
    kind: &str,
    now: Timestamp,
) -> Result<bool> {
    let row = written::Model {
        session_id: registration.session.0,
        registration_id: registration.id.0,
        kind: kind.to_owned(),
        written_at: now,
    };
    let known = OnConflict::columns(written::PrimaryKey::iter()).do_nothing().to_owned();
    let insert = written::Entity::insert(row.into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}
