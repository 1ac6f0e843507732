//! What happened to a compact itself: its facts, its parties, its seats, its text.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["compact_entry"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Rows are added and never changed. Who it was stands in the audit log; here stands the office alone.
    manager
        .create_table(
            Table::create()
                .table("compact_entry")
                .col(uuid("id").primary_key())
                .col(uuid("compact_id"))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in([
                    "begun",
                    "changed",
                    "published",
                    "party_added",
                    "party_moved",
                    "seat_added",
                    "seat_removed",
                    "text_written",
                    "visit_logged",
                ])))
                // The party that it is about.
                .col(uuid_null("about_party_id"))
                // Field, before, after.
                .col(json_binary("changes"))
                .col(text_null("note"))
                // The office that did it.
                .col(uuid_null("party_id"))
                .col(timestamp_with_time_zone("at"))
                .foreign_key(ForeignKey::create().from("compact_entry", "compact_id").to("compact", "id"))
                .foreign_key(ForeignKey::create().from("compact_entry", "about_party_id").to("compact_party", "id"))
                .foreign_key(ForeignKey::create().from("compact_entry", "party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact_entry", &["compact_id", "at"], false).await
}
