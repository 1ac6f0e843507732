//! The outbox's tables: what goes in and what is read. How it is emptied is in `queue`.

pub mod bounces;
pub mod mailing;
pub mod personal;
pub mod queue;
pub mod rate;
pub mod subscriber;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, FromQueryResult, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
};

use lettre::Message;

use super::letter::{Content, Envelope, Letter, LetterId, Letterhead, Priority};
use super::mailing::MailingId;
use super::outbox::{Filter, Kept, Switch};
use crate::platform::{Error, Result, Timestamp, Tx};

pub mod outbox {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub event_key: String,
        pub recipient: String,
        pub account_id: Option<Uuid>,
        pub about: Option<Uuid>,
        pub kind: String,
        pub priority: i16,
        pub message_id: String,
        pub subject: String,
        pub content: Option<String>,
        pub mailing_id: Option<Uuid>,
        pub leave_path: Option<String>,
        pub thread: Option<String>,
        pub thread_no: i64,
        pub urgent: bool,
        pub asked: bool,
        pub school_id: Option<Uuid>,
        pub secret: bool,
        pub state: String,
        pub attempts: i32,
        pub doubts: i16,
        pub due_at: DateTimeUtc,
        pub not_after: Option<DateTimeUtc>,
        pub lease_until: Option<DateTimeUtc>,
        pub lease_token: Option<Uuid>,
        pub last_answer: Option<String>,
        pub created_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod switch {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_switch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub paused_at: Option<DateTimeUtc>,
        pub paused_because: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use outbox::{Column, Entity, Model};

/// A new letter, unless its event has made one for this recipient before; sent with what comes after it.
pub async fn insert(tx: &mut Tx, id: LetterId, message_id: String, letter: Letter) -> Result<()> {
    if let Some((thread, number)) = letter.thread.as_ref().filter(|_| letter.urgent) {
        // What waits to be written may be of the same thread.
        tx.send().await?;
        hurry(tx.conn(), thread, *number, &letter.to, tx.now()).await?;
    }
    let row = Entity::insert(row_of(id, message_id, letter, tx.now())?).on_conflict(twice());
    tx.later("outbox", row.as_query()).await
}

/// New letters, but for those whose event has made one for this recipient before; one statement for a hundred.
pub async fn insert_all(
    conn: &impl ConnectionTrait,
    letters: Vec<(LetterId, String, Letter)>,
    now: Timestamp,
) -> Result<()> {
    for (_, _, letter) in letters.iter().filter(|(_, _, letter)| letter.urgent) {
        if let Some((thread, number)) = &letter.thread {
            hurry(conn, thread, *number, &letter.to, now).await?;
        }
    }
    let rows = letters.into_iter().map(|(id, message_id, letter)| row_of(id, message_id, letter, now));
    let mut rows = rows.collect::<Result<Vec<_>>>()?;
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(100));
        Entity::insert_many(rows).try_insert().on_conflict(twice()).exec_without_returning(conn).await?;
        rows = rest;
    }
    Ok(())
}

/// An event writes once to a recipient.
fn twice() -> OnConflict {
    OnConflict::columns([Column::EventKey, Column::Recipient]).do_nothing().to_owned()
}

/// What has to go before an urgent letter goes now, too: it would hold it up until the morning.
async fn hurry(conn: &impl ConnectionTrait, thread: &str, number: i64, to: &str, now: Timestamp) -> Result<()> {
    let before = Column::Thread.eq(thread).and(Column::Recipient.eq(to)).and(Column::ThreadNo.lt(number));
    let waiting = Column::State.is_in(["ready", "uncertain"]).and(Column::DoneAt.is_null());
    Entity::update_many()
        .col_expr(Column::Urgent, Expr::value(true))
        .col_expr(Column::DueAt, Expr::value(now))
        .filter(before.and(waiting))
        .exec(conn)
        .await?;
    Ok(())
}

