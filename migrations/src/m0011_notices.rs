//! What people hear: notices, the pace of each topic, quiet hours.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["notice_pace", "notice_setting", "notice"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("notice")
                .col(uuid("id").primary_key())
                // Who hears it.
                .col(uuid("account_id"))
                .col(string_len("topic", 32))
                // What it tells of; a reader is told of it once.
                .col(string_len("event", 200))
                // What it is about: a digest shows the newest of one thing.
                .col(string_len("about_kind", 32))
                .col(uuid("about_id"))
                // Whom its line names, where that is somebody else: the line goes when they have themselves erased.
                .col(uuid_null("names"))
                // The school that its reader answers for: a digest holds it only while they do.
                .col(uuid_null("school_id"))
                .col(string_len("line", 300))
                .col(string_len("path", 500))
                // The digest it waits for; nothing where it waits for none.
                .col(string_len_null("waits", 8).check(Expr::col("waits").is_in(["daily", "weekly"])))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("read_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "notice", &["account_id", "event"], true).await?;
    index(manager, "notice", &["account_id", "id"], false).await?;
    index(manager, "notice", &["account_id", "read_at"], false).await?;
    index(manager, "notice", &["account_id", "waits"], false).await?;
    index(manager, "notice", &["names"], false).await?;
    index(manager, "notice", &["about_id"], false).await?;
    index(manager, "notice", &["created_at"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("notice_setting")
                .col(uuid("account_id").primary_key())
                // No letter of a list until then.
                .col(timestamp_with_time_zone_null("paused_until"))
                // Minutes after midnight, in the person's zone.
                .col(small_integer_null("quiet_from"))
                .col(small_integer_null("quiet_until"))
                .col(small_integer("digest_hour").default(7))
                // 1 Monday to 7 Sunday.
                .col(small_integer("digest_weekday").default(1))
                // They left the digest: what waits for none of their choice stays in the list.
                .col(boolean("digest_left").default(false))
                // Of later letters, as BCP 47 has it.
                .col(string_len_null("language", 8))
                // When something that waits goes.
                .col(timestamp_with_time_zone_null("digest_due_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "notice_setting", &["digest_due_at"], false).await?;
    // What differs from the usual pace of a topic. Who has a row here has one in notice_setting.
    manager
        .create_table(
            Table::create()
                .table("notice_pace")
                .col(uuid("account_id"))
                .col(string_len("topic", 32))
                .col(string_len("pace", 8).check(Expr::col("pace").is_in(["instant", "daily", "weekly", "off"])))
                .primary_key(Index::create().col("account_id").col("topic"))
                .to_owned(),
        )
        .await
}
