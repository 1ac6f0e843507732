//! Letters to addresses without an account, in the database.

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::outbox::{Column, Entity};
use crate::platform::{Result, Timestamp};

/// Ends what has not left of these mailings to an address.
pub async fn withdraw(conn: &impl ConnectionTrait, mailings: &[Uuid], to: &str, now: Timestamp) -> Result<()> {
    if mailings.is_empty() {
        return Ok(());
    }
    let theirs = Column::Recipient.eq(to).and(Column::MailingId.is_in(mailings.to_vec()));
    Entity::update_many()
        .col_expr(Column::State, Expr::value("withdrawn"))
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<DateTimeUtc>::None))
        .col_expr(Column::LeaseToken, Expr::value(Option::<Uuid>::None))
        .filter(theirs.and(Column::State.is_in(["ready", "paused"])))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes out nobody's letters of these kinds to an address, and what came back from it where that is nobody's.
pub async fn forget(conn: &impl ConnectionTrait, kinds: &[&str], to: &str) -> Result<()> {
    let theirs = Column::Recipient.eq(to).and(Column::AccountId.is_null());
    Entity::delete_many().filter(theirs.and(Column::Kind.is_in(kinds.iter().copied()))).exec(conn).await?;
    super::bounces::forget(conn, &to.to_lowercase()).await
}