/// Ends what has not left of a kind to an account, of events that begin like this.
pub async fn withdraw(
    conn: &impl ConnectionTrait,
    kind: &str,
    account: Uuid,
    event: &str,
    now: Timestamp,
) -> Result<()> {
    let theirs = Column::AccountId.eq(account).and(Column::Kind.eq(kind)).and(Column::EventKey.starts_with(event));
    Entity::update_many()
        .col_expr(Column::State, Expr::value("withdrawn"))
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .col_expr(Column::Content, text_when_done())
        .col_expr(Column::LeaseUntil, Expr::value(Option::<DateTimeUtc>::None))
        .col_expr(Column::LeaseToken, Expr::value(Option::<Uuid>::None))
        .filter(theirs.and(Column::State.is_in(["ready", "paused"])))
        .exec(conn)
        .await?;
    Ok(())
}

fn row_of(id: LetterId, message_id: String, letter: Letter, now: Timestamp) -> Result<outbox::ActiveModel> {
    let content = serde_json::to_string(&letter.content).map_err(Error::internal)?;
    let (thread, thread_no) = letter.thread.map_or((None, 0), |(thread, number)| (Some(thread), number));
    Ok(outbox::ActiveModel {
        id: Set(id.0),
        event_key: Set(letter.event),
        recipient: Set(letter.to),
        account_id: Set(letter.account),
        about: Set(letter.about),
        kind: Set(letter.kind.to_owned()),
        priority: Set(letter.priority.rank()),
        message_id: Set(message_id),
        subject: Set(letter.content.subject),
        content: Set(Some(content)),
        thread: Set(thread),
        thread_no: Set(thread_no),
        urgent: Set(letter.urgent),
        asked: Set(letter.asked),
        school_id: Set(letter.school),
        secret: Set(letter.secret),
        state: Set("ready".to_owned()),
        attempts: Set(0),
        doubts: Set(0),
        due_at: Set(letter.not_before.map_or(now, |at| Ord::max(at, now))),
        not_after: Set(letter.not_after),
        created_at: Set(now),
        ..Default::default()
    })
}

/// The highest number of a thread.
pub async fn newest_in_thread(conn: &impl ConnectionTrait, thread: &str) -> Result<Option<i64>> {
    let query = Entity::find().select_only().column_as(Column::ThreadNo.max(), "number");
    let number: Option<Option<i64>> = query.filter(Column::Thread.eq(thread)).into_tuple().one(conn).await?;
    Ok(number.flatten())
}

/// Whether an event has made a letter.
pub async fn has_letter_of(conn: &impl ConnectionTrait, event: &str) -> Result<bool> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::EventKey.eq(event));
    Ok(query.into_tuple::<Uuid>().one(conn).await?.is_some())
}

/// Whether letters leave.
pub async fn switch(conn: &impl ConnectionTrait) -> Result<Switch> {
    let row = switch::Entity::find().one(conn).await?;
    let row = row.ok_or_else(|| Error::internal("the table mail_switch is empty"))?;
    Ok(Switch { paused_at: row.paused_at, because: row.paused_because })
}

/// The switch, where it holds letters back.
fn stopped() -> sea_orm::sea_query::SelectStatement {
    let mut query = Query::select();
    query.expr(Expr::value(1)).from(switch::Entity).and_where(Expr::col(switch::Column::PausedAt).is_not_null());
    query
}

/// Turns the switch.
pub async fn turn(conn: &impl ConnectionTrait, to: Switch) -> Result<()> {
    switch::Entity::update_many()
        .col_expr(switch::Column::PausedAt, Expr::value(to.paused_at))
        .col_expr(switch::Column::PausedBecause, Expr::value(to.because))
        .exec(conn)
        .await?;
    Ok(())
}

/// A letter as lists show it, without its text.
#[derive(FromQueryResult)]
struct Line {
    id: Uuid,
    recipient: String,
    kind: String,
    priority: i16,
    message_id: String,
    subject: String,
    state: String,
    attempts: i32,
    due_at: DateTimeUtc,
    last_answer: Option<String>,
    created_at: DateTimeUtc,
    done_at: Option<DateTimeUtc>,
    secret: bool,
    mailing_id: Option<Uuid>,
}

impl From<Line> for Kept {
    fn from(row: Line) -> Self {
        Self {
            id: LetterId(row.id),
            to: row.recipient,
            kind: row.kind,
            priority: Priority::of(row.priority),
            message_id: row.message_id,
            subject: row.subject,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at,
            answer: row.last_answer,
            created_at: row.created_at,
            done_at: row.done_at,
            secret: row.secret,
            mailing: row.mailing_id.map(MailingId),
        }
    }
}

