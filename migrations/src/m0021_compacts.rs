//! Compacts: parties, commitments, updates, and what hangs on them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(
    up,
    [
        "compact_visit",
        "commitment_link",
        "commitment_entry",
        "commitment_rating",
        "commitment",
        "compact_text",
        "compact_seat",
        "compact_party_move",
        "compact_party",
        "compact",
    ]
);

const STATUSES: [&str; 7] = ["not_started", "in_progress", "met", "partly_met", "missed", "paused", "dropped"];
const PARTY_STATES: [&str; 4] = ["invited", "board_vote", "signed", "withdrawn"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    compacts(manager).await?;
    commitments(manager).await?;
    // Compacts are searched and followed: each has its place in a log of its own.
    let db = manager.get_connection();
    db.execute_unprepared("INSERT INTO change_head (log, seq) VALUES ('compact', 0)").await?;
    db.execute_unprepared("INSERT INTO following_place (log, seq) VALUES ('compact', 0)").await?;
    Ok(())
}

async fn compacts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("compact")
                .col(uuid("id").primary_key())
                .col(string_len("slug", 120))
                .col(string_len("name", 160))
                .col(string_len("kind", 24).check(Expr::col("kind").is_in([
                    "compact",
                    "campus_agreement",
                    "school_partnership",
                ])))
                // Its city: the name in addresses and in words.
                .col(string_len_null("city", 120))
                .col(string_len_null("city_name", 120))
                // The office that answers for it: a party, and the role of whoever answers there.
                .col(uuid_null("contact_party_id"))
                .col(string_len_null("contact_role", 120))
                .col(date_null("signed_on"))
                .col(date_null("review_on"))
                .col(date_null("ends_on"))
                // Whether every joint session between its party schools counts for it.
                .col(boolean("counts_joint"))
                .col(timestamp_with_time_zone_null("published_at"))
                .col(integer("text_version"))
                .col(integer("last_number"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact", &["slug"], true).await?;
    index(manager, "compact", &["city"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("compact_party")
                .col(uuid("id").primary_key())
                .col(uuid("compact_id"))
                .col(integer("position"))
                .col(string_len("name", 200))
                // A school or organization that is here; others have a name alone.
                .col(string_len_null("place_kind", 16).check(Expr::col("place_kind").is_in(["school", "organization"])))
                .col(uuid_null("place_id"))
                .col(string_len("sector", 32))
                .col(string_len("state", 16).check(Expr::col("state").is_in(PARTY_STATES)))
                .col(date("state_on"))
                .col(text_null("link"))
                .foreign_key(ForeignKey::create().from("compact_party", "compact_id").to("compact", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact_party", &["compact_id", "position"], true).await?;
    index(manager, "compact_party", &["place_id"], false).await?;

    // Every move of a party, with its day (C-8).
    manager
        .create_table(
            Table::create()
                .table("compact_party_move")
                .col(uuid("id").primary_key())
                .col(uuid("party_id"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(PARTY_STATES)))
                .col(date("state_on"))
                .col(text_null("link"))
                .col(timestamp_with_time_zone("at"))
                .foreign_key(ForeignKey::create().from("compact_party_move", "party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact_party_move", &["party_id", "at"], false).await?;

    // Seats of those who govern it: roles, never names.
    manager
        .create_table(
            Table::create()
                .table("compact_seat")
                .col(uuid("id").primary_key())
                .col(uuid("compact_id"))
                .col(uuid("party_id"))
                .col(string_len("role", 120))
                .foreign_key(ForeignKey::create().from("compact_seat", "compact_id").to("compact", "id"))
                .foreign_key(ForeignKey::create().from("compact_seat", "party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact_seat", &["compact_id"], false).await?;

    // Versions of its text; a row never changes.
    manager
        .create_table(
            Table::create()
                .table("compact_text")
                .col(uuid("compact_id"))
                .col(integer("version"))
                .col(text("body"))
                .col(string_len_null("note", 200))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("compact_id").col("version"))
                .foreign_key(ForeignKey::create().from("compact_text", "compact_id").to("compact", "id"))
                .to_owned(),
        )
        .await?;

    // Visits of a school partnership, and what was seen.
    manager
        .create_table(
            Table::create()
                .table("compact_visit")
                .col(uuid("id").primary_key())
                .col(uuid("compact_id"))
                .col(date("visited_on"))
                .col(uuid("host_party_id"))
                .col(text("log"))
                .col(uuid_null("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("compact_visit", "compact_id").to("compact", "id"))
                .foreign_key(ForeignKey::create().from("compact_visit", "host_party_id").to("compact_party", "id"))
                .foreign_key(ForeignKey::create().from("compact_visit", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "compact_visit", &["compact_id", "visited_on"], false).await?;
    index(manager, "compact_visit", &["account_id"], false).await
}

async fn commitments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("commitment")
                .col(uuid("id").primary_key())
                .col(uuid("compact_id"))
                // Its number within the compact, which its address carries for good.
                .col(integer("number"))
                .col(string_len("area", 32))
                .col(text("sentence"))
                .col(text_null("who"))
                // What each side gets, by its sector.
                .col(json_binary("gets"))
                .col(date_null("due_on"))
                .col(string_len("status", 16).check(Expr::col("status").is_in(STATUSES)))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone("status_at"))
                // Who set it: they do not confirm it.
                .col(uuid_null("status_by"))
                .col(string_len_null("measure", 200))
                .col(string_len_null("baseline", 60))
                .col(string_len_null("target", 60))
                .col(string_len_null("latest", 60))
                .col(date_null("latest_on"))
                .col(uuid_null("owner_party_id"))
                .col(uuid_null("owner_id"))
                .col(date_null("owner_gone_on"))
                .col(uuid_null("deputy_party_id"))
                .col(uuid_null("deputy_id"))
                .col(date_null("deputy_gone_on"))
                // Whether the other holder was told that one is gone.
                .col(boolean("gone_told"))
                .col(uuid_null("confirmed_party_id"))
                .col(timestamp_with_time_zone_null("confirmed_at"))
                .col(timestamp_with_time_zone_null("last_update_at"))
                // The day up to which reminders were looked at, and the next day to look.
                .col(date("looked_on"))
                .col(date_null("look_on"))
                .col(integer("revision"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("commitment", "compact_id").to("compact", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "status_by").to("account", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "owner_party_id").to("compact_party", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "owner_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "deputy_party_id").to("compact_party", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "deputy_id").to("account", "id"))
                .foreign_key(ForeignKey::create().from("commitment", "confirmed_party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "commitment", &["compact_id", "number"], true).await?;
    index(manager, "commitment", &["look_on"], false).await?;
    index(manager, "commitment", &["owner_id"], false).await?;
    index(manager, "commitment", &["deputy_id"], false).await?;
    index(manager, "commitment", &["status_by"], false).await?;

    // How each side sees it, since its status last changed.
    manager
        .create_table(
            Table::create()
                .table("commitment_rating")
                .col(uuid("commitment_id"))
                .col(string_len("sector", 32))
                .col(uuid_null("party_id"))
                .col(string_len("status", 16).check(Expr::col("status").is_in(STATUSES)))
                .col(timestamp_with_time_zone("at"))
                .primary_key(Index::create().col("commitment_id").col("sector"))
                .foreign_key(ForeignKey::create().from("commitment_rating", "commitment_id").to("commitment", "id"))
                .foreign_key(ForeignKey::create().from("commitment_rating", "party_id").to("compact_party", "id"))
                .to_owned(),
        )
        .await?;

    // What happened to it, in order: rows are added and never changed.
    manager
        .create_table(
            Table::create()
                .table("commitment_entry")
                .col(uuid("id").primary_key())
                .col(uuid("commitment_id"))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in([
                    "made",
                    "update",
                    "changed",
                    "confirmed",
                    "rated",
                    "linked",
                    "unlinked",
                    "vacant",
                ])))
                .col(text_null("body"))
                .col(string_len_null("status", 16))
                // What was changed: field, before, after; and the evidence: title, address.
                .col(json_binary("changes"))
                .col(json_binary("evidence"))
                // The office that spoke.
                .col(uuid_null("party_id"))
                .col(uuid_null("account_id"))
                .col(timestamp_with_time_zone("at"))
                .foreign_key(ForeignKey::create().from("commitment_entry", "commitment_id").to("commitment", "id"))
                .foreign_key(ForeignKey::create().from("commitment_entry", "party_id").to("compact_party", "id"))
                .foreign_key(ForeignKey::create().from("commitment_entry", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "commitment_entry", &["commitment_id", "at"], false).await?;
    index(manager, "commitment_entry", &["account_id"], false).await?;

    // What counts for it (C-7).
    manager
        .create_table(
            Table::create()
                .table("commitment_link")
                .col(uuid("id").primary_key())
                .col(uuid("commitment_id"))
                .col(string_len("kind", 16).check(Expr::col("kind").is_in([
                    "session",
                    "practice",
                    "adoption",
                    "minutes",
                    "agreement",
                ])))
                .col(uuid_null("target_id"))
                .col(string_len_null("title", 200))
                .col(text_null("url"))
                .col(date_null("dated_on"))
                .col(uuid_null("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("commitment_link", "commitment_id").to("commitment", "id"))
                .foreign_key(ForeignKey::create().from("commitment_link", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "commitment_link", &["commitment_id", "kind", "target_id"], true).await?;
    index(manager, "commitment_link", &["account_id"], false).await
}
