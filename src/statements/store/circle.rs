//! Who is invited to a draft, and comments on it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use crate::people::AccountId;
use crate::platform::{Error, Result};
use crate::statements::circle::{Comment, CommentId, Guest, GuestId, Part};
use crate::statements::statement::StatementId;

mod guest {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_guest")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        pub email: String,
        pub account_id: Option<Uuid>,
        pub part: String,
        pub invited_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod comment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "statement_comment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        pub point: Option<i32>,
        pub account_id: Option<Uuid>,
        pub words: String,
        pub taken: Option<bool>,
        pub answer: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn read(row: guest::Model) -> Result<Guest> {
    Ok(Guest {
        id: GuestId(row.id),
        statement: StatementId(row.statement_id),
        email: row.email,
        account: row.account_id.map(AccountId),
        part: Part::parse(&row.part).ok_or_else(|| Error::internal("an unknown part"))?,
        invited_at: row.invited_at,
    })
}

fn read_comment(row: comment::Model) -> Comment {
    Comment {
        id: CommentId(row.id),
        statement: StatementId(row.statement_id),
        point: row.point,
        account: row.account_id.map(AccountId),
        words: row.words,
        taken: row.taken,
        answer: row.answer.unwrap_or_default(),
        created_at: row.created_at,
    }
}

fn comment_row(one: &Comment) -> comment::Model {
    comment::Model {
        id: one.id.0,
        statement_id: one.statement.0,
        point: one.point,
        account_id: one.account.map(|id| id.0),
        words: one.words.clone(),
        taken: one.taken,
        answer: Some(one.answer.clone()).filter(|answer| !answer.is_empty()),
        created_at: one.created_at,
    }
}

fn mine(account: AccountId, email: Option<&str>) -> SimpleExpr {
    let known = guest::Column::AccountId.eq(account.0);
    match email {
        Some(email) => known.or(guest::Column::Email.eq(email)),
        None => known,
    }
}

/// Statements that somebody is invited to, for a question of another table.
pub(super) fn ids_of(account: AccountId, email: Option<&str>) -> SelectStatement {
    let mut query = Query::select();
    query.column(guest::Column::StatementId).from(guest::Entity).and_where(mine(account, email));
    query
}

/// Who is invited, the first first.
pub async fn guests(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Guest>> {
    let query = guest::Entity::find().filter(guest::Column::StatementId.eq(id.0));
    query.order_by_asc(guest::Column::Id).all(conn).await?.into_iter().map(read).collect()
}

/// How many are invited as co-authors.
pub async fn co_authors(conn: &impl ConnectionTrait, id: StatementId) -> Result<u64> {
    let these = guest::Column::StatementId.eq(id.0).and(guest::Column::Part.eq(Part::CoAuthor.code()));
    Ok(guest::Entity::find().filter(these).count(conn).await?)
}

/// Invitations of somebody.
pub async fn guest_of(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<Vec<Guest>> {
    let query = guest::Entity::find().filter(mine(account, email)).order_by_asc(guest::Column::Id);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// An invitation as it is now.
pub async fn keep_guest(conn: &impl ConnectionTrait, one: &Guest, is_new: bool) -> Result<()> {
    let row = guest::Model {
        id: one.id.0,
        statement_id: one.statement.0,
        email: one.email.clone(),
        account_id: one.account.map(|id| id.0),
        part: one.part.code().to_owned(),
        invited_at: one.invited_at,
    };
    if is_new {
        guest::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    } else {
        row.into_active_model().reset_all().update(conn).await?;
    }
    Ok(())
}

/// Takes an invitation out; how many there were.
pub async fn delete_guest(conn: &impl ConnectionTrait, statement: StatementId, id: GuestId) -> Result<u64> {
    let one = guest::Column::Id.eq(id.0).and(guest::Column::StatementId.eq(statement.0));
    Ok(guest::Entity::delete_many().filter(one).exec(conn).await?.rows_affected)
}

/// Takes out the addresses of a statement that have no account.
pub async fn forget_addresses(conn: &impl ConnectionTrait, id: StatementId) -> Result<()> {
    let loose = guest::Column::StatementId.eq(id.0).and(guest::Column::AccountId.is_null());
    guest::Entity::delete_many().filter(loose).exec(conn).await?;
    Ok(())
}

/// Takes out every invitation of somebody.
pub async fn forget_guest(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<()> {
    guest::Entity::delete_many().filter(mine(account, email)).exec(conn).await?;
    Ok(())
}

/// Comments on a draft, the oldest first.
pub async fn comments(conn: &impl ConnectionTrait, id: StatementId) -> Result<Vec<Comment>> {
    let query = comment::Entity::find().filter(comment::Column::StatementId.eq(id.0));
    Ok(query.order_by_asc(comment::Column::Id).all(conn).await?.into_iter().map(read_comment).collect())
}

/// What somebody said, the oldest first.
pub async fn comments_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Comment>> {
    let query = comment::Entity::find().filter(comment::Column::AccountId.eq(account.0));
    Ok(query.order_by_asc(comment::Column::Id).all(conn).await?.into_iter().map(read_comment).collect())
}

/// A new comment.
pub async fn insert_comment(conn: &impl ConnectionTrait, new: &Comment) -> Result<()> {
    comment::Entity::insert(comment_row(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A comment as it is now.
pub async fn update_comment(conn: &impl ConnectionTrait, now: &Comment) -> Result<()> {
    comment_row(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Takes the person out of what they said.
pub async fn forget_comments(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    comment::Entity::update_many()
        .col_expr(comment::Column::AccountId, Expr::value(None::<Uuid>))
        .col_expr(comment::Column::Words, Expr::value("(taken out by whoever wrote it)"))
        .filter(comment::Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes out what hangs on a draft.
pub(super) async fn delete_of(conn: &impl ConnectionTrait, id: StatementId) -> Result<()> {
    comment::Entity::delete_many().filter(comment::Column::StatementId.eq(id.0)).exec(conn).await?;
    guest::Entity::delete_many().filter(guest::Column::StatementId.eq(id.0)).exec(conn).await?;
    Ok(())
}
