//! The conversation of a review, on the record; who looks at what; what replaced a retired practice; who was asked whether a practice
//! still holds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["practice_check_asked", "review", "review_entry"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("review_entry")
                .col(uuid("id").primary_key())
                .col(uuid("contribution_id"))
                // Its place in the conversation, from 1.
                .col(integer("number"))
                .col(timestamp_with_time_zone("at"))
                .col(uuid_null("account_id"))
                // In what role they spoke.
                .col(string_len("role", 16).check(Expr::col("role").is_in(["writer", "editor", "school", "system"])))
                .col(string_len("kind", 24).check(Expr::col("kind").is_in([
                    "comment",
                    "submitted",
                    "taken_back",
                    "evidence",
                    "changes_requested",
                    "declined",
                    "approved",
                    "confirmed",
                    "refused",
                    "published",
                ])))
                .col(text_null("text"))
                // The field that it speaks of, and the words of it that are quoted.
                .col(string_len_null("field", 64))
                .col(text_null("quote"))
                // The save that was there.
                .col(integer("revision"))
                .foreign_key(ForeignKey::create().from("review_entry", "contribution_id").to("contribution", "id"))
                .foreign_key(ForeignKey::create().from("review_entry", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "review_entry", &["contribution_id", "number"], true).await?;
    index(manager, "review_entry", &["account_id"], false).await?;

    // What the review of a contribution keeps beside it: a row from the first submission on.
    manager
        .create_table(
            Table::create()
                .table("review")
                .col(uuid("contribution_id").primary_key())
                // The editor who looks at it.
                .col(uuid_null("taken_by"))
                .col(timestamp_with_time_zone_null("taken_at"))
                // How often the leads of the school were asked for their yes, and when they are asked again.
                .col(integer("asked"))
                .col(timestamp_with_time_zone_null("ask_at"))
                .foreign_key(ForeignKey::create().from("review", "contribution_id").to("contribution", "id"))
                .foreign_key(ForeignKey::create().from("review", "taken_by").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "review", &["ask_at"], false).await?;
    index(manager, "review", &["taken_by"], false).await?;

    // That a school was asked whether a practice still holds: once before the day and once on it.
    manager
        .create_table(
            Table::create()
                .table("practice_check_asked")
                .col(uuid("practice_id"))
                .col(date("check_by"))
                .col(integer("step"))
                .col(timestamp_with_time_zone("at"))
                .primary_key(Index::create().col("practice_id").col("check_by").col("step"))
                .foreign_key(ForeignKey::create().from("practice_check_asked", "practice_id").to("practice", "id"))
                .to_owned(),
        )
        .await?;

    manager.alter_table(Table::alter().table("practice").add_column(uuid_null("replaced_by")).to_owned()).await?;
    index(manager, "practice", &["check_by"], false).await
}
