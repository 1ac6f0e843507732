//! Files that belong to practices, and what became of links.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["practice_link", "link", "link_mark", "material", "material_blob"]);

/// What may be uploaded; each by its content, not its name.
const KINDS: [&str; 13] =
    ["pdf", "png", "jpeg", "webp", "docx", "xlsx", "pptx", "odt", "ods", "odp", "txt", "csv", "md"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("material_blob")
                // SHA-256 of what is stored, in hexadecimal: also its name in the storage. The same file is there once.
                .col(string_len("hash", 64).primary_key())
                .col(big_integer("size"))
                // When somebody last sent it.
                .col(timestamp_with_time_zone("wanted_at"))
                // Since when it is being taken out of the storage; whoever sends it again waits until it is gone.
                .col(timestamp_with_time_zone_null("leaving_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "material_blob", &["wanted_at"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("material")
                .col(uuid("id").primary_key())
                // No foreign keys: a draft may be thrown away, and a practice that is not published yet has no row.
                .col(uuid("contribution_id"))
                .col(uuid("practice_id"))
                // Its name in addresses and on the reader's disk.
                .col(string_len("name", 120))
                .col(string_len("kind", 8).check(Expr::col("kind").is_in(KINDS)))
                .col(string_len("hash", 64))
                .col(big_integer("size"))
                .col(uuid_null("account_id"))
                // When a published version of the practice was first seen to name it.
                .col(timestamp_with_time_zone_null("published_at"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("material", "hash").to("material_blob", "hash"))
                .foreign_key(ForeignKey::create().from("material", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "material", &["contribution_id"], false).await?;
    index(manager, "material", &["practice_id"], false).await?;
    index(manager, "material", &["hash"], false).await?;
    index(manager, "material", &["account_id"], false).await?;
    index(manager, "material", &["published_at", "id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("link")
                // SHA-256 of the address: addresses are longer than a key should be.
                .col(string_len("hash", 64).primary_key())
                .col(text("url"))
                .col(string_len("state", 12).check(Expr::col("state").is_in(["new", "reachable", "unreachable"])))
                // Weekly checks in a row that did not reach it.
                .col(integer("failures"))
                // Since when it is not reached.
                .col(timestamp_with_time_zone_null("since"))
                .col(timestamp_with_time_zone_null("checked_at"))
                .col(timestamp_with_time_zone("due_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "link", &["due_at"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("practice_link")
                .col(uuid("practice_id"))
                .col(string_len("hash", 64))
                .primary_key(Index::create().col("practice_id").col("hash"))
                .foreign_key(ForeignKey::create().from("practice_link", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("practice_link", "hash").to("link", "hash"))
                .to_owned(),
        )
        .await?;
    index(manager, "practice_link", &["hash"], false).await?;
    // Up to which change of the practices their files and links were looked at.
    manager
        .create_table(
            Table::create()
                .table("link_mark")
                .col(string_len("name", 16).primary_key())
                .col(big_integer("seq"))
                .to_owned(),
        )
        .await
}
