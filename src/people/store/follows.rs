//! What people follow, in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::school;
use crate::people::account::AccountId;
use crate::people::follow::{Follow, FollowKind, Follower};
use crate::platform::{Error, Result};

pub mod row {
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

/// What an account follows, by kind and target.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Follow>> {
    let rows = row::Entity::find().filter(row::Column::AccountId.eq(account.0));
    let rows = rows.order_by_asc(row::Column::Kind).order_by_asc(row::Column::Target).all(conn).await?;
    rows.into_iter().map(|row| Ok(read(row)?.follow)).collect()
}

fn read(row: row::Model) -> Result<Follower> {
    let kind = FollowKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of follow"))?;
    let follow = Follow { kind, target: row.target, since: row.created_at };
    Ok(Follower { account: AccountId(row.account_id), follow })
}

/// Who follows any of these, in the order of accounts; whole accounts alone.
pub async fn followers(
    conn: &impl ConnectionTrait,
    of: &[(FollowKind, String)],
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<Follower>> {
    let mut any = Condition::any();
    for (kind, target) in of {
        let one = Condition::all().add(row::Column::Kind.eq(kind.code())).add(row::Column::Target.eq(target));
        any = any.add(one);
    }
    let mut query = row::Entity::find().filter(any).order_by_asc(row::Column::AccountId).limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::AccountId.gt(after.0));
    }
    let mut rows = query.all(conn).await?;
    if rows.len() as u64 == limit
        && let Some(last) = rows.last().map(|row| row.account_id)
        && rows.first().is_some_and(|row| row.account_id != last)
    {
        rows.retain(|row| row.account_id != last);
    }
    rows.into_iter().map(read).collect()
}

/// Whether anybody follows anything.
pub async fn is_any(conn: &impl ConnectionTrait) -> Result<bool> {
    Ok(row::Entity::find().limit(1).one(conn).await?.is_some())
}

/// Whether a school is in this city.
pub async fn is_city(conn: &impl ConnectionTrait, state: &str, city: &str) -> Result<bool> {
    let query = school::Entity::find().filter(school::Column::City.eq(city));
    let query = match state {
        // Our source does not say every school's state.
        "" => query.filter(school::Column::State.is_null()),
        state => query.filter(school::Column::State.eq(state)),
    };
    Ok(query.limit(1).one(conn).await?.is_some())
}

/// Keeps it; one that is there stays as it is.
pub async fn insert(conn: &impl ConnectionTrait, account: AccountId, follow: Follow) -> Result<()> {
    let row = row::Model {
        account_id: account.0,
        kind: follow.kind.code().to_owned(),
        target: follow.target,
        created_at: follow.since,
    };
    let mut known = OnConflict::columns([row::Column::AccountId, row::Column::Kind, row::Column::Target]);
    let known = known.do_nothing().to_owned();
    row::Entity::insert(row.into_active_model()).try_insert().on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes it out; whether it was there.
pub async fn delete(conn: &impl ConnectionTrait, account: AccountId, kind: FollowKind, target: &str) -> Result<bool> {
    let id = (account.0, kind.code().to_owned(), target.to_owned());
    Ok(row::Entity::delete_by_id(id).exec(conn).await?.rows_affected > 0)
}
