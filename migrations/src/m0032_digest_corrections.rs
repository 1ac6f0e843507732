//! A published digest is corrected with a sentence that stays visible, or withdrawn with its reason; its numbers never change.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_null, text_null, timestamp_with_time_zone_null};

crate::migration!(up, [""; 0]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Corrections, each with its moment, in their order; then why it was withdrawn, and when.
    let columns = [json_null("corrections"), text_null("reason"), timestamp_with_time_zone_null("withdrawn_at")];
    for column in columns {
        manager.alter_table(Table::alter().table("digest").add_column(column).to_owned()).await?;
    }
    Ok(())
}
