//! Mailings and their rows of the outbox.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect};

use super::{Line, lines, outbox, parsed};
use crate::mail::LetterId;
use crate::mail::letter::{Content, Letterhead, Priority, address};
use crate::mail::mailing::{A_PIECE, Mailing, MailingId, MailingState, NewMailing, Progress, Reader};
use crate::mail::outbox::Kept;
use crate::platform::{Error, Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mailing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub content: Option<String>,
        pub priority: i16,
        pub urgent: bool,
        pub about_kind: Option<String>,
        pub about_id: Option<Uuid>,
        pub author: Option<Uuid>,
        pub domain: String,
        pub state: String,
        pub due_at: DateTimeUtc,
        pub not_after: Option<DateTimeUtc>,
        pub total: i64,
        pub filled_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use outbox::Column as Letter;
use row::{Column, Entity};

const NEVER: Option<DateTimeUtc> = None;
const NOBODY: Option<Uuid> = None;

/// A new mailing.
pub async fn insert(
    conn: &impl ConnectionTrait,
    id: MailingId,
    head: &Letterhead,
    new: NewMailing,
    now: Timestamp,
) -> Result<()> {
    let content = serde_json::to_string(&new.content.tidied()).map_err(Error::internal)?;
    let row = row::Model {
        id: id.0,
        kind: new.kind.to_owned(),
        content: Some(content),
        priority: new.priority.rank(),
        urgent: new.urgent,
        about_kind: new.about.map(|(kind, _)| kind.to_owned()),
        about_id: new.about.map(|(_, id)| id),
        author: new.author,
        domain: head.from.email.domain().to_owned(),
        state: "going".to_owned(),
        due_at: new.due_at,
        not_after: new.not_after,
        total: 0,
        filled_at: None,
        created_at: now,
        done_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Adds readers; how many were new.
pub async fn add(conn: &impl ConnectionTrait, id: MailingId, readers: &[Reader], now: Timestamp) -> Result<u64> {
    // The mailing's row is held until the end: nobody pauses or stops it between its state and its letters.
    let row = Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.ok_or(Error::NotFound("mailing"))?;
    let state = match row.state.as_str() {
        "going" => "ready",
        "paused" => "paused",
        _ => return Err(Error::Conflict("It is over; nobody can be added.".to_owned())),
    };
    let content: Content = row.content.as_deref().map(parsed).transpose()?.unwrap_or_default();
    let mut added = 0;
    for piece in readers.chunks(A_PIECE) {
        let rows = piece.iter().filter(|reader| address(&reader.to).is_ok()).map(|reader| {
            let letter = LetterId::fresh();
            outbox::ActiveModel {
                id: Set(letter.0),
                event_key: Set(format!("mailing:{id}")),
                recipient: Set(reader.to.clone()),
                account_id: Set(reader.account),
                kind: Set(row.kind.clone()),
                priority: Set(row.priority),
                message_id: Set(format!("<{letter}@{}>", row.domain)),
                subject: Set(content.subject.clone()),
                mailing_id: Set(Some(id.0)),
                leave_path: Set(reader.leave.clone()),
                urgent: Set(row.urgent),
                asked: Set(false),
                secret: Set(false),
                state: Set(state.to_owned()),
                attempts: Set(0),
                doubts: Set(0),
                due_at: Set(Ord::max(row.due_at, now)),
                not_after: Set(row.not_after),
                created_at: Set(now),
                ..Default::default()
            }
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        let twice = OnConflict::columns([Letter::EventKey, Letter::Recipient]).do_nothing().to_owned();
        let written = outbox::Entity::insert_many(rows).on_conflict(twice).exec_without_returning(conn).await?;
        added += written;
    }
    Entity::update_many()
        .col_expr(Column::Total, Expr::col(Column::Total).add(i64::try_from(added).unwrap_or_default()))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(added)
}

/// Takes the text out of mailings that an account wrote, but for those that belong to things of this kind; gives their ids.
pub async fn forget_written(conn: &impl ConnectionTrait, author: Uuid, but: &str) -> Result<Vec<Uuid>> {
    let theirs = Column::Author.eq(author);
    let theirs = theirs.and(Column::AboutKind.is_null().or(Column::AboutKind.ne(but)));
    let ids = Entity::find().select_only().column(Column::Id).filter(theirs.clone()).into_tuple().all(conn).await?;
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(Option::<String>::None))
        .filter(theirs)
        .exec(conn)
        .await?;
    Ok(ids)
}

/// All readers are there.
pub async fn filled(conn: &impl ConnectionTrait, id: MailingId, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::FilledAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id.0).and(Column::FilledAt.is_null()))
        .exec(conn)
        .await?;
    Ok(())
}

/// Moves one of which nothing has been tried; `false` where it is under way or over.
pub async fn reschedule(conn: &impl ConnectionTrait, id: MailingId, due_at: Timestamp, now: Timestamp) -> Result<bool> {
    let open = Column::State.is_in(["going", "paused"]).and(Column::DueAt.gt(now));
    let moved = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .filter(Column::Id.eq(id.0).and(open))
        .exec(conn)
        .await?;
    if moved.rows_affected == 0 {
        return Ok(false);
    }
    outbox::Entity::update_many()
        .col_expr(Letter::DueAt, Expr::value(Ord::max(due_at, now)))
        .filter(Letter::MailingId.eq(id.0).and(Letter::State.is_in(["ready", "paused"])))
        .exec(conn)
        .await?;
    Ok(true)
}

/// Holds a mailing.
pub async fn pause(conn: &impl ConnectionTrait, id: MailingId) -> Result<()> {
    if !turn(conn, id, "going", "paused").await? {
        return Ok(());
    }
    // A worker that has one of these in its hands finds that it may not begin it.
    outbox::Entity::update_many()
        .col_expr(Letter::State, Expr::value("paused"))
        .filter(Letter::MailingId.eq(id.0).and(Letter::State.eq("ready")))
        .exec(conn)
        .await?;
    Ok(())
}

/// Lets a held one go on.
pub async fn resume(conn: &impl ConnectionTrait, id: MailingId) -> Result<()> {
    if !turn(conn, id, "paused", "going").await? {
        return Ok(());
    }
    outbox::Entity::update_many()
        .col_expr(Letter::State, Expr::value("ready"))
        .filter(Letter::MailingId.eq(id.0).and(Letter::State.eq("paused")))
        .exec(conn)
        .await?;
    Ok(())
}

/// From one state to another; `false` where it was in none of these, and refused where there is none.
async fn turn(conn: &impl ConnectionTrait, id: MailingId, from: &str, to: &str) -> Result<bool> {
    let turned = Entity::update_many()
        .col_expr(Column::State, Expr::value(to))
        .filter(Column::Id.eq(id.0).and(Column::State.eq(from)))
        .exec(conn)
        .await?;
    if turned.rows_affected == 0 && Entity::find_by_id(id.0).one(conn).await?.is_none() {
        return Err(Error::NotFound("mailing"));
    }
    Ok(turned.rows_affected == 1)
}

/// Ends a mailing. What is on the wire ends by itself; what comes back from there does not go again.
pub async fn stop(conn: &impl ConnectionTrait, id: MailingId, now: Timestamp) -> Result<()> {
    let stopped = Entity::update_many()
        .col_expr(Column::State, Expr::value("stopped"))
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id.0).and(Column::State.is_in(["going", "paused"])))
        .exec(conn)
        .await?;
    if stopped.rows_affected == 0 {
        return Ok(());
    }
    withdraw(conn, Letter::MailingId.eq(id.0), now).await
}

