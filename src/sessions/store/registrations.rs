//! Registrations, the tally of seats by school, and what principals are to be reminded of.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, JoinType, OnConflict, Query};
use sea_orm::{
    ActiveValue, Condition, ConnectionTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
};

use super::{CHUNK, sessions};
use crate::people::{AccountId, SchoolId};
use crate::platform::vocabulary::{Approval, Seat, SeatCoverage, SessionStatus, Way};
use crate::platform::{Error, Result, Timestamp, Tx};
use crate::sessions::places::{Head, Tally};
use crate::sessions::seat::{Registration, RegistrationId, Reminder, is_open};
use crate::sessions::session::{NO_SECTOR, Session, SessionId};

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

pub mod reminder {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seat_reminder")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        pub turn: i32,
        pub step: i32,
        pub due_at: DateTimeUtc,
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

/// The registration of a person for a session that is held, whose meetings it brings ([`sessions::to_fill`]). One statement: it
/// comes after the one that holds, and so sees what that one waited for.
pub async fn with_meetings(
    conn: &impl ConnectionTrait,
    session: &mut Session,
    account: AccountId,
) -> Result<Option<Registration>> {
    let here = |column: row::Column| Expr::col((row::Entity, column));
    let theirs = here(row::Column::SessionId)
        .equals((sessions::meeting::Entity, sessions::meeting::Column::SessionId))
        .and(here(row::Column::AccountId).eq(account.0));
    let mut query = sessions::meeting::Entity::find()
        .filter(sessions::meeting::Column::SessionId.eq(session.id.0))
        .order_by_asc(sessions::meeting::Column::Number)
        .select_also(row::Entity);
    QueryTrait::query(&mut query).left_join(row::Entity, theirs);
    let mut known = None;
    session.meetings.clear();
    for (meeting, registration) in query.all(conn).await? {
        session.meetings.push(sessions::meeting_of(meeting)?);
        known = registration;
    }
    if session.meetings.is_empty() {
        return of_person(conn, session.id, account).await;
    }
    known.map(registration_of).transpose()
}

/// Whether somebody has a seat in a session or waits for one. One statement.
pub async fn is_coming(conn: &impl ConnectionTrait, session: SessionId, account: Option<AccountId>) -> Result<bool> {
    let Some(account) = account else { return Ok(false) };
    Ok(of_person(conn, session, account).await?.is_some_and(|registration| is_open(registration.seat)))
}

/// Who of these has a seat in a session or waits for one. One statement for every 900.
pub async fn coming(conn: &impl ConnectionTrait, session: SessionId, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let open: Vec<&str> = Seat::all().filter(|seat| is_open(*seat)).map(|seat| seat.code()).collect();
    let mut found = Vec::new();
    for chunk in accounts.chunks(900) {
        let rows: Vec<Uuid> = row::Entity::find()
            .select_only()
            .column(row::Column::AccountId)
            .filter(row::Column::SessionId.eq(session.0))
            .filter(row::Column::Seat.is_in(open.iter().copied()))
            .filter(row::Column::AccountId.is_in(chunk.iter().map(|account| account.0)))
            .into_tuple()
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(AccountId));
    }
    Ok(found)
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

/// Writes a new registration, with what comes after it ([`Tx::later`]).
pub async fn insert(tx: &mut Tx, registration: &Registration) -> Result<()> {
    tx.later("registration", row::Entity::insert(row_of(registration).into_active_model()).as_query()).await
}

/// Writes a registration of a session that is held. Not that its survey was answered: this is marked without holding the session,
/// and what was read before would clear it. Sent with what comes after it.
pub async fn update(tx: &mut Tx, registration: &Registration) -> Result<()> {
    let mut row = row_of(registration).into_active_model().reset_all();
    row.surveyed_at = ActiveValue::NotSet;
    let update = row::Entity::update(row).validate()?;
    tx.later("registration", update.as_query()).await
}

/// How many wait before a number in the line of a session, for the same way.
pub async fn ahead(conn: &impl ConnectionTrait, registration: &Registration) -> Result<u64> {
    let query = row::Entity::find()
        .filter(row::Column::SessionId.eq(registration.session.0))
        .filter(row::Column::Seat.eq(Seat::WAITLISTED.code()))
        .filter(row::Column::Way.eq(registration.way.code()))
        .filter(row::Column::WaitlistNo.lt(registration.waitlist_no));
    Ok(query.count(conn).await?)
}

/// Where people stand in line: how many of the same session and way wait with the same or a lower number. Who does not wait is
/// left out. One statement for every 900.
pub async fn positions(conn: &impl ConnectionTrait, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, u64>> {
    let (mine, other) = (Alias::new("mine"), Alias::new("other"));
    let of = |table: &Alias, column: row::Column| Expr::col((table.clone(), column));
    let waits = |table: &Alias| of(table, row::Column::Seat).eq(Seat::WAITLISTED.code());
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let ahead = Condition::all()
            .add(of(&other, row::Column::SessionId).equals((mine.clone(), row::Column::SessionId)))
            .add(waits(&other))
            .add(of(&other, row::Column::Way).equals((mine.clone(), row::Column::Way)))
            .add(of(&other, row::Column::WaitlistNo).lte(of(&mine, row::Column::WaitlistNo)));
        let query = Query::select()
            .expr_as(of(&mine, row::Column::Id), "id")
            .expr_as(of(&other, row::Column::Id).count(), "position")
            .from_as(row::Entity, mine.clone())
            .join_as(JoinType::InnerJoin, row::Entity, other.clone(), ahead)
            .and_where(of(&mine, row::Column::Id).is_in(chunk.iter().map(|id| id.0)))
            .and_where(waits(&mine))
            .group_by_col((mine.clone(), row::Column::Id))
            .to_owned();
        for row in conn.query_all(&query).await? {
            let position: i64 = row.try_get("", "position")?;
            found.insert(RegistrationId(row.try_get("", "id")?), u64::try_from(position).unwrap_or_default());
        }
    }
    Ok(found)
}

/// The first in line of each school and sector, of those that have had no offer.
pub async fn heads(conn: &impl ConnectionTrait, session: SessionId, way: Way) -> Result<Vec<Head>> {
    let query = row::Entity::find()
        .select_only()
        .column(row::Column::SchoolId)
        .column(row::Column::Sector)
        .column_as(row::Column::WaitlistNo.min(), "number")
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::Seat.eq(Seat::WAITLISTED.code()))
        .filter(row::Column::Way.eq(way.code()))
        .filter(row::Column::Promoted.eq(false))
        .group_by(row::Column::SchoolId)
        .group_by(row::Column::Sector);
    let rows = query.into_tuple::<(Uuid, Option<String>, Option<i64>)>().all(conn).await?;
    let head = |(school, sector, number): (Uuid, Option<String>, Option<i64>)| {
        Some(Head { school: SchoolId(school), sector, number: number? })
    };
    Ok(rows.into_iter().filter_map(head).collect())
}

