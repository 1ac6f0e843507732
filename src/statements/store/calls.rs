//! Addresses that were asked to sign, and those that want no such letters.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::people::AccountId;
use crate::platform::{Result, Timestamp};
use crate::statements::calling::{Call, CallId};
use crate::statements::statement::StatementId;
use crate::statements::{place_of, spelled};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_call")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        pub email: String,
        pub account_id: Option<Uuid>,
        pub place_kind: Option<String>,
        pub place_id: Option<Uuid>,
        pub first_at: DateTimeUtc,
        pub last_at: DateTimeUtc,
        pub letters: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod stop {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_call_stop")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mark: String,
        pub stopped_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Call> {
    let place = row.place_kind.as_deref().zip(row.place_id).map(|(kind, id)| place_of(kind, id)).transpose()?;
    Ok(Call {
        id: CallId(row.id),
        statement: StatementId(row.statement_id),
        email: row.email,
        account: row.account_id.map(AccountId),
        place,
        first_at: row.first_at,
        last_at: row.last_at,
        letters: row.letters,
    })
}

fn model(one: &Call) -> Result<row::Model> {
    let place = one.place.map(spelled).transpose()?;
    Ok(row::Model {
        id: one.id.0,
        statement_id: one.statement.0,
        email: one.email.clone(),
        account_id: one.account.map(|id| id.0),
        place_kind: place.map(|(kind, _)| kind.to_owned()),
        place_id: place.map(|(_, id)| id),
        first_at: one.first_at,
        last_at: one.last_at,
        letters: one.letters,
    })
}

fn theirs(account: AccountId, email: Option<&str>) -> sea_orm::sea_query::SimpleExpr {
    let known = Column::AccountId.eq(account.0);
    match email {
        Some(email) => known.or(Column::Email.eq(email)),
        None => known,
    }
}

/// Those of a statement, the first first.
pub async fn of_statement(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Call>> {
    let query = row::Entity::find().filter(Column::StatementId.eq(id.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// Those to somebody, the first first.
pub async fn of_person(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<Vec<Call>> {
    let query = row::Entity::find().filter(theirs(account, email)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// The addresses among these that any statement asked since.
pub async fn recent(conn: &impl ConnectionTrait, emails: &[String], since: Timestamp) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in emails.chunks(CHUNK) {
        let these = Column::Email.is_in(chunk.to_vec()).and(Column::LastAt.gt(since));
        let query = row::Entity::find().select_only().column(Column::Email).filter(these);
        let rows: Vec<String> = query.into_tuple().all(conn).await?;
        found.extend(rows);
    }
    Ok(found)
}

/// New ones.
pub async fn insert(conn: &impl ConnectionTrait, new: &[Call]) -> Result<()> {
    for chunk in new.chunks(CHUNK / 10) {
        let rows: Result<Vec<row::ActiveModel>> = chunk.iter().map(|one| Ok(model(one)?.into_active_model())).collect();
        row::Entity::insert_many(rows?).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Call) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes out those of a statement.
pub async fn forget_of(conn: &impl ConnectionTrait, id: StatementId) -> Result<()> {
    row::Entity::delete_many().filter(Column::StatementId.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Takes out those to somebody.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<()> {
    row::Entity::delete_many().filter(theirs(account, email)).exec(conn).await?;
    Ok(())
}

/// Those of these fingerprints whose addresses want no such letters.
pub async fn stopped(conn: &impl ConnectionTrait, marks: Vec<String>) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in marks.chunks(CHUNK) {
        let rows = stop::Entity::find().filter(stop::Column::Mark.is_in(chunk.to_vec())).all(conn).await?;
        found.extend(rows.into_iter().map(|row| row.mark));
    }
    Ok(found)
}

/// An address wants no such letters.
pub async fn stop(conn: &impl ConnectionTrait, mark: &str, now: Timestamp) -> Result<()> {
    let row = stop::Model { mark: mark.to_owned(), stopped_at: now };
    stop::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// It may get them again.
pub async fn resume(conn: &impl ConnectionTrait, mark: &str) -> Result<()> {
    stop::Entity::delete_many().filter(stop::Column::Mark.eq(mark)).exec(conn).await?;
    Ok(())
}
