//! What schools were, and the searches of months that are over.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect};

use crate::platform::Result;
use crate::report::period;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "report_school")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub school_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub since: Date,
        pub sector: Option<String>,
        pub city: Option<String>,
        pub state: Option<String>,
        pub neighborhood: Option<String>,
        pub closed_on: Option<Date>,
        pub merged: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod searched {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "report_search")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: Date,
        pub searches: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is read of schools.
mod school {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "school")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub sector: Option<String>,
        pub city: Option<String>,
        pub state: Option<String>,
        pub neighborhood: Option<String>,
        pub closed_on: Option<Date>,
        pub merged_into: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is read of searches without an answer.
pub mod unmet {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_unmet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        #[sea_orm(primary_key, auto_increment = false)]
        pub wording: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub outcome: String,
        pub times: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ids in one statement.
const CHUNK: usize = 900;
/// Rows in one statement: eight values each.
const ROWS: usize = 500;

/// Writes down what these schools are from `today` on, where it is something else than before. What is known first holds for all
/// time before. Two statements for 900 schools, and one for every 500 that changed.
pub async fn record(conn: &impl ConnectionTrait, schools: &[Uuid], today: NaiveDate) -> Result<()> {
    for chunk in schools.chunks(CHUNK) {
        let known = row::Entity::find()
            .filter(row::Column::SchoolId.is_in(chunk.to_vec()))
            .order_by_asc(row::Column::Since)
            .all(conn)
            .await?;
        let known: HashMap<Uuid, row::Model> = known.into_iter().map(|one| (one.school_id, one)).collect();
        let now = school::Entity::find().filter(school::Column::Id.is_in(chunk.to_vec())).all(conn).await?;
        let mut rows = Vec::new();
        for one in now {
            let before = known.get(&one.id);
            let since = if before.is_some() { today } else { NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() };
            let new = row::Model {
                school_id: one.id,
                since,
                sector: one.sector,
                city: one.city,
                state: one.state,
                neighborhood: one.neighborhood,
                closed_on: one.closed_on,
                merged: one.merged_into.is_some(),
            };
            if before.is_none_or(|before| row::Model { since, ..before.clone() } != new) {
                rows.push(new.into());
            }
        }
        for rows in rows.chunks(ROWS) {
            use row::Column;
            let place = [Column::City, Column::State, Column::Neighborhood];
            let facts = place.into_iter().chain([Column::Sector, Column::ClosedOn, Column::Merged]);
            let again = OnConflict::columns([Column::SchoolId, Column::Since]).update_columns(facts).to_owned();
            row::Entity::insert_many::<row::ActiveModel, _>(rows.to_vec())
                .on_conflict(again)
                .exec_without_returning(conn)
                .await?;
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Times {
    day: NaiveDate,
    times: i64,
}

/// The log of searches is kept for two years; so many months before this one are there in full.
const LOGGED: Months = Months::new(22);

/// Searches without an answer by month, of the log that is still there.
pub async fn unmet_by_month(conn: &impl ConnectionTrait, today: NaiveDate) -> Result<HashMap<NaiveDate, i64>> {
    let since = period::month_of(today).checked_sub_months(LOGGED).unwrap_or(today);
    let rows = unmet::Entity::find()
        .select_only()
        .column(unmet::Column::Day)
        .column_as(Expr::col(unmet::Column::Times).sum().cast_as("bigint"), "times")
        .filter(unmet::Column::Day.gte(since))
        .group_by(unmet::Column::Day)
        .into_model::<Times>()
        .all(conn)
        .await?;
    let mut by: HashMap<NaiveDate, i64> = HashMap::new();
    for one in rows {
        *by.entry(period::month_of(one.day)).or_default() += one.times;
    }
    Ok(by)
}

/// Keeps how many searches each month had that is over and counted on `today`, and is not kept yet.
pub async fn fold(conn: &impl ConnectionTrait, today: NaiveDate) -> Result<()> {
    let by = unmet_by_month(conn, today).await?;
    let over = by.into_iter().filter(|(month, _)| period::released_on(*month) <= today);
    let rows: Vec<searched::ActiveModel> =
        over.map(|(month, searches)| searched::ActiveModel { month: Set(month), searches: Set(searches) }).collect();
    if rows.is_empty() {
        return Ok(());
    }
    // What is kept stays as it is.
    let known = OnConflict::column(searched::Column::Month).do_nothing().to_owned();
    searched::Entity::insert_many(rows).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Ids of schools that are or were in a city, as a part of other statements.
pub fn ever_in(spellings: &[String], state: Option<&str>) -> sea_orm::sea_query::SelectStatement {
    let there = Expr::col(row::Column::State);
    let there = match state {
        Some(state) => there.eq(state),
        None => there.is_null(),
    };
    Query::select()
        .column(row::Column::SchoolId)
        .from(row::Entity)
        .and_where(there)
        .and_where(Expr::col(row::Column::City).is_in(spellings.iter().map(String::as_str)))
        .to_owned()
}