/// Takes back what the mailings about a thing have not yet sent to an account.
pub async fn leave(conn: &impl ConnectionTrait, kind: &str, id: Uuid, account: Uuid, now: Timestamp) -> Result<()> {
    let mut of = Query::select();
    of.column(Column::Id).from(Entity).and_where(Column::AboutKind.eq(kind).and(Column::AboutId.eq(id)));
    withdraw(conn, Letter::AccountId.eq(account).and(Letter::MailingId.in_subquery(of)), now).await
}

async fn withdraw(conn: &impl ConnectionTrait, which: sea_orm::sea_query::SimpleExpr, now: Timestamp) -> Result<()> {
    outbox::Entity::update_many()
        .col_expr(Letter::State, Expr::value("withdrawn"))
        .col_expr(Letter::DoneAt, Expr::value(Some(now)))
        .col_expr(Letter::LeaseUntil, Expr::value(NEVER))
        .col_expr(Letter::LeaseToken, Expr::value(NOBODY))
        .filter(which)
        .filter(Letter::State.is_in(["ready", "paused"]).and(Letter::DoneAt.is_null()))
        .exec(conn)
        .await?;
    Ok(())
}

/// The mailing of a letter of the outbox, where it goes.
pub fn going() -> sea_orm::sea_query::SelectStatement {
    let mut query = Query::select();
    query
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Id)).equals((outbox::Entity, Letter::MailingId)))
        .and_where(Expr::col((Entity, Column::State)).eq("going"));
    query
}

