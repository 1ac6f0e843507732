//! What the report of a city keeps.

use sea_orm_migration::prelude::*;

crate::migration!(up, [""; 0]);

async fn up(_: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