/// Letters without their texts.
fn lines() -> Select<Entity> {
    let columns = [
        Column::Id,
        Column::Recipient,
        Column::Kind,
        Column::Priority,
        Column::MessageId,
        Column::Subject,
        Column::State,
        Column::Attempts,
        Column::DueAt,
        Column::LastAnswer,
        Column::CreatedAt,
        Column::DoneAt,
        Column::Secret,
        Column::MailingId,
    ];
    Entity::find().select_only().columns(columns)
}

/// Letters, newest first; after the last one of the page before.
pub async fn letters(
    conn: &impl ConnectionTrait,
    filter: &Filter,
    before: Option<LetterId>,
    limit: u64,
) -> Result<Vec<Kept>> {
    let mut query = lines().order_by_desc(Column::Id).limit(limit);
    if let Some(state) = &filter.state {
        query = query.filter(Column::State.eq(state.as_str()));
    }
    if filter.waiting {
        // The states are named for the index: what has left is much more.
        let open = Column::State.is_in(["ready", "paused", "sending", "uncertain"]);
        query = query.filter(open.and(Column::DoneAt.is_null()));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.0));
    }
    Ok(query.into_model::<Line>().all(conn).await?.into_iter().map(Kept::from).collect())
}

/// One letter.
pub async fn letter(conn: &impl ConnectionTrait, id: LetterId) -> Result<Option<Kept>> {
    let row = lines().filter(Column::Id.eq(id.0)).into_model::<Line>().one(conn).await?;
    Ok(row.map(Kept::from))
}

/// How many letters there are in each of these states, done ones and others apart: `(state, done, number)`.
pub async fn figures(conn: &impl ConnectionTrait, states: &[&str]) -> Result<Vec<(String, bool, i64)>> {
    #[derive(FromQueryResult)]
    struct Count {
        state: String,
        number: i64,
        done: i64,
    }
    let rows = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "number")
        .column_as(Column::DoneAt.count(), "done")
        .filter(Column::State.is_in(states.iter().copied()))
        .group_by(Column::State)
        .into_model::<Count>()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .flat_map(|row| [(row.state.clone(), false, row.number - row.done), (row.state, true, row.done)])
        .collect())
}

/// Makes letters due at once that were given up or wait for another attempt and still have their text; how many.
pub async fn again(conn: &impl ConnectionTrait, which: Option<&[LetterId]>, now: Timestamp) -> Result<u64> {
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value("ready"))
        .col_expr(Column::DueAt, Expr::value(now))
        .col_expr(Column::DoneAt, Expr::value(Option::<DateTimeUtc>::None))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Doubts, Expr::value(0))
        .filter(Column::Content.is_not_null().or(Column::MailingId.in_subquery(mailing::with_text())))
        .filter(Column::LeaseUntil.is_null());
    update = match which {
        None => update.filter(Column::State.eq("failed")),
        Some(ids) => update.filter(Column::Id.is_in(ids.iter().map(|id| id.0))).filter(Column::State.is_in([
            "ready",
            "uncertain",
            "failed",
        ])),
    };
    let count = update.exec(conn).await?.rows_affected;
    if count > 0 {
        mailing::begin_again(conn, which, now).await?;
    }
    Ok(count)
}

/// What a letter says; `None` where its text is gone. A mailing's letters say what it says, each reader with their own way out.
pub async fn content(conn: &impl ConnectionTrait, row: &Row, head: &Letterhead) -> Result<Option<Content>> {
    match row.mailing_id {
        None => row.content.as_deref().map(parsed).transpose(),
        Some(id) => {
            let content = mailing::content(conn, MailingId(id)).await?;
            Ok(content.map(|content| content.for_reader(head, row.leave_path.as_deref())))
        }
    }
}

fn parsed(content: &str) -> Result<Content> {
    serde_json::from_str(content).map_err(Error::internal)
}

/// The message that a letter becomes.
pub fn composed(row: &Row, content: &Content, head: &Letterhead) -> Result<Message> {
    let envelope =
        Envelope { id: LetterId(row.id), to: &row.recipient, message_id: &row.message_id, written_at: row.created_at };
    content.compose(head, &envelope)
}

