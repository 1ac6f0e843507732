//! Digests of a city: what the program drafts and a person edits. Who edited is in the audit log, not here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, integer, json, json_null, string_len, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use crate::m0001_foundation::index;

crate::migration!(up, ["digest"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("digest")
                .col(uuid("id").primary_key())
                // The city's name in addresses, and in words.
                .col(string_len("city", 120))
                .col(string_len("city_name", 120))
                .col(string_len("kind", 8).check(Expr::col("kind").is_in(["month", "year"])))
                .col(date("first_day"))
                .col(date("last_day"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(["draft", "published"])))
                .col(text("intro"))
                // Chapters in their order, each with the sentence under it.
                .col(json("chapters"))
                // The numbers and lists as they were when it was published.
                .col(json_null("content"))
                // Rises with every change.
                .col(integer("revision"))
                // The letter to those who follow the city, once it was written; of another feature.
                .col(uuid_null("announcement_id"))
                .col(timestamp_with_time_zone("drafted_at"))
                .col(timestamp_with_time_zone_null("published_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    // One for each city and period.
    index(manager, "digest", &["city", "kind", "first_day"], true).await?;
    index(manager, "digest", &["state", "published_at"], false).await
}