/// Mailings in a state.
pub fn in_state(state: &str) -> sea_orm::sea_query::SelectStatement {
    let mut query = Query::select();
    query.column(Column::Id).from(Entity).and_where(Expr::col(Column::State).eq(state));
    query
}

/// Mailings whose letters can go again: nobody stopped them, and what they say is there.
pub fn with_text() -> sea_orm::sea_query::SelectStatement {
    let mut query = Query::select();
    let there = Expr::col(Column::Content).is_not_null().and(Expr::col(Column::State).ne("stopped"));
    query.column(Column::Id).from(Entity).and_where(there);
    query
}

/// Mailings that were done go on, where letters of theirs were just made due again: these, or all.
pub async fn begin_again(conn: &impl ConnectionTrait, which: Option<&[LetterId]>, now: Timestamp) -> Result<()> {
    let mut due = Query::select();
    due.column(Letter::MailingId)
        .from(outbox::Entity)
        .and_where(Expr::col(Letter::State).eq("ready"))
        .and_where(Expr::col(Letter::Priority).is_in([Priority::Personal.rank(), Priority::Announcement.rank()]))
        .and_where(Expr::col(Letter::DueAt).eq(now))
        .and_where(Expr::col(Letter::MailingId).is_not_null());
    if let Some(ids) = which {
        due.and_where(Expr::col(Letter::Id).is_in(ids.iter().map(|id| id.0)));
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value("going"))
        .col_expr(Column::DoneAt, Expr::value(NEVER))
        .filter(Column::State.eq("done").and(Column::Id.in_subquery(due)))
        .exec(conn)
        .await?;
    Ok(())
}

/// What a mailing says; `None` where that is gone.
pub async fn content(conn: &impl ConnectionTrait, id: MailingId) -> Result<Option<Content>> {
    let row = Entity::find_by_id(id.0).one(conn).await?;
    row.and_then(|row| row.content).as_deref().map(parsed).transpose()
}

/// One mailing.
pub async fn by_id(conn: &impl ConnectionTrait, id: MailingId, now: Timestamp) -> Result<Option<Mailing>> {
    Entity::find_by_id(id.0).one(conn).await?.map(|row| made(row, now)).transpose()
}

/// Mailings about a thing, newest first.
pub async fn about(conn: &impl ConnectionTrait, kind: &str, id: Uuid, now: Timestamp) -> Result<Vec<Mailing>> {
    let of = Column::AboutKind.eq(kind).and(Column::AboutId.eq(id));
    let rows = Entity::find().filter(of).order_by_desc(Column::Id).all(conn).await?;
    rows.into_iter().map(|row| made(row, now)).collect()
}

