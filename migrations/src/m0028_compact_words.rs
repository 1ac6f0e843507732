//! Each party's own word on a commitment, and the first day on which a commitment was due.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

crate::migration!(up, [""; 0]);

const STATUSES: [&str; 7] = ["not_started", "in_progress", "met", "partly_met", "missed", "paused", "dropped"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    // A word was kept for each sector, so that a second party of a sector wrote over the first. Now each party has its own. The key
    // of a table cannot be changed on SQLite: the table is made anew and takes the name.
    manager
        .create_table(
            Table::create()
                .table("commitment_word")
                .col(uuid("commitment_id"))
                .col(uuid("party_id"))
                .col(string_len("status", 16).check(Expr::col("status").is_in(STATUSES)))
                .col(timestamp_with_time_zone("at"))
                .primary_key(Index::create().col("commitment_id").col("party_id"))
                .foreign_key(ForeignKey::create().from("commitment_word", "commitment_id").to("commitment", "id"))
                .foreign_key(ForeignKey::create().from("commitment_word", "party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;
    db.execute_unprepared(
        "INSERT INTO commitment_word (commitment_id, party_id, status, at) \
         SELECT commitment_id, party_id, status, at FROM commitment_rating WHERE party_id IS NOT NULL",
    )
    .await?;
    manager.drop_table(Table::drop().table("commitment_rating").to_owned()).await?;
    manager.rename_table(Table::rename().table("commitment_word", "commitment_rating").to_owned()).await?;
    let first = date_null("first_due_on").to_owned();
    manager.alter_table(Table::alter().table("commitment").add_column(first).to_owned()).await
}
