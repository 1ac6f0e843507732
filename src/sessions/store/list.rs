//! Finding sessions: which ones, in which order. What they are is read by `sessions::by_ids`.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, LikeExpr, Query};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect};

use super::registrations::row as registration;
use super::sessions::row::{self, Column};
use crate::people::AccountId;
use crate::platform::vocabulary::{Seat, SessionStatus, Visibility};
use crate::platform::{Result, Timestamp};
use crate::sessions::list::{COMING, Filters, Place, TOLD};
use crate::sessions::session::SessionId;

/// Whose eyes a list is for.
#[derive(Clone, Debug)]
pub enum Eyes {
    /// Whoever runs the installation.
    All,
    /// Everybody else.
    Of {
        /// Whether they have signed in.
        member: bool,
        /// Their schools.
        schools: Vec<Uuid>,
        /// Their account, where they lead sessions.
        account: Option<Uuid>,
    },
}

/// A window of time, and what of it counts.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Sessions that end at or after it.
    pub from: Timestamp,
    /// Sessions that start before it.
    pub before: Option<Timestamp>,
    /// Which statuses count.
    pub statuses: &'static [SessionStatus],
    /// The moment of asking.
    pub now: Timestamp,
}

/// Ids with their starts, in the order of time. One statement.
pub async fn ids(
    conn: &impl ConnectionTrait,
    eyes: &Eyes,
    filters: &Filters,
    window: Window,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Place>> {
    // What starts at a place ends there or later: so the index is not read from the beginning for every page.
    let window = Window { from: after.map_or(window.from, |(at, _)| Ord::max(at, window.from)), ..window };
    let mut query = row::Entity::find()
        .select_only()
        .column(Column::StartsAt)
        .column(Column::Id)
        .filter(condition(eyes, filters, window))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some((at, id)) = after {
        let same = Condition::all().add(Column::StartsAt.eq(at)).add(Column::Id.gt(id.0));
        query = query.filter(Condition::any().add(Column::StartsAt.gt(at)).add(same));
    }
    let rows: Vec<(Timestamp, Uuid)> = query.into_tuple().all(conn).await?;
    Ok(rows.into_iter().map(|(at, id)| (at, SessionId(id))).collect())
}

/// How many there are. One statement.
pub async fn count(conn: &impl ConnectionTrait, eyes: &Eyes, filters: &Filters, window: Window) -> Result<u64> {
    Ok(row::Entity::find().filter(condition(eyes, filters, window)).count(conn).await?)
}

/// Of these, the ones that search may show: public, and not over.
pub async fn findable(conn: &impl ConnectionTrait, ids: &[Uuid], now: Timestamp) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(super::CHUNK) {
        let query = row::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .filter(Column::Visibility.eq(Visibility::PUBLIC.code()))
            .filter(Column::Status.is_in(codes(COMING)))
            .filter(Column::EndsAt.gte(now));
        found.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    Ok(found)
}

/// Sessions to come whose host or co-host is one of these schools.
pub async fn coming_of(conn: &impl ConnectionTrait, schools: &[Uuid], now: Timestamp) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for chunk in schools.chunks(super::CHUNK / 2) {
        let query = row::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(of_schools(chunk))
            .filter(Column::EndsAt.gte(now))
            .filter(Column::Status.is_in(codes(COMING)));
        found.extend(query.into_tuple::<Uuid>().all(conn).await?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Those of these sessions in which a person has a confirmed seat. One statement; of none, none.
pub async fn confirmed(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &[SessionId],
) -> Result<HashSet<SessionId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let query = registration::Entity::find()
        .select_only()
        .column(registration::Column::SessionId)
        .filter(registration::Column::AccountId.eq(account.0))
        .filter(registration::Column::Seat.eq(Seat::CONFIRMED.code()))
        .filter(registration::Column::SessionId.is_in(ids.iter().map(|id| id.0)));
    let found: Vec<Uuid> = query.into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}

/// Ids of all sessions after one, in order.
pub async fn all_ids(conn: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
    let mut query = row::Entity::find().select_only().column(Column::Id).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    Ok(query.into_tuple().all(conn).await?)
}

/// Ids of what everybody may know of, in the order of ids.
pub async fn open_to_all(conn: &impl ConnectionTrait, after: Option<SessionId>, limit: u64) -> Result<Vec<SessionId>> {
    let mut query = row::Entity::find().select_only().column(Column::Id).filter(open());
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.0));
    }
    let found: Vec<Uuid> = query.order_by_asc(Column::Id).limit(limit).into_tuple().all(conn).await?;
    Ok(found.into_iter().map(SessionId).collect())
}

