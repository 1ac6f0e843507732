//! What comes back: bounces, complaints, addresses that get no letters.

use sea_orm_migration::prelude::*;

crate::migration!(up, [] as [&str; 0]);

async fn up(_manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
