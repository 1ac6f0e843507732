//! Practices, their versions, and who uses them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["adoption", "practice_version", "practice"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("practice")
                .col(uuid("id").primary_key())
                .col(string_len("slug", 120).unique_key())
                // A stable name of the record where it came from; importing it again changes that record.
                .col(string_len_null("source", 200).unique_key())
                .col(string_len("status", 24).check(Expr::col("status").is_in([
                    "draft",
                    "submitted",
                    "changes_requested",
                    "approved",
                    "declined",
                    "published",
                    "imported",
                    "retired",
                ])))
                .col(uuid_null("origin_school_id"))
                .col(string_len("title", 80))
                .col(integer("version"))
                .col(json_binary("record"))
                .col(date_null("published_on"))
                .col(date_null("last_checked_on"))
                .col(date_null("check_by"))
                .col(string_len_null("imported_by", 80))
                .col(text_null("retired_reason"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("practice", "origin_school_id").to("school", "id"))
                .check(Expr::col("version").gte(0))
                .to_owned(),
        )
        .await?;
    index(manager, "practice", &["origin_school_id"], false).await?;
    index(manager, "practice", &["status"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("practice_version")
                .col(uuid("practice_id"))
                .col(integer("version"))
                .col(json_binary("record"))
                .col(text_null("note"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("practice_id").col("version"))
                .foreign_key(ForeignKey::create().from("practice_version", "practice_id").to("practice", "id"))
                .to_owned(),
        )
        .await?;

    manager
        .create_table(
            Table::create()
                .table("adoption")
                .col(uuid("id").primary_key())
                .col(uuid("practice_id"))
                .col(uuid("school_id"))
                .col(integer("version"))
                // The school's sector when it began: a school that changes sector does not rewrite the past.
                .col(string_len_null("sector_at_start", 32))
                .col(string_len("stage", 16).check(Expr::col("stage").is_in([
                    "interested",
                    "planning",
                    "piloting",
                    "in_use",
                    "sustained",
                    "stopped",
                ])))
                .col(date("started_on"))
                .col(date("stage_since"))
                .col(string_len_null("lead_role", 80))
                .col(text_null("changed_what"))
                .col(string_len_null("kept_core", 8))
                .col(text_null("result_note"))
                .col(boolean_null("would_recommend"))
                .col(boolean("contact_ok"))
                .col(text_null("stopped_reason"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("adoption", "practice_id").to("practice", "id"))
                .foreign_key(ForeignKey::create().from("adoption", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "adoption", &["practice_id", "school_id"], true).await?;
    index(manager, "adoption", &["school_id"], false).await
}
