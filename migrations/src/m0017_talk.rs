//! Questions and answers, letters to contacts, and visits.

use sea_orm_migration::prelude::*;

crate::migration!(up, [] as [&str; 0]);

async fn up(_manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Ok(())
}
