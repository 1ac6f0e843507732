//! The history of Common Ground's schema: one file per change, the same for both engines.
//!
//! A migration knows no entity of the program (those move on; history stays), runs in a transaction of its
//! own on both engines (sea-orm-migration would not open one on SQLite: T6), and uses what both engines
//! understand alike: text with CHECK for enumerations, times bound by the program and never made by SQL.

mod m0001_foundation;
mod m0002_people;
mod m0003_catalog;
mod m0004_search;
mod m0005_accounts;
mod m0006_mail;
mod m0007_audit;
mod m0008_sessions;
mod m0009_credit;
mod m0010_bounces;
mod m0011_notices;
mod m0012_following;
mod m0013_bulletins;
mod m0014_contributions;
mod m0015_materials;
mod m0016_adoptions;
mod m0017_talk;
mod m0018_collections;
mod m0019_moderation;
mod m0020_review;
mod m0021_compacts;
mod m0022_statements;
mod m0023_report;
mod m0024_highlights;
mod m0025_digests;
mod m0026_open_data;
mod m0027_compact_history;
mod m0028_compact_words;
mod m0029_sign_ons;
mod m0030_approvals;
mod m0032_digest_corrections;
mod m0033_report_closings;

pub use m0029_sign_ons::remember;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseConnection;

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0002_people::Migration),
            Box::new(m0003_catalog::Migration),
            Box::new(m0004_search::Migration),
            Box::new(m0005_accounts::Migration),
            Box::new(m0006_mail::Migration),
            Box::new(m0007_audit::Migration),
            Box::new(m0008_sessions::Migration),
            Box::new(m0009_credit::Migration),
            Box::new(m0010_bounces::Migration),
            Box::new(m0011_notices::Migration),
            Box::new(m0012_following::Migration),
            Box::new(m0013_bulletins::Migration),
            Box::new(m0014_contributions::Migration),
            Box::new(m0015_materials::Migration),
            Box::new(m0016_adoptions::Migration),
            Box::new(m0017_talk::Migration),
            Box::new(m0018_collections::Migration),
            Box::new(m0019_moderation::Migration),
            Box::new(m0020_review::Migration),
            Box::new(m0021_compacts::Migration),
            Box::new(m0022_statements::Migration),
            Box::new(m0023_report::Migration),
            Box::new(m0024_highlights::Migration),
            Box::new(m0025_digests::Migration),
            Box::new(m0026_open_data::Migration),
            Box::new(m0027_compact_history::Migration),
            Box::new(m0028_compact_words::Migration),
            Box::new(m0029_sign_ons::Migration),
            Box::new(m0030_approvals::Migration),
            Box::new(m0032_digest_corrections::Migration),
            Box::new(m0033_report_closings::Migration),
        ]
    }
}

/// Brings the schema of `db` up to date.
///
/// # Errors
/// The database's own; the migration that failed has left nothing.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(db, None).await
}

/// Takes the whole schema back, newest change first.
///
/// # Errors
/// The database's own.
pub async fn down(db: &DatabaseConnection) -> Result<(), DbErr> {
    Migrator::down(db, None).await
}

/// Name of every migration and whether it runs in a transaction; a test refuses one that does not.
pub fn transactional() -> Vec<(String, bool)> {
    Migrator::migrations().iter().map(|m| (m.name().to_owned(), m.use_transaction() == Some(true))).collect()
}

/// The parts that every migration's file repeats but for its steps.
macro_rules! migration {
    ($up:expr, $down:expr) => {
        /// This change.
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
            async fn up(&self, manager: &sea_orm_migration::prelude::SchemaManager) -> Result<(), DbErr> {
                $crate::patient(manager).await?;
                $up(manager).await
            }
            async fn down(&self, manager: &sea_orm_migration::prelude::SchemaManager) -> Result<(), DbErr> {
                for table in $down {
                    manager.drop_table(Table::drop().table(table).to_owned()).await?;
                }
                Ok(())
            }
        }
    };
}
pub(crate) use migration;

/// A migration waits for a lock as long as it takes; connections of the program give up after seconds.
async fn patient(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
        manager.get_connection().execute_unprepared("SET LOCAL lock_timeout = 0").await?;
    }
    Ok(())
}
