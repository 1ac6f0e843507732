//! Sign-ons.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::people::AccountId;
use crate::platform::{Place, Result};
use crate::statements::signing::{MOST, Signature, SignatureId};
use crate::statements::statement::StatementId;
use crate::statements::{place_of, spelled};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_signature")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        pub place_kind: String,
        pub place_id: Uuid,
        pub account_id: Option<Uuid>,
        pub role_title: String,
        pub shows_name: bool,
        pub comment: Option<String>,
        pub comment_public: bool,
        pub version: i32,
        pub signed_at: DateTimeUtc,
        pub confirmed_at: Option<DateTimeUtc>,
        pub withdrawn_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn read(row: row::Model) -> Result<Signature> {
    Ok(Signature {
        id: SignatureId(row.id),
        statement: StatementId(row.statement_id),
        place: place_of(&row.place_kind, row.place_id)?,
        account: row.account_id.map(AccountId),
        role_title: row.role_title,
        shows_name: row.shows_name,
        comment: row.comment,
        comment_public: row.comment_public,
        version: row.version,
        signed_at: row.signed_at,
        confirmed_at: row.confirmed_at,
        withdrawn_at: row.withdrawn_at,
    })
}

fn model(one: &Signature) -> Result<row::Model> {
    let (place_kind, place_id) = spelled(one.place)?;
    Ok(row::Model {
        id: one.id.0,
        statement_id: one.statement.0,
        place_kind: place_kind.to_owned(),
        place_id,
        account_id: one.account.map(|id| id.0),
        role_title: one.role_title.clone(),
        shows_name: one.shows_name,
        comment: one.comment.clone(),
        comment_public: one.comment_public,
        version: one.version,
        signed_at: one.signed_at,
        confirmed_at: one.confirmed_at,
        withdrawn_at: one.withdrawn_at,
    })
}

fn at(places: &[Place]) -> Result<SimpleExpr> {
    let mut any = Expr::value(false);
    for place in places {
        let (kind, id) = spelled(*place)?;
        any = any.or(Column::PlaceKind.eq(kind).and(Column::PlaceId.eq(id)));
    }
    Ok(any)
}

/// Statements that these places signed, for a question of another table.
pub(super) fn ids_of(places: &[Place]) -> Result<SelectStatement> {
    let mut query = Query::select();
    query.column(Column::StatementId).from(row::Entity).and_where(at(places)?);
    Ok(query)
}

/// Sign-ons of a statement, for a question of another table.
pub(super) fn ids_on(id: StatementId) -> SelectStatement {
    let mut query = Query::select();
    query.column(Column::Id).from(row::Entity).and_where(Column::StatementId.eq(id.0));
    query
}

/// Those of a statement, in the order of the first signing.
pub async fn of_statement(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Signature>> {
    let query = row::Entity::find().filter(Column::StatementId.eq(id.0)).order_by_asc(Column::SignedAt);
    query.order_by_asc(Column::Id).limit(MOST).all(conn).await?.into_iter().map(read).collect()
}

/// Those of places on statements.
pub async fn of_places(
    conn: &impl ConnectionTrait,
    statements: &[StatementId],
    places: &[Place],
) -> Result<Vec<Signature>> {
    let these = Column::StatementId.is_in(statements.iter().map(|id| id.0));
    let query = row::Entity::find().filter(these.and(at(places)?)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// The one of a place.
pub async fn of_place(conn: &impl ConnectionTrait, id: StatementId, place: Place) -> Result<Option<Signature>> {
    Ok(of_places(conn, &[id], &[place]).await?.pop())
}

/// Those that somebody signed, the oldest first.
pub async fn by_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Signature>> {
    let query = row::Entity::find().filter(Column::AccountId.eq(account.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// One of them.
pub async fn signature(conn: &impl ConnectionTrait, id: SignatureId) -> Result<Option<Signature>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(read).transpose()
}

/// How many a statement carries, withdrawn ones too.
pub async fn count(conn: &impl ConnectionTrait, id: StatementId) -> Result<u64> {
    Ok(row::Entity::find().filter(Column::StatementId.eq(id.0)).count(conn).await?)
}

/// How many stand behind a version.
pub async fn behind(conn: &impl ConnectionTrait, id: StatementId, version: i32) -> Result<u64> {
    let stand = Column::StatementId.eq(id.0).and(Column::Version.eq(version)).and(Column::WithdrawnAt.is_null());
    Ok(row::Entity::find().filter(stand).count(conn).await?)
}

/// How many stand behind each version of these statements.
pub async fn by_version(conn: &impl ConnectionTrait, ids: &[StatementId]) -> Result<Vec<(StatementId, i32, u64)>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let these = Column::StatementId.is_in(chunk.iter().map(|id| id.0)).and(Column::WithdrawnAt.is_null());
        let query = row::Entity::find().select_only().columns([Column::StatementId, Column::Version]);
        let query = query.column_as(Column::Id.count(), "behind").filter(these);
        let query = query.group_by(Column::StatementId).group_by(Column::Version);
        let rows: Vec<(Uuid, i32, i64)> = query.into_tuple().all(conn).await?;
        found
            .extend(rows.into_iter().map(|(id, version, n)| (StatementId(id), version, u64::try_from(n).unwrap_or(0))));
    }
    Ok(found)
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Signature) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Signature) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes the person out of what they signed, with what they said; that the place signed stays. How many there were.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let done = row::Entity::update_many()
        .col_expr(Column::AccountId, Expr::value(None::<Uuid>))
        .col_expr(Column::ShowsName, Expr::value(false))
        .col_expr(Column::Comment, Expr::value(None::<String>))
        .col_expr(Column::CommentPublic, Expr::value(false))
        .filter(Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}
