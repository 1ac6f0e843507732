//! What every feature stands on: the installation's identity, the event log, the job queue, the change log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

crate::migration!(up, ["change_log", "change_head", "job", "event", "installation"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // One row. A search index carries the id, so that it knows when the database under it is another one.
    manager
        .create_table(
            Table::create()
                .table("installation")
                .col(uuid("id").primary_key())
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;

    manager
        .create_table(
            Table::create()
                .table("event")
                .col(big_integer("id").auto_increment().primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(string_len("actor_kind", 16).check(Expr::col("actor_kind").is_in(["visitor", "person", "system"])))
                .col(string_len_null("actor", 64))
                .col(string_len("action", 64))
                .col(string_len("subject_kind", 32))
                .col(uuid_null("subject"))
                .col(json_binary("detail"))
                .to_owned(),
        )
        .await?;
    index(manager, "event", &["subject_kind", "subject"], false).await?;
    index(manager, "event", &["at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("job")
                .col(uuid("id").primary_key())
                .col(string_len("name", 64))
                .col(string_len_null("unique_key", 160))
                .col(json_binary("payload"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(["ready", "running", "dead"])))
                .col(timestamp_with_time_zone("run_at"))
                .col(integer("attempts"))
                .col(timestamp_with_time_zone_null("lease_until"))
                .col(uuid_null("lease_token"))
                .col(text_null("last_error"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "job", &["unique_key"], true).await?;
    index(manager, "job", &["state", "run_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("change_head")
                .col(string_len("log", 32).primary_key())
                .col(big_integer("seq"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("change_log")
                .col(string_len("log", 32))
                .col(uuid("subject"))
                .col(big_integer("seq"))
                .primary_key(Index::create().col("log").col("subject"))
                .to_owned(),
        )
        .await?;
    index(manager, "change_log", &["log", "seq"], false).await
}

/// An index named after what it covers.
pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> Result<(), DbErr> {
    let kind = if unique { "uq" } else { "ix" };
    let mut index = Index::create();
    index.name(format!("{kind}_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index.to_owned()).await
}

/// An index over the rows that have a value in its first column, which most rows leave empty: those need not be written into it.
pub(crate) async fn index_where_set(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    if let Some(first) = columns.first() {
        index.and_where(Expr::col(*first).is_not_null());
    }
    manager.create_index(index.to_owned()).await
}
