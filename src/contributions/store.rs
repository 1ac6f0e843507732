//! Tables and queries of contributions.

pub mod review;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::contribution::{Contribution, ContributionId};
use crate::catalog::PracticeId;
use crate::catalog::draft::PracticeDraft;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Error, Result, Timestamp};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contribution")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub practice_id: Uuid,
        pub after: i32,
        pub school_id: Uuid,
        pub author_id: Uuid,
        pub state: String,
        pub draft: Json,
        pub cleared: Json,
        pub revision: i32,
        pub note: Option<String>,
        pub copied_from: Option<Uuid>,
        pub submitted_at: Option<DateTimeUtc>,
        pub approved_by: Option<Uuid>,
        pub approved_at: Option<DateTimeUtc>,
        pub confirmed_by: Option<Uuid>,
        pub confirmed_at: Option<DateTimeUtc>,
        pub published_version: Option<i32>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod editor {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contribution_editor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contribution_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub added_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod revision {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contribution_revision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub contribution_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i32,
        pub draft: Json,
        pub account_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// States in which somebody still has something to do with it.
const UNDER_WAY: [PracticeStatus; 4] =
    [PracticeStatus::DRAFT, PracticeStatus::SUBMITTED, PracticeStatus::CHANGES_REQUESTED, PracticeStatus::APPROVED];

/// One contribution.
pub async fn by_id(conn: &impl ConnectionTrait, id: ContributionId) -> Result<Option<Contribution>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(of).transpose()
}

/// The same, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: ContributionId) -> Result<Option<Contribution>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(of).transpose()
}

/// The one that is under way for a practice; there is at most one.
pub async fn under_way(conn: &impl ConnectionTrait, practice: PracticeId) -> Result<Option<Contribution>> {
    let states = UNDER_WAY.map(|state| state.code().to_owned());
    row::Entity::find()
        .filter(row::Column::PracticeId.eq(practice.0))
        .filter(row::Column::State.is_in(states))
        .one(conn)
        .await?
        .map(of)
        .transpose()
}

/// The last contributions that somebody writes, the newest change first.
pub async fn written_by(conn: &impl ConnectionTrait, account: AccountId, limit: u64) -> Result<Vec<Contribution>> {
    let own = Query::select()
        .column(editor::Column::ContributionId)
        .from(editor::Entity)
        .and_where(editor::Column::AccountId.eq(account.0))
        .to_owned();
    row::Entity::find()
        .filter(row::Column::AuthorId.eq(account.0).or(row::Column::Id.in_subquery(own)))
        .order_by_desc(row::Column::UpdatedAt)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(of)
        .collect()
}

/// The co-editors of a contribution, the first one first.
pub async fn editors(conn: &impl ConnectionTrait, id: ContributionId) -> Result<Vec<AccountId>> {
    let rows = editor::Entity::find()
        .filter(editor::Column::ContributionId.eq(id.0))
        .order_by_asc(editor::Column::AddedAt)
        .order_by_asc(editor::Column::AccountId)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| AccountId(row.account_id)).collect())
}

/// A new contribution.
pub async fn insert(conn: &impl ConnectionTrait, new: &Contribution) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A contribution as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Contribution) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// What a practice began as a copy of, where it did.
pub async fn copied_from(conn: &impl ConnectionTrait, practice: PracticeId) -> Result<Option<PracticeId>> {
    let found: Option<Option<Uuid>> = row::Entity::find()
        .select_only()
        .column(row::Column::CopiedFrom)
        .filter(row::Column::PracticeId.eq(practice.0))
        .filter(row::Column::CopiedFrom.is_not_null())
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.flatten().map(PracticeId))
}

