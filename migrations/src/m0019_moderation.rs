//! Problems that were reported, and what was done.

use sea_orm_migration::prelude::*;

crate::migration!(up, [] as [&str; 0]);

async fn up(_manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
