//! The outbox: every letter is a row, written in the transaction of the change it tells of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::{index, index_where_set};

crate::migration!(up, ["mail_rate", "mail_switch", "mailing", "outbox"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["ready", "paused", "sending", "uncertain", "sent", "failed", "expired", "withdrawn"];
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
                // The path that leaves its list, signed for this reader.
                .col(string_len_null("leave_path", 300))
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
                // When it is due; when it is done, the moment of that: so the queue's index leads to what left an hour ago.
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
    index(manager, "outbox", &["state", "priority", "due_at", "id"], false).await?;
    index_where_set(manager, "outbox", &["thread", "done_at"]).await?;
    index_where_set(manager, "outbox", &["mailing_id", "state"]).await?;
    index(manager, "outbox", &["account_id"], false).await?;
    index_where_set(manager, "outbox", &["about"]).await?;
    index(manager, "outbox", &["recipient"], false).await?;
    // One content for many readers, each of whom has a row of the outbox.
    manager
        .create_table(
            Table::create()
                .table("mailing")
                .col(uuid("id").primary_key())
                .col(string_len("kind", 64))
                // As in outbox; gone a month after the mailing is over.
                .col(text_null("content"))
                .col(small_integer("priority"))
                .col(boolean("urgent"))
                // What it belongs to.
                .col(string_len_null("about_kind", 40))
                .col(uuid_null("about_id"))
                .col(uuid_null("author"))
                // What stands behind the @ of its Message-IDs.
                .col(string_len("domain", 254))
                .col(string_len("state", 16).check(Expr::col("state").is_in(["going", "paused", "done", "stopped"])))
                .col(timestamp_with_time_zone("due_at"))
                .col(timestamp_with_time_zone_null("not_after"))
                // Readers added.
                .col(big_integer("total"))
                // Since when all of them are there.
                .col(timestamp_with_time_zone_null("filled_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("done_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "mailing", &["state", "due_at"], false).await?;
    index(manager, "mailing", &["about_kind", "about_id"], false).await?;
    index(manager, "mailing", &["author"], false).await?;
    // Letters of a minute that were put on the wire: to one domain, or to all ('').
    manager
        .create_table(
            Table::create()
                .table("mail_rate")
                .col(string_len("domain", 254))
                .col(big_integer("minute"))
                .col(big_integer("letters"))
                .primary_key(Index::create().col("domain").col("minute"))
                .to_owned(),
        )
        .await?;
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
