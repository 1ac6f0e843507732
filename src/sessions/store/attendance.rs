//! Who was there, codes of meetings, and which sessions wait for their attendance.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::sessions::meeting;
use crate::people::AccountId;
use crate::platform::vocabulary::{Attendance, SessionStatus};
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::attendance::Record;
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::SessionId;

/// Rows written in one statement: eight values each, and SQLite takes a bounded number of them.
const ROWS: usize = 100;

pub mod row {
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
        pub in_at: Option<DateTimeUtc>,
        pub out_at: Option<DateTimeUtc>,
        pub recorded_by: Option<Uuid>,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What this part asks of sessions: whose attendance is open.
mod open {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub status: String,
        pub ends_at: Option<DateTimeUtc>,
        pub locked_at: Option<DateTimeUtc>,
        pub attendance_asked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The meeting of a code.
pub async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<(SessionId, i32)>> {
    let found = meeting::Entity::find().filter(meeting::Column::Code.eq(code)).one(conn).await?;
    Ok(found.map(|row| (SessionId(row.session_id), row.number)))
}

/// Gives a meeting of a session that is held its code.
pub async fn set_code(conn: &impl ConnectionTrait, session: SessionId, number: i32, code: &str) -> Result<()> {
    meeting::Entity::update_many()
        .col_expr(meeting::Column::Code, Expr::value(code))
        .filter(meeting::Column::SessionId.eq(session.0))
        .filter(meeting::Column::Number.eq(number))
        .exec(conn)
        .await?;
    Ok(())
}

/// What is written down of one person at one meeting.
pub async fn one(conn: &impl ConnectionTrait, id: RegistrationId, meeting: i32) -> Result<Option<Record>> {
    row::Entity::find_by_id((id.0, meeting)).one(conn).await?.map(record_of).transpose()
}

/// What is written down of one meeting.
pub async fn of_meeting(
    conn: &impl ConnectionTrait,
    session: SessionId,
    meeting: i32,
) -> Result<HashMap<RegistrationId, Record>> {
    let query = row::Entity::find().filter(row::Column::SessionId.eq(session.0));
    let rows = query.filter(row::Column::Meeting.eq(meeting)).all(conn).await?;
    rows.into_iter().map(|row| record_of(row).map(|record| (record.registration, record))).collect()
}

/// Everything written down of a session.
pub async fn of_session(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Record>> {
    let rows = row::Entity::find().filter(row::Column::SessionId.eq(session.0)).all(conn).await?;
    rows.into_iter().map(record_of).collect()
}

/// Everything written down for these sessions. One statement for 900.
pub async fn of_sessions(conn: &impl ConnectionTrait, ids: &[SessionId]) -> Result<Vec<(SessionId, Record)>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(super::CHUNK) {
        let query = row::Entity::find().filter(row::Column::SessionId.is_in(chunk.iter().map(|id| id.0)));
        for row in query.all(conn).await? {
            found.push((SessionId(row.session_id), record_of(row)?));
        }
    }
    Ok(found)
}

/// Writes records of a session that is held, over what was there.
pub async fn put(
    conn: &impl ConnectionTrait,
    session: SessionId,
    by: Option<AccountId>,
    records: &[Record],
    now: Timestamp,
) -> Result<()> {
    for chunk in records.chunks(ROWS) {
        let rows = chunk.iter().map(|record| {
            row::Model {
                registration_id: record.registration.0,
                meeting: record.meeting,
                session_id: session.0,
                state: record.state.code().to_owned(),
                in_at: record.in_at,
                out_at: record.out_at,
                recorded_by: by.map(|account| account.0),
                updated_at: now,
            }
            .into_active_model()
        });
        let over = OnConflict::columns([row::Column::RegistrationId, row::Column::Meeting])
            .update_columns([
                row::Column::State,
                row::Column::InAt,
                row::Column::OutAt,
                row::Column::RecordedBy,
                row::Column::UpdatedAt,
            ])
            .to_owned();
        row::Entity::insert_many(rows).on_conflict(over).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Sessions that ended before a moment and are not locked, the longest ago first; `unasked` only those whose organizer was not
/// yet asked to look at the attendance.
pub async fn unlocked(
    conn: &impl ConnectionTrait,
    ended_before: Timestamp,
    unasked: bool,
    limit: u64,
) -> Result<Vec<SessionId>> {
    let over = [
        SessionStatus::PUBLISHED,
        SessionStatus::REGISTRATION_CLOSED,
        SessionStatus::RUNNING,
        SessionStatus::COMPLETED,
    ];
    let mut query = open::Entity::find()
        .filter(open::Column::LockedAt.is_null())
        .filter(open::Column::EndsAt.lte(ended_before))
        .filter(open::Column::Status.is_in(over.map(SessionStatus::code)));
    if unasked {
        query = query.filter(open::Column::AttendanceAskedAt.is_null());
    }
    let rows = query.order_by_asc(open::Column::EndsAt).limit(limit).all(conn).await?;
    Ok(rows.into_iter().map(|row| SessionId(row.id)).collect())
}

/// When the organizer of a session was asked to look at the attendance.
pub async fn asked_at(conn: &impl ConnectionTrait, id: SessionId) -> Result<Option<Timestamp>> {
    Ok(open::Entity::find_by_id(id.0).one(conn).await?.and_then(|row| row.attendance_asked_at))
}

/// Notes that the organizer of a session that is held was asked.
pub async fn set_asked(conn: &impl ConnectionTrait, id: SessionId, now: Timestamp) -> Result<()> {
    open::Entity::update_many()
        .col_expr(open::Column::AttendanceAskedAt, Expr::value(now))
        .filter(open::Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(())
}

fn record_of(row: row::Model) -> Result<Record> {
    Ok(Record {
        registration: RegistrationId(row.registration_id),
        meeting: row.meeting,
        state: Attendance::parse(&row.state).map_err(Error::internal)?,
        in_at: row.in_at,
        out_at: row.out_at,
    })
}
