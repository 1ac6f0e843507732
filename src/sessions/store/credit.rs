//! Credit programs, and what a session gives.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use super::CHUNK;
use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::credit::{Program, ProgramId, SessionCredit};
use crate::sessions::seat::RegistrationId;
use crate::sessions::session::SessionId;

/// Rows written in one statement: SQLite takes a bounded number of values.
const ROWS: usize = 150;

pub mod program_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "credit_program")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub rules: Json,
        pub retired_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod offer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_credit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        pub categories: Json,
        pub sponsor_name: String,
        pub sponsor_number: Option<String>,
        pub signer: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "credit_product")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub program_id: Uuid,
        pub session_id: Uuid,
        pub recorded_by: Option<Uuid>,
        pub recorded_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use program_row::Column as P;

/// Every program, by name.
pub async fn programs(conn: &impl ConnectionTrait) -> Result<Vec<Program>> {
    let query = program_row::Entity::find().order_by_asc(P::Name).order_by_asc(P::Id);
    query.all(conn).await?.into_iter().map(program_of).collect()
}

/// One program.
pub async fn program(conn: &impl ConnectionTrait, id: ProgramId) -> Result<Option<Program>> {
    program_row::Entity::find_by_id(id.0).one(conn).await?.map(program_of).transpose()
}

/// Whether a program has this short name.
pub async fn has_code(conn: &impl ConnectionTrait, code: &str) -> Result<bool> {
    Ok(program_row::Entity::find().filter(P::Code.eq(code)).count(conn).await? > 0)
}

/// Writes a new program.
pub async fn insert(conn: &impl ConnectionTrait, program: &Program, now: Timestamp) -> Result<()> {
    let row = program_row::Model {
        id: program.id.0,
        code: program.code.clone(),
        name: program.name.clone(),
        rules: serde_json::to_value(&program.rules).map_err(Error::internal)?,
        retired_at: None,
        created_at: now,
        updated_at: now,
    };
    program_row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Writes name, rules and whether it can be chosen.
pub async fn update(conn: &impl ConnectionTrait, program: &Program, now: Timestamp) -> Result<()> {
    let rules = serde_json::to_value(&program.rules).map_err(Error::internal)?;
    program_row::Entity::update_many()
        .col_expr(P::Name, Expr::value(program.name.as_str()))
        .col_expr(P::Rules, Expr::value(rules))
        .col_expr(P::RetiredAt, Expr::value((!program.current).then_some(now)))
        .col_expr(P::UpdatedAt, Expr::value(now))
        .filter(P::Id.eq(program.id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// What sessions give, by name of the program; those that give nothing are left out. Two statements for every 900.
pub async fn of_sessions(
    conn: &impl ConnectionTrait,
    ids: &[SessionId],
) -> Result<HashMap<SessionId, Vec<SessionCredit>>> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = offer::Entity::find().filter(offer::Column::SessionId.is_in(chunk.iter().map(|id| id.0)));
        rows.extend(query.all(conn).await?);
    }
    let mut found: HashMap<SessionId, Vec<SessionCredit>> = HashMap::new();
    if rows.is_empty() {
        return Ok(found);
    }
    // A city has a dozen programs: all of them are one statement.
    let programs: HashMap<ProgramId, Program> =
        programs(conn).await?.into_iter().map(|program| (program.id, program)).collect();
    for row in rows {
        let Some(program) = programs.get(&ProgramId(row.program_id)) else { continue };
        found.entry(SessionId(row.session_id)).or_default().push(SessionCredit {
            program: program.clone(),
            categories: serde_json::from_value(row.categories).map_err(Error::internal)?,
            sponsor_name: row.sponsor_name,
            sponsor_number: row.sponsor_number,
            signer: row.signer,
        });
    }
    for credits in found.values_mut() {
        credits.sort_by(|a, b| (&a.program.name, a.program.id).cmp(&(&b.program.name, b.program.id)));
    }
    Ok(found)
}

/// Writes what a session that is held gives, instead of what it gave.
pub async fn set(conn: &impl ConnectionTrait, session: SessionId, credits: &[SessionCredit]) -> Result<()> {
    offer::Entity::delete_many().filter(offer::Column::SessionId.eq(session.0)).exec(conn).await?;
    let mut rows = Vec::new();
    for credit in credits {
        let row = offer::Model {
            session_id: session.0,
            program_id: credit.program.id.0,
            categories: serde_json::to_value(&credit.categories).map_err(Error::internal)?,
            sponsor_name: credit.sponsor_name.clone(),
            sponsor_number: credit.sponsor_number.clone(),
            signer: credit.signer.clone(),
        };
        rows.push(row.into_active_model());
    }
    offer::Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// Whose products of a session were handed in, and for which program.
pub async fn products(conn: &impl ConnectionTrait, id: SessionId) -> Result<HashSet<(RegistrationId, ProgramId)>> {
    let rows = product::Entity::find().filter(product::Column::SessionId.eq(id.0)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (RegistrationId(row.registration_id), ProgramId(row.program_id))).collect())
}

/// Writes down products of a session that is held, and takes out others.
pub async fn set_products(
    conn: &impl ConnectionTrait,
    id: SessionId,
    program: ProgramId,
    added: &[RegistrationId],
    removed: &[RegistrationId],
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<()> {
    for chunk in removed.chunks(CHUNK) {
        product::Entity::delete_many()
            .filter(product::Column::ProgramId.eq(program.0))
            .filter(product::Column::RegistrationId.is_in(chunk.iter().map(|registration| registration.0)))
            .exec(conn)
            .await?;
    }
    for chunk in added.chunks(ROWS) {
        let rows = chunk.iter().map(|registration| {
            product::Model {
                registration_id: registration.0,
                program_id: program.0,
                session_id: id.0,
                recorded_by: by.map(|account| account.0),
                recorded_at: now,
            }
            .into_active_model()
        });
        product::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn program_of(row: program_row::Model) -> Result<Program> {
    Ok(Program {
        id: ProgramId(row.id),
        code: row.code,
        name: row.name,
        rules: serde_json::from_value(row.rules).map_err(Error::internal)?,
        current: row.retired_at.is_none(),
    })
}
