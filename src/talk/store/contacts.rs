//! Who gets letters about a practice, and the letters that were passed on.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::signature;
use crate::catalog::PracticeId;
use crate::people::AccountId;
use crate::platform::{Result, Timestamp};
use crate::talk::contact::{Note, NoteId};

mod contact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "practice_contact")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        pub account_id: Uuid,
        pub named_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "contact_note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub thread_id: Uuid,
        pub practice_id: Uuid,
        pub from_id: Uuid,
        pub to_id: Uuid,
        pub school_id: Option<Uuid>,
        pub role: String,
        pub named: bool,
        pub text: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use note::Column;

/// Who was named for a practice.
pub async fn named(conn: &impl ConnectionTrait, practice: PracticeId) -> Result<Option<AccountId>> {
    Ok(contact::Entity::find_by_id(practice.0).one(conn).await?.map(|row| AccountId(row.account_id)))
}

/// Names somebody, or nobody.
pub async fn name(
    conn: &impl ConnectionTrait,
    practice: PracticeId,
    account: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    let Some(account) = account else {
        contact::Entity::delete_by_id(practice.0).exec(conn).await?;
        return Ok(());
    };
    let row = contact::Model { practice_id: practice.0, account_id: account.0, named_at: now };
    let known = OnConflict::column(contact::Column::PracticeId)
        .update_columns([contact::Column::AccountId, contact::Column::NamedAt])
        .to_owned();
    contact::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

fn note_of(row: note::Model) -> Result<Note> {
    Ok(Note {
        id: NoteId(row.id),
        thread: row.thread_id,
        practice: PracticeId(row.practice_id),
        by: signature(row.from_id, row.school_id, &row.role, row.named)?,
        to: AccountId(row.to_id),
        text: row.text,
        created_at: row.created_at,
    })
}

/// One letter.
pub async fn note(conn: &impl ConnectionTrait, id: NoteId) -> Result<Option<Note>> {
    note::Entity::find_by_id(id.0).one(conn).await?.map(note_of).transpose()
}

/// Whether somebody wrote the same words to the same reader since a moment.
pub async fn is_known(conn: &impl ConnectionTrait, like: &Note, since: Timestamp) -> Result<bool> {
    let found = note::Entity::find()
        .filter(Column::FromId.eq(like.by.account.0))
        .filter(Column::CreatedAt.gte(since))
        .filter(Column::ToId.eq(like.to.0))
        .filter(Column::PracticeId.eq(like.practice.0))
        .filter(Column::Text.eq(like.text.as_str()))
        .count(conn)
        .await?;
    Ok(found > 0)
}

/// New letters.
pub async fn insert(conn: &impl ConnectionTrait, notes: &[Note]) -> Result<()> {
    let rows = notes.iter().map(|new| {
        note::Model {
            id: new.id.0,
            thread_id: new.thread,
            practice_id: new.practice.0,
            from_id: new.by.account.0,
            to_id: new.to.0,
            school_id: new.by.school.map(|school| school.0),
            role: new.by.role.code().to_owned(),
            named: new.by.named,
            text: new.text.clone(),
            created_at: new.created_at,
        }
        .into_active_model()
    });
    note::Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes out some letters from before a moment; how many.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<u64> {
    let old = note::Entity::find()
        .filter(Column::CreatedAt.lt(before))
        .order_by_asc(Column::CreatedAt)
        .limit(limit)
        .select_only()
        .column(Column::Id)
        .into_tuple::<Uuid>()
        .all(conn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    Ok(note::Entity::delete_many().filter(Column::Id.is_in(old)).exec(conn).await?.rows_affected)
}

/// Letters that somebody wrote and got, oldest first, and the practices they are named for.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(Vec<Note>, Vec<(PracticeId, Timestamp)>)> {
    let notes = note::Entity::find()
        .filter(Column::FromId.eq(account.0).or(Column::ToId.eq(account.0)))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    let named =
        contact::Entity::find().filter(contact::Column::AccountId.eq(account.0)).order_by_asc(contact::Column::NamedAt);
    let named = named.all(conn).await?.into_iter().map(|row| (PracticeId(row.practice_id), row.named_at)).collect();
    Ok((notes.all(conn).await?.into_iter().map(note_of).collect::<Result<_>>()?, named))
}

/// Takes out every letter from and to an account, and what it is named for.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    let theirs = Column::FromId.eq(account.0).or(Column::ToId.eq(account.0));
    note::Entity::delete_many().filter(theirs).exec(conn).await?;
    contact::Entity::delete_many().filter(contact::Column::AccountId.eq(account.0)).exec(conn).await?;
    Ok(())
}
