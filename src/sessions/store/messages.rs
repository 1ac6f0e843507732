//! Messages to people of a session, in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::afterwards::presence;
use crate::mail::mailing::MailingId;
use crate::people::AccountId;
use crate::platform::vocabulary::Attendance;
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::message::{Audience, Came, Message, MessageId, MessageState};
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::SessionId;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub session_id: Uuid,
        pub account_id: Uuid,
        pub audience: String,
        pub subject: String,
        pub body: String,
        pub recipients: i32,
        pub created_at: DateTimeUtc,
        pub state: String,
        pub sector: Option<String>,
        pub attendance: String,
        pub due_at: Option<DateTimeUtc>,
        pub mailing_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

fn row_of(message: &Message) -> Model {
    Model {
        id: message.id.0,
        session_id: message.session.0,
        account_id: message.account.0,
        audience: message.audience.code().to_owned(),
        subject: message.subject.clone(),
        body: message.body.clone(),
        recipients: message.recipients,
        created_at: message.created_at,
        state: message.state.code().to_owned(),
        sector: message.sector.clone(),
        attendance: message.came.code().to_owned(),
        due_at: message.due_at,
        mailing_id: message.mailing.map(|id| id.0),
    }
}

fn message_of(row: Model) -> Result<Message> {
    let unknown = || Error::internal("a code of a message that nobody knows");
    Ok(Message {
        id: MessageId(row.id),
        session: SessionId(row.session_id),
        account: AccountId(row.account_id),
        audience: Audience::parse(&row.audience).ok_or_else(unknown)?,
        sector: row.sector,
        came: Came::parse(&row.attendance).ok_or_else(unknown)?,
        subject: row.subject,
        body: row.body,
        state: MessageState::parse(&row.state).ok_or_else(unknown)?,
        due_at: row.due_at,
        mailing: row.mailing_id.map(MailingId),
        recipients: row.recipients,
        created_at: row.created_at,
    })
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, message: &Message) -> Result<()> {
    Entity::insert(row_of(message).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// As it is now. The session is held.
pub async fn update(conn: &impl ConnectionTrait, message: &Message) -> Result<()> {
    Entity::update(row_of(message).into_active_model().reset_all()).exec(conn).await?;
    Ok(())
}

/// One message.
pub async fn by_id(conn: &impl ConnectionTrait, id: MessageId) -> Result<Option<Message>> {
    Entity::find_by_id(id.0).one(conn).await?.map(message_of).transpose()
}

/// The messages of a session, newest first, at most 100.
pub async fn of_session(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Message>> {
    let query = Entity::find().filter(Column::SessionId.eq(session.0)).order_by_desc(Column::Id).limit(100);
    query.all(conn).await?.into_iter().map(message_of).collect()
}

/// How many other messages of its session went or go between two moments.
pub async fn near(conn: &impl ConnectionTrait, message: &Message, from: Timestamp, until: Timestamp) -> Result<u64> {
    let goes = [MessageState::Scheduled, MessageState::Sent].map(MessageState::code);
    let query = Entity::find()
        .filter(Column::SessionId.eq(message.session.0).and(Column::Id.ne(message.id.0)))
        .filter(Column::State.is_in(goes))
        .filter(Column::DueAt.gt(from).and(Column::DueAt.lt(until)));
    Ok(query.count(conn).await?)
}

/// Messages whose time has come, with their sessions.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<(MessageId, SessionId)>> {
    let query = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SessionId])
        .filter(Column::State.eq(MessageState::Scheduled.code()).and(Column::DueAt.lte(now)))
        .order_by_asc(Column::DueAt)
        .limit(limit);
    let rows: Vec<(Uuid, Uuid)> = query.into_tuple().all(conn).await?;
    Ok(rows.into_iter().map(|(id, session)| (MessageId(id), SessionId(session))).collect())
}

/// Who was at a meeting of the session, whole or in part.
pub async fn who_was_there(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<RegistrationId>> {
    let here = [Attendance::PRESENT, Attendance::PARTIAL].map(Attendance::code);
    let query = presence::Entity::find()
        .select_only()
        .column(presence::Column::RegistrationId)
        .distinct()
        .filter(presence::Column::SessionId.eq(session.0).and(presence::Column::State.is_in(here)));
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(RegistrationId).collect())
}