/// The list that a letter belongs to, where it belongs to one.
pub fn list_of(row: &Row) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Listed {
        list: Option<Id>,
    }
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    let content = row.content.as_deref().filter(|content| !content.contains("\"list\":null"))?;
    serde_json::from_str::<Listed>(content).ok()?.list.map(|list| list.id)
}

/// The message of a letter, by its id.
pub async fn message(conn: &impl ConnectionTrait, id: LetterId, head: &Letterhead) -> Result<Option<Vec<u8>>> {
    let Some(row) = Entity::find_by_id(id.0).one(conn).await? else { return Ok(None) };
    let Some(content) = content(conn, &row, head).await? else { return Ok(None) };
    Ok(Some(composed(&row, &content, head)?.formatted()))
}

/// What a letter says, without its reader's own way out of a list: that acts for whoever has it.
pub async fn content_of(conn: &impl ConnectionTrait, id: LetterId) -> Result<Option<Content>> {
    let Some(row) = Entity::find_by_id(id.0).one(conn).await? else { return Ok(None) };
    match row.mailing_id {
        None => row.content.as_deref().map(parsed).transpose(),
        Some(id) => mailing::content(conn, MailingId(id)).await,
    }
}

/// Since when the letter is due that is due longest.
pub async fn oldest(conn: &impl ConnectionTrait, now: Timestamp) -> Result<Option<Timestamp>> {
    let mut oldest: Option<DateTimeUtc> = None;
    for state in ["ready", "sending", "uncertain"] {
        for priority in [Priority::Personal, Priority::Announcement] {
            let due: Option<DateTimeUtc> = Entity::find()
                .select_only()
                .column(Column::DueAt)
                .filter(Column::State.eq(state).and(Column::Priority.eq(priority.rank())))
                .filter(Column::DueAt.lte(now).and(Column::DoneAt.is_null()))
                .order_by_asc(Column::DueAt)
                .into_tuple()
                .one(conn)
                .await?;
            oldest = [oldest, due].into_iter().flatten().min();
        }
    }
    Ok(oldest)
}

/// How many letters were sent since a moment: `due_at` is when it was.
pub async fn sent_since(conn: &impl ConnectionTrait, since: Timestamp) -> Result<u64> {
    let ranks = [Priority::Personal, Priority::Announcement].map(Priority::rank);
    let sent = Column::State.eq("sent").and(Column::Priority.is_in(ranks)).and(Column::DueAt.gte(since));
    Ok(Entity::find().filter(sent).count(conn).await?)
}

/// Whether a letter is one that its reader can leave, or an announcement.
pub fn is_on_a_list(row: &Row) -> bool {
    let content = row.content.as_deref().and_then(|text| serde_json::from_str::<Content>(text).ok());
    row.mailing_id.is_some()
        || Priority::of(row.priority) == Priority::Announcement
        || content.is_some_and(|content| content.list.is_some())
}

/// Takes out the texts of letters that were done before `before`, and of given-up ones with a secret that is of no use any more,
/// at most `limit`; how many.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp, now: Timestamp, limit: u64) -> Result<u64> {
    let useless = Expr::col(Column::State).eq("failed").and(Expr::col(Column::NotAfter).lt(now));
    let useless = useless.and(Expr::col(Column::Secret).eq(true)).and(Expr::col(Column::DoneAt).is_not_null());
    let mut old = Query::select();
    old.column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::DoneAt).lt(before).or(useless))
        .and_where(Expr::col(Column::Content).is_not_null())
        .limit(limit);
    let done = Entity::update_many()
        .col_expr(Column::Content, Expr::value(Option::<String>::None))
        .filter(Column::Id.in_subquery(old))
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}

/// What a row holds of its letter when it is done: its text, but never a secret, unless it was given up.
fn text_when_done() -> sea_orm::sea_query::SimpleExpr {
    sea_orm::sea_query::CaseStatement::new()
        .case(Expr::col(Column::Secret).eq(true), Expr::value(Option::<String>::None))
        .finally(Expr::col(Column::Content))
        .into()
}

/// A row in a worker's hands, with its text.
pub type Row = Model;
