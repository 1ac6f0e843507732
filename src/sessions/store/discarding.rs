//! A draft that goes for good, with everything that hangs on it.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use crate::platform::Result;
use crate::sessions::session::SessionId;

/// Rows of registrations, which an earlier publication may have left.
const OF_REGISTRATIONS: [&str; 2] = ["seat_reminder", "practice_use"];

/// Rows of a session, those that hang on others first.
const OF_SESSION: [&str; 14] = [
    "credit_product",
    "after_letter",
    "session_reminder",
    "access_need",
    "attendance",
    "registration",
    "session_school",
    "session_invited",
    "session_credit",
    "session_message",
    "survey_answer",
    "facilitator",
    "session_topic",
    "meeting",
];

/// Deletes a session that is held, and its rows. Polls for its time stay, and copies of it.
pub async fn discard(conn: &impl ConnectionTrait, id: SessionId) -> Result<()> {
    for table in OF_REGISTRATIONS {
        let mut theirs = Query::select();
        theirs.column("id").from("registration").and_where(Expr::col("session_id").eq(id.0));
        let mut delete = Query::delete();
        delete.from_table(table).and_where(Expr::col("registration_id").in_subquery(theirs));
        conn.execute(&delete).await?;
    }
    for table in OF_SESSION {
        let mut delete = Query::delete();
        conn.execute(delete.from_table(table).and_where(Expr::col("session_id").eq(id.0))).await?;
    }
    for (table, column) in [("poll", "session_id"), ("session", "cloned_from")] {
        let mut update = Query::update();
        update.table(table).value(column, None::<uuid::Uuid>).and_where(Expr::col(column).eq(id.0));
        conn.execute(&update).await?;
    }
    let mut delete = Query::delete();
    conn.execute(delete.from_table("session").and_where(Expr::col("id").eq(id.0))).await?;
    Ok(())
}
