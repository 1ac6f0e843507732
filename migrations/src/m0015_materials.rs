//! Files that belong to practices, and what became of links.

use sea_orm_migration::prelude::*;

crate::migration!(up, [] as [&str; 0]);

async fn up(_manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