/// Keeps what a save said.
pub async fn keep_revision(
    conn: &impl ConnectionTrait,
    id: ContributionId,
    number: i32,
    draft: &PracticeDraft,
    by: Option<AccountId>,
    at: Timestamp,
) -> Result<()> {
    let row = revision::Model {
        contribution_id: id.0,
        revision: number,
        draft: serde_json::to_value(draft).map_err(Error::internal)?,
        account_id: by.map(|by| by.0),
        created_at: at,
    };
    revision::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A save: its number, what it said, who made it, when.
#[derive(Clone, Debug)]
pub struct Save {
    /// Its number.
    pub revision: i32,
    /// What the draft said.
    pub draft: PracticeDraft,
    /// Who saved.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

fn save_of(row: revision::Model) -> Result<Save> {
    Ok(Save {
        revision: row.revision,
        draft: serde_json::from_value(row.draft).map_err(Error::internal)?,
        by: row.account_id.map(AccountId),
        at: row.created_at,
    })
}

/// One save.
pub async fn save(conn: &impl ConnectionTrait, id: ContributionId, number: i32) -> Result<Option<Save>> {
    revision::Entity::find_by_id((id.0, number)).one(conn).await?.map(save_of).transpose()
}

/// The last saves, newest first.
pub async fn saves(conn: &impl ConnectionTrait, id: ContributionId, before: i32, limit: u64) -> Result<Vec<Save>> {
    revision::Entity::find()
        .filter(revision::Column::ContributionId.eq(id.0))
        .filter(revision::Column::Revision.lt(before))
        .order_by_desc(revision::Column::Revision)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(save_of)
        .collect()
}

/// Somebody writes it too. Twice is as good as once.
pub async fn add_editor(
    conn: &impl ConnectionTrait,
    id: ContributionId,
    account: AccountId,
    at: Timestamp,
) -> Result<bool> {
    let row = editor::Model { contribution_id: id.0, account_id: account.0, added_at: at };
    let conflict =
        OnConflict::columns([editor::Column::ContributionId, editor::Column::AccountId]).do_nothing().to_owned();
    let added =
        editor::Entity::insert(row.into_active_model()).on_conflict(conflict).exec_without_returning(conn).await?;
    Ok(added > 0)
}

/// Somebody writes it no more; says whether they did.
pub async fn remove_editor(conn: &impl ConnectionTrait, id: ContributionId, account: AccountId) -> Result<bool> {
    Ok(editor::Entity::delete_by_id((id.0, account.0)).exec(conn).await?.rows_affected > 0)
}

/// What somebody writes with others: since when.
pub async fn edited_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<(ContributionId, Timestamp)>> {
    let rows = editor::Entity::find()
        .filter(editor::Column::AccountId.eq(account.0))
        .order_by_asc(editor::Column::AddedAt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (ContributionId(row.contribution_id), row.added_at)).collect())
}

/// What somebody began, oldest first.
pub async fn begun_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Contribution>> {
    row::Entity::find()
        .filter(row::Column::AuthorId.eq(account.0))
        .order_by_asc(row::Column::CreatedAt)
        .order_by_asc(row::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(of)
        .collect()
}

/// Takes somebody out of the writers of everything.
pub async fn forget_editor(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    editor::Entity::delete_many().filter(editor::Column::AccountId.eq(account.0)).exec(conn).await?;
    Ok(())
}

/// Which of these are there.
pub async fn there(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found =
        row::Entity::find().select_only().column(row::Column::Id).filter(row::Column::Id.is_in(ids.iter().copied()));
    Ok(found.into_tuple().all(conn).await?)
}

/// Takes a draft out, with everything it said.
pub async fn delete(conn: &impl ConnectionTrait, id: ContributionId) -> Result<()> {
    revision::Entity::delete_many().filter(revision::Column::ContributionId.eq(id.0)).exec(conn).await?;
    editor::Entity::delete_many().filter(editor::Column::ContributionId.eq(id.0)).exec(conn).await?;
    row::Entity::delete_by_id(id.0).exec(conn).await?;
    Ok(())
}

fn model(it: &Contribution) -> Result<row::Model> {
    Ok(row::Model {
        id: it.id.0,
        practice_id: it.practice.0,
        after: it.after,
        school_id: it.school.0,
        author_id: it.author.0,
        state: it.state.code().to_owned(),
        draft: serde_json::to_value(&it.draft).map_err(Error::internal)?,
        cleared: serde_json::to_value(&it.cleared).map_err(Error::internal)?,
        revision: it.revision,
        note: it.note.clone(),
        copied_from: it.copied_from.map(|id| id.0),
        submitted_at: it.submitted_at,
        approved_by: it.approved.map(|(by, _)| by.0),
        approved_at: it.approved.map(|(_, at)| at),
        confirmed_by: it.confirmed.map(|(by, _)| by.0),
        confirmed_at: it.confirmed.map(|(_, at)| at),
        published_version: it.published_version,
        created_at: it.created_at,
        updated_at: it.updated_at,
    })
}

fn of(row: row::Model) -> Result<Contribution> {
    let both = |by: Option<Uuid>, at: Option<Timestamp>| by.map(AccountId).zip(at);
    Ok(Contribution {
        id: ContributionId(row.id),
        practice: PracticeId(row.practice_id),
        after: row.after,
        school: SchoolId(row.school_id),
        author: AccountId(row.author_id),
        state: row.state.parse().map_err(Error::internal)?,
        draft: serde_json::from_value(row.draft).map_err(Error::internal)?,
        cleared: serde_json::from_value(row.cleared).map_err(Error::internal)?,
        revision: row.revision,
        note: row.note,
        copied_from: row.copied_from.map(PracticeId),
        submitted_at: row.submitted_at,
        approved: both(row.approved_by, row.approved_at),
        confirmed: both(row.confirmed_by, row.confirmed_at),
        published_version: row.published_version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
