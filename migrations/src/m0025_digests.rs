//! Digests of a city.

use sea_orm_migration::prelude::*;

crate::migration!(up, [""; 0]);

async fn up(_: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
