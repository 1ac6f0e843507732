//! Practices that somebody saved, with notes, and collections of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, string_len, string_len_null, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null,
};

use crate::m0001_foundation::index;

crate::migration!(up, ["collection_practice", "collection", "saved_practice"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("saved_practice")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(uuid("practice_id"))
                // For the person alone.
                .col(text_null("note"))
                .col(timestamp_with_time_zone("saved_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("saved_practice", "account_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("saved_practice", "practice_id").to("practice", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "saved_practice", &["account_id", "practice_id"], true).await?;
    index(manager, "saved_practice", &["account_id", "id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("collection")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                // The school for which its owner speaks.
                .col(uuid_null("school_id"))
                .col(string_len("title", 120))
                .col(text_null("description"))
                .col(string_len("visibility", 16).check(Expr::col("visibility").is_in(["private", "link", "public"])))
                // Its name in addresses, from its first day in public on.
                .col(string_len_null("slug", 120))
                // What stands in the address for those who got the link.
                .col(string_len_null("link_key", 64))
                .col(boolean("shows_name"))
                .col(uuid_null("copied_from"))
                // Since when nobody but its owner sees it, whatever its owner says.
                .col(timestamp_with_time_zone_null("hidden_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("collection", "account_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("collection", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "collection", &["account_id", "id"], false).await?;
    index(manager, "collection", &["slug"], true).await?;
    index(manager, "collection", &["link_key"], true).await?;

    manager
        .create_table(
            Table::create()
                .table("collection_practice")
                .col(uuid("collection_id"))
                .col(uuid("practice_id"))
                // Its place in the order.
                .col(integer("place"))
                // A line for readers.
                .col(string_len_null("line", 300))
                .col(timestamp_with_time_zone("added_at"))
                .primary_key(Index::create().col("collection_id").col("practice_id"))
                .foreign_key(ForeignKey::create().from("collection_practice", "collection_id").to("collection", "id"))
                .foreign_key(ForeignKey::create().from("collection_practice", "practice_id").to("practice", "id"))
                .to_owned(),
        )
        .await
}
