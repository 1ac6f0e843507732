//! Digests in the database.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::digest::{Digest, DigestId, Kind, State};
use crate::platform::{Error, Result, Timestamp};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "digest")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub city: String,
        pub city_name: String,
        pub kind: String,
        pub first_day: Date,
        pub last_day: Date,
        pub state: String,
        pub intro: String,
        pub chapters: Json,
        pub content: Option<Json>,
        pub revision: i32,
        pub announcement_id: Option<Uuid>,
        pub corrections: Option<Json>,
        pub reason: Option<String>,
        pub withdrawn_at: Option<DateTimeUtc>,
        pub drafted_at: DateTimeUtc,
        pub published_at: Option<DateTimeUtc>,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

/// Puts a draft in, unless there is one of the city and period; whether there was none.
pub async fn insert(conn: &impl ConnectionTrait, digest: &Digest) -> Result<bool> {
    let known = OnConflict::columns([Column::City, Column::Kind, Column::FirstDay]).do_nothing().to_owned();
    let insert = Entity::insert(row_of(digest)?.into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// A digest as it is now.
pub async fn update(conn: &impl ConnectionTrait, digest: &Digest) -> Result<()> {
    row_of(digest)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// One digest.
pub async fn by_id(conn: &impl ConnectionTrait, id: DigestId) -> Result<Option<Digest>> {
    Entity::find_by_id(id.0).one(conn).await?.map(digest_of).transpose()
}

/// One digest, held until the transaction ends.
pub async fn to_change(conn: &impl ConnectionTrait, id: DigestId) -> Result<Option<Digest>> {
    Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(digest_of).transpose()
}

/// Which cities have a digest of a period.
pub async fn drafted(conn: &impl ConnectionTrait, kind: Kind, first: NaiveDate) -> Result<Vec<String>> {
    let query = Entity::find()
        .select_only()
        .column(Column::City)
        .filter(Column::Kind.eq(kind.code()))
        .filter(Column::FirstDay.eq(first));
    Ok(query.into_tuple().all(conn).await?)
}

/// Digests of these cities, or of all, newest period first.
pub async fn of_cities(conn: &impl ConnectionTrait, cities: Option<&[String]>, limit: u64) -> Result<Vec<Digest>> {
    let mut query = Entity::find();
    if let Some(cities) = cities {
        query = query.filter(Column::City.is_in(cities.iter().map(String::as_str)));
    }
    let query = query.order_by_desc(Column::LastDay).order_by_asc(Column::City).order_by_desc(Column::Id);
    query.limit(limit).all(conn).await?.into_iter().map(digest_of).collect()
}

fn open(city: Option<&str>) -> Condition {
    let shown = Condition::all().add(Column::State.eq(State::Published.code())).add(Column::WithdrawnAt.is_null());
    shown.add_option(city.map(|city| Column::City.eq(city)))
}

/// Published ones, the last published first.
pub async fn published(
    conn: &impl ConnectionTrait,
    city: Option<&str>,
    before: Option<(Timestamp, DigestId)>,
    limit: u64,
) -> Result<Vec<Digest>> {
    let mut query = Entity::find().filter(open(city));
    if let Some((at, id)) = before {
        let same = Condition::all().add(Column::PublishedAt.eq(at)).add(Column::Id.lt(id.0));
        query = query.filter(Condition::any().add(Column::PublishedAt.lt(at)).add(same));
    }
    let query = query.order_by_desc(Column::PublishedAt).order_by_desc(Column::Id).limit(limit);
    query.all(conn).await?.into_iter().map(digest_of).collect()
}

/// How many published ones there are.
pub async fn count(conn: &impl ConnectionTrait, city: Option<&str>) -> Result<u64> {
    Ok(Entity::find().filter(open(city)).count(conn).await?)
}

fn row_of(digest: &Digest) -> Result<Model> {
    Ok(Model {
        id: digest.id.0,
        city: digest.city.clone(),
        city_name: digest.city_name.clone(),
        kind: digest.kind.code().to_owned(),
        first_day: digest.first,
        last_day: digest.last,
        state: match digest.state {
            State::Draft => State::Draft.code(),
            State::Published | State::Withdrawn => State::Published.code(),
        }
        .to_owned(),
        intro: digest.intro.clone(),
        chapters: serde_json::to_value(&digest.chapters).map_err(Error::internal)?,
        content: digest.content.as_ref().map(serde_json::to_value).transpose().map_err(Error::internal)?,
        revision: digest.revision,
        announcement_id: digest.announcement,
        corrections: Some(serde_json::to_value(&digest.corrections).map_err(Error::internal)?),
        reason: digest.reason.clone(),
        withdrawn_at: digest.withdrawn_at,
        drafted_at: digest.drafted_at,
        published_at: digest.published_at,
        updated_at: digest.updated_at,
    })
}

fn digest_of(row: Model) -> Result<Digest> {
    Ok(Digest {
        id: DigestId(row.id),
        city: row.city,
        city_name: row.city_name,
        kind: Kind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of a digest"))?,
        first: row.first_day,
        last: row.last_day,
        state: match row.withdrawn_at {
            Some(_) => State::Withdrawn,
            None => State::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of a digest"))?,
        },
        intro: row.intro,
        chapters: serde_json::from_value(row.chapters).map_err(Error::internal)?,
        content: row.content.map(serde_json::from_value).transpose().map_err(Error::internal)?,
        revision: row.revision,
        announcement: row.announcement_id,
        corrections: row
            .corrections
            .map(serde_json::from_value)
            .transpose()
            .map_err(Error::internal)?
            .unwrap_or_default(),
        reason: row.reason,
        withdrawn_at: row.withdrawn_at,
        drafted_at: row.drafted_at,
        published_at: row.published_at,
        updated_at: row.updated_at,
    })
}
