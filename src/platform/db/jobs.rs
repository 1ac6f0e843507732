//! The job queue's table: claim with a lease and a fencing token, settle under that token.

use chrono::Duration;
use row::{ActiveModel, Column, Entity};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend};

use super::Db;
use crate::platform::actor::Actor;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::ids;
use crate::platform::job::{MAX_ATTEMPTS, Outcome, retry_delay};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub unique_key: Option<String>,
        pub payload: Json,
        pub state: String,
        pub run_at: DateTimeUtc,
        pub attempts: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub lease_token: Option<Uuid>,
        pub last_error: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A job in this worker's hands until its lease ends.
pub struct Claimed {
    id: Uuid,
    token: Uuid,
    attempts: i32,
    pub(in crate::platform) name: String,
    pub(in crate::platform) payload: Json,
}

const LEASE: Duration = Duration::minutes(10);

pub(in crate::platform) async fn insert(
    conn: &impl ConnectionTrait,
    name: &str,
    payload: Json,
    at: Timestamp,
    key: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(ids::fresh()),
        name: Set(name.to_owned()),
        unique_key: Set(key.map(|key| format!("{name}:{key}"))),
        payload: Set(payload),
        state: Set("ready".to_owned()),
        run_at: Set(at),
        attempts: Set(0),
        lease_until: Set(None),
        lease_token: Set(None),
        last_error: Set(None),
        created_at: Set(now),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::UniqueKey).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

pub(in crate::platform) async fn claim(db: &Db) -> Result<Option<Claimed>> {
    let tx = db.write(Actor::System("jobs")).await?;
    let (conn, now) = (tx.conn(), tx.now());
    let mut due = Query::select();
    due.column(Column::Id)
        .from(Entity)
        .and_where(
            Expr::col(Column::State)
                .eq("ready")
                .and(Expr::col(Column::RunAt).lte(now))
                .or(Expr::col(Column::State).eq("running").and(Expr::col(Column::LeaseUntil).lt(now))),
        )
        .order_by(Column::RunAt, Order::Asc)
        .limit(1);
    if conn.get_database_backend() == DbBackend::Postgres {
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let token = ids::fresh();
    let claimed = Entity::update_many()
        .col_expr(Column::State, Expr::value("running"))
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(Column::LeaseToken, Expr::value(token))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.in_subquery(due))
        .exec_with_returning(conn)
        .await?
        .pop();
    tx.commit().await?;
    Ok(claimed.map(|row| Claimed { id: row.id, token, attempts: row.attempts, name: row.name, payload: row.payload }))
}

pub(in crate::platform) async fn settle(db: &Db, claimed: &Claimed, outcome: Outcome) -> Result<()> {
    let tx = db.write(Actor::System("jobs")).await?;
    let mine = Column::Id.eq(claimed.id).and(Column::LeaseToken.eq(claimed.token));
    let outcome = match outcome {
        Outcome::Retry(reason) if claimed.attempts >= MAX_ATTEMPTS => Outcome::GiveUp(reason),
        other => other,
    };
    if outcome == Outcome::Done {
        Entity::delete_many().filter(mine).exec(tx.conn()).await?;
        return tx.commit().await;
    }
    let (state, run_at, error, attempts) = match outcome {
        Outcome::Again(at) => ("ready", at, None, 0),
        Outcome::Retry(reason) => ("ready", tx.now() + retry_delay(claimed.attempts), Some(reason), claimed.attempts),
        Outcome::GiveUp(reason) => ("dead", tx.now(), Some(reason), claimed.attempts),
        Outcome::Done => return Ok(()),
    };
    if let Some(reason) = &error {
        tracing::warn!(job = claimed.name, reason, "a job did not work");
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::RunAt, Expr::value(run_at))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::Attempts, Expr::value(attempts))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<DateTimeUtc>::None))
        .filter(mine)
        .exec(tx.conn())
        .await?;
    tx.commit().await
}
