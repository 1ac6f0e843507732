//! Steps of adoptions, follow-ups, and cycles of trying.

use sea_orm_migration::prelude::*;

crate::migration!(up, [] as [&str; 0]);

async fn up(_manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
