//! Credit for joint sessions: programs, what a session gives, and the certificates of it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["signing_key", "certificate", "credit_product", "session_credit", "credit_program"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("credit_program")
                .col(uuid("id").primary_key())
                .col(string_len("code", 32).unique_key())
                .col(string_len("name", 120))
                // Unit, rounding, minimum, categories, fields of the certificate, retention: data, never code (J-12).
                .col(json_binary("rules"))
                .col(timestamp_with_time_zone_null("retired_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("session_credit")
                .col(uuid("session_id"))
                .col(uuid("program_id"))
                // Share of the time by category, in percent: {"content": 60, "ell": 40}.
                .col(json_binary("categories"))
                .col(string_len("sponsor_name", 200))
                .col(string_len_null("sponsor_number", 64))
                .col(string_len("signer", 120))
                .primary_key(Index::create().col("session_id").col("program_id"))
                .foreign_key(ForeignKey::create().from("session_credit", "session_id").to("session", "id"))
                .foreign_key(ForeignKey::create().from("session_credit", "program_id").to("credit_program", "id"))
                .to_owned(),
        )
        .await?;
    // Whose product was handed in, for programs that give nothing before.
    manager
        .create_table(
            Table::create()
                .table("credit_product")
                .col(uuid("registration_id"))
                .col(uuid("program_id"))
                .col(uuid("session_id"))
                .col(uuid_null("recorded_by"))
                .col(timestamp_with_time_zone("recorded_at"))
                .primary_key(Index::create().col("registration_id").col("program_id"))
                .foreign_key(ForeignKey::create().from("credit_product", "registration_id").to("registration", "id"))
                .foreign_key(ForeignKey::create().from("credit_product", "program_id").to("credit_program", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "credit_product", &["session_id"], false).await?;
    manager
        .create_table(
            Table::create()
                .table("certificate")
                .col(uuid("id").primary_key())
                // What people type to verify it; the same in every version.
                .col(string_len("number", 24))
                .col(integer("version"))
                .col(uuid("session_id"))
                .col(uuid("registration_id"))
                .col(uuid("account_id"))
                // Where the person was registered from: its leads see the hours of their staff.
                .col(uuid("school_id"))
                .col(string_len("program", 32))
                // The last day of the session there, for lists by registration period.
                .col(date("held_on"))
                // Its place in the list of badges that hold no more.
                .col(big_integer("status_index").unique_key())
                // Everything it says, as it was when it was made. A correction is another version, never an edit.
                .col(json_binary("facts"))
                .col(timestamp_with_time_zone("issued_at"))
                .col(timestamp_with_time_zone_null("replaced_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .col(text_null("reason"))
                .foreign_key(ForeignKey::create().from("certificate", "session_id").to("session", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "certificate", &["number", "version"], true).await?;
    index(manager, "certificate", &["registration_id", "program", "version"], true).await?;
    index(manager, "certificate", &["account_id", "held_on"], false).await?;
    index(manager, "certificate", &["school_id", "held_on"], false).await?;
    index(manager, "certificate", &["session_id", "program"], false).await?;
    // The key that signs badges: made on the first start, sealed with the secret of the installation.
    manager
        .create_table(
            Table::create()
                .table("signing_key")
                .col(string_len("kid", 64).primary_key())
                .col(text("sealed"))
                .col(json_binary("public"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("retired_at"))
                .to_owned(),
        )
        .await
}
