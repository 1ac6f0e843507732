//! What a session reminds of, and when: rows that time makes due, found along one index.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use super::registrations::{registration_of, row as registration};
use super::sessions::{meeting, row as session};
use crate::people::SchoolId;
use crate::platform::vocabulary::{CoverageNeed, Seat, SessionStatus};
use crate::platform::{Error, Result, Timestamp, Tx};
use crate::sessions::reminders::plan::{Kind, Moment};
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::session::SessionId;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_reminder")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub meeting: i32,
        pub due_at: DateTimeUtc,
        pub since: DateTimeUtc,
        pub told_to: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

/// A reminder that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Of which session.
    pub session: SessionId,
    /// What, of which meeting, when.
    pub moment: Moment,
    /// Since when news are told.
    pub since: Timestamp,
    /// The last registration that was told.
    pub told_to: Option<RegistrationId>,
}

/// What waits for its moment in a session.
pub async fn of_session(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Waiting>> {
    let rows = Entity::find().filter(Column::SessionId.eq(session.0)).all(conn).await?;
    rows.into_iter().map(waiting).collect()
}

/// What is due now, the oldest first.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, most: u64) -> Result<Vec<Waiting>> {
    let query = Entity::find().filter(Column::DueAt.lte(now)).order_by_asc(Column::DueAt);
    query.limit(most).all(conn).await?.into_iter().map(waiting).collect()
}

/// One reminder, as it is now.
pub async fn one(conn: &impl ConnectionTrait, session: SessionId, kind: Kind, meeting: i32) -> Result<Option<Waiting>> {
    let key = (session.0, kind.code().to_owned(), meeting);
    Entity::find_by_id(key).one(conn).await?.map(waiting).transpose()
}

/// Notes a reminder, unless the session has one of the kind and meeting already. Sent with what comes after it.
pub async fn begin(tx: &mut Tx, session: SessionId, moment: &Moment) -> Result<()> {
    let row = Model {
        session_id: session.0,
        kind: moment.kind.code().to_owned(),
        meeting: moment.meeting,
        due_at: moment.due_at,
        since: tx.now(),
        told_to: None,
    };
    let known = OnConflict::columns([Column::SessionId, Column::Kind, Column::Meeting]).do_nothing().to_owned();
    let insert = Entity::insert(row.into_active_model()).on_conflict(known);
    tx.later("session_reminder", insert.as_query()).await
}

/// Takes a reminder out: it is done, or of no use.
pub async fn end(conn: &impl ConnectionTrait, waiting: &Waiting) -> Result<()> {
    let key = (waiting.session.0, waiting.moment.kind.code().to_owned(), waiting.moment.meeting);
    Entity::delete_by_id(key).exec(conn).await?;
    Ok(())
}

/// Keeps a reminder for another turn: from then, after this registration.
pub async fn go_on(
    conn: &impl ConnectionTrait,
    waiting: &Waiting,
    due_at: Timestamp,
    told_to: Option<RegistrationId>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::ToldTo, Expr::value(told_to.map(|id| id.0)))
        .filter(Column::SessionId.eq(waiting.session.0))
        .filter(Column::Kind.eq(waiting.moment.kind.code()))
        .filter(Column::Meeting.eq(waiting.moment.meeting))
        .exec(conn)
        .await?;
    Ok(())
}

/// Confirmed seats of a session after this one, in the order of their ids.
pub async fn seats_after(
    conn: &impl ConnectionTrait,
    session: SessionId,
    after: Option<RegistrationId>,
    most: u64,
) -> Result<Vec<Registration>> {
    use registration::Column;
    let mut query = registration::Entity::find()
        .filter(Column::SessionId.eq(session.0))
        .filter(Column::Seat.eq(Seat::CONFIRMED.code()));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.0));
    }
    query.order_by_asc(Column::Id).limit(most).all(conn).await?.into_iter().map(registration_of).collect()
}

/// Seats of a school's staff in sessions that meet between two moments and take time of a school day, by session.
pub async fn out_between(
    conn: &impl ConnectionTrait,
    school: SchoolId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Registration>> {
    use registration::Column;
    let then = Query::select()
        .column(meeting::Column::SessionId)
        .from(meeting::Entity)
        .and_where(meeting::Column::StartsAt.gte(from))
        .and_where(meeting::Column::StartsAt.lt(until))
        .to_owned();
    let live = [SessionStatus::PUBLISHED, SessionStatus::REGISTRATION_CLOSED, SessionStatus::RUNNING];
    let taking = Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::Id.in_subquery(then))
        .and_where(session::Column::Status.is_in(live.map(SessionStatus::code)))
        .and_where(session::Column::Coverage.ne(CoverageNeed::NONE.code()))
        .to_owned();
    let query = registration::Entity::find()
        .filter(Column::SchoolId.eq(school.0))
        .filter(Column::Seat.is_in([Seat::HELD, Seat::CONFIRMED].map(Seat::code)))
        .filter(Column::SessionId.in_subquery(taking))
        .order_by_asc(Column::SessionId)
        .order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

fn waiting(row: Model) -> Result<Waiting> {
    let kind = Kind::parse(&row.kind).ok_or_else(|| Error::internal("a reminder nobody knows"))?;
    Ok(Waiting {
        session: SessionId(row.session_id),
        moment: Moment { kind, meeting: row.meeting, due_at: row.due_at },
        since: row.since,
        told_to: row.told_to.map(RegistrationId),
    })
}
