//! Who is who: accounts, how they sign in, where they belong, what they may do.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(
    up,
    [
        "answer_once",
        "follow",
        "api_token",
        "challenge",
        "passkey",
        "recovery_code",
        "totp",
        "identity",
        "email_change",
        "one_time_link",
        "sign_in",
        "email_domain",
        "invitation",
        "membership",
        "account"
    ]
);

const ROLES: [&str; 8] =
    ["teacher", "principal", "delegate", "organizer", "editor", "compact_owner", "mayor", "city_admin"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    accounts(manager).await?;
    places(manager).await?;
    entrances(manager).await?;
    second_steps(manager).await?;
    programs(manager).await?;
    school_and_installation(manager).await
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let state = string_len("state", 16).check(Expr::col("state").is_in(["active", "deactivated", "erased"])).to_owned();
    manager
        .create_table(
            Table::create()
                .table("account")
                .col(uuid("id").primary_key())
                .col(state)
                .col(string_len("name", 120))
                // In lower case; none once the account is erased.
                .col(string_len_null("email", 254))
                .col(timestamp_with_time_zone_null("email_confirmed_at"))
                .col(text_null("password_hash"))
                .col(timestamp_with_time_zone_null("password_set_at"))
                // What the person does, in their own words: "Grade 3 teacher".
                .col(string_len_null("title", 120))
                .col(string_len_null("time_zone", 64))
                // In which language letters come (BCP 47).
                .col(string_len("lang", 8).default("en"))
                .col(json_binary("grades"))
                .col(json_binary("subjects"))
                .col(timestamp_with_time_zone_null("welcomed_at"))
                // Sign-ins and tokens from before hold no more.
                .col(timestamp_with_time_zone_null("valid_from"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "account", &["email"], true).await?;
    index(manager, "account", &["name"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("follow")
                .col(uuid("account_id"))
                .col(string_len("kind", 16))
                .col(string_len("target", 64))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("account_id").col("kind").col("target"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "follow", &["kind", "target"], false).await
}

async fn places(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("membership")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("role", 16).check(Expr::col("role").is_in(ROLES)))
                // One of both, or neither: the whole installation.
                .col(uuid_null("school_id"))
                .col(uuid_null("organization_id"))
                .col(string_len("state", 16).check(Expr::col("state").is_in(["asked", "current", "ended", "declined"])))
                .col(string_len("verified_by", 16).check(Expr::col("verified_by").is_in([
                    "nobody",
                    "domain",
                    "invitation",
                    "roster",
                    "admin",
                    "principal",
                ])))
                .col(uuid_null("decided_by"))
                // Account, role and place while it is asked for or holds, so that there is one of each.
                .col(string_len_null("open_key", 120))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("started_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "membership", &["open_key"], true).await?;
    index(manager, "membership", &["account_id", "state"], false).await?;
    index(manager, "membership", &["school_id", "state"], false).await?;
    index(manager, "membership", &["organization_id", "state"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("invitation")
                .col(uuid("id").primary_key())
                .col(string_len("email", 254))
                .col(string_len("name", 120))
                .col(string_len("role", 16).check(Expr::col("role").is_in(ROLES)))
                .col(uuid_null("school_id"))
                .col(uuid_null("organization_id"))
                .col(uuid_null("invited_by"))
                .col(string_len("secret_hash", 64))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("accepted_at"))
                .col(uuid_null("accepted_by"))
                .col(timestamp_with_time_zone_null("withdrawn_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "invitation", &["secret_hash"], true).await?;
    index(manager, "invitation", &["email"], false).await?;
    index(manager, "invitation", &["school_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("email_domain")
                .col(string_len("domain", 253).primary_key())
                .col(uuid_null("school_id"))
                .col(uuid_null("organization_id"))
                .col(timestamp_with_time_zone("created_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "email_domain", &["school_id"], false).await?;
    index(manager, "email_domain", &["organization_id"], false).await
}

async fn entrances(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let methods = ["password", "link", "oidc", "passkey", "invitation"];
    manager
        .create_table(
            Table::create()
                .table("sign_in")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("secret_hash", 64))
                .col(string_len("method", 16).check(Expr::col("method").is_in(methods)))
                // When a second step was passed.
                .col(timestamp_with_time_zone_null("strong_at"))
                .col(string_len("device", 160))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("seen_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("ended_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "sign_in", &["secret_hash"], true).await?;
    index(manager, "sign_in", &["account_id"], false).await?;
    index(manager, "sign_in", &["expires_at"], false).await?;

    let purposes = ["sign_in", "new_password", "old_address", "new_address"];
    manager
        .create_table(
            Table::create()
                .table("one_time_link")
                .col(uuid("id").primary_key())
                .col(string_len("purpose", 16).check(Expr::col("purpose").is_in(purposes)))
                .col(uuid_null("account_id"))
                .col(string_len("email", 254))
                .col(string_len("secret_hash", 64))
                .col(json_binary("data"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "one_time_link", &["secret_hash"], true).await?;
    index(manager, "one_time_link", &["account_id"], false).await?;
    index(manager, "one_time_link", &["email"], false).await?;
    index(manager, "one_time_link", &["expires_at"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("email_change")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("new_email", 254))
                .col(timestamp_with_time_zone_null("old_confirmed_at"))
                .col(timestamp_with_time_zone_null("new_confirmed_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("done_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "email_change", &["account_id"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("identity")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("provider", 64))
                .col(string_len("issuer", 255))
                .col(string_len("subject", 255))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("used_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "identity", &["issuer", "subject"], true).await?;
    index(manager, "identity", &["account_id"], false).await
}

async fn second_steps(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("totp")
                .col(uuid("account_id").primary_key())
                // Sealed with the installation's secret.
                .col(text("sealed"))
                .col(timestamp_with_time_zone_null("confirmed_at"))
                // The time step of the last code taken: a code is taken once.
                .col(big_integer_null("last_step"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("recovery_code")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("secret_hash", 64))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "recovery_code", &["account_id", "secret_hash"], true).await?;
    manager
        .create_table(
            Table::create()
                .table("passkey")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("name", 80))
                .col(string_len("credential_id", 1400))
                // The library's own form of the public key and counter.
                .col(text("credential"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "passkey", &["credential_id"], true).await?;
    index(manager, "passkey", &["account_id"], false).await?;
    // What a browser must bring back: passkey challenges, states of OpenID Connect. Taken out when used.
    manager
        .create_table(
            Table::create()
                .table("challenge")
                .col(uuid("id").primary_key())
                .col(string_len("kind", 24))
                .col(uuid_null("account_id"))
                .col(text("data"))
                .col(timestamp_with_time_zone("expires_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "challenge", &["expires_at"], false).await?;
    index(manager, "challenge", &["account_id"], false).await
}

async fn programs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("api_token")
                .col(uuid("id").primary_key())
                .col(uuid("account_id"))
                .col(string_len("name", 80))
                .col(string_len("scope", 16).check(Expr::col("scope").is_in(["read", "write", "admin"])))
                .col(string_len("secret_hash", 64))
                // The last four characters, to tell tokens apart.
                .col(string_len("hint", 8))
                // Made where a second step had been passed.
                .col(boolean("strong"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("expires_at"))
                .col(timestamp_with_time_zone_null("used_at"))
                .col(timestamp_with_time_zone_null("revoked_at"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "api_token", &["secret_hash"], true).await?;
    index(manager, "api_token", &["account_id"], false).await?;
    // Answers to writes that carried an Idempotency-Key, for a day.
    manager
        .create_table(
            Table::create()
                .table("answer_once")
                .col(uuid("account_id"))
                .col(string_len("key", 255))
                .col(string_len("request_hash", 64))
                // None while the first request is still under way.
                .col(small_integer_null("status"))
                .col(json_binary("headers"))
                .col(text("body"))
                .col(timestamp_with_time_zone("created_at"))
                .primary_key(Index::create().col("account_id").col("key"))
                .foreign_key(&mut account())
                .to_owned(),
        )
        .await?;
    index(manager, "answer_once", &["created_at"], false).await
}

async fn school_and_installation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let alter = |table: &'static str, column: ColumnDef| Table::alter().table(table).add_column(column).to_owned();
    manager.alter_table(alter("school", date_null("closed_on").to_owned())).await?;
    manager.alter_table(alter("school", uuid_null("merged_into").to_owned())).await?;
    index(manager, "school", &["merged_into"], false).await?;
    // Tells a node with another secret before it does harm.
    manager.alter_table(alter("installation", string_len_null("secret_print", 64).to_owned())).await
}

fn account() -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col("account_id").to("account", "id").to_owned()
}
