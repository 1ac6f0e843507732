//! Tables and queries of the synonym list and of the searches nobody could answer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use crate::platform::{Error, Result};

mod synonym {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_synonym")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub term: String,
        pub expansions: Json,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod unmet {
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

/// The whole synonym list, by term.
pub async fn synonyms(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, Vec<String>>> {
    let rows = synonym::Entity::find().all(conn).await?;
    rows.into_iter()
        .map(|row| Ok((row.term, serde_json::from_value(row.expansions).map_err(Error::internal)?)))
        .collect()
}

/// Sets what a term is widened by.
pub async fn put_synonym(conn: &impl ConnectionTrait, term: &str, words: &[String], now: DateTimeUtc) -> Result<()> {
    let row = synonym::ActiveModel {
        term: Set(term.to_owned()),
        expansions: Set(serde_json::to_value(words).map_err(Error::internal)?),
        updated_at: Set(now),
    };
    synonym::Entity::insert(row)
        .on_conflict(
            OnConflict::column(synonym::Column::Term)
                .update_columns([synonym::Column::Expansions, synonym::Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// Takes a term out; says whether it was there.
pub async fn remove_synonym(conn: &impl ConnectionTrait, term: &str) -> Result<bool> {
    Ok(synonym::Entity::delete_by_id(term.to_owned()).exec(conn).await?.rows_affected > 0)
}

/// Counts a search that found nothing, or nothing good.
pub async fn note_unmet(
    conn: &impl ConnectionTrait,
    day: NaiveDate,
    wording: &str,
    outcome: &str,
    times: i32,
) -> Result<()> {
    let row = unmet::ActiveModel {
        day: Set(day),
        wording: Set(wording.to_owned()),
        outcome: Set(outcome.to_owned()),
        times: Set(times),
    };
    let key = [unmet::Column::Day, unmet::Column::Wording, unmet::Column::Outcome];
    let more = Expr::col((unmet::Entity, unmet::Column::Times)).add(times);
    unmet::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).value(unmet::Column::Times, more).to_owned())
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// Unmet searches since `since`, the most frequent first.
pub async fn unmet(conn: &impl ConnectionTrait, since: NaiveDate, limit: u64) -> Result<Vec<(String, String, i64)>> {
    Ok(unmet::Entity::find()
        .select_only()
        .column(unmet::Column::Wording)
        .column(unmet::Column::Outcome)
        .column_as(Expr::col(unmet::Column::Times).sum().cast_as("bigint"), "n")
        .filter(unmet::Column::Day.gte(since))
        .group_by(unmet::Column::Wording)
        .group_by(unmet::Column::Outcome)
        .order_by_desc(Expr::col("n"))
        .order_by_asc(unmet::Column::Wording)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Forgets unmet searches before `day`; says how many rows went.
pub async fn forget_unmet(conn: &impl ConnectionTrait, day: NaiveDate) -> Result<u64> {
    Ok(unmet::Entity::delete_many().filter(unmet::Column::Day.lt(day)).exec(conn).await?.rows_affected)
}
