//! Problems that were reported, and what was done.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, string_len, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::m0001_foundation::index;

crate::migration!(up, ["problem_report", "moderation_decision", "moderation_case"]);

const REASONS: [&str; 6] = ["student_data", "not_true", "harmful", "spam", "copyright", "other"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Everything that was ever reported about one thing.
    manager
        .create_table(
            Table::create()
                .table("moderation_case")
                .col(uuid("id").primary_key())
                .col(string_len("about_kind", 16).check(Expr::col("about_kind").is_in([
                    "practice",
                    "question",
                    "answer",
                    "collection",
                ])))
                // No foreign key: the thing is another feature's, and may go.
                .col(uuid("about_id"))
                .col(string_len("state", 8).check(Expr::col("state").is_in(["open", "closed"])))
                // Something of a student may stand there.
                .col(boolean("urgent"))
                .col(boolean("hidden"))
                .col(timestamp_with_time_zone("opened_at"))
                .col(timestamp_with_time_zone_null("closed_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "moderation_case", &["about_kind", "about_id"], true).await?;
    index(manager, "moderation_case", &["state", "opened_at"], false).await?;
    index(manager, "moderation_case", &["hidden"], false).await?;

    // What was done. Who did it and what they wrote is for those who moderate; the rest is public.
    manager
        .create_table(
            Table::create()
                .table("moderation_decision")
                .col(uuid("id").primary_key())
                .col(uuid("case_id"))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in([
                    "hidden_at_once",
                    "hidden",
                    "shown",
                    "change_asked",
                    "dismissed",
                    "retired",
                ])))
                .col(string_len("reason", 16).check(Expr::col("reason").is_in(REASONS)))
                .col(text_null("words"))
                .col(uuid_null("decided_by"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("moderation_decision", "case_id").to("moderation_case", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "moderation_decision", &["case_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("problem_report")
                .col(uuid("id").primary_key())
                .col(uuid("case_id"))
                // Nobody where a visitor reported it, or a person who was erased since.
                .col(uuid_null("reporter_id"))
                .col(string_len("reason", 16).check(Expr::col("reason").is_in(REASONS)))
                .col(text_null("words"))
                .col(uuid_null("decision_id"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("problem_report", "case_id").to("moderation_case", "id"))
                .foreign_key(ForeignKey::create().from("problem_report", "decision_id").to("moderation_decision", "id"))
                .foreign_key(ForeignKey::create().from("problem_report", "reporter_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "problem_report", &["case_id"], false).await?;
    index(manager, "problem_report", &["reporter_id"], false).await
}
