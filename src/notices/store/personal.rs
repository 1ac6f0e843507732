//! What is kept about a person here, and taking it out.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, QueryOrder};
use serde_json::{Value, json};

use super::row::{Column, Entity};
use super::settings::{pace, row as setting};
use crate::people::AccountId;
use crate::platform::Result;

/// What stands in place of a line that named somebody.
const GONE: &str = "Something about a former member";

/// The notices of an account, oldest first.
pub async fn notices(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let rows = Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::Id).all(conn).await?;
    let line = |row: super::row::Model| {
        json!({
            "topic": row.topic, "line": row.line, "path": row.path, "waits": row.waits, "created_at": row.created_at,
            "read_at": row.read_at,
        })
    };
    Ok(rows.into_iter().map(line).collect())
}

/// What they chose.
pub async fn settings(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let row = setting::Entity::find_by_id(account.0).one(conn).await?;
    let line = |row: setting::Model| {
        json!({
            "paused_until": row.paused_until, "quiet_from": row.quiet_from, "quiet_until": row.quiet_until,
            "digest_hour": row.digest_hour, "digest_weekday": row.digest_weekday, "digest_left": row.digest_left,
            "language": row.language, "digest_due_at": row.digest_due_at, "updated_at": row.updated_at,
        })
    };
    Ok(row.map(line).into_iter().collect())
}

/// Paces they chose.
pub async fn paces(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let query = pace::Entity::find().filter(pace::Column::AccountId.eq(account.0)).order_by_asc(pace::Column::Topic);
    let rows = query.all(conn).await?;
    Ok(rows.into_iter().map(|row| json!({ "topic": row.topic, "pace": row.pace })).collect())
}

/// Takes out all of it, and their name from what others were told.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account.0)).exec(conn).await?;
    setting::Entity::delete_many().filter(setting::Column::AccountId.eq(account.0)).exec(conn).await?;
    pace::Entity::delete_many().filter(pace::Column::AccountId.eq(account.0)).exec(conn).await?;
    Entity::update_many()
        .col_expr(Column::Line, Expr::value(GONE))
        .col_expr(Column::Names, Expr::value(Option::<Uuid>::None))
        .filter(Column::Names.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}
