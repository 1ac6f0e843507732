//! Announcements and newsletters, and messages of a session that are written before they go.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["newsletter_subscriber", "announcement"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    announcement(manager).await?;
    subscriber(manager).await?;
    session_message(manager).await
}

async fn announcement(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["draft", "scheduled", "gathering", "sent", "stopped"];
    let stages = ["followers", "subscribers", "done"];
    manager
        .create_table(
            Table::create()
                .table("announcement")
                .col(uuid("id").primary_key())
                // The city's name in addresses, and in words.
                .col(string_len("city", 120))
                .col(string_len("city_name", 120))
                .col(uuid("author_id"))
                .col(string_len("subject", 120))
                .col(text("body"))
                .col(string_len_null("button", 60))
                .col(string_len_null("link", 500))
                .col(string_len("state", 16).check(Expr::col("state").is_in(states)))
                .col(timestamp_with_time_zone_null("due_at"))
                .col(string_len("zone", 64))
                // How far its readers are added: which of them, after whom.
                .col(string_len("stage", 16).check(Expr::col("stage").is_in(stages)))
                .col(uuid_null("cursor"))
                // To people with an account, and to addresses without one.
                .col(uuid_null("mailing_id"))
                .col(uuid_null("newsletter_id"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "announcement", &["city", "id"], false).await?;
    index(manager, "announcement", &["state", "due_at"], false).await
}

async fn subscriber(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("newsletter_subscriber")
                .col(uuid("id").primary_key())
                .col(string_len("city", 120))
                .col(string_len("city_name", 120))
                .col(string_len("email", 254))
                // When the newest letter with the question went, and how many there were.
                .col(timestamp_with_time_zone("asked_at"))
                .col(integer("asked"))
                // Since when the address gets it; never before its own yes.
                .col(timestamp_with_time_zone_null("confirmed_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "newsletter_subscriber", &["email", "city"], true).await?;
    index(manager, "newsletter_subscriber", &["city", "id"], false).await?;
    index(manager, "newsletter_subscriber", &["confirmed_at", "asked_at"], false).await
}

/// What was there has been sent.
async fn session_message(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = Expr::col("state").is_in(["draft", "scheduled", "sent", "stopped"]);
    let attendance = Expr::col("attendance").is_in(["any", "came", "missed"]);
    let columns = [
        string_len("state", 16).default("sent").check(states).to_owned(),
        string_len_null("sector", 32),
        string_len("attendance", 8).default("any").check(attendance).to_owned(),
        timestamp_with_time_zone_null("due_at"),
        uuid_null("mailing_id"),
    ];
    for column in columns {
        manager.alter_table(Table::alter().table("session_message").add_column(column).to_owned()).await?;
    }
    let mut went = Query::update();
    went.table("session_message").value("due_at", Expr::col("created_at"));
    manager.execute(went).await?;
    index(manager, "session_message", &["state", "due_at"], false).await?;
    index(manager, "session_message", &["mailing_id"], false).await
}
