//! Registrations, and the tally of seats by school.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use super::CHUNK;
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage, Way};
use crate::platform::{Error, Result};
use crate::sessions::seat::{Registration, RegistrationId};
use crate::sessions::session::SessionId;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "registration")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub session_id: Uuid,
        pub account_id: Uuid,
        pub school_id: Uuid,
        pub sector: Option<String>,
        pub way: String,
        pub seat: String,
        pub approval: String,
        pub waitlist_no: Option<i64>,
        pub promoted: bool,
        pub hold_until: Option<DateTimeUtc>,
        pub offer_until: Option<DateTimeUtc>,
        pub coverage: String,
        pub registered_by: Option<Uuid>,
        pub decided_by: Option<Uuid>,
        pub reason: Option<String>,
        pub round: i32,
        pub turn: i32,
        pub surveyed_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod tally {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_school")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub way: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub school_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sector: String,
        pub taken: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One registration.
pub async fn by_id(conn: &impl ConnectionTrait, id: RegistrationId) -> Result<Option<Registration>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(registration_of).transpose()
}

/// The registration of a person for a session, whatever became of it.
pub async fn of_person(
    conn: &impl ConnectionTrait,
    session: SessionId,
    account: AccountId,
) -> Result<Option<Registration>> {
    let query = row::Entity::find().filter(row::Column::SessionId.eq(session.0));
    query.filter(row::Column::AccountId.eq(account.0)).one(conn).await?.map(registration_of).transpose()
}

/// Registrations of a session with one of these seats, in the order in which they were made.
pub async fn of_session(conn: &impl ConnectionTrait, session: SessionId, seats: &[Seat]) -> Result<Vec<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::Seat.is_in(seats.iter().map(|seat| seat.code())))
        .order_by_asc(row::Column::WaitlistNo)
        .order_by_asc(row::Column::Id);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Registrations of a person with one of these seats, oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId, seats: &[Seat]) -> Result<Vec<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::AccountId.eq(account.0))
        .filter(row::Column::Seat.is_in(seats.iter().map(|seat| seat.code())))
        .order_by_asc(row::Column::Id);
    query.all(conn).await?.into_iter().map(registration_of).collect()
}

/// Registrations by id, one statement for every 900.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: &[RegistrationId],
) -> Result<HashMap<RegistrationId, Registration>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = row::Entity::find().filter(row::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        for row in query.all(conn).await? {
            let registration = registration_of(row)?;
            found.insert(registration.id, registration);
        }
    }
    Ok(found)
}

/// Writes a new registration.
pub async fn insert(conn: &impl ConnectionTrait, registration: &Registration) -> Result<()> {
    row::Entity::insert(row_of(registration).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Writes a registration of a session that is held.
pub async fn update(conn: &impl ConnectionTrait, registration: &Registration) -> Result<()> {
    row::Entity::update(row_of(registration).into_active_model().reset_all()).exec(conn).await?;
    Ok(())
}

fn row_of(registration: &Registration) -> row::Model {
    row::Model {
        id: registration.id.0,
        session_id: registration.session.0,
        account_id: registration.account.0,
        school_id: registration.school.0,
        sector: registration.sector.clone(),
        way: registration.way.code().to_owned(),
        seat: registration.seat.code().to_owned(),
        approval: registration.approval.code().to_owned(),
        waitlist_no: registration.waitlist_no,
        promoted: registration.promoted,
        hold_until: registration.hold_until,
        offer_until: registration.offer_until,
        coverage: registration.coverage.code().to_owned(),
        registered_by: registration.registered_by.map(|account| account.0),
        decided_by: registration.decided_by.map(|account| account.0),
        reason: registration.reason.clone(),
        round: registration.round,
        turn: registration.turn,
        surveyed_at: registration.surveyed_at,
        created_at: registration.created_at,
        updated_at: registration.updated_at,
    }
}

/// A registration of a row.
pub fn registration_of(row: row::Model) -> Result<Registration> {
    Ok(Registration {
        id: RegistrationId(row.id),
        session: SessionId(row.session_id),
        account: AccountId(row.account_id),
        school: SchoolId(row.school_id),
        sector: row.sector,
        way: Way::parse(&row.way).map_err(Error::internal)?,
        seat: Seat::parse(&row.seat).map_err(Error::internal)?,
        approval: Approval::parse(&row.approval).map_err(Error::internal)?,
        waitlist_no: row.waitlist_no,
        promoted: row.promoted,
        hold_until: row.hold_until,
        offer_until: row.offer_until,
        coverage: SeatCoverage::parse(&row.coverage).map_err(Error::internal)?,
        registered_by: row.registered_by.map(AccountId),
        decided_by: row.decided_by.map(AccountId),
        reason: row.reason,
        round: row.round,
        turn: row.turn,
        surveyed_at: row.surveyed_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
