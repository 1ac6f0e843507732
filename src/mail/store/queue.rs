//! The queue: claimed with a lease and a token, and under that token alone changed afterwards. A worker that wakes after its
//! lease finds that nothing is its own any more (E3).

use chrono::Duration;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, Func, LockBehavior, LockType, Order, Query, SelectStatement, SimpleExpr,
};
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

/// Letters that may be claimed: of one state and one priority, so that the index leads to them in the order in which they go,
/// past all that waits for another day or lies behind them.
fn waiting(state: &str, priority: Priority, now: Timestamp) -> SimpleExpr {
    let free = Expr::col(Column::LeaseUntil).is_null().or(Expr::col(Column::LeaseUntil).lt(now));
    Expr::col(Column::State)
        .eq(state)
        .and(Expr::col(Column::Priority).eq(priority.rank()))
        .and(Expr::col(Column::DoneAt).is_null())
        .and(Expr::col(Column::DueAt).lte(now))
        .and(free)
        .and(Expr::exists(before_it()).not())
}

/// What is claimed, in this order.
fn lines(personal_only: bool) -> impl Iterator<Item = (Priority, &'static str)> {
    let lines = [
        (Priority::Personal, "ready"),
        (Priority::Personal, "uncertain"),
        (Priority::Announcement, "ready"),
        (Priority::Announcement, "uncertain"),
    ];
    lines.into_iter().filter(move |(priority, _)| !personal_only || *priority == Priority::Personal)
}

/// A letter that has to be through before this one goes.
fn before_it() -> SelectStatement {
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

fn left_lying(now: Timestamp) -> SimpleExpr {
    Expr::col(Column::State).eq("sending").and(Expr::col(Column::LeaseUntil).lt(now))
}

/// How many letters wait to be claimed, counted up to `most`.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, most: u64, personal_only: bool) -> Result<u64> {
    let mut found = 0;
    for (priority, state) in lines(personal_only) {
        let mut query = Query::select();
        query.column(Column::Id).from(Entity).and_where(waiting(state, priority, now)).limit(most - found);
        found += conn.query_all(&query).await?.len() as u64;
        if found >= most {
            break;
        }
    }
    Ok(found)
}

/// Whether letters lie about whose worker died with them; with `expired`, also those that are of no use any more, which takes a
/// look at each that waits.
pub async fn is_untidy(conn: &impl ConnectionTrait, now: Timestamp, expired: bool) -> Result<bool> {
    let mut query = Query::select();
    query.column(Column::Id).from(Entity).and_where(left_lying(now)).limit(1);
    if !conn.query_all(&query).await?.is_empty() {
        return Ok(true);
    }
    if !expired {
        return Ok(false);
    }
    let mut query = Query::select();
    query.column(Column::Id).from(Entity).and_where(too_late(now)).limit(1);
    Ok(!conn.query_all(&query).await?.is_empty())
}

/// A letter in nobody's hands whose time is over. One that waits for its next attempt is seen to when that comes.
fn too_late(now: Timestamp) -> SimpleExpr {
    let free = Expr::col(Column::LeaseUntil).is_null().or(Expr::col(Column::LeaseUntil).lt(now));
    Expr::col(Column::State)
        .is_in(["ready", "paused", "uncertain"])
        .and(Expr::col(Column::Priority).is_in([Priority::Personal.rank(), Priority::Announcement.rank()]))
        .and(Expr::col(Column::DueAt).lte(now))
        .and(Expr::col(Column::NotAfter).lt(now))
        .and(Expr::col(Column::DoneAt).is_null())
        .and(free)
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
        .filter(too_late(now))
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
    let mut taken: Vec<Row> = Vec::new();
    for (priority, state) in lines(personal_only) {
        let left = most - taken.len() as u64;
        if left == 0 {
            break;
        }
        let mut due = Query::select();
        due.column(Column::Id)
            .from(Entity)
            .and_where(waiting(state, priority, now))
            .order_by(Column::DueAt, Order::Asc)
            .order_by(Column::Id, Order::Asc)
            .limit(left);
        passing_over(conn, &mut due);
        let mut rows = Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
            .col_expr(Column::LeaseToken, Expr::value(token))
            .filter(Column::Id.in_subquery(due))
            .exec_with_returning(conn)
            .await?;
        // What RETURNING gives has no order.
        rows.sort_by_key(|row| (row.due_at, row.id));
        taken.extend(rows);
    }
    Ok(taken)
}

