//! Statements themselves.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::{circle, signatures, versions};
use crate::people::AccountId;
use crate::platform::{Error, Place, Result};
use crate::statements::statement::{Kind, State, Statement, StatementId};
use crate::statements::{place_of, spelled};

pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub kind: String,
        pub title: String,
        pub addressee: String,
        pub threshold: Option<i32>,
        pub deadline: Option<Date>,
        pub sponsor_kind: String,
        pub sponsor_id: Uuid,
        pub author_id: Option<Uuid>,
        pub state: String,
        pub ending: Option<String>,
        pub ended_on: Option<Date>,
        pub version: i32,
        pub published_at: Option<DateTimeUtc>,
        pub reached_at: Option<DateTimeUtc>,
        pub reminded_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Statement> {
    Ok(Statement {
        id: StatementId(row.id),
        slug: row.slug,
        kind: Kind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of statement"))?,
        title: row.title,
        addressee: row.addressee,
        threshold: row.threshold,
        deadline: row.deadline,
        sponsor: place_of(&row.sponsor_kind, row.sponsor_id)?,
        author: row.author_id.map(AccountId),
        state: State::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of a statement"))?,
        ending: row.ending,
        ended_on: row.ended_on,
        version: row.version,
        published_at: row.published_at,
        reached_at: row.reached_at,
        reminded_at: row.reminded_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn model(one: &Statement) -> Result<row::Model> {
    let (sponsor_kind, sponsor_id) = spelled(one.sponsor)?;
    Ok(row::Model {
        id: one.id.0,
        slug: one.slug.clone(),
        kind: one.kind.code().to_owned(),
        title: one.title.clone(),
        addressee: one.addressee.clone(),
        threshold: one.threshold,
        deadline: one.deadline,
        sponsor_kind: sponsor_kind.to_owned(),
        sponsor_id,
        author_id: one.author.map(|id| id.0),
        state: one.state.code().to_owned(),
        ending: one.ending.clone(),
        ended_on: one.ended_on,
        version: one.version,
        published_at: one.published_at,
        reached_at: one.reached_at,
        reminded_at: one.reminded_at,
        created_at: one.created_at,
        updated_at: one.updated_at,
    })
}

/// Those that everybody reads, the last published first.
pub async fn public(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Statement>> {
    let query = row::Entity::find().filter(Column::State.ne(State::Draft.code()));
    let query = query.order_by_desc(Column::PublishedAt).order_by_desc(Column::Id).limit(limit);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// The one that everybody reads after this one, by their ids.
pub async fn next_public(conn: &impl ConnectionTrait, after: Option<StatementId>) -> Result<Option<Statement>> {
    let mut query = row::Entity::find().filter(Column::State.ne(State::Draft.code())).order_by_asc(Column::Id);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.0));
    }
    query.one(conn).await?.map(read).transpose()
}

/// The one of this name in addresses, or of this id.
pub async fn by_reference(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Statement>> {
    let mut named = Column::Slug.eq(reference);
    if let Ok(id) = reference.parse::<StatementId>() {
        named = named.or(Column::Id.eq(id.0));
    }
    row::Entity::find().filter(named).one(conn).await?.map(read).transpose()
}

/// One, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: StatementId) -> Result<Option<Statement>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(read).transpose()
}

/// How many drafts somebody writes.
pub async fn drafts_of(conn: &impl ConnectionTrait, author: AccountId) -> Result<u64> {
    let mine = Column::AuthorId.eq(author.0).and(Column::State.eq(State::Draft.code()));
    Ok(row::Entity::find().filter(mine).count(conn).await?)
}

/// What somebody wrote, the first first.
pub async fn by_author(conn: &impl ConnectionTrait, author: AccountId) -> Result<Vec<Statement>> {
    let query = row::Entity::find().filter(Column::AuthorId.eq(author.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// What somebody writes or is invited to, and what these places sponsor or signed; the last changed first. Of a draft a sponsor's
/// other leaders do not know.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    account: AccountId,
    email: Option<&str>,
    places: &[Place],
) -> Result<Vec<Statement>> {
    let mut mine = Column::AuthorId.eq(account.0).or(Column::Id.in_subquery(circle::ids_of(account, email)));
    if !places.is_empty() {
        let mut sponsored = Expr::value(false);
        for place in places {
            let (kind, id) = spelled(*place)?;
            sponsored = sponsored.or(Column::SponsorKind.eq(kind).and(Column::SponsorId.eq(id)));
        }
        let signed = Column::Id.in_subquery(signatures::ids_of(places)?);
        mine = mine.or(Column::State.ne(State::Draft.code()).and(sponsored.or(signed)));
    }
    let query = row::Entity::find().filter(mine).order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id).limit(200);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// Open ones whose last day is not after `near` and of which nobody was reminded.
pub async fn to_remind(conn: &impl ConnectionTrait, near: Date, limit: u64) -> Result<Vec<StatementId>> {
    let due = Column::State.eq(State::Open.code()).and(Column::Deadline.lte(near)).and(Column::RemindedAt.is_null());
    let query = row::Entity::find().select_only().column(Column::Id).filter(due);
    let ids: Vec<Uuid> = query.order_by_asc(Column::Deadline).limit(limit).into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(StatementId).collect())
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Statement) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Statement) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes a draft out, with what hangs on it.
pub async fn delete_draft(conn: &impl ConnectionTrait, id: StatementId) -> Result<()> {
    circle::delete_of(conn, id).await?;
    versions::delete_of(conn, id).await?;
    let mut delete = Query::delete();
    delete.from_table(row::Entity).and_where(Column::Id.eq(id.0)).and_where(Column::State.eq(State::Draft.code()));
    conn.execute(&delete).await?;
    Ok(())
}