fn made(row: row::Model, now: Timestamp) -> Result<Mailing> {
    Ok(Mailing {
        id: MailingId(row.id),
        kind: row.kind,
        content: row.content.as_deref().map(parsed).transpose()?.unwrap_or_default(),
        about: row.about_kind.zip(row.about_id),
        author: row.author,
        state: match row.state.as_str() {
            "paused" => MailingState::Paused,
            "done" => MailingState::Done,
            "stopped" => MailingState::Stopped,
            _ if row.due_at > now => MailingState::Scheduled,
            _ => MailingState::Sending,
        },
        due_at: row.due_at,
        total: row.total,
        filled: row.filled_at.is_some(),
        created_at: row.created_at,
        done_at: row.done_at,
    })
}

/// How far it is.
pub async fn progress(conn: &impl ConnectionTrait, id: MailingId) -> Result<Option<Progress>> {
    #[derive(FromQueryResult)]
    struct Count {
        state: String,
        number: i64,
        done: i64,
    }
    let Some(row) = Entity::find_by_id(id.0).one(conn).await? else { return Ok(None) };
    let counts = outbox::Entity::find()
        .select_only()
        .column(Letter::State)
        .column_as(Letter::Id.count(), "number")
        .column_as(Letter::DoneAt.count(), "done")
        .filter(Letter::MailingId.eq(id.0))
        .group_by(Letter::State)
        .into_model::<Count>()
        .all(conn)
        .await?;
    let mut progress = Progress { total: row.total, erased: row.total, ..Progress::default() };
    for Count { state, number, done } in counts {
        progress.erased -= number;
        progress.waiting += number - done;
        match state.as_str() {
            "sent" => progress.sent += done,
            "failed" => progress.failed += done,
            "uncertain" => progress.uncertain += done,
            _ => progress.withheld += done,
        }
    }
    Ok(Some(progress))
}

/// Letters of a mailing, newest first.
pub async fn log(
    conn: &impl ConnectionTrait,
    id: MailingId,
    state: Option<&str>,
    before: Option<LetterId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    let mut query = lines().filter(Letter::MailingId.eq(id.0)).order_by_desc(Letter::Id).limit(limit);
    if let Some(state) = state {
        query = query.filter(Letter::State.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(Letter::Id.lt(before.0));
    }
    Ok(query.into_model::<Line>().all(conn).await?.into_iter().map(Kept::from).collect())
}

/// How letters of some mailings to some accounts went.
pub async fn to_accounts(
    conn: &impl ConnectionTrait,
    mailings: &[MailingId],
    accounts: &[Uuid],
) -> Result<Vec<(MailingId, Uuid, String)>> {
    let rows: Vec<(Uuid, Uuid, String)> = outbox::Entity::find()
        .select_only()
        .columns([Letter::MailingId, Letter::AccountId, Letter::State])
        .filter(Letter::MailingId.is_in(mailings.iter().map(|id| id.0)))
        .filter(Letter::AccountId.is_in(accounts.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(mailing, account, state)| (MailingId(mailing), account, state)).collect())
}

/// Notes the mailings whose every letter has ended; how many.
pub async fn finish(conn: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value("done"))
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .filter(through(now))
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}

/// A mailing with all its readers, of which no letter is under way.
fn through(now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    let mut open = Query::select();
    open.expr(Expr::value(1))
        .from(outbox::Entity)
        .and_where(Expr::col((outbox::Entity, Letter::MailingId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((outbox::Entity, Letter::State)).is_in(["ready", "paused", "sending", "uncertain"]))
        .and_where(Expr::col((outbox::Entity, Letter::DoneAt)).is_null());
    under_way(now).and(Expr::exists(open).not())
}

fn under_way(now: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    Column::State.eq("going").and(Column::DueAt.lte(now)).and(Column::FilledAt.is_not_null())
}

/// Whether one is through that is not noted as such; a look costs no writer's turn.
pub async fn is_through(conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    Ok(Entity::find().filter(through(now)).one(conn).await?.is_some())
}

/// Takes out what mailings said that were over before a moment.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(Option::<String>::None))
        .filter(Column::DoneAt.lt(before).and(Column::Content.is_not_null()))
        .exec(conn)
        .await?;
    Ok(())
}
