//! Practices on their way into the catalog: drafts, who writes them, and the review of each.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["contribution_revision", "contribution_editor", "contribution"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("contribution")
                .col(uuid("id").primary_key())
                // No foreign key: a practice that is not published yet has no row.
                .col(uuid("practice_id"))
                // The version it was written against; 0 where the practice is new.
                .col(integer("after"))
                .col(uuid("school_id"))
                .col(uuid("author_id"))
                .col(string_len("state", 24).check(Expr::col("state").is_in([
                    "draft",
                    "submitted",
                    "changes_requested",
                    "approved",
                    "declined",
                    "published",
                ])))
                .col(json_binary("draft"))
                // Pieces of text that a writer says name no student: a list of marks.
                .col(json_binary("cleared"))
                // Counts the saves; each form says which one it was made of.
                .col(integer("revision"))
                // What changed, for a next version.
                .col(text_null("note"))
                .col(uuid_null("copied_from"))
                .col(timestamp_with_time_zone_null("submitted_at"))
                .col(uuid_null("approved_by"))
                .col(timestamp_with_time_zone_null("approved_at"))
                .col(uuid_null("confirmed_by"))
                .col(timestamp_with_time_zone_null("confirmed_at"))
                .col(integer_null("published_version"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("contribution", "school_id").to("school", "id"))
                .foreign_key(ForeignKey::create().from("contribution", "author_id").to("account", "id"))
                .check(Expr::col("after").gte(0))
                .to_owned(),
        )
        .await?;
    index(manager, "contribution", &["practice_id", "state"], false).await?;
    index(manager, "contribution", &["author_id"], false).await?;
    index(manager, "contribution", &["school_id"], false).await?;
    index(manager, "contribution", &["state", "submitted_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("contribution_editor")
                .col(uuid("contribution_id"))
                .col(uuid("account_id"))
                .col(timestamp_with_time_zone("added_at"))
                .primary_key(Index::create().col("contribution_id").col("account_id"))
                .foreign_key(
                    ForeignKey::create().from("contribution_editor", "contribution_id").to("contribution", "id"),
                )
                .foreign_key(ForeignKey::create().from("contribution_editor", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "contribution_editor", &["account_id"], false).await?;

    // What each save said: the common ground of two people's changes, and nothing that somebody wrote is lost.
    manager
        .create_table(
            Table::create()
                .table("contribution_revision")
                .col(uuid("contribution_id"))
                .col(integer("revision"))
                .col(json_binary("draft"))
                .col(uuid_null("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("contribution_id").col("revision"))
                .foreign_key(
                    ForeignKey::create().from("contribution_revision", "contribution_id").to("contribution", "id"),
                )
                .to_owned(),
        )
        .await
}
