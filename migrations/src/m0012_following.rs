//! What people follow is told of, and searches that they saved.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string_len, text, timestamp_with_time_zone, uuid};

use crate::m0001_foundation::index;

crate::migration!(up, ["following_told", "following_place", "saved_search"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("saved_search")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                // What it searches.
                .col(string_len("kind", 16).check(Expr::col("kind").is_in(["practices", "sessions"])))
                .col(string_len("name", 120))
                // The search as its page has it: `q=exit+tickets&topic=tutoring`.
                .col(text("query"))
                .col(string_len("pace", 16).check(Expr::col("pace").is_in(["instant", "daily", "weekly", "off"])))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("saved_search", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "saved_search", &["account_id"], false).await?;
    // How far each change log was told of.
    manager
        .create_table(
            Table::create()
                .table("following_place")
                .col(string_len("log", 32).primary_key())
                .col(big_integer("seq"))
                .to_owned(),
        )
        .await?;
    // The state of a thing that was told of last, so that it is told of once.
    manager
        .create_table(
            Table::create()
                .table("following_told")
                .col(string_len("kind", 16))
                .col(uuid("subject"))
                .col(string_len("version", 32))
                .primary_key(Index::create().col("kind").col("subject"))
                .to_owned(),
        )
        .await?;
    // What is there already is no news; saved searches are followed by every node.
    let db = manager.get_connection();
    db.execute_unprepared(
        "INSERT INTO following_place (log, seq) SELECT log, seq FROM change_head WHERE log IN ('practice', 'session')",
    )
    .await?;
    db.execute_unprepared("INSERT INTO change_head (log, seq) VALUES ('saved_search', 0)").await?;
    Ok(())
}