/// Those of these that everybody may know of.
pub async fn open_among(conn: &impl ConnectionTrait, ids: &[SessionId]) -> Result<HashSet<SessionId>> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(super::CHUNK) {
        let query = row::Entity::find().select_only().column(Column::Id).filter(open());
        let query = query.filter(Column::Id.is_in(chunk.iter().map(|id| id.0)));
        found.extend(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(SessionId));
    }
    Ok(found)
}

/// How many there are.
pub async fn count_open_to_all(conn: &impl ConnectionTrait) -> Result<u64> {
    Ok(row::Entity::find().filter(open()).count(conn).await?)
}

/// Their ids with their last changes, in the same order.
pub async fn addresses(conn: &impl ConnectionTrait, skip: u64, limit: u64) -> Result<Vec<(SessionId, Timestamp)>> {
    let query = row::Entity::find().select_only().columns([Column::Id, Column::UpdatedAt]).filter(open());
    let query = query.order_by_asc(Column::Id).offset(skip).limit(limit);
    let found: Vec<(Uuid, Timestamp)> = query.into_tuple().all(conn).await?;
    Ok(found.into_iter().map(|(id, at)| (SessionId(id), at)).collect())
}

fn open() -> Condition {
    Condition::all().add(Column::Visibility.eq(Visibility::PUBLIC.code())).add(Column::Status.is_in(codes(TOLD)))
}

fn codes(statuses: &[SessionStatus]) -> impl Iterator<Item = &'static str> {
    statuses.iter().map(|status| status.code())
}

fn of_schools(schools: &[Uuid]) -> Condition {
    Condition::any()
        .add(Column::HostSchoolId.is_in(schools.iter().copied()))
        .add(Column::CohostSchoolId.is_in(schools.iter().copied()))
}

fn condition(eyes: &Eyes, filters: &Filters, window: Window) -> Condition {
    let mut all = Condition::all()
        .add(Column::Status.is_in(codes(window.statuses)))
        // What has an end has a start.
        .add(Column::EndsAt.gte(window.from))
        .add_option(window.before.map(|before| Column::StartsAt.lt(before)))
        .add_option(filters.format.map(|format| Column::Format.eq(format.code())))
        .add_option(filters.mode.map(|mode| Column::Mode.eq(mode.code())))
        .add_option(filters.school.map(|school| of_schools(&[school.0])));
    if let Eyes::Of { member, schools, account } = eyes {
        let mut seen = Condition::any().add(Column::Visibility.eq(Visibility::PUBLIC.code()));
        if *member {
            seen = seen.add(Column::Visibility.eq(Visibility::MEMBERS.code()));
        }
        if !schools.is_empty() {
            seen = seen.add(of_schools(schools));
            seen = seen.add(within("session_invited", "school_id", schools));
        }
        if let Some(account) = account {
            seen = seen.add(within("facilitator", "account_id", &[*account]));
        }
        all = all.add(seen);
    }
    if let Some(topic) = filters.topic {
        all = all.add(within("session_topic", "topic", &[topic.code()]));
    }
    if let Some(sector) = &filters.sector {
        let sector = sector.as_str();
        all = all.add(Condition::any().add(Column::HostSector.eq(sector)).add(Column::CohostSector.eq(sector)));
    }
    if filters.open {
        let now = window.now;
        let free = |taken: Column, capacity: Column| Expr::col(taken).lt(Expr::col(capacity));
        all = all
            .add(Column::Status.eq(SessionStatus::PUBLISHED.code()))
            .add(Column::StartsAt.gt(now))
            .add(Condition::any().add(Column::OpensAt.is_null()).add(Column::OpensAt.lte(now)))
            .add(Condition::any().add(Column::ClosesAt.is_null()).add(Column::ClosesAt.gt(now)))
            .add(
                Condition::any()
                    .add(free(Column::Taken, Column::Capacity))
                    .add(free(Column::OnlineTaken, Column::OnlineCapacity)),
            );
    }
    for word in filters.words() {
        let holding = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{holding}%")).escape('\\');
        all = all.add(Expr::expr(Func::lower(Expr::col(Column::Title))).like(pattern));
    }
    all
}

/// Whether a part of the session has one of these values.
fn within<V: Clone + Into<Value>>(table: &'static str, column: &'static str, values: &[V]) -> Expr {
    // Asked of each session by its key, and not as a list of ids, which would be made first.
    let parts = Query::select()
        .expr(Expr::val(1))
        .from(Alias::new(table))
        .and_where(Expr::col((Alias::new(table), Alias::new("session_id"))).equals((row::Entity, Column::Id)))
        .and_where(Expr::col(Alias::new(column)).is_in(values.iter().cloned()))
        .to_owned();
    Expr::exists(parts)
}
