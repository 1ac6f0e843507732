//! Certificates in all their versions, and the key that signs badges.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::certificate::{Certificate, CertificateId, Facts};
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::SessionId;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub version: i32,
        pub session_id: Uuid,
        pub registration_id: Uuid,
        pub account_id: Uuid,
        pub school_id: Uuid,
        pub program: String,
        pub held_on: Date,
        pub status_index: i64,
        pub facts: Json,
        pub issued_at: DateTimeUtc,
        pub replaced_at: Option<DateTimeUtc>,
        pub revoked_at: Option<DateTimeUtc>,
        pub reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod key {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        pub sealed: String,
        pub public: Json,
        pub created_at: DateTimeUtc,
        pub retired_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A row has 15 columns, and SQLite takes a bounded number of parameters.
const ROWS: usize = 500;

/// The newest version of every certificate of a session, whether it holds or was taken back.
pub async fn newest_of_session(conn: &impl ConnectionTrait, session: SessionId) -> Result<Vec<Certificate>> {
    let query = row::Entity::find()
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::ReplacedAt.is_null())
        .order_by_asc(row::Column::Id);
    query.all(conn).await?.into_iter().map(of).collect()
}

/// All versions of a number, the newest first.
pub async fn of_number(conn: &impl ConnectionTrait, number: &str) -> Result<Vec<Certificate>> {
    let query = row::Entity::find().filter(row::Column::Number.eq(number)).order_by_desc(row::Column::Version);
    query.all(conn).await?.into_iter().map(of).collect()
}

/// The newest versions of a person's certificates held from one day to another, latest first.
pub async fn newest_of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
    days: (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<Vec<Certificate>> {
    let query = row::Entity::find().filter(row::Column::AccountId.eq(account.0));
    newest(conn, query, days).await
}

/// Every version of every certificate of a person, oldest first: what a person takes along.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Certificate>> {
    let query = row::Entity::find().filter(row::Column::AccountId.eq(account.0)).order_by_asc(row::Column::Id);
    query.all(conn).await?.into_iter().map(of).collect()
}