/// Who has a number in the line of a session.
pub async fn by_number(conn: &impl ConnectionTrait, session: SessionId, number: i64) -> Result<Option<Registration>> {
    let query = row::Entity::find()
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::Seat.eq(Seat::WAITLISTED.code()))
        .filter(row::Column::WaitlistNo.eq(number));
    query.one(conn).await?.map(registration_of).transpose()
}

/// Registrations whose hold or offer is over, with their sessions, by session. Holds of postponed sessions do not run out, and
/// stand in nobody's way here.
pub async fn overdue(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    most: u64,
) -> Result<Vec<(RegistrationId, SessionId)>> {
    let mut found = Vec::new();
    let postponed = Query::select()
        .column(sessions::row::Column::Id)
        .from(sessions::row::Entity)
        .and_where(Expr::col(sessions::row::Column::Status).eq(SessionStatus::POSTPONED.code()))
        .to_owned();
    let holds = Condition::all().add(row::Column::SessionId.not_in_subquery(postponed));
    // Each by its own index.
    for (column, seat, which) in
        [(row::Column::HoldUntil, Seat::HELD, holds), (row::Column::OfferUntil, Seat::OFFERED, Condition::all())]
    {
        let query = row::Entity::find()
            .select_only()
            .column(row::Column::Id)
            .column(row::Column::SessionId)
            .filter(column.lte(now))
            .filter(row::Column::Seat.eq(seat.code()))
            .filter(which)
            .order_by_asc(column)
            .order_by_asc(row::Column::Id)
            .limit(most);
        let rows = query.into_tuple::<(Uuid, Uuid)>().all(conn).await?;
        found.extend(rows.into_iter().map(|(id, session)| (RegistrationId(id), SessionId(session))));
    }
    Ok(found)
}

