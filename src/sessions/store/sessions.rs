//! Sessions with their meetings, topics, facilitators and invited schools.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect, QueryTrait};

use super::CHUNK;
use crate::catalog::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{
    Consent, CoverageNeed, SessionFormat, SessionMode, SessionStatus, Topic, Visibility, Way,
};
use crate::platform::{Error, Result, Timestamp, Tx, Zone};
use crate::sessions::session::{Details, Facilitator, Meeting, Party, Places, RoomId, Session, SessionId};

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub uid: String,
        pub status: String,
        pub format: String,
        pub title: String,
        pub details: Json,
        pub mode: String,
        pub starts_at: Option<DateTimeUtc>,
        pub ends_at: Option<DateTimeUtc>,
        pub host_school_id: Uuid,
        pub host_sector: Option<String>,
        pub cohost_school_id: Option<Uuid>,
        pub cohost_sector: Option<String>,
        pub consent: String,
        pub consent_by: Option<Uuid>,
        pub organizer_id: Uuid,
        pub access_contact_id: Option<Uuid>,
        pub practice_id: Option<Uuid>,
        pub commitment_id: Option<Uuid>,
        pub capacity: i32,
        pub taken: i32,
        pub online_capacity: i32,
        pub online_taken: i32,
        pub minimum: Option<i32>,
        pub decide_on: Option<Date>,
        pub decided_at: Option<DateTimeUtc>,
        pub warned_for: Option<Date>,
        pub school_cap: Option<i32>,
        pub kept: Json,
        pub release_at: Option<DateTimeUtc>,
        pub opens_at: Option<DateTimeUtc>,
        pub closes_at: Option<DateTimeUtc>,
        pub approval_needed: bool,
        pub approval_by: Option<DateTimeUtc>,
        pub coverage: String,
        pub visibility: String,
        pub waited: i64,
        pub revision: i32,
        pub sequence: i32,
        pub round: i32,
        pub joint_published: Option<bool>,
        pub joint_decided: Option<bool>,
        pub joint_held: Option<bool>,
        pub locked_at: Option<DateTimeUtc>,
        pub cloned_from: Option<Uuid>,
        pub reason: Option<String>,
        pub published_at: Option<DateTimeUtc>,
        pub ended_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod meeting {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub starts_local: DateTime,
        pub ends_local: DateTime,
        pub zone: String,
        pub starts_at: DateTimeUtc,
        pub ends_at: DateTimeUtc,
        pub room_id: Option<Uuid>,
        pub address: Option<String>,
        pub online_url: Option<String>,
        pub code: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod topic {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_topic")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod facilitator {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "facilitator")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub account_id: Option<Uuid>,
        pub name: String,
        pub school_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod invited {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_invited")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub school_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One session. Five statements.
pub async fn by_id(conn: &impl ConnectionTrait, id: SessionId) -> Result<Option<Session>> {
    let Some(found) = row::Entity::find_by_id(id.0).one(conn).await? else { return Ok(None) };
    Ok(whole(conn, vec![found]).await?.pop())
}

/// The session of a name in calendars, and the number of the meeting that it names. Six statements at most.
pub async fn by_uid(conn: &impl ConnectionTrait, uid: &str) -> Result<Option<(Session, i32)>> {
    let named = async |name: &str| row::Entity::find().filter(row::Column::Uid.eq(name)).one(conn).await;
    let mut number = 1;
    let mut found = named(uid).await?;
    // A later meeting has its number behind the name: `ID-2@ground.example`.
    if let (None, Some((left, domain))) = (&found, uid.split_once('@'))
        && let Some((left, meeting)) = left.rsplit_once('-')
        && let Ok(meeting) = meeting.parse::<u16>()
    {
        number = i32::from(meeting);
        found = named(&format!("{left}@{domain}")).await?;
    }
    let Some(found) = found else { return Ok(None) };
    Ok(whole(conn, vec![found]).await?.pop().map(|session| (session, number)))
}

/// One session, held against everybody who would change it or its seats until the transaction ends (T4, T5): a row lock on
/// PostgreSQL; on SQLite the one writer is that lock.
pub async fn to_change(conn: &impl ConnectionTrait, id: SessionId) -> Result<Option<Session>> {
    let Some(found) = row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await? else { return Ok(None) };
    Ok(whole(conn, vec![found]).await?.pop())
}

/// The same without any of its parts. `hold` is false in one test, the control of the others.
pub async fn to_fill(conn: &impl ConnectionTrait, id: SessionId, hold: bool) -> Result<Option<Session>> {
    let query = row::Entity::find_by_id(id.0);
    let query = if hold { query.lock_exclusive() } else { query };
    query.one(conn).await?.map(session_of).transpose()
}

/// The same with its meetings alone, for what moves a seat: two statements while the row is held.
pub async fn to_seat(conn: &impl ConnectionTrait, id: SessionId, hold: bool) -> Result<Option<Session>> {
    let Some(mut session) = to_fill(conn, id, hold).await? else { return Ok(None) };
    let query = meeting::Entity::find().filter(meeting::Column::SessionId.eq(id.0));
    let parts = query.order_by_asc(meeting::Column::Number).all(conn).await?;
    session.meetings = parts.into_iter().map(meeting_of).collect::<Result<_>>()?;
    Ok(Some(session))
}

/// Sessions whose kept seats are to be pooled now.
pub async fn to_pool(conn: &impl ConnectionTrait, now: Timestamp, most: u64) -> Result<Vec<SessionId>> {
    // A postponed session keeps them for its new date.
    let live = [SessionStatus::PUBLISHED, SessionStatus::REGISTRATION_CLOSED, SessionStatus::RUNNING];
    let query = row::Entity::find()
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::ReleaseAt.lte(now))
        .filter(row::Column::Status.is_in(live.map(SessionStatus::code)))
        .order_by_asc(row::Column::ReleaseAt)
        .limit(most);
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(SessionId).collect())
}

/// Writes down that nothing is kept any more.
pub async fn pool(conn: &impl ConnectionTrait, session: &Session) -> Result<()> {
    let kept = serde_json::to_value(&session.kept).map_err(Error::internal)?;
    row::Entity::update_many()
        .col_expr(row::Column::Kept, Expr::value(kept))
        .col_expr(row::Column::ReleaseAt, Expr::value(session.release_at))
        .col_expr(row::Column::Revision, Expr::value(session.revision))
        .col_expr(row::Column::UpdatedAt, Expr::value(session.updated_at))
        .filter(row::Column::Id.eq(session.id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Counts seats that were taken (or, below zero, given back) in a session that is held, and how many were given a number in
/// line. Reckoned by the database on what is there, where a CHECK guards the capacity (J-6). Sent with what comes after it.
pub async fn count_seats(tx: &mut Tx, id: SessionId, way: Way, taken: i32, waited: i64) -> Result<()> {
    let column = if way == Way::ONLINE { row::Column::OnlineTaken } else { row::Column::Taken };
    let mut update = row::Entity::update_many().filter(row::Column::Id.eq(id.0));
    if taken != 0 {
        update = update.col_expr(column, Expr::col(column).add(taken));
    }
    if waited != 0 {
        update = update.col_expr(row::Column::Waited, Expr::col(row::Column::Waited).add(waited));
    }
    tx.later("session", update.as_query()).await
}

/// Sessions by id, five statements for every 900; ids of none are left out.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[SessionId]) -> Result<HashMap<SessionId, Session>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = row::Entity::find().filter(row::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        let rows = query.all(conn).await?;
        found.extend(whole(conn, rows).await?.into_iter().map(|session| (session.id, session)));
    }
    Ok(found)
}

/// Sessions of rows, with their parts, in the order of the rows. Four statements.
pub async fn whole(conn: &impl ConnectionTrait, rows: Vec<row::Model>) -> Result<Vec<Session>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let (mut meetings, mut topics, mut facilitators, mut invited) =
        (HashMap::new(), HashMap::new(), HashMap::new(), HashMap::new());
    let query = meeting::Entity::find().filter(meeting::Column::SessionId.is_in(ids.clone()));
    for part in query.order_by_asc(meeting::Column::Number).all(conn).await? {
        meetings.entry(part.session_id).or_insert_with(Vec::new).push(meeting_of(part)?);
    }
    for part in topic::Entity::find().filter(topic::Column::SessionId.is_in(ids.clone())).all(conn).await? {
        let of = Topic::parse(&part.topic).map_err(Error::internal)?;
        topics.entry(part.session_id).or_insert_with(Vec::new).push(of);
    }
    let query = facilitator::Entity::find().filter(facilitator::Column::SessionId.is_in(ids.clone()));
    for part in query.order_by_asc(facilitator::Column::Position).all(conn).await? {
        facilitators.entry(part.session_id).or_insert_with(Vec::new).push(Facilitator {
            account: part.account_id.map(AccountId),
            name: part.name,
            school: part.school_id.map(SchoolId),
        });
    }
    for part in invited::Entity::find().filter(invited::Column::SessionId.is_in(ids)).all(conn).await? {
        invited.entry(part.session_id).or_insert_with(Vec::new).push(SchoolId(part.school_id));
    }
    let session = |row: row::Model| {
        let id = row.id;
        let mut session = session_of(row)?;
        session.meetings = meetings.remove(&id).unwrap_or_default();
        session.topics = topics.remove(&id).unwrap_or_default();
        session.topics.sort_unstable();
        session.facilitators = facilitators.remove(&id).unwrap_or_default();
        session.invited = invited.remove(&id).unwrap_or_default();
        Ok(session)
    };
    rows.into_iter().map(session).collect()
}

/// Writes a new session with its parts.
pub async fn insert(conn: &impl ConnectionTrait, session: &Session) -> Result<()> {
    row::Entity::insert(row_of(session)?.into_active_model()).exec_without_returning(conn).await?;
    insert_parts(conn, session).await
}

/// Writes a session that is held ([`to_change`]), with its counters and parts, as it is now.
pub async fn update(conn: &impl ConnectionTrait, session: &Session) -> Result<()> {
    update_row(conn, session).await?;
    let id = session.id.0;
    meeting::Entity::delete_many().filter(meeting::Column::SessionId.eq(id)).exec(conn).await?;
    topic::Entity::delete_many().filter(topic::Column::SessionId.eq(id)).exec(conn).await?;
    facilitator::Entity::delete_many().filter(facilitator::Column::SessionId.eq(id)).exec(conn).await?;
    invited::Entity::delete_many().filter(invited::Column::SessionId.eq(id)).exec(conn).await?;
    insert_parts(conn, session).await
}

/// Writes a session that is held without its parts: status, counters.
pub async fn update_row(conn: &impl ConnectionTrait, session: &Session) -> Result<()> {
    let row = row_of(session)?.into_active_model().reset_all();
    row::Entity::update(row).exec(conn).await?;
    Ok(())
}

async fn insert_parts(conn: &impl ConnectionTrait, session: &Session) -> Result<()> {
    let id = session.id.0;
    let meetings = session.meetings.iter().map(|part| {
        meeting::Model {
            session_id: id,
            number: part.number,
            starts_local: part.starts_local,
            ends_local: part.ends_local,
            zone: part.zone.name().to_owned(),
            starts_at: part.starts_at,
            ends_at: part.ends_at,
            room_id: part.room.map(|room| room.0),
            address: part.address.clone(),
            online_url: part.online_url.clone(),
            code: part.code.clone(),
        }
        .into_active_model()
    });
    meeting::Entity::insert_many(meetings).exec_without_returning(conn).await?;
    let topics = session.topics.iter().map(|of| topic::Model { session_id: id, topic: of.code().to_owned() });
    topic::Entity::insert_many(topics.map(IntoActiveModel::into_active_model)).exec_without_returning(conn).await?;
    let facilitators = session.facilitators.iter().zip(0..).map(|(part, position)| {
        facilitator::Model {
            session_id: id,
            position,
            account_id: part.account.map(|account| account.0),
            name: part.name.clone(),
            school_id: part.school.map(|school| school.0),
        }
        .into_active_model()
    });
    facilitator::Entity::insert_many(facilitators).exec_without_returning(conn).await?;
    let invited = session.invited.iter().map(|school| invited::Model { session_id: id, school_id: school.0 });
    invited::Entity::insert_many(invited.map(IntoActiveModel::into_active_model)).exec_without_returning(conn).await?;
    Ok(())
}

fn row_of(session: &Session) -> Result<row::Model> {
    Ok(row::Model {
        id: session.id.0,
        uid: session.uid.clone(),
        status: session.status.code().to_owned(),
        format: session.format.code().to_owned(),
        title: session.title.clone(),
        details: serde_json::to_value(&session.details).map_err(Error::internal)?,
        mode: session.mode.code().to_owned(),
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        host_school_id: session.host.school.0,
        host_sector: session.host.sector.clone(),
        cohost_school_id: session.cohost.as_ref().map(|party| party.school.0),
        cohost_sector: session.cohost.as_ref().and_then(|party| party.sector.clone()),
        consent: session.consent.code().to_owned(),
        consent_by: session.consent_by.map(|account| account.0),
        organizer_id: session.organizer.0,
        access_contact_id: session.access_contact.map(|account| account.0),
        practice_id: session.practice.map(|practice| practice.0),
        commitment_id: session.commitment,
        capacity: session.in_person.capacity,
        taken: session.in_person.taken,
        online_capacity: session.online.capacity,
        online_taken: session.online.taken,
        minimum: session.minimum,
        decide_on: session.decide_on,
        decided_at: session.decided_at,
        warned_for: session.warned_for,
        school_cap: session.school_cap,
        kept: serde_json::to_value(&session.kept).map_err(Error::internal)?,
        release_at: session.release_at,
        opens_at: session.opens_at,
        closes_at: session.closes_at,
        approval_needed: session.approval_needed,
        approval_by: session.approval_by,
        coverage: session.coverage.code().to_owned(),
        visibility: session.visibility.code().to_owned(),
        waited: session.waited,
        revision: session.revision,
        sequence: session.sequence,
        round: session.round,
        joint_published: session.joint_published,
        joint_decided: session.joint_decided,
        joint_held: session.joint_held,
        locked_at: session.locked_at,
        cloned_from: session.cloned_from.map(|id| id.0),
        reason: session.reason.clone(),
        published_at: session.published_at,
        ended_at: session.ended_at,
        created_at: session.created_at,
        updated_at: session.updated_at,
    })
}

fn session_of(row: row::Model) -> Result<Session> {
    let details: Details = serde_json::from_value(row.details).map_err(Error::internal)?;
    Ok(Session {
        id: SessionId(row.id),
        uid: row.uid,
        status: SessionStatus::parse(&row.status).map_err(Error::internal)?,
        format: SessionFormat::parse(&row.format).map_err(Error::internal)?,
        title: row.title,
        topics: Vec::new(),
        details,
        mode: SessionMode::parse(&row.mode).map_err(Error::internal)?,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        host: Party { school: SchoolId(row.host_school_id), sector: row.host_sector },
        cohost: row.cohost_school_id.map(|id| Party { school: SchoolId(id), sector: row.cohost_sector }),
        consent: Consent::parse(&row.consent).map_err(Error::internal)?,
        consent_by: row.consent_by.map(AccountId),
        organizer: AccountId(row.organizer_id),
        access_contact: row.access_contact_id.map(AccountId),
        practice: row.practice_id.map(PracticeId),
        commitment: row.commitment_id,
        in_person: Places { capacity: row.capacity, taken: row.taken },
        online: Places { capacity: row.online_capacity, taken: row.online_taken },
        minimum: row.minimum,
        decide_on: row.decide_on,
        decided_at: row.decided_at,
        warned_for: row.warned_for,
        school_cap: row.school_cap,
        kept: serde_json::from_value(row.kept).map_err(Error::internal)?,
        release_at: row.release_at,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        approval_needed: row.approval_needed,
        approval_by: row.approval_by,
        coverage: CoverageNeed::parse(&row.coverage).map_err(Error::internal)?,
        visibility: Visibility::parse(&row.visibility).map_err(Error::internal)?,
        invited: Vec::new(),
        waited: row.waited,
        revision: row.revision,
        sequence: row.sequence,
        round: row.round,
        joint_published: row.joint_published,
        joint_decided: row.joint_decided,
        joint_held: row.joint_held,
        locked_at: row.locked_at,
        cloned_from: row.cloned_from.map(SessionId),
        reason: row.reason,
        published_at: row.published_at,
        ended_at: row.ended_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        meetings: Vec::new(),
        facilitators: Vec::new(),
    })
}

pub fn meeting_of(row: meeting::Model) -> Result<Meeting> {
    Ok(Meeting {
        number: row.number,
        starts_local: row.starts_local,
        ends_local: row.ends_local,
        zone: Zone::parse(&row.zone)?,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        room: row.room_id.map(RoomId),
        address: row.address,
        online_url: row.online_url,
        code: row.code,
    })
}
