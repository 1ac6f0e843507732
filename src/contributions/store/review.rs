//! Tables and queries of reviews: the conversation, and what is kept beside it.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::{of, revision, row};
use crate::catalog::PracticeId;
use crate::contributions::contribution::{Contribution, ContributionId};
use crate::contributions::entry::{Entry, Kind, Speaker};
use crate::contributions::review::Standing;
use crate::people::AccountId;
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Error, Result, Timestamp};

pub mod entry_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub contribution_id: Uuid,
        pub number: i32,
        pub at: DateTimeUtc,
        pub account_id: Option<Uuid>,
        pub role: String,
        pub kind: String,
        pub text: Option<String>,
        pub field: Option<String>,
        pub quote: Option<String>,
        pub revision: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod review_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contribution_id: Uuid,
        pub taken_by: Option<Uuid>,
        pub taken_at: Option<DateTimeUtc>,
        pub asked: i32,
        pub ask_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The conversation, the first word first.
pub async fn entries(conn: &impl ConnectionTrait, id: ContributionId) -> Result<Vec<Entry>> {
    entry_row::Entity::find()
        .filter(entry_row::Column::ContributionId.eq(id.0))
        .order_by_asc(entry_row::Column::Number)
        .all(conn)
        .await?
        .into_iter()
        .map(entry_of)
        .collect()
}

/// What somebody said in reviews, oldest first.
pub async fn said_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<(ContributionId, Entry)>> {
    entry_row::Entity::find()
        .filter(entry_row::Column::AccountId.eq(account.0))
        .order_by_asc(entry_row::Column::At)
        .order_by_asc(entry_row::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(|row| Ok((ContributionId(row.contribution_id), entry_of(row)?)))
        .collect()
}

/// One more word. The caller holds the contribution, so numbers follow each other.
pub async fn put_entry(conn: &impl ConnectionTrait, id: ContributionId, new: Entry) -> Result<i32> {
    let last: Option<Option<i32>> = entry_row::Entity::find()
        .select_only()
        .column_as(entry_row::Column::Number.max(), "last")
        .filter(entry_row::Column::ContributionId.eq(id.0))
        .into_tuple()
        .one(conn)
        .await?;
    let number = last.flatten().unwrap_or_default() + 1;
    let row = entry_row::Model {
        id: new.id,
        contribution_id: id.0,
        number,
        at: new.at,
        account_id: new.by.map(|by| by.0),
        role: new.speaker.code().to_owned(),
        kind: new.kind.code().to_owned(),
        text: new.text,
        field: new.field,
        quote: new.quote,
        revision: new.revision,
    };
    entry_row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(number)
}

/// Whether somebody saved what it says; saves that set evidence in the review are none.
pub async fn wrote(conn: &impl ConnectionTrait, id: ContributionId, account: AccountId) -> Result<bool> {
    let saves: Vec<i32> = revision::Entity::find()
        .select_only()
        .column(revision::Column::Revision)
        .filter(revision::Column::ContributionId.eq(id.0))
        .filter(revision::Column::AccountId.eq(account.0))
        .into_tuple()
        .all(conn)
        .await?;
    if saves.is_empty() {
        return Ok(false);
    }
    let evidence: Vec<i32> = entry_row::Entity::find()
        .select_only()
        .column(entry_row::Column::Revision)
        .filter(entry_row::Column::ContributionId.eq(id.0))
        .filter(entry_row::Column::Kind.eq(Kind::Evidence.code()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(saves.iter().any(|save| !evidence.contains(save)))
}

/// What is kept beside the conversation.
pub async fn standing(conn: &impl ConnectionTrait, id: ContributionId) -> Result<Standing> {
    let row = review_row::Entity::find_by_id(id.0).one(conn).await?;
    Ok(row.map(standing_of).unwrap_or_default())
}

/// The same of many.
pub async fn standings(
    conn: &impl ConnectionTrait,
    ids: &[ContributionId],
) -> Result<HashMap<ContributionId, Standing>> {
    let rows = review_row::Entity::find()
        .filter(review_row::Column::ContributionId.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (ContributionId(row.contribution_id), standing_of(row))).collect())
}

/// Keeps it.
pub async fn put_standing(conn: &impl ConnectionTrait, id: ContributionId, now: Standing) -> Result<()> {
    use review_row::Column as C;
    let row = review_row::Model {
        contribution_id: id.0,
        taken_by: now.taken.map(|(by, _)| by.0),
        taken_at: now.taken.map(|(_, at)| at),
        asked: now.asked,
        ask_at: now.ask_at,
    };
    let conflict =
        OnConflict::column(C::ContributionId).update_columns([C::TakenBy, C::TakenAt, C::Asked, C::AskAt]).to_owned();
    review_row::Entity::insert(row.into_active_model()).on_conflict(conflict).exec_without_returning(conn).await?;
    Ok(())
}

/// What somebody looks at as an editor.
pub async fn taken_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<(ContributionId, Timestamp)>> {
    let rows = review_row::Entity::find()
        .filter(review_row::Column::TakenBy.eq(account.0))
        .order_by_asc(review_row::Column::ContributionId)
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|row| Some((ContributionId(row.contribution_id), row.taken_at?))).collect())
}

