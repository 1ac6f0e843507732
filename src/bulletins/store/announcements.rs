//! Announcements in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::bulletins::announcement::{Announcement, AnnouncementId, Stage, State};
use crate::mail::mailing::MailingId;
use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp, Zone};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "announcement")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub city: String,
        pub city_name: String,
        pub author_id: Uuid,
        pub subject: String,
        pub body: String,
        pub button: Option<String>,
        pub link: Option<String>,
        pub state: String,
        pub due_at: Option<DateTimeUtc>,
        pub zone: String,
        pub stage: String,
        pub cursor: Option<Uuid>,
        pub mailing_id: Option<Uuid>,
        pub newsletter_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

fn row_of(announcement: &Announcement) -> Model {
    let (button, link) = announcement.button.clone().unzip();
    Model {
        id: announcement.id.0,
        city: announcement.city.clone(),
        city_name: announcement.city_name.clone(),
        author_id: announcement.author.0,
        subject: announcement.subject.clone(),
        body: announcement.body.clone(),
        button,
        link,
        state: announcement.state.code().to_owned(),
        due_at: announcement.due_at,
        zone: announcement.zone.name().to_owned(),
        stage: announcement.stage.code().to_owned(),
        cursor: announcement.cursor,
        mailing_id: announcement.mailing.map(|id| id.0),
        newsletter_id: announcement.newsletter.map(|id| id.0),
        created_at: announcement.created_at,
        updated_at: announcement.updated_at,
    }
}

fn announcement_of(row: Model) -> Result<Announcement> {
    Ok(Announcement {
        id: AnnouncementId(row.id),
        city: row.city,
        city_name: row.city_name,
        author: AccountId(row.author_id),
        subject: row.subject,
        body: row.body,
        button: row.button.zip(row.link),
        state: State::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of an announcement"))?,
        due_at: row.due_at,
        zone: Zone::parse(&row.zone)?,
        stage: Stage::parse(&row.stage).ok_or_else(|| Error::internal("an unknown stage of an announcement"))?,
        cursor: row.cursor,
        mailing: row.mailing_id.map(MailingId),
        newsletter: row.newsletter_id.map(MailingId),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, announcement: &Announcement) -> Result<()> {
    Entity::insert(row_of(announcement).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// As it is now.
pub async fn update(conn: &impl ConnectionTrait, announcement: &Announcement) -> Result<()> {
    Entity::update(row_of(announcement).into_active_model().reset_all()).exec(conn).await?;
    Ok(())
}

/// One announcement.
pub async fn by_id(conn: &impl ConnectionTrait, id: AnnouncementId) -> Result<Option<Announcement>> {
    Entity::find_by_id(id.0).one(conn).await?.map(announcement_of).transpose()
}

/// One announcement that nobody else changes until the transaction ends.
pub async fn to_change(conn: &impl ConnectionTrait, id: AnnouncementId) -> Result<Option<Announcement>> {
    Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(announcement_of).transpose()
}

/// Announcements to these cities, or to all; newest first, after one of them.
pub async fn list(
    conn: &impl ConnectionTrait,
    cities: Option<&[String]>,
    before: Option<AnnouncementId>,
    limit: u64,
) -> Result<Vec<Announcement>> {
    let mut query = Entity::find().order_by_desc(Column::Id).limit(limit);
    if let Some(cities) = cities {
        query = query.filter(Column::City.is_in(cities.iter().map(String::as_str)));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.0));
    }
    query.all(conn).await?.into_iter().map(announcement_of).collect()
}

/// What was told to a city, newest first.
pub async fn told(conn: &impl ConnectionTrait, city: &str, limit: u64) -> Result<Vec<Announcement>> {
    let told = [State::Gathering, State::Sent].map(State::code);
    let query = Entity::find().filter(Column::City.eq(city)).filter(Column::State.is_in(told));
    query.order_by_desc(Column::Id).limit(limit).all(conn).await?.into_iter().map(announcement_of).collect()
}

/// Announcements whose time has come, and those whose readers are not all there.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<AnnouncementId>> {
    let ready = Column::State.eq(State::Scheduled.code()).and(Column::DueAt.lte(now));
    let ready = ready.or(Column::State.eq(State::Gathering.code()));
    let query = Entity::find().select_only().column(Column::Id).filter(ready).order_by_asc(Column::DueAt).limit(limit);
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(AnnouncementId).collect())
}

/// Mailings to addresses without an account of a city, made since a moment.
pub async fn newsletters(conn: &impl ConnectionTrait, city: &str, since: Timestamp) -> Result<Vec<MailingId>> {
    let query = Entity::find().select_only().column(Column::NewsletterId).filter(Column::City.eq(city));
    let query = query.filter(Column::NewsletterId.is_not_null().and(Column::UpdatedAt.gte(since)));
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(MailingId).collect())
}

/// What somebody wrote, oldest first.
pub async fn of_author(conn: &impl ConnectionTrait, author: Uuid) -> Result<Vec<Announcement>> {
    let rows = Entity::find().filter(Column::AuthorId.eq(author)).order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(announcement_of).collect()
}
