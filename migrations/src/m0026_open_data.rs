//! The order of changes, along which feeds and harvesters go. What open data make are files and no rows.

use sea_orm_migration::prelude::*;

use crate::m0001_foundation::index;

crate::migration!(up, [""; 0]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    index(manager, "practice", &["updated_at", "id"], false).await
}