/// On PostgreSQL rows that somebody else holds at this moment are passed over; on SQLite there is one writer.
fn passing_over(conn: &impl ConnectionTrait, rows: &mut SelectStatement) {
    if conn.get_database_backend() == DbBackend::Postgres {
        rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
}

/// These letters, each in the hands of the worker with this token.
fn held(letters: &[(LetterId, Uuid)]) -> SimpleExpr {
    let one = |(id, token): &(LetterId, Uuid)| Column::Id.eq(id.0).and(Column::LeaseToken.eq(*token));
    letters.iter().map(one).reduce(|all, next| all.or(next)).unwrap_or_else(|| Expr::value(false))
}

/// Notes that claimed letters now go on the wire; gives those that do. One does not when it is not ours any more, when letters
/// are paused, or when its mailing is held or over.
pub async fn begin(conn: &impl ConnectionTrait, letters: &[(LetterId, Uuid)], now: Timestamp) -> Result<Vec<LetterId>> {
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let mut ours = Query::select();
    ours.column(Column::Id)
        .from(Entity)
        .and_where(held(letters))
        .and_where(Expr::col(Column::State).is_in(["ready", "uncertain"]))
        .and_where(Expr::exists(super::stopped()).not())
        .and_where(Expr::col(Column::MailingId).is_null().or(Expr::exists(super::mailing::going())));
    passing_over(conn, &mut ours);
    let mut begin = Query::update();
    begin
        .table(Entity)
        .value(Column::State, "sending")
        .value(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .value(Column::LeaseUntil, now + LEASE)
        .and_where(Expr::col(Column::Id).in_subquery(ours))
        .returning_col(Column::Id);
    let rows = conn.query_all(&begin).await?;
    rows.iter().map(|row| Ok(LetterId(row.try_get("", "id")?))).collect()
}

/// Puts claimed letters whose mailing is held or over to the rest of it.
pub async fn park(conn: &impl ConnectionTrait, letters: &[(LetterId, Uuid)], now: Timestamp) -> Result<()> {
    // A mailing that is done has no letter that could go; one that is there all the same would be claimed for ever.
    for (state, rows, done) in
        [("paused", "paused", None), ("stopped", "withdrawn", Some(now)), ("done", "withdrawn", Some(now))]
    {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(rows))
            .col_expr(Column::DoneAt, Expr::value(done))
            .col_expr(Column::LeaseUntil, Expr::value(NEVER))
            .col_expr(Column::LeaseToken, Expr::value(NOBODY))
            .filter(held(letters))
            .filter(Column::State.is_in(["ready", "paused"]))
            .filter(Column::MailingId.in_subquery(super::mailing::in_state(state)))
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// Notes that letters were taken by the mail server; how many of them were still ours.
pub async fn settle_sent(conn: &impl ConnectionTrait, letters: &[(LetterId, Uuid)], now: Timestamp) -> Result<u64> {
    let settled = Entity::update_many()
        .col_expr(Column::State, Expr::value("sent"))
        .col_expr(Column::LastAnswer, Expr::value(Option::<String>::None))
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .col_expr(Column::DueAt, Expr::value(now))
        .col_expr(Column::Content, text_when_done())
        .filter(held(letters))
        .exec(conn)
        .await?;
    Ok(settled.rows_affected)
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
    update = update.col_expr(Column::DueAt, Expr::value(verdict.due_at.unwrap_or(now)));
    // What was given up may be tried again once the trouble is over, also what holds a secret.
    if done && verdict.state != "failed" {
        update = update.col_expr(Column::Content, text_when_done());
    }
    let settled = update.filter(Column::Id.eq(id.0).and(Column::LeaseToken.eq(token))).exec(conn).await?;
    Ok(settled.rows_affected == 1)
}

/// Puts a claimed letter off; `false` when it is not ours any more.
pub async fn put_off(conn: &impl ConnectionTrait, id: LetterId, token: Uuid, until: Timestamp) -> Result<bool> {
    put_off_where(conn, Column::Id.eq(id.0).and(Column::LeaseToken.eq(token)), until).await
}

/// Puts a claimed letter off until the quiet hours are over; `false` when it is not ours any more, or is urgent by now.
pub async fn rest(conn: &impl ConnectionTrait, id: LetterId, token: Uuid, until: Timestamp) -> Result<bool> {
    let ours = Column::Id.eq(id.0).and(Column::LeaseToken.eq(token));
    put_off_where(conn, ours.and(Column::Urgent.eq(false)), until).await
}

async fn put_off_where(conn: &impl ConnectionTrait, ours: SimpleExpr, until: Timestamp) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(until))
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .filter(ours)
        .filter(Column::State.is_in(["ready", "uncertain"]))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Puts all that waits for a domain off, but what goes before `from`: its mail server has had enough for now. In pieces: what is
/// left is met again.
pub async fn put_off_domain(
    conn: &impl ConnectionTrait,
    domain: &str,
    from: Priority,
    now: Timestamp,
    until: Timestamp,
) -> Result<()> {
    let ranks = [Priority::Personal, Priority::Announcement].map(Priority::rank).into_iter();
    let mut waiting = Query::select();
    waiting
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::State).eq("ready"))
        .and_where(Expr::col(Column::Priority).is_in(ranks.filter(|rank| *rank >= from.rank())))
        .and_where(Expr::col(Column::DueAt).lte(now))
        .and_where(Expr::col(Column::LeaseUntil).is_null())
        .and_where(Expr::col(Column::DoneAt).is_null())
        .and_where(Func::lower(Expr::col(Column::Recipient)).like(format!("%@{domain}")))
        .limit(2_000);
    passing_over(conn, &mut waiting);
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(until))
        .filter(Column::Id.in_subquery(waiting))
        .exec(conn)
        .await?;
    Ok(())
}

/// Gives claimed letters back untouched.
pub async fn release(conn: &impl ConnectionTrait, token: Uuid, ids: &[LetterId]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(NEVER))
        .col_expr(Column::LeaseToken, Expr::value(NOBODY))
        .filter(Column::LeaseToken.eq(token).and(Column::Id.is_in(ids.iter().map(|id| id.0))))
        .filter(Column::State.is_in(["ready", "paused", "uncertain"]))
        .exec(conn)
        .await?;
    Ok(())
}
