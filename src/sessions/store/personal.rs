//! What a person takes along, and what of them goes.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::{Value, json};

use super::{certificates, registrations};
use crate::people::AccountId;
use crate::platform::vocabulary::Seat;
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::certificate::Certificate;
use crate::sessions::seat::RegistrationId;

/// The name that stands where a person was.
const FORMER: &str = "Former member";

/// Every registration.
pub async fn seats(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let all: Vec<Seat> = Seat::all().collect();
    let rows = registrations::of_account(conn, account, &all).await?;
    let row = |seat: crate::sessions::seat::Registration| {
        json!({
            "id": seat.id, "session": seat.session, "school": seat.school, "sector": seat.sector,
            "way": seat.way, "seat": seat.seat, "approval": seat.approval, "waitlist_no": seat.waitlist_no,
            "promoted": seat.promoted, "hold_until": seat.hold_until, "offer_until": seat.offer_until,
            "coverage": seat.coverage, "reason": seat.reason, "round": seat.round, "turn": seat.turn,
            "surveyed_at": seat.surveyed_at, "created_at": seat.created_at, "updated_at": seat.updated_at,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

/// When they were there.
pub async fn attendance(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_registrations("attendance", account);
    query.columns(["session_id", "meeting", "state", "in_at", "out_at", "updated_at"]);
    query.order_by("updated_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "session": row.try_get::<Uuid>("", "session_id")?, "meeting": row.try_get::<i32>("", "meeting")?,
            "state": row.try_get::<String>("", "state")?, "in_at": row.try_get::<Option<Timestamp>>("", "in_at")?,
            "out_at": row.try_get::<Option<Timestamp>>("", "out_at")?,
            "updated_at": row.try_get::<Timestamp>("", "updated_at")?,
        }))
    })
    .await
}

/// What they need.
pub async fn needs(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_registrations("access_need", account);
    query.columns(["session_id", "needs", "note", "updated_at"]);
    rows(conn, query, |row| {
        Ok(json!({
            "session": row.try_get::<Uuid>("", "session_id")?, "needs": row.try_get::<Value>("", "needs")?,
            "note": row.try_get::<Option<String>>("", "note")?, "updated_at": row.try_get::<Timestamp>("", "updated_at")?,
        }))
    })
    .await
}

/// Whether they used what they saw.
pub async fn uses(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_registrations("practice_use", account);
    query.columns(["registration_id", "day", "answer", "note", "answered_at"]);
    rows(conn, query, |row| {
        Ok(json!({
            "registration": row.try_get::<Uuid>("", "registration_id")?, "day": row.try_get::<i32>("", "day")?,
            "answer": row.try_get::<String>("", "answer")?, "note": row.try_get::<Option<String>>("", "note")?,
            "answered_at": row.try_get::<Timestamp>("", "answered_at")?,
        }))
    })
    .await
}

/// What they earned, every version.
pub async fn certificates(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let rows = certificates::of_account(conn, account).await?;
    let row = |certificate: Certificate| {
        json!({
            "number": certificate.number, "version": certificate.version, "session": certificate.session,
            "school": certificate.school, "program": certificate.program, "held_on": certificate.held_on,
            "facts": certificate.facts, "issued_at": certificate.issued_at, "replaced_at": certificate.replaced_at,
            "revoked_at": certificate.revoked_at, "reason": certificate.reason,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

/// What they handed in, where a program asks for it.
pub async fn products(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_registrations("credit_product", account);
    query.columns(["session_id", "program_id", "recorded_at"]).order_by("recorded_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "session": row.try_get::<Uuid>("", "session_id")?, "program": row.try_get::<Uuid>("", "program_id")?,
            "recorded_at": row.try_get::<Timestamp>("", "recorded_at")?,
        }))
    })
    .await
}

/// Sessions they organize.
pub async fn organized(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = Query::select();
    query.from("session").columns(["id", "title", "status", "created_at"]);
    query.and_where(Expr::col("organizer_id").eq(account.0)).order_by("created_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "session": row.try_get::<Uuid>("", "id")?, "title": row.try_get::<String>("", "title")?,
            "status": row.try_get::<String>("", "status")?, "created_at": row.try_get::<Timestamp>("", "created_at")?,
        }))
    })
    .await
}

/// Sessions they lead.
pub async fn led(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_account("facilitator", account);
    query.columns(["session_id", "name"]);
    rows(conn, query, |row| {
        Ok(json!({ "session": row.try_get::<Uuid>("", "session_id")?, "name": row.try_get::<String>("", "name")? }))
    })
    .await
}

/// What they wrote to those who come.
pub async fn messages(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_account("session_message", account);
    query.columns(["session_id", "audience", "subject", "body", "created_at"]).order_by("created_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "session": row.try_get::<Uuid>("", "session_id")?, "audience": row.try_get::<String>("", "audience")?,
            "subject": row.try_get::<String>("", "subject")?, "body": row.try_get::<String>("", "body")?,
            "created_at": row.try_get::<Timestamp>("", "created_at")?,
        }))
    })
    .await
}