/// Somebody who has their account erased looks at nothing any more.
pub async fn forget_taken(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    review_row::Entity::update_many()
        .col_expr(review_row::Column::TakenBy, Expr::value(Option::<Uuid>::None))
        .col_expr(review_row::Column::TakenAt, Expr::value(Option::<Timestamp>::None))
        .filter(review_row::Column::TakenBy.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Contributions whose school is to be asked for its yes now, the longest due first.
pub async fn to_ask(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<ContributionId>> {
    let ids: Vec<Uuid> = review_row::Entity::find()
        .select_only()
        .column(review_row::Column::ContributionId)
        .filter(review_row::Column::AskAt.lte(now))
        .order_by_asc(review_row::Column::AskAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids.into_iter().map(ContributionId).collect())
}

/// Contributions in a state that were submitted, the longest waiting first.
pub async fn queue(conn: &impl ConnectionTrait, state: PracticeStatus, limit: u64) -> Result<Vec<Contribution>> {
    row::Entity::find()
        .filter(row::Column::State.eq(state.code()))
        .filter(row::Column::SubmittedAt.is_not_null())
        .order_by_asc(row::Column::SubmittedAt)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(of)
        .collect()
}

/// How many there are of each state.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = row::Entity::find()
        .select_only()
        .column(row::Column::State)
        .column_as(row::Column::Id.count(), "n")
        .filter(row::Column::SubmittedAt.is_not_null())
        .group_by(row::Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Every contribution of a practice, the newest first.
pub async fn of_practice(conn: &impl ConnectionTrait, practice: PracticeId) -> Result<Vec<Contribution>> {
    row::Entity::find()
        .filter(row::Column::PracticeId.eq(practice.0))
        .order_by_desc(row::Column::CreatedAt)
        .order_by_desc(row::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(of)
        .collect()
}

fn standing_of(row: review_row::Model) -> Standing {
    Standing { taken: row.taken_by.map(AccountId).zip(row.taken_at), asked: row.asked, ask_at: row.ask_at }
}

fn entry_of(row: entry_row::Model) -> Result<Entry> {
    let unknown = || Error::Internal(format!("the entry {} of a review cannot be read", row.id));
    Ok(Entry {
        id: row.id,
        number: row.number,
        at: row.at,
        by: row.account_id.map(AccountId),
        speaker: Speaker::parse(&row.role).ok_or_else(unknown)?,
        kind: Kind::parse(&row.kind).ok_or_else(unknown)?,
        text: row.text.clone(),
        field: row.field.clone(),
        quote: row.quote.clone(),
        revision: row.revision,
    })
}
