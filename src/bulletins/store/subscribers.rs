//! Addresses without an account that asked for a newsletter, in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::bulletins::newsletter::{Subscriber, SubscriberId};
use crate::mail::Email;
use crate::platform::{Error, Result, Timestamp};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "newsletter_subscriber")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub city: String,
        pub city_name: String,
        pub email: String,
        pub asked_at: DateTimeUtc,
        pub asked: i32,
        pub confirmed_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

fn subscriber_of(row: Model) -> Result<Subscriber> {
    Ok(Subscriber {
        id: SubscriberId(row.id),
        city: row.city,
        city_name: row.city_name,
        email: Email::parse(&row.email).map_err(Error::internal)?,
        asked_at: row.asked_at,
        asked: row.asked,
        confirmed_at: row.confirmed_at,
    })
}

/// A new one; one of the same address and city that is there stays as it is.
pub async fn insert(conn: &impl ConnectionTrait, subscriber: &Subscriber) -> Result<()> {
    let row = Model {
        id: subscriber.id.0,
        city: subscriber.city.clone(),
        city_name: subscriber.city_name.clone(),
        email: subscriber.email.as_str().to_owned(),
        asked_at: subscriber.asked_at,
        asked: subscriber.asked,
        confirmed_at: subscriber.confirmed_at,
    };
    let known = OnConflict::columns([Column::Email, Column::City]).do_nothing().to_owned();
    Entity::insert(row.into_active_model()).try_insert().on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// That of an address and a city, which nobody else changes until the transaction ends.
pub async fn of_address(conn: &impl ConnectionTrait, email: &Email, city: &str) -> Result<Option<Subscriber>> {
    let query = Entity::find().filter(Column::Email.eq(email.as_str()).and(Column::City.eq(city)));
    query.lock_exclusive().one(conn).await?.map(subscriber_of).transpose()
}

/// One subscription.
pub async fn by_id(conn: &impl ConnectionTrait, id: SubscriberId) -> Result<Option<Subscriber>> {
    Entity::find_by_id(id.0).one(conn).await?.map(subscriber_of).transpose()
}

/// One subscription, which nobody else changes until the transaction ends.
pub async fn to_change(conn: &impl ConnectionTrait, id: SubscriberId) -> Result<Option<Subscriber>> {
    Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(subscriber_of).transpose()
}

/// Notes that it was asked for once more.
pub async fn ask_again(conn: &impl ConnectionTrait, id: SubscriberId, asked: i32, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::AskedAt, Expr::value(now))
        .col_expr(Column::Asked, Expr::value(asked))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Notes that the address said yes.
pub async fn confirm(conn: &impl ConnectionTrait, id: SubscriberId, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Takes one out.
pub async fn delete(conn: &impl ConnectionTrait, id: SubscriberId) -> Result<()> {
    Entity::delete_by_id(id.0).exec(conn).await?;
    Ok(())
}

/// Addresses of a city that said yes, in the order of their ids, after one of them.
pub async fn confirmed(
    conn: &impl ConnectionTrait,
    city: &str,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Subscriber>> {
    let mut query = Entity::find().filter(Column::City.eq(city).and(Column::ConfirmedAt.is_not_null()));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(limit).all(conn).await?.into_iter().map(subscriber_of).collect()
}

/// How many addresses of a city said yes.
pub async fn count(conn: &impl ConnectionTrait, city: &str) -> Result<u64> {
    Ok(Entity::find().filter(Column::City.eq(city).and(Column::ConfirmedAt.is_not_null())).count(conn).await?)
}

/// All subscriptions of an address, oldest first.
pub async fn of_email(conn: &impl ConnectionTrait, email: &str) -> Result<Vec<Subscriber>> {
    let rows = Entity::find().filter(Column::Email.eq(email)).order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(subscriber_of).collect()
}

/// Takes out those that nobody has confirmed, asked for before `before`, at most `limit`; gives their addresses and cities.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<Vec<(String, String)>> {
    let open = Expr::col(Column::ConfirmedAt).is_null().and(Expr::col(Column::AskedAt).lt(before));
    let mut old = Query::select();
    old.column(Column::Id).from(Entity).and_where(open.clone()).limit(limit);
    let delete = Entity::delete_many().filter(Column::Id.in_subquery(old)).filter(open);
    Ok(delete.exec_with_returning(conn).await?.into_iter().map(|row| (row.email, row.city)).collect())
}
