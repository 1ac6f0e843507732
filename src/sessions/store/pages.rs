//! What the pages of a session, of a person and of a school ask of seats. Reading alone; each a bounded number of rows.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::registrations::{registration_of, row};
use super::sessions::row as session;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{Seat, Way};
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::seat::Registration;
use crate::sessions::session::SessionId;

/// How many wait for a seat of each way. One statement.
pub async fn waiting(conn: &impl ConnectionTrait, session: SessionId) -> Result<HashMap<Way, u64>> {
    let counts: Vec<(String, i64)> = row::Entity::find()
        .select_only()
        .column(row::Column::Way)
        .column_as(row::Column::Id.count(), "waiting")
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::Seat.eq(Seat::WAITLISTED.code()))
        .group_by(row::Column::Way)
        .into_tuple()
        .all(conn)
        .await?;
    let way = |(code, count): (String, i64)| Ok((Way::parse(&code).map_err(Error::internal)?, count.unsigned_abs()));
    counts.into_iter().map(way).collect()
}

/// Registrations of a person for sessions that are not over at a moment, in the order of the sessions. One statement.
pub async fn coming_of(
    conn: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
    most: u64,
) -> Result<Vec<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::AccountId.eq(account.0))
        .filter(row::Column::Seat.ne(Seat::RELEASED.code()))
        .filter(row::Column::SessionId.in_subquery(not_over(now)))
        .order_by_desc(row::Column::Id)
        .limit(most);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Registrations of a person for sessions that are over: those who had a seat to the end, newest first. One statement.
pub async fn past_of(
    conn: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
    most: u64,
) -> Result<Vec<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::AccountId.eq(account.0))
        .filter(row::Column::Seat.eq(Seat::CONFIRMED.code()))
        .filter(row::Column::SessionId.in_subquery(over(now)))
        .order_by_desc(row::Column::Id)
        .limit(most);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Registrations from these schools for sessions that are not over, oldest first. One statement.
pub async fn coming_from(
    conn: &impl ConnectionTrait,
    schools: &[SchoolId],
    now: Timestamp,
    most: u64,
) -> Result<Vec<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::SchoolId.is_in(schools.iter().map(|school| school.0)))
        .filter(row::Column::Seat.is_in([Seat::HELD, Seat::OFFERED, Seat::CONFIRMED, Seat::WAITLISTED].map(Seat::code)))
        .filter(row::Column::SessionId.in_subquery(not_over(now)))
        .order_by_asc(row::Column::Id)
        .limit(most);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Sessions that end after a moment, or whose time nobody knows.
fn not_over(now: Timestamp) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::EndsAt.gt(now).or(session::Column::EndsAt.is_null()))
        .to_owned()
}

/// Sessions that ended by a moment.
fn over(now: Timestamp) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::EndsAt.lte(now))
        .to_owned()
}
