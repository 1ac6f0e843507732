//! Taking out what has ended.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::visits::row;
use crate::platform::{Result, Timestamp};

/// Sign-ins that ended before.
pub async fn sign_ins(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    let gone = row::Column::EndedAt.lt(before).or(row::Column::ExpiresAt.lt(before));
    Ok(row::Entity::delete_many().filter(gone).exec(conn).await?.rows_affected)
}

/// Challenges that nobody answered in time.
pub async fn challenges(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    let mut gone = Query::delete();
    gone.from_table("challenge").and_where(Expr::col("expires_at").lt(before));
    Ok(conn.execute(&gone).await?.rows_affected())
}
