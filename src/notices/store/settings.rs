//! What people chose, in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, Iterable, QueryOrder, QuerySelect};

use crate::notices::hours::Quiet;
use crate::notices::settings::{Choices, Standing};
use crate::notices::topic::{Pace, Topic};
use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice_setting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub paused_until: Option<DateTimeUtc>,
        pub quiet_from: Option<i16>,
        pub quiet_until: Option<i16>,
        pub digest_hour: i16,
        pub digest_weekday: i16,
        pub digest_left: bool,
        pub language: Option<String>,
        pub digest_due_at: Option<DateTimeUtc>,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod pace {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice_pace")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: String,
        pub pace: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity};

fn standing_of(row: &row::Model) -> Standing {
    let quiet = row.quiet_from.zip(row.quiet_until).and_then(|(from, until)| Quiet::new(from, until));
    Standing {
        choices: Choices {
            paused_until: row.paused_until,
            quiet,
            digest_hour: u32::try_from(row.digest_hour).unwrap_or(Choices::HOUR),
            digest_weekday: u8::try_from(row.digest_weekday).unwrap_or(Choices::WEEKDAY),
        },
        digest_left: row.digest_left,
        paces: HashMap::new(),
    }
}

/// How accounts stand to topics: one statement. Who never chose is not in it.
pub async fn standings(
    conn: &impl ConnectionTrait,
    accounts: &[AccountId],
    topics: &[Topic],
) -> Result<HashMap<AccountId, Standing>> {
    let setting = |column: Column| (Entity, column);
    let chosen = |column: pace::Column| Expr::col((pace::Entity, column));
    let mut query = Query::select();
    query
        .columns(Column::iter().map(setting))
        .column((pace::Entity, pace::Column::Topic))
        .column((pace::Entity, pace::Column::Pace))
        .from(Entity)
        .left_join(
            pace::Entity,
            chosen(pace::Column::AccountId)
                .equals(setting(Column::AccountId))
                .and(chosen(pace::Column::Topic).is_in(topics.iter().map(|topic| topic.code()))),
        )
        .and_where(Expr::col(setting(Column::AccountId)).is_in(accounts.iter().map(|account| account.0)));
    let mut found: HashMap<AccountId, Standing> = HashMap::new();
    for line in conn.query_all(&query).await? {
        let row = <row::Model as sea_orm::FromQueryResult>::from_query_result(&line, "")?;
        let standing = found.entry(AccountId(row.account_id)).or_insert_with(|| standing_of(&row));
        let topic = line.try_get::<Option<String>>("", "topic")?.and_then(|code| Topic::of(&code));
        let pace = line.try_get::<Option<String>>("", "pace")?.and_then(|code| Pace::of(&code));
        standing.paces.extend(topic.zip(pace));
    }
    Ok(found)
}

/// The settings of an account, held against others who would change them; made now where there are none.
pub async fn hold(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<Standing> {
    let fresh = row::ActiveModel { account_id: Set(account.0), updated_at: Set(now), ..usual() };
    let there = OnConflict::column(Column::AccountId).do_nothing().to_owned();
    Entity::insert(fresh).try_insert().on_conflict(there).exec_without_returning(conn).await?;
    let row = Entity::find_by_id(account.0).lock_exclusive().one(conn).await?;
    row.ok_or_else(|| Error::internal("settings of notices are not there"))?;
    let mut found = standings(conn, &[account], &Topic::ALL).await?;
    Ok(found.remove(&account).unwrap_or_default())
}

fn usual() -> row::ActiveModel {
    row::ActiveModel {
        digest_hour: Set(i16::try_from(Choices::HOUR).unwrap_or(7)),
        digest_weekday: Set(i16::from(Choices::WEEKDAY)),
        digest_left: Set(false),
        ..Default::default()
    }
}

/// Keeps what an account chose.
pub async fn keep(
    conn: &impl ConnectionTrait,
    account: AccountId,
    choices: &Choices,
    digest_left: bool,
    now: Timestamp,
) -> Result<()> {
    let hour = i16::try_from(choices.digest_hour).map_err(Error::internal)?;
    Entity::update_many()
        .col_expr(Column::PausedUntil, Expr::value(choices.paused_until))
        .col_expr(Column::QuietFrom, Expr::value(choices.quiet.map(|quiet| quiet.from())))
        .col_expr(Column::QuietUntil, Expr::value(choices.quiet.map(|quiet| quiet.until())))
        .col_expr(Column::DigestHour, Expr::value(hour))
        .col_expr(Column::DigestWeekday, Expr::value(i16::from(choices.digest_weekday)))
        .col_expr(Column::DigestLeft, Expr::value(digest_left))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Notes that an account left the digest.
pub async fn leave_digest(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DigestLeft, Expr::value(true))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Keeps the paces of topics; the usual one is not written down.
pub async fn keep_paces(conn: &impl ConnectionTrait, account: AccountId, paces: &[(Topic, Pace)]) -> Result<()> {
    let topics = paces.iter().map(|(topic, _)| topic.code());
    pace::Entity::delete_many()
        .filter(pace::Column::AccountId.eq(account.0).and(pace::Column::Topic.is_in(topics)))
        .exec(conn)
        .await?;
    let rows: Vec<pace::ActiveModel> = paces
        .iter()
        .filter(|(topic, pace)| *pace != topic.default_pace())
        .map(|(topic, pace)| pace::ActiveModel {
            account_id: Set(account.0),
            topic: Set(topic.code().to_owned()),
            pace: Set(pace.code().to_owned()),
        })
        .collect();
    if !rows.is_empty() {
        pace::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Sets when the digest of an account goes.
pub async fn set_due(conn: &impl ConnectionTrait, account: AccountId, due: Option<Timestamp>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DigestDueAt, Expr::value(due))
        .filter(Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Something waits for digests of these accounts: each goes at this moment, or sooner where something waits already. One
/// statement, which holds the rows: a digest that is being written is through before, and starts over for what came after.
pub async fn wait_until(conn: &impl ConnectionTrait, due: &[(AccountId, Timestamp)], now: Timestamp) -> Result<()> {
    let rows = due.iter().map(|(account, at)| row::ActiveModel {
        account_id: Set(account.0),
        digest_due_at: Set(Some(*at)),
        updated_at: Set(now),
        ..usual()
    });
    let (there, new) = (Expr::col((Entity, Column::DigestDueAt)), Expr::col(("excluded", Column::DigestDueAt)));
    let sooner =
        CaseStatement::new().case(there.clone().is_null().or(there.clone().gt(new.clone())), new).finally(there);
    let conflict = OnConflict::column(Column::AccountId).value(Column::DigestDueAt, sooner).to_owned();
    Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// Digests that are due, the longest due first.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<(AccountId, Timestamp)>> {
    let rows: Vec<(Uuid, DateTimeUtc)> = Entity::find()
        .select_only()
        .columns([Column::AccountId, Column::DigestDueAt])
        .filter(Column::DigestDueAt.lte(now))
        .order_by_asc(Column::DigestDueAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(account, due)| (AccountId(account), due)).collect())
}

/// Takes the digest of an account that was due at this moment, or puts it off; `false` where another node has been here.
pub async fn take(
    conn: &impl ConnectionTrait,
    account: AccountId,
    due: Timestamp,
    next: Option<Timestamp>,
) -> Result<bool> {
    let taken = Entity::update_many()
        .col_expr(Column::DigestDueAt, Expr::value(next))
        .filter(Column::AccountId.eq(account.0).and(Column::DigestDueAt.eq(due)))
        .exec(conn)
        .await?;
    Ok(taken.rows_affected == 1)
}
