//! Follow-ups and cycles, in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use super::cycle::Cycle;
use super::follow_up::{Answer, FollowUp, FollowUpId};
use crate::catalog::AdoptionId;
use crate::people::AccountId;
use crate::platform::{Error, Result};

mod follow_up {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "adoption_follow_up")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub adoption_id: Uuid,
        pub day: i32,
        pub asked_at: DateTimeUtc,
        pub answer: Option<String>,
        pub note: Option<String>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod cycle {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "adoption_cycle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub adoption_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub plan: String,
        pub did: Option<String>,
        pub saw: Option<String>,
        pub next: Option<String>,
        pub began_on: Date,
        pub ended_on: Option<Date>,
        pub open: bool,
        pub account_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn follow_up_of(row: follow_up::Model) -> Result<FollowUp> {
    let answer = match row.answer {
        Some(code) => Some(Answer::parse(&code).ok_or_else(|| Error::internal("an answer nobody knows"))?),
        None => None,
    };
    Ok(FollowUp {
        id: FollowUpId(row.id),
        adoption: AdoptionId(row.adoption_id),
        day: row.day,
        asked_at: row.asked_at,
        answer,
        note: row.note.unwrap_or_default(),
        answered_by: row.answered_by.map(AccountId),
        answered_at: row.answered_at,
    })
}

fn follow_up_row(found: &FollowUp) -> follow_up::Model {
    follow_up::Model {
        id: found.id.0,
        adoption_id: found.adoption.0,
        day: found.day,
        asked_at: found.asked_at,
        answer: found.answer.map(|answer| answer.code().to_owned()),
        note: Some(found.note.clone()).filter(|note| !note.is_empty()),
        answered_by: found.answered_by.map(|account| account.0),
        answered_at: found.answered_at,
    }
}

/// Asks, unless it was asked already; whether it was not.
pub async fn ask(conn: &impl ConnectionTrait, new: &FollowUp) -> Result<bool> {
    let known = OnConflict::columns([follow_up::Column::AdoptionId, follow_up::Column::Day]).do_nothing().to_owned();
    let insert = follow_up::Entity::insert(follow_up_row(new).into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// One follow-up.
pub async fn follow_up(conn: &impl ConnectionTrait, id: FollowUpId) -> Result<Option<FollowUp>> {
    follow_up::Entity::find_by_id(id.0).one(conn).await?.map(follow_up_of).transpose()
}

/// The follow-ups of an adoption, in their order.
pub async fn follow_ups(conn: &impl ConnectionTrait, adoption: AdoptionId) -> Result<Vec<FollowUp>> {
    let query = follow_up::Entity::find().filter(follow_up::Column::AdoptionId.eq(adoption.0));
    query.order_by_asc(follow_up::Column::Day).all(conn).await?.into_iter().map(follow_up_of).collect()
}

/// The answers of many adoptions, in their order. One statement for 900.
pub async fn answers(
    conn: &impl ConnectionTrait,
    adoptions: &[AdoptionId],
) -> Result<HashMap<AdoptionId, Vec<FollowUp>>> {
    let mut found: HashMap<AdoptionId, Vec<FollowUp>> = HashMap::new();
    for chunk in adoptions.chunks(900) {
        let query = follow_up::Entity::find()
            .filter(follow_up::Column::AdoptionId.is_in(chunk.iter().map(|id| id.0)))
            .filter(follow_up::Column::Answer.is_not_null())
            .order_by_asc(follow_up::Column::Day);
        for row in query.all(conn).await? {
            let one = follow_up_of(row)?;
            found.entry(one.adoption).or_default().push(one);
        }
    }
    Ok(found)
}

/// Keeps a follow-up as it is now.
pub async fn update_follow_up(conn: &impl ConnectionTrait, changed: &FollowUp) -> Result<()> {
    follow_up_row(changed).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// What somebody answered, oldest first.
pub async fn answered_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<FollowUp>> {
    let query = follow_up::Entity::find().filter(follow_up::Column::AnsweredBy.eq(account.0));
    query.order_by_asc(follow_up::Column::AnsweredAt).all(conn).await?.into_iter().map(follow_up_of).collect()
}

fn cycle_of(row: cycle::Model) -> Cycle {
    Cycle {
        adoption: AdoptionId(row.adoption_id),
        number: row.number,
        plan: row.plan,
        did: row.did.unwrap_or_default(),
        saw: row.saw.unwrap_or_default(),
        next: row.next.unwrap_or_default(),
        began_on: row.began_on,
        ended_on: row.ended_on,
        open: row.open,
        account: row.account_id.map(AccountId),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn cycle_row(cycle: &Cycle) -> cycle::Model {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    cycle::Model {
        adoption_id: cycle.adoption.0,
        number: cycle.number,
        plan: cycle.plan.clone(),
        did: text(&cycle.did),
        saw: text(&cycle.saw),
        next: text(&cycle.next),
        began_on: cycle.began_on,
        ended_on: cycle.ended_on,
        open: cycle.open,
        account_id: cycle.account.map(|account| account.0),
        created_at: cycle.created_at,
        updated_at: cycle.updated_at,
    }
}

/// The cycles of an adoption, in their order.
pub async fn cycles(conn: &impl ConnectionTrait, adoption: AdoptionId) -> Result<Vec<Cycle>> {
    let query = cycle::Entity::find().filter(cycle::Column::AdoptionId.eq(adoption.0));
    let rows = query.order_by_asc(cycle::Column::Number).all(conn).await?;
    Ok(rows.into_iter().map(cycle_of).collect())
}

/// A new cycle.
pub async fn insert_cycle(conn: &impl ConnectionTrait, cycle: &Cycle) -> Result<()> {
    cycle::Entity::insert(cycle_row(cycle).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A cycle as it is now.
pub async fn update_cycle(conn: &impl ConnectionTrait, cycle: &Cycle) -> Result<()> {
    cycle_row(cycle).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Cycles that somebody wrote, oldest first.
pub async fn cycles_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Cycle>> {
    let query = cycle::Entity::find().filter(cycle::Column::AccountId.eq(account.0));
    let rows = query.order_by_asc(cycle::Column::CreatedAt).all(conn).await?;
    Ok(rows.into_iter().map(cycle_of).collect())
}

/// Takes somebody out of what they answered and wrote, which stays with the school; whether there was anything.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    let none: Option<Uuid> = None;
    let answers = follow_up::Entity::update_many()
        .col_expr(follow_up::Column::AnsweredBy, Expr::value(none))
        .filter(follow_up::Column::AnsweredBy.eq(account.0))
        .exec(conn)
        .await?;
    let cycles = cycle::Entity::update_many()
        .col_expr(cycle::Column::AccountId, Expr::value(none))
        .filter(cycle::Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(answers.rows_affected + cycles.rows_affected > 0)
}