/// What they ask for.
pub async fn wishes(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_account("wish", account);
    query.columns(["subject", "words", "created_at", "ended_at"]).order_by("created_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "subject": row.try_get::<String>("", "subject")?, "words": row.try_get::<Option<String>>("", "words")?,
            "created_at": row.try_get::<Timestamp>("", "created_at")?,
            "ended_at": row.try_get::<Option<Timestamp>>("", "ended_at")?,
        }))
    })
    .await
}

/// Times they proposed.
pub async fn polls(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_account("poll", account);
    query.columns(["id", "question", "closes_at", "created_at"]).order_by("created_at", Order::Asc);
    rows(conn, query, |row| {
        Ok(json!({
            "id": row.try_get::<Uuid>("", "id")?, "question": row.try_get::<String>("", "question")?,
            "closes_at": row.try_get::<Timestamp>("", "closes_at")?,
            "created_at": row.try_get::<Timestamp>("", "created_at")?,
        }))
    })
    .await
}

/// Times that suit them.
pub async fn votes(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Value>> {
    let mut query = of_account("poll_vote", account);
    query.columns(["poll_id", "number", "answer"]);
    rows(conn, query, |row| {
        Ok(json!({
            "poll": row.try_get::<Uuid>("", "poll_id")?, "time": row.try_get::<i32>("", "number")?,
            "answer": row.try_get::<String>("", "answer")?,
        }))
    })
    .await
}

/// Registrations with a seat or a place in line of sessions that are still to come, in the order of the sessions' ids, which is
/// the order in which they are held.
pub async fn coming(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<Vec<RegistrationId>> {
    let mut live = Query::select();
    // A postponed session comes back, whatever its old date.
    let ahead = Expr::col("status").is_in(["published", "registration_closed", "running"]);
    let ahead = ahead.and(Expr::col("ends_at").gt(now)).or(Expr::col("status").eq("postponed"));
    live.from("session").column("id").and_where(ahead);
    let mut query = of_account("registration", account);
    query.column("id").and_where(Expr::col("seat").ne(Seat::RELEASED.code()));
    query.and_where(Expr::col("session_id").in_subquery(live)).order_by("session_id", Order::Asc);
    let found = conn.query_all(&query).await?;
    found.into_iter().map(|row| Ok(RegistrationId(row.try_get("", "id")?))).collect()
}

/// What stays of somebody who is erased.
pub struct Kept {
    /// They took part in something.
    pub attended: bool,
    /// They earned something.
    pub certified: bool,
}

/// Takes a person out of everything that only they need, and their name out of the rest.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId) -> Result<Kept> {
    let mine = || {
        let mut query = of_account("registration", account);
        query.column("id").to_owned()
    };
    let mut delete = Query::delete();
    delete.from_table("access_need").and_where(Expr::col("registration_id").in_subquery(mine()));
    conn.execute(&delete).await?;
    for table in ["wish", "poll_vote", "calendar_link"] {
        let mut delete = Query::delete();
        conn.execute(delete.from_table(table).and_where(Expr::col("account_id").eq(account.0))).await?;
    }
    let mut notes = Query::update();
    notes.table("practice_use").value("note", None::<String>);
    conn.execute(notes.and_where(Expr::col("registration_id").in_subquery(mine()))).await?;
    let mut reasons = Query::update();
    reasons.table("registration").value("reason", None::<String>);
    conn.execute(reasons.and_where(Expr::col("account_id").eq(account.0))).await?;
    let mut names = Query::update();
    names.table("facilitator").value("name", FORMER);
    conn.execute(names.and_where(Expr::col("account_id").eq(account.0))).await?;

    let certified = certificates::anonymise(conn, account, FORMER).await? > 0;
    let mut query = of_registrations("attendance", account);
    let attended = conn.query_one(query.column("meeting").limit(1)).await?.is_some();
    Ok(Kept { attended, certified })
}

fn of_account(table: &'static str, account: AccountId) -> SelectStatement {
    let mut query = Query::select();
    query.from(table).and_where(Expr::col("account_id").eq(account.0));
    query
}

fn of_registrations(table: &'static str, account: AccountId) -> SelectStatement {
    let mut mine = of_account("registration", account);
    let mut query = Query::select();
    query.from(table).and_where(Expr::col("registration_id").in_subquery(mine.column("id").to_owned()));
    query
}

async fn rows(
    conn: &impl ConnectionTrait,
    query: SelectStatement,
    read: impl Fn(&QueryResult) -> std::result::Result<Value, DbErr>,
) -> Result<Vec<Value>> {
    let found = conn.query_all(&query).await?;
    found.iter().map(|row| read(row).map_err(Error::from)).collect()
}
