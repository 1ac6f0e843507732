//! What is elsewhere at the same time, and what time has made due: questions that other parts of a session answer.

use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::registrations::row as registration;
use super::sessions::{facilitator, meeting, row as session};
use crate::people::AccountId;
use crate::platform::vocabulary::{Seat, SessionStatus};
use crate::platform::{Result, Timestamp};
use crate::sessions::session::{Meeting, RoomId, SessionId};

/// A meeting of another session that overlaps.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Overlap {
    /// The other session.
    pub session_id: Uuid,
    /// Number of its meeting.
    pub number: i32,
    /// Room of it.
    pub room_id: Option<Uuid>,
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
}

/// What takes room and people: published and not over.
const TAKES: [SessionStatus; 3] =
    [SessionStatus::PUBLISHED, SessionStatus::REGISTRATION_CLOSED, SessionStatus::RUNNING];

/// At most so many overlaps are told.
const MOST: u64 = 50;

fn overlapping(meetings: &[Meeting]) -> Condition {
    meetings.iter().fold(Condition::any(), |any, m| {
        any.add(meeting::Column::StartsAt.lt(m.ends_at).and(meeting::Column::EndsAt.gt(m.starts_at)))
    })
}

fn others(of: SessionId, meetings: &[Meeting]) -> sea_orm::Select<meeting::Entity> {
    let taking = Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::Status.is_in(TAKES.iter().map(|status| status.code())))
        .to_owned();
    meeting::Entity::find()
        .filter(meeting::Column::SessionId.ne(of.0))
        .filter(overlapping(meetings))
        .filter(meeting::Column::SessionId.in_subquery(taking))
        .order_by_asc(meeting::Column::StartsAt)
        .limit(MOST)
}

/// Meetings of other sessions in one of these rooms at these times. One statement.
pub async fn in_rooms(
    conn: &impl ConnectionTrait,
    of: SessionId,
    meetings: &[Meeting],
    rooms: &[RoomId],
) -> Result<Vec<Overlap>> {
    if rooms.is_empty() || meetings.is_empty() {
        return Ok(Vec::new());
    }
    let query = others(of, meetings).filter(meeting::Column::RoomId.is_in(rooms.iter().map(|room| room.0)));
    Ok(query.into_model::<Overlap>().all(conn).await?)
}

/// Meetings of other sessions at these times that one of these accounts leads or organizes. Two statements.
pub async fn of_people(
    conn: &impl ConnectionTrait,
    of: SessionId,
    meetings: &[Meeting],
    people: &[AccountId],
) -> Result<Vec<(AccountId, Overlap)>> {
    if people.is_empty() || meetings.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = people.iter().map(|account| account.0).collect();
    let leading = Query::select()
        .column(facilitator::Column::SessionId)
        .from(facilitator::Entity)
        .and_where(facilitator::Column::AccountId.is_in(ids.clone()))
        .to_owned();
    let query = others(of, meetings).filter(meeting::Column::SessionId.in_subquery(leading));
    let found = query.into_model::<Overlap>().all(conn).await?;
    let sessions: Vec<Uuid> = found.iter().map(|overlap| overlap.session_id).collect();
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let query = facilitator::Entity::find().filter(facilitator::Column::SessionId.is_in(sessions));
    let who = query.filter(facilitator::Column::AccountId.is_in(ids)).all(conn).await?;
    let pairs = found.into_iter().flat_map(|overlap| {
        let leads = who.iter().filter(|who| who.session_id == overlap.session_id).filter_map(|who| who.account_id);
        leads.map(|account| (AccountId(account), overlap.clone())).collect::<Vec<_>>()
    });
    Ok(pairs.collect())
}

/// Meetings of other sessions at these times for which a person has a seat, leads, or waits. One statement.
pub async fn bookings(
    conn: &impl ConnectionTrait,
    of: SessionId,
    meetings: &[Meeting],
    account: AccountId,
) -> Result<Vec<Overlap>> {
    if meetings.is_empty() {
        return Ok(Vec::new());
    }
    let seats = [Seat::HELD, Seat::CONFIRMED, Seat::OFFERED];
    let seated = Query::select()
        .column(registration::Column::SessionId)
        .from(registration::Entity)
        .and_where(registration::Column::AccountId.eq(account.0))
        .and_where(registration::Column::Seat.is_in(seats.iter().map(|seat| seat.code())))
        .to_owned();
    let leading = Query::select()
        .column(facilitator::Column::SessionId)
        .from(facilitator::Entity)
        .and_where(facilitator::Column::AccountId.eq(account.0))
        .to_owned();
    let theirs = meeting::Column::SessionId.in_subquery(seated).or(meeting::Column::SessionId.in_subquery(leading));
    Ok(others(of, meetings).filter(theirs).into_model::<Overlap>().all(conn).await?)
}

/// What time makes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Registration closes.
    Closing,
    /// The first meeting begins.
    Beginning,
    /// The last meeting ends.
    Ending,
    /// Three days before go or no-go.
    Warning,
    /// The day of go or no-go.
    Deciding,
}

/// Sessions of which something is due, at most so many. `today` is the day of go or no-go up to which is looked.
pub async fn due(
    conn: &impl ConnectionTrait,
    what: Due,
    now: Timestamp,
    today: chrono::NaiveDate,
    limit: u64,
) -> Result<Vec<SessionId>> {
    use session::Column;
    let open = [SessionStatus::PUBLISHED.code()];
    let coming = [SessionStatus::PUBLISHED.code(), SessionStatus::REGISTRATION_CLOSED.code()];
    let query = session::Entity::find().select_only().column(Column::Id);
    let query = match what {
        Due::Closing => query.filter(Column::Status.is_in(open)).filter(Column::ClosesAt.lte(now)),
        Due::Beginning => query.filter(Column::Status.is_in(coming)).filter(Column::StartsAt.lte(now)),
        Due::Ending => query.filter(Column::Status.eq(SessionStatus::RUNNING.code())).filter(Column::EndsAt.lte(now)),
        Due::Warning => query
            .filter(Column::Status.is_in(coming))
            .filter(Column::DecideOn.lte(today))
            .filter(Column::Minimum.is_not_null())
            .filter(Column::DecidedAt.is_null())
            .filter(Condition::any().add(Column::WarnedFor.is_null()).add(
                sea_orm::sea_query::Expr::col(Column::WarnedFor).ne(sea_orm::sea_query::Expr::col(Column::DecideOn)),
            )),
        Due::Deciding => query
            .filter(Column::Status.is_in(coming))
            .filter(Column::DecideOn.lte(today))
            .filter(Column::JointDecided.is_null()),
    };
    let first = if matches!(what, Due::Warning | Due::Deciding) { Column::DecideOn } else { Column::StartsAt };
    let found: Vec<Uuid> = query.order_by_asc(first).limit(limit).into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}
