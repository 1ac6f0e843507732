//! Invitations in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::memberships::{columns, place_of};
use crate::mail::Email;
use crate::people::account::AccountId;
use crate::people::invitation::{Invitation, InvitationId};
use crate::platform::{Error, Grant, Place, Result, Role, Timestamp};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub email: String,
        pub name: String,
        pub role: String,
        pub school_id: Option<Uuid>,
        pub organization_id: Option<Uuid>,
        pub invited_by: Option<Uuid>,
        pub secret_hash: String,
        pub created_at: DateTimeUtc,
        pub expires_at: DateTimeUtc,
        pub accepted_at: Option<DateTimeUtc>,
        pub accepted_by: Option<Uuid>,
        pub withdrawn_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

/// A new invitation; the hash is of the secret in its letter.
pub async fn insert(conn: &impl ConnectionTrait, new: &Invitation, secret_hash: String) -> Result<()> {
    let (school_id, organization_id) = columns(new.grant.place);
    let row = row::Model {
        id: new.id.0,
        email: new.email.as_str().to_owned(),
        name: new.name.clone(),
        role: new.grant.role.code().to_owned(),
        school_id,
        organization_id,
        invited_by: new.invited_by.map(|id| id.0),
        secret_hash,
        created_at: new.created_at,
        expires_at: new.expires_at,
        accepted_at: new.accepted_at,
        accepted_by: new.accepted_by.map(|id| id.0),
        withdrawn_at: new.withdrawn_at,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One invitation.
pub async fn by_id(conn: &impl ConnectionTrait, id: InvitationId) -> Result<Option<Invitation>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(invitation_of).transpose()
}

/// The invitation of a secret's hash.
pub async fn by_hash(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Invitation>> {
    row::Entity::find().filter(Column::SecretHash.eq(hash)).one(conn).await?.map(invitation_of).transpose()
}

/// Neither accepted nor withdrawn, of a place or of all, the newest first: 500 at most.
pub async fn unanswered(conn: &impl ConnectionTrait, place: Option<Place>) -> Result<Vec<Invitation>> {
    let mut query = open();
    if let Some(place) = place {
        query = at(query, place);
    }
    query.order_by_desc(Column::Id).limit(500).all(conn).await?.into_iter().map(invitation_of).collect()
}

/// Those of an address for one role at one place that are neither accepted nor withdrawn.
pub async fn unanswered_of(conn: &impl ConnectionTrait, email: &Email, grant: Grant) -> Result<Vec<InvitationId>> {
    let query = at(open(), grant.place).filter(Column::Email.eq(email.as_str()));
    let query = query.filter(Column::Role.eq(grant.role.code())).select_only().column(Column::Id);
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(InvitationId).collect())
}

/// Takes the invitation's answer, if it has none yet; of two at once only one is told yes.
pub async fn accept(conn: &impl ConnectionTrait, id: InvitationId, by: AccountId, now: Timestamp) -> Result<bool> {
    let done = row::Entity::update_many()
        .col_expr(Column::AcceptedAt, Expr::value(now))
        .col_expr(Column::AcceptedBy, Expr::value(by.0))
        .filter(Column::Id.eq(id.0))
        .filter(Column::AcceptedAt.is_null().and(Column::WithdrawnAt.is_null()).and(Column::ExpiresAt.gt(now)))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Withdraws an invitation without an answer; whether there was one.
pub async fn withdraw(conn: &impl ConnectionTrait, id: InvitationId, now: Timestamp) -> Result<bool> {
    let done = row::Entity::update_many()
        .col_expr(Column::WithdrawnAt, Expr::value(now))
        .filter(Column::Id.eq(id.0))
        .filter(Column::AcceptedAt.is_null().and(Column::WithdrawnAt.is_null()))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// How many somebody has sent since then.
pub async fn sent_since(conn: &impl ConnectionTrait, by: AccountId, since: Timestamp) -> Result<u64> {
    Ok(row::Entity::find().filter(Column::InvitedBy.eq(by.0).and(Column::CreatedAt.gt(since))).count(conn).await?)
}

fn open() -> Select<row::Entity> {
    row::Entity::find().filter(Column::AcceptedAt.is_null().and(Column::WithdrawnAt.is_null()))
}

fn at(query: Select<row::Entity>, place: Place) -> Select<row::Entity> {
    match place {
        Place::School(id) => query.filter(Column::SchoolId.eq(id)),
        Place::Organization(id) => query.filter(Column::OrganizationId.eq(id)),
        Place::Installation => query.filter(Column::SchoolId.is_null().and(Column::OrganizationId.is_null())),
    }
}

fn invitation_of(row: row::Model) -> Result<Invitation> {
    let role = Role::parse(&row.role).ok_or_else(|| Error::internal("an unknown role in an invitation"))?;
    Ok(Invitation {
        id: InvitationId(row.id),
        email: Email::parse(&row.email).map_err(Error::internal)?,
        name: row.name,
        grant: Grant { role, place: place_of(row.school_id, row.organization_id) },
        invited_by: row.invited_by.map(AccountId),
        created_at: row.created_at,
        expires_at: row.expires_at,
        accepted_at: row.accepted_at,
        accepted_by: row.accepted_by.map(AccountId),
        withdrawn_at: row.withdrawn_at,
    })
}
