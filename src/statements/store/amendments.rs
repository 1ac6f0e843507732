//! Amendments.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Error, Result};
use crate::statements::amendment::{Amendment, AmendmentId, AmendmentKind, Fate};
use crate::statements::statement::StatementId;
use crate::statements::{place_of, spelled};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_amendment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        pub kind: String,
        pub point: Option<i32>,
        pub title: Option<String>,
        pub words: Option<String>,
        pub reason: String,
        pub account_id: Option<Uuid>,
        pub place_kind: Option<String>,
        pub place_id: Option<Uuid>,
        pub state: String,
        pub answer: Option<String>,
        pub decided_at: Option<DateTimeUtc>,
        pub made_version: Option<i32>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Amendment> {
    let place = row.place_kind.as_deref().zip(row.place_id).map(|(kind, id)| place_of(kind, id)).transpose()?;
    Ok(Amendment {
        id: AmendmentId(row.id),
        statement: StatementId(row.statement_id),
        kind: AmendmentKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of amendment"))?,
        point: row.point,
        title: row.title.unwrap_or_default(),
        words: row.words.unwrap_or_default(),
        reason: row.reason,
        account: row.account_id.map(AccountId),
        place,
        fate: Fate::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of an amendment"))?,
        answer: row.answer.unwrap_or_default(),
        decided_at: row.decided_at,
        made_version: row.made_version,
        created_at: row.created_at,
    })
}

fn model(one: &Amendment) -> Result<row::Model> {
    let place = one.place.map(spelled).transpose()?;
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(row::Model {
        id: one.id.0,
        statement_id: one.statement.0,
        kind: one.kind.code().to_owned(),
        point: one.point,
        title: filled(&one.title),
        words: filled(&one.words),
        reason: one.reason.clone(),
        account_id: one.account.map(|id| id.0),
        place_kind: place.map(|(kind, _)| kind.to_owned()),
        place_id: place.map(|(_, id)| id),
        state: one.fate.code().to_owned(),
        answer: filled(&one.answer),
        decided_at: one.decided_at,
        made_version: one.made_version,
        created_at: one.created_at,
    })
}

/// Those of a statement, the oldest first.
pub async fn of_statement(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Amendment>> {
    let query = row::Entity::find().filter(Column::StatementId.eq(id.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// Those that somebody proposed, the oldest first.
pub async fn by_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Amendment>> {
    let query = row::Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// One of them.
pub async fn amendment(conn: &impl ConnectionTrait, id: AmendmentId) -> Result<Option<Amendment>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(read).transpose()
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Amendment) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Amendment) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes the person out of what they proposed; the proposal is part of the record of the text.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    row::Entity::update_many()
        .col_expr(Column::AccountId, Expr::value(None::<Uuid>))
        .filter(Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}
