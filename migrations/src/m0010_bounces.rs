//! What comes back: bounces, complaints, addresses that get no letters.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["mail_suppression", "bounce"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds = ["hard", "soft", "complaint"];
    manager
        .create_table(
            Table::create()
                .table("bounce")
                .col(uuid("id").primary_key())
                .col(uuid("letter_id"))
                // Whose letter it was, where it was somebody's.
                .col(uuid_null("account_id"))
                .col(string_len("address", 254))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in(kinds)))
                // As RFC 3463 has it: 5.1.1.
                .col(string_len_null("status", 16))
                .col(timestamp_with_time_zone("at"))
                .to_owned(),
        )
        .await?;
    // The same message taken in twice counts once, and so does a letter that is late day after day.
    index(manager, "bounce", &["letter_id", "kind"], true).await?;
    index(manager, "bounce", &["address", "at"], false).await?;
    index(manager, "bounce", &["account_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("mail_suppression")
                .col(uuid("id").primary_key())
                .col(string_len("address", 254))
                .col(uuid_null("account_id"))
                // all: no letter goes there | lists: none of those that one can leave.
                .col(string_len("scope", 8).check(Expr::col("scope").is_in(["all", "lists"])))
                .col(string_len("reason", 16).check(Expr::col("reason").is_in([
                    "unknown",
                    "refused",
                    "full",
                    "complaint",
                    "entered",
                ])))
                // The letter that it began with; none where somebody entered the address.
                .col(uuid_null("letter_id"))
                .col(timestamp_with_time_zone("since"))
                // Whether it holds now; what was lifted stays, so that it is not lifted every hour.
                .col(boolean("active"))
                .col(timestamp_with_time_zone_null("lifted_at"))
                // When a letter that somebody asked for was last let through, to see whether they are there now.
                .col(timestamp_with_time_zone_null("tried_at"))
                // Which letter that was: it is tried until it has left.
                .col(uuid_null("tried_for"))
                .to_owned(),
        )
        .await?;
    index(manager, "mail_suppression", &["address", "scope"], true).await?;
    index(manager, "mail_suppression", &["account_id"], false).await?;
    index(manager, "mail_suppression", &["active", "since"], false).await?;
    let outbox = |column: ColumnDef| Table::alter().table("outbox").add_column(column).to_owned();
    // Its reader asked for it a moment ago: once a day it goes also to where nobody was.
    manager.alter_table(outbox(boolean("asked").default(false).to_owned())).await?;
    // The school that its reader answers for: whoever does so no more does not get it.
    manager.alter_table(outbox(uuid_null("school_id").to_owned())).await
}
