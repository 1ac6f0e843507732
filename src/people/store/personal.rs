//! What the tables of people hold about one person: to take along, and to take out.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, QuerySelect, Value};

use super::{accounts, memberships};
use crate::people::account::{Account, AccountId};
use crate::platform::{Result, Timestamp};

mod invitation {
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

mod follow {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub target: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invitation, without its secret.
pub struct Invited {
    /// Its id.
    pub id: Uuid,
    /// To which address.
    pub email: String,
    /// To whom, as whoever invited wrote it.
    pub name: String,
    /// To which role.
    pub role: String,
    /// At which school or organization.
    pub place: Option<Uuid>,
    /// Whether this person wrote it.
    pub by_them: bool,
    /// When.
    pub created_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

/// Something followed.
pub struct Followed {
    /// `topic`, `school` ...
    pub kind: String,
    /// Code or id.
    pub target: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// How accounts are called; ids of no account are left out.
pub async fn names(conn: &impl ConnectionTrait, ids: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(super::CHUNK) {
        let query = accounts::row::Entity::find()
            .select_only()
            .columns([accounts::row::Column::Id, accounts::row::Column::Name])
            .filter(accounts::row::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        let rows: Vec<(Uuid, String)> = query.into_tuple().all(conn).await?;
        names.extend(rows.into_iter().map(|(id, name)| (AccountId(id), name)));
    }
    Ok(names)
}

/// Names of schools and organizations by id, in two statements.
pub async fn place_names(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(super::CHUNK) {
        use super::{organization, school};
        let schools = school::Entity::find().select_only().columns([school::Column::Id, school::Column::Name]);
        let schools: Vec<(Uuid, String)> =
            schools.filter(school::Column::Id.is_in(chunk.to_vec())).into_tuple().all(conn).await?;
        let offices = organization::Entity::find();
        let offices = offices.select_only().columns([organization::Column::Id, organization::Column::Name]);
        let offices: Vec<(Uuid, String)> =
            offices.filter(organization::Column::Id.is_in(chunk.to_vec())).into_tuple().all(conn).await?;
        names.extend(schools.into_iter().chain(offices));
    }
    Ok(names)
}

/// One account, held until the transaction ends.
pub async fn lock(conn: &impl ConnectionTrait, id: AccountId) -> Result<Option<Account>> {
    let mut query = accounts::row::Entity::find_by_id(id.0);
    if conn.get_database_backend() == DbBackend::Postgres {
        query = query.lock(LockType::Update);
    }
    query.one(conn).await?.map(accounts::account_of).transpose()
}

/// Invitations to an address, accepted by the person, or written by them; oldest first.
pub async fn invitations(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>) -> Result<Vec<Invited>> {
    use invitation::Column;
    let mut mine = Column::InvitedBy.eq(account.0).or(Column::AcceptedBy.eq(account.0));
    if let Some(email) = email {
        mine = mine.or(Column::Email.eq(email));
    }
    let rows = invitation::Entity::find().filter(mine).order_by_asc(Column::Id).all(conn).await?;
    let invited = |row: invitation::Model| Invited {
        id: row.id,
        by_them: row.invited_by == Some(account.0),
        email: row.email,
        name: row.name,
        role: row.role,
        place: row.school_id.or(row.organization_id),
        created_at: row.created_at,
        accepted_at: row.accepted_at,
        withdrawn_at: row.withdrawn_at,
    };
    Ok(rows.into_iter().map(invited).collect())
}

/// What an account follows, oldest first.
pub async fn follows(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Followed>> {
    let mine = follow::Column::AccountId.eq(account.0);
    let rows = follow::Entity::find().filter(mine).order_by_asc(follow::Column::CreatedAt).all(conn).await?;
    let followed = |row: follow::Model| Followed { kind: row.kind, target: row.target, created_at: row.created_at };
    Ok(rows.into_iter().map(followed).collect())
}

/// The name of an account of which nothing is left to say.
pub const NOBODY: &str = "Former member";

/// Takes out everything that says who the person was. The account's row stays, because records point at it.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId, email: Option<&str>, now: Timestamp) -> Result<()> {
    use accounts::row::Column;
    let none = || Expr::value(Value::String(None));
    let never = || Expr::value(Option::<DateTimeUtc>::None);
    let empty = || Expr::value(serde_json::json!([]));
    accounts::row::Entity::update_many()
        .col_expr(Column::State, Expr::value("erased"))
        .col_expr(Column::Name, Expr::value(NOBODY))
        .col_expr(Column::Email, none())
        .col_expr(Column::EmailConfirmedAt, never())
        .col_expr(Column::PasswordHash, none())
        .col_expr(Column::PasswordSetAt, never())
        .col_expr(Column::Title, none())
        .col_expr(Column::TimeZone, none())
        .col_expr(Column::Grades, empty())
        .col_expr(Column::Subjects, empty())
        .col_expr(Column::WelcomedAt, never())
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(account.0))
        .exec(conn)
        .await?;
    follow::Entity::delete_many().filter(follow::Column::AccountId.eq(account.0)).exec(conn).await?;
    let mut theirs = invitation::Column::AcceptedBy.eq(account.0);
    if let Some(email) = email {
        theirs = theirs.or(invitation::Column::Email.eq(email));
    }
    invitation::Entity::delete_many().filter(theirs).exec(conn).await?;
    end_memberships(conn, account, now).await
}

async fn end_memberships(conn: &impl ConnectionTrait, account: AccountId, now: Timestamp) -> Result<()> {
    use memberships::row::Column;
    let ends = |from: &str, to: &str| {
        memberships::row::Entity::update_many()
            .col_expr(Column::State, Expr::value(to))
            .col_expr(Column::EndedAt, Expr::value(now))
            .col_expr(Column::OpenKey, Expr::value(Value::String(None)))
            .filter(Column::AccountId.eq(account.0).and(Column::State.eq(from)))
    };
    ends("current", "ended").exec(conn).await?;
    ends("asked", "declined").exec(conn).await?;
    Ok(())
}
