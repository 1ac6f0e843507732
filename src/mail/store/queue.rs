//! The queue: claimed with a lease and a token, and under that token alone changed afterwards. A worker that wakes after its
//! lease finds that nothing is its own any more (E3).

use chrono::Duration;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockBehavior, LockType, Order, Query};
use sea_orm::{ConnectionTrait, DbBackend};

use super::outbox::{Column, Entity};
use super::{Row, text_when_done};
use crate::mail::letter::{LetterId, Priority};
use crate::mail::outcome::{DOUBT, MOST_DOUBTS, Verdict};
use crate::platform::{Result, Timestamp};

/// How long a letter is its worker's; renewed while it is on the wire.
pub const LEASE: Duration = Duration::seconds(60);

const NEVER: Option<DateTimeUtc> = None;
const NOBODY: Option<Uuid> = None;

fn waiting(now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    let free = Expr::col(Column::LeaseUntil).is_null().or(Expr::col(Column::LeaseUntil).lt(now));
    // Both priorities are named so that the index leads past all that waits for another day.
    Expr::col(Column::State)
        .is_in(["ready", "uncertain"])
        .and(Expr::col(Column::Priority).is_in([Priority::Personal.rank(), Priority::Announcement.rank()]))
        .and(Expr::col(Column::DoneAt).is_null())
        .and(Expr::col(Column::DueAt).lte(now))
        .and(free)
        .and(Expr::exists(before_it()).not())
}

/// A letter that has to be through before this one goes.
fn before_it() -> sea_orm::sea_query::SelectStatement {
    let earlier = |column: Column| Expr::col(("earlier", column));
    let this = |column: Column| Expr::col((Entity, column));
    let mut query = Query::select();
    query
        .expr(Expr::value(1))
        .from_as(Entity, "earlier")
        .and_where(earlier(Column::Thread).eq(this(Column::Thread)))
        .and_where(earlier(Column::Recipient).eq(this(Column::Recipient)))
        .and_where(earlier(Column::ThreadNo).lt(this(Column::ThreadNo)))
        .and_where(earlier(Column::DoneAt).is_null());
    query
}

fn left_lying(now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    Expr::col(Column::State).eq("sending").and(Expr::col(Column::LeaseUntil).lt(now))
}

/// How many letters wait to be claimed, counted up to `most`.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, most: u64, personal_only: bool) -> Result<u64> {
    let mut query = Query::select();
    query.column(Column::Id).from(Entity).and_where(waiting(now)).limit(most);
    if personal_only {
        query.and_where(Expr::col(Column::Priority).eq(Priority::Personal.rank()));
    }
    Ok(conn.query_all(&query).await?.len() as u64)
}

/// Whether there is something to put in order.
pub async fn is_untidy(conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    let expired = waiting(now).and(Expr::col(Column::NotAfter).lt(now));
    let mut query = Query::select();
    query.column(Column::Id).from(Entity).and_where(left_lying(now).or(expired)).limit(1);
    Ok(!conn.query_all(&query).await?.is_empty())
}

