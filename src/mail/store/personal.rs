//! Letters of one person: to take along, and to take out.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::outbox::{Column, Entity};
use crate::platform::{Result, Timestamp};

/// A letter, without its text.
pub struct Kept {
    /// Its kind.
    pub kind: String,
    /// Its subject.
    pub subject: String,
    /// To which address.
    pub recipient: String,
    /// Where it stands.
    pub state: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it left, or did not.
    pub done_at: Option<Timestamp>,
}

/// Letters of an account, oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Kept>> {
    let rows = Entity::find().filter(Column::AccountId.eq(account)).order_by_asc(Column::CreatedAt).all(conn).await?;
    let kept = |row: super::outbox::Model| Kept {
        kind: row.kind,
        subject: row.subject,
        recipient: row.recipient,
        state: row.state,
        created_at: row.created_at,
        done_at: row.done_at,
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// Letters to an address that are nobody's become letters of an account.
pub async fn claim(conn: &impl ConnectionTrait, recipient: &str, account: Uuid) -> Result<()> {
    let whose = Expr::value(account);
    let nobodys = Column::Recipient.eq(recipient).and(Column::AccountId.is_null());
    Entity::update_many().col_expr(Column::AccountId, whose).filter(nobodys).exec(conn).await?;
    Ok(())
}

/// What waits for the leads of a school waits for those of the one it became part of.
pub async fn hand_over(conn: &impl ConnectionTrait, from: Uuid, into: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SchoolId, Expr::value(into))
        .filter(Column::SchoolId.eq(from))
        .exec(conn)
        .await?;
    Ok(())
}

/// Moves what waits for an account from one address to another, but for what is there already.
pub async fn redirect(conn: &impl ConnectionTrait, account: Uuid, from: &str, to: &str) -> Result<()> {
    let there = |column: Column| Expr::col(("there", column));
    let mut known = Query::select();
    known
        .expr(Expr::value(1))
        .from_as(Entity, "there")
        .and_where(there(Column::EventKey).eq(Expr::col((Entity, Column::EventKey))))
        .and_where(there(Column::Recipient).eq(to));
    let waiting = Column::AccountId.eq(account).and(Column::Recipient.eq(from)).and(Column::Asked.eq(false));
    Entity::update_many()
        .col_expr(Column::Recipient, Expr::value(to))
        .filter(waiting.and(Column::State.is_in(["ready", "paused"])))
        .filter(Expr::exists(known).not())
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes the text out of letters that name an account to others, and stops those that have not left; gives their ids.
pub async fn blot(conn: &impl ConnectionTrait, account: Uuid, now: Timestamp) -> Result<Vec<Uuid>> {
    take_out(conn, Column::About.eq(account), now).await
}

/// The same with mailings that an account wrote, but for those that belong to things of this kind.
pub async fn blot_written(conn: &impl ConnectionTrait, account: Uuid, but: &str, now: Timestamp) -> Result<Vec<Uuid>> {
    let mailings = super::mailing::forget_written(conn, account, but).await?;
    if mailings.is_empty() { Ok(Vec::new()) } else { take_out(conn, Column::MailingId.is_in(mailings), now).await }
}

async fn take_out(conn: &impl ConnectionTrait, named: SimpleExpr, now: Timestamp) -> Result<Vec<Uuid>> {
    let ids = Entity::find().select_only().column(Column::Id).filter(named.clone()).into_tuple().all(conn).await?;
    let waiting = named.clone().and(Column::State.is_in(["ready", "paused", "sending", "uncertain"]));
    Entity::update_many()
        .col_expr(Column::State, Expr::value("withdrawn"))
        .col_expr(Column::DoneAt, Expr::value(now))
        .filter(waiting)
        .exec(conn)
        .await?;
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(Option::<String>::None))
        .col_expr(Column::Subject, Expr::value("About a former member"))
        .filter(named)
        .exec(conn)
        .await?;
    Ok(ids)
}

/// Takes out the letters of an account; gives their ids.
pub async fn erase(conn: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Uuid>> {
    let mine = Column::AccountId.eq(account);
    let ids = Entity::find().select_only().column(Column::Id).filter(mine.clone()).into_tuple().all(conn).await?;
    Entity::delete_many().filter(mine).exec(conn).await?;
    Ok(ids)
}