/// Seats taken by each school in a session.
pub async fn tallies(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Tally>> {
    let rows = tally::Entity::find().filter(tally::Column::SessionId.eq(session.0)).all(conn).await?;
    let tally = |row: tally::Model| {
        let way = Way::parse(&row.way).map_err(Error::internal)?;
        Ok(Tally { way, school: SchoolId(row.school_id), sector: row.sector, taken: row.taken })
    };
    rows.into_iter().map(tally).collect()
}

/// Counts seats that a school has taken or, below zero, given back, in a session that is held. Sent with what comes after it.
pub async fn count_for_school(tx: &mut Tx, registration: &Registration, taken: i32) -> Result<()> {
    let sector = registration.sector.as_deref().unwrap_or(NO_SECTOR);
    if taken > 0 {
        let row = tally::Model {
            session_id: registration.session.0,
            way: registration.way.code().to_owned(),
            school_id: registration.school.0,
            sector: sector.to_owned(),
            taken,
        };
        let key = [tally::Column::SessionId, tally::Column::Way, tally::Column::SchoolId, tally::Column::Sector];
        let more = Expr::col((tally::Entity, tally::Column::Taken)).add(taken);
        let known = OnConflict::columns(key).value(tally::Column::Taken, more).to_owned();
        let insert = tally::Entity::insert(row.into_active_model()).on_conflict(known);
        return tx.later("session_school", insert.as_query()).await;
    }
    let update = tally::Entity::update_many()
        .col_expr(tally::Column::Taken, Expr::col(tally::Column::Taken).add(taken))
        .filter(tally::Column::SessionId.eq(registration.session.0))
        .filter(tally::Column::Way.eq(registration.way.code()))
        .filter(tally::Column::SchoolId.eq(registration.school.0))
        .filter(tally::Column::Sector.eq(sector));
    tx.later("session_school", update.as_query()).await
}

/// Notes what is to be reminded of next, in place of what was. Sent with what comes after it.
pub async fn remind(tx: &mut Tx, id: RegistrationId, next: &Reminder) -> Result<()> {
    let row = reminder::Model { registration_id: id.0, turn: next.turn, step: next.step, due_at: next.due_at };
    let known = OnConflict::column(reminder::Column::RegistrationId)
        .update_columns([reminder::Column::Turn, reminder::Column::Step, reminder::Column::DueAt])
        .to_owned();
    let insert = reminder::Entity::insert(row.into_active_model()).on_conflict(known);
    tx.later("seat_reminder", insert.as_query()).await
}

/// Nothing is to be reminded of any more. Sent with what comes after it.
pub async fn forget_reminder(tx: &mut Tx, id: RegistrationId) -> Result<()> {
    let delete = reminder::Entity::delete_many().filter(reminder::Column::RegistrationId.eq(id.0));
    tx.later("seat_reminder", delete.as_query()).await
}

/// What is to be reminded of now, oldest first.
pub async fn reminders(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    most: u64,
) -> Result<Vec<(RegistrationId, Reminder)>> {
    let query = reminder::Entity::find()
        .filter(reminder::Column::DueAt.lte(now))
        .order_by_asc(reminder::Column::DueAt)
        .order_by_asc(reminder::Column::RegistrationId)
        .limit(most);
    let rows = query.all(conn).await?;
    let reminder = |row: reminder::Model| {
        (RegistrationId(row.registration_id), Reminder { turn: row.turn, step: row.step, due_at: row.due_at })
    };
    Ok(rows.into_iter().map(reminder).collect())
}

/// The reminder of a registration.
pub async fn reminder_of(conn: &impl ConnectionTrait, id: RegistrationId) -> Result<Option<Reminder>> {
    let row = reminder::Entity::find_by_id(id.0).one(conn).await?;
    Ok(row.map(|row| Reminder { turn: row.turn, step: row.step, due_at: row.due_at }))
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