/// The same of everybody who was registered from one of these schools.
pub async fn newest_of_schools(
    conn: &impl ConnectionTrait,
    schools: &[SchoolId],
    days: (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<Vec<Certificate>> {
    let query = row::Entity::find().filter(row::Column::SchoolId.is_in(schools.iter().map(|school| school.0)));
    newest(conn, query, days).await
}

async fn newest(
    conn: &impl ConnectionTrait,
    mut query: Select<row::Entity>,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<Vec<Certificate>> {
    if let Some(from) = from {
        query = query.filter(row::Column::HeldOn.gte(from));
    }
    if let Some(to) = to {
        query = query.filter(row::Column::HeldOn.lte(to));
    }
    let query = query
        .filter(row::Column::ReplacedAt.is_null())
        .order_by_desc(row::Column::HeldOn)
        .order_by_desc(row::Column::Id);
    query.all(conn).await?.into_iter().map(of).collect()
}

/// One certificate of a session by a program: what an achievement is described from.
pub async fn of_achievement(
    conn: &impl ConnectionTrait,
    session: SessionId,
    program: &str,
) -> Result<Option<Certificate>> {
    let query = row::Entity::find()
        .filter(row::Column::SessionId.eq(session.0))
        .filter(row::Column::Program.eq(program))
        .filter(row::Column::ReplacedAt.is_null())
        .filter(row::Column::RevokedAt.is_null())
        .order_by_asc(row::Column::Id);
    query.limit(1).one(conn).await?.map(of).transpose()
}

/// The next place in the list of badges that hold no more; the row of the key is held.
pub async fn next_index(conn: &impl ConnectionTrait) -> Result<i64> {
    let query = row::Entity::find().select_only().column(row::Column::StatusIndex);
    let last: Option<i64> = query.order_by_desc(row::Column::StatusIndex).limit(1).into_tuple().one(conn).await?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Places in the list of what holds no more, from one up to before another.
pub async fn ended_indexes(conn: &impl ConnectionTrait, from: i64, before: i64) -> Result<Vec<i64>> {
    let ended = row::Column::ReplacedAt.is_not_null().or(row::Column::RevokedAt.is_not_null());
    let query = row::Entity::find()
        .select_only()
        .column(row::Column::StatusIndex)
        .filter(row::Column::StatusIndex.gte(from))
        .filter(row::Column::StatusIndex.lt(before))
        .filter(ended);
    Ok(query.into_tuple().all(conn).await?)
}

/// Writes new versions.
pub async fn insert(conn: &impl ConnectionTrait, certificates: &[Certificate]) -> Result<()> {
    for chunk in certificates.chunks(ROWS) {
        let rows = chunk.iter().map(row_of).collect::<Result<Vec<_>>>()?;
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        row::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Notes that other versions took the place of these.
pub async fn replace(conn: &impl ConnectionTrait, ids: &[CertificateId], now: Timestamp) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        let update = row::Entity::update_many().col_expr(row::Column::ReplacedAt, Expr::value(now));
        update.filter(row::Column::Id.is_in(chunk.iter().map(|id| id.0))).exec(conn).await?;
    }
    Ok(())
}

/// Notes that these were taken back.
pub async fn revoke(conn: &impl ConnectionTrait, ids: &[CertificateId], now: Timestamp, reason: &str) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        let update = row::Entity::update_many()
            .col_expr(row::Column::RevokedAt, Expr::value(now))
            .col_expr(row::Column::Reason, Expr::value(reason));
        update.filter(row::Column::Id.is_in(chunk.iter().map(|id| id.0))).exec(conn).await?;
    }
    Ok(())
}

/// Takes the name out of every version of a person's certificates: what was earned stays, as the law of credit asks. Says how
/// many there are.
pub async fn anonymise(conn: &impl ConnectionTrait, account: AccountId, nobody: &str) -> Result<usize> {
    let found = of_account(conn, account).await?;
    for certificate in &found {
        let facts = Facts { name: nobody.to_owned(), ..certificate.facts.clone() };
        let facts = serde_json::to_value(facts).map_err(Error::internal)?;
        let update = row::Entity::update_many().col_expr(row::Column::Facts, Expr::value(facts));
        update.filter(row::Column::Id.eq(certificate.id.0)).exec(conn).await?;
    }
    Ok(found.len())
}

/// The key that signs, held until the transaction ends.
pub async fn key_to_hold(conn: &impl ConnectionTrait) -> Result<Option<key::Model>> {
    let query = key::Entity::find().filter(key::Column::RetiredAt.is_null()).order_by_asc(key::Column::Kid);
    Ok(query.lock_exclusive().one(conn).await?)
}

/// Every key, the newest first: old badges are verified by old keys.
pub async fn keys(conn: &impl ConnectionTrait) -> Result<Vec<key::Model>> {
    Ok(key::Entity::find().order_by_desc(key::Column::CreatedAt).all(conn).await?)
}

/// Writes a key; whoever was quicker with the same name wins.
pub async fn insert_key(conn: &impl ConnectionTrait, key: key::Model) -> Result<()> {
    let taken = OnConflict::column(key::Column::Kid).do_nothing().to_owned();
    key::Entity::insert(key.into_active_model()).on_conflict(taken).exec_without_returning(conn).await?;
    Ok(())
}

fn row_of(certificate: &Certificate) -> Result<row::Model> {
    Ok(row::Model {
        id: certificate.id.0,
        number: certificate.number.clone(),
        version: certificate.version,
        session_id: certificate.session.0,
        registration_id: certificate.registration.0,
        account_id: certificate.account.0,
        school_id: certificate.school.0,
        program: certificate.program.clone(),
        held_on: certificate.held_on,
        status_index: certificate.status_index,
        facts: serde_json::to_value(&certificate.facts).map_err(Error::internal)?,
        issued_at: certificate.issued_at,
        replaced_at: certificate.replaced_at,
        revoked_at: certificate.revoked_at,
        reason: certificate.reason.clone(),
    })
}

fn of(row: row::Model) -> Result<Certificate> {
    Ok(Certificate {
        id: CertificateId(row.id),
        number: row.number,
        version: row.version,
        session: SessionId(row.session_id),
        registration: RegistrationId(row.registration_id),
        account: AccountId(row.account_id),
        school: SchoolId(row.school_id),
        program: row.program,
        held_on: row.held_on,
        status_index: row.status_index,
        facts: serde_json::from_value(row.facts).map_err(Error::internal)?,
        issued_at: row.issued_at,
        replaced_at: row.replaced_at,
        revoked_at: row.revoked_at,
        reason: row.reason,
    })
}