/// Puts in order what lies about: letters whose worker died with them, and those that are of no use any more.
pub async fn tidy(conn: &impl ConnectionTrait, now: Timestamp) -> Result<()> {
    // It may have left, or not. An announcement is not sent on a guess; a personal letter is, with the same Message-ID.
    let hopeless =
        Expr::col(Column::Priority).ne(Priority::Personal.rank()).or(Expr::col(Column::Doubts).gte(MOST_DOUBTS - 1));
    let words = "The sender ended before the answer came.";
    let died = || {
        Entity::update_many()
            .col_expr(Column::State, Expr::value("uncertain"))
            .col_expr(Column::Doubts, Expr::col(Column::Doubts).add(1))
            .col_expr(Column::LastAnswer, Expr::value(words))
            .col_expr(Column::LeaseUntil, Expr::value(NEVER))
            .col_expr(Column::LeaseToken, Expr::value(NOBODY))
            .filter(left_lying(now))
    };
    died()
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .col_expr(Column::Content, text_when_done())
        .filter(hopeless)
        .exec(conn)
        .await?;
    died().col_expr(Column::DueAt, Expr::value(now + DOUBT)).exec(conn).await?;
    // What may have left once stays uncertain; nobody can say that it expired unread.
    let state = CaseStatement::new()
        .case(Expr::col(Column::State).eq("uncertain"), Expr::value("uncertain"))
        .finally(Expr::value("expired"));
    Entity::update_many()
        .col_expr(Column::State, state.into())
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .col_expr(Column::Content, text_when_done())
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .filter(waiting(now))
        .filter(Column::NotAfter.lt(now))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes up to `most` due letters, those that persons wait for first, and the oldest of them. On PostgreSQL rows that
/// another node is taking at this moment are passed over; on SQLite there is one writer.
pub async fn claim(
    conn: &impl ConnectionTrait,
    token: Uuid,
    now: Timestamp,
    most: u64,
    personal_only: bool,
) -> Result<Vec<Row>> {
    let mut due = Query::select();
    due.column(Column::Id)
        .from(Entity)
        .and_where(waiting(now))
        .order_by(Column::Priority, Order::Asc)
        .order_by(Column::DueAt, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(most);
    if personal_only {
        due.and_where(Expr::col(Column::Priority).eq(Priority::Personal.rank()));
    }
    if conn.get_database_backend() == DbBackend::Postgres {
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let mut rows = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(Column::LeaseToken, Expr::value(token))
        .filter(Column::Id.in_subquery(due))
        .exec_with_returning(conn)
        .await?;
    // What RETURNING gives has no order.
    rows.sort_by_key(|row| (row.priority, row.due_at, row.id));
    Ok(rows)
}

/// Notes that a claimed letter now goes on the wire; `false` when it is not ours any more.
pub async fn begin(conn: &impl ConnectionTrait, id: LetterId, token: Uuid, now: Timestamp) -> Result<bool> {
    let begun = Entity::update_many()
        .col_expr(Column::State, Expr::value("sending"))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .filter(Column::Id.eq(id.0).and(Column::LeaseToken.eq(token)))
        .filter(Column::State.is_in(["ready", "uncertain"]))
        .exec(conn)
        .await?;
    Ok(begun.rows_affected == 1)
}

/// Holds the letter on the wire for another lease.
pub async fn renew(conn: &impl ConnectionTrait, id: LetterId, token: Uuid, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .filter(Column::Id.eq(id.0).and(Column::LeaseToken.eq(token)))
        .exec(conn)
        .await?;
    Ok(())
}

/// Writes down how it went; `false` when the letter is not ours any more and nothing was changed.
pub async fn settle(
    conn: &impl ConnectionTrait,
    id: LetterId,
    token: Uuid,
    verdict: &Verdict,
    now: Timestamp,
) -> Result<bool> {
    let done = verdict.due_at.is_none();
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(verdict.state))
        .col_expr(Column::Doubts, Expr::value(verdict.doubts))
        .col_expr(Column::LastAnswer, Expr::value(verdict.answer.clone()))
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .col_expr(Column::DoneAt, Expr::value(done.then_some(now)));
    if let Some(due_at) = verdict.due_at {
        update = update.col_expr(Column::DueAt, Expr::value(due_at));
    }
    if done {
        update = update.col_expr(Column::Content, text_when_done());
    }
    let settled = update.filter(Column::Id.eq(id.0).and(Column::LeaseToken.eq(token))).exec(conn).await?;
    Ok(settled.rows_affected == 1)
}

/// Puts a claimed letter off; `false` when it is not ours any more.
pub async fn put_off(conn: &impl ConnectionTrait, id: LetterId, token: Uuid, until: Timestamp) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(until))
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .filter(Column::Id.eq(id.0).and(Column::LeaseToken.eq(token)))
        .filter(Column::State.is_in(["ready", "uncertain"]))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives claimed letters back untouched.
pub async fn release(conn: &impl ConnectionTrait, token: Uuid, ids: &[LetterId]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .filter(Column::LeaseToken.eq(token).and(Column::Id.is_in(ids.iter().map(|id| id.0))))
        .filter(Column::State.is_in(["ready", "uncertain"]))
        .exec(conn)
        .await?;
    Ok(())
}
