//! The outbox: every letter is a row, written in the transaction of the change it tells of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["mail_switch", "outbox"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["ready", "sending", "uncertain", "sent", "failed", "expired", "withdrawn"];
    manager
        .create_table(
            Table::create()
                .table("outbox")
                .col(uuid("id").primary_key())
                // What it tells of; with the recipient it is there once.
                .col(string_len("event_key", 160))
                .col(string_len("recipient", 254))
                // Whose letter it is, where it is somebody's.
                .col(uuid_null("account_id"))
                // Whom it names, where that is somebody else: erased with them.
                .col(uuid_null("about"))
                .col(string_len("kind", 64))
                // 0 a person waits for it, 1 an announcement.
                .col(small_integer("priority"))
                .col(string_len("message_id", 160))
                .col(text("subject"))
                // What it says, as JSON; gone when it held a secret and is done.
                .col(text_null("content"))
                // The mailing it belongs to, which says what it says.
                .col(uuid_null("mailing_id"))
                // Letters of one thread to one recipient go in the order of their numbers.
                .col(string_len_null("thread", 80))
                .col(big_integer("thread_no").default(0))
                // It goes at night too.
                .col(boolean("urgent").default(false))
                .col(boolean("secret"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(states)))
                .col(integer("attempts"))
                // How often it may have left without our knowing.
                .col(small_integer("doubts"))
                .col(timestamp_with_time_zone("due_at"))
                .col(timestamp_with_time_zone_null("not_after"))
                .col(timestamp_with_time_zone_null("lease_until"))
                .col(uuid_null("lease_token"))
                .col(text_null("last_answer"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("done_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "outbox", &["event_key", "recipient"], true).await?;
    index(manager, "outbox", &["message_id"], true).await?;
    index(manager, "outbox", &["state", "priority", "due_at"], false).await?;
    index(manager, "outbox", &["thread", "done_at"], false).await?;
    index(manager, "outbox", &["account_id"], false).await?;
    index(manager, "outbox", &["about"], false).await?;
    index(manager, "outbox", &["recipient"], false).await?;
    // One row: whether letters leave.
    manager
        .create_table(
            Table::create()
                .table("mail_switch")
                .col(integer("id").primary_key())
                .col(timestamp_with_time_zone_null("paused_at"))
                .col(string_len_null("paused_because", 200))
                .to_owned(),
        )
        .await?;
    let mut insert = Query::insert();
    insert.into_table("mail_switch").columns(["id"]).values_panic([1_i32.into()]);
    manager.execute(insert.to_owned()).await
}
