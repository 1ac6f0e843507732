//! Every step of a sign-on, whom a statement was sent to for its sign-on, and who wants no such letter.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string_len, string_len_null, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::m0001_foundation::index;

crate::migration!(up, ["statement_call_stop", "statement_call", "statement_signing"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("statement_signing")
                .col(uuid("signature_id"))
                // From 1 for each sign-on; rows are added and never changed.
                .col(integer("number"))
                .col(string_len("did", 16).check(Expr::col("did").is_in(["signed", "confirmed", "withdrawn"])))
                // Behind which version the place stood from then on, or until then.
                .col(integer("version"))
                .col(timestamp_with_time_zone("at"))
                .primary_key(Index::create().col("signature_id").col("number"))
                .foreign_key(
                    ForeignKey::create().from("statement_signing", "signature_id").to("statement_signature", "id"),
                )
                .to_owned(),
        )
        .await?;
    remember(manager.get_connection()).await?;

    manager
        .create_table(
            Table::create()
                .table("statement_call")
                .col(uuid("id").primary_key())
                .col(uuid("statement_id"))
                .col(string_len("email", 254))
                // Where the address had an account when it was asked.
                .col(uuid_null("account_id"))
                // For which school or organization it was asked; none for an address that was typed.
                .col(string_len_null("place_kind", 16))
                .col(uuid_null("place_id"))
                .col(timestamp_with_time_zone("first_at"))
                .col(timestamp_with_time_zone("last_at"))
                .col(integer("letters"))
                .foreign_key(ForeignKey::create().from("statement_call", "statement_id").to("statement", "id"))
                .foreign_key(ForeignKey::create().from("statement_call", "account_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "statement_call", &["statement_id", "email"], true).await?;
    index(manager, "statement_call", &["email"], false).await?;
    index(manager, "statement_call", &["account_id"], false).await?;

    // An address is kept here as a keyed fingerprint: it says of a known address whether it wants no letters, and names none.
    manager
        .create_table(
            Table::create()
                .table("statement_call_stop")
                .col(string_len("mark", 64).primary_key())
                .col(timestamp_with_time_zone("stopped_at"))
                .to_owned(),
        )
        .await
}

/// Fills the steps of sign-ons that are there already: from the audit log, which kept each; where it has none, from the sign-on.
///
/// # Errors
/// The database's own.
pub async fn remember(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let (of_event, again, version) = match db.get_database_backend() {
        DbBackend::Postgres => (
            "CAST(s.id AS TEXT) = e.detail->>'signature'",
            "e.detail->>'again' = 'true'",
            "CAST(e.detail->>'version' AS INTEGER)",
        ),
        _ => (
            "lower(hex(s.id)) = replace(json_extract(e.detail, '$.signature'), '-', '')",
            "json_extract(e.detail, '$.again') = 1",
            "json_extract(e.detail, '$.version')",
        ),
    };
    // Whoever signed again while their sign-on stood confirmed a newer version, or changed what they say and nothing else.
    db.execute_unprepared(&format!(
        "INSERT INTO statement_signing (signature_id, number, did, version, at) \
         SELECT signature_id, ROW_NUMBER() OVER (PARTITION BY signature_id ORDER BY event), did, version, at FROM ( \
           SELECT s.id AS signature_id, e.id AS event, {version} AS version, e.at AS at, \
             CASE WHEN e.action = 'statement.sign_on_withdrawn' THEN 'withdrawn' \
                  WHEN e.action = 'statement.confirmed' OR ({again}) THEN 'confirmed' ELSE 'signed' END AS did, \
             LAG({version}) OVER (PARTITION BY s.id ORDER BY e.id) AS earlier \
           FROM event e JOIN statement_signature s ON {of_event} \
           WHERE e.subject_kind = 'statement' AND e.action IN \
             ('statement.signed', 'statement.confirmed', 'statement.sign_on_withdrawn')) steps \
         WHERE NOT (did = 'confirmed' AND earlier IS NOT NULL AND earlier = version)"
    ))
    .await?;
    db.execute_unprepared(
        "INSERT INTO statement_signing (signature_id, number, did, version, at) \
         SELECT s.id, 1, 'signed', s.version, s.signed_at FROM statement_signature s \
         WHERE NOT EXISTS (SELECT 1 FROM statement_signing k WHERE k.signature_id = s.id)",
    )
    .await?;
    db.execute_unprepared(
        "INSERT INTO statement_signing (signature_id, number, did, version, at) \
         SELECT s.id, 2, 'withdrawn', s.version, s.withdrawn_at FROM statement_signature s \
         WHERE s.withdrawn_at IS NOT NULL \
           AND NOT EXISTS (SELECT 1 FROM statement_signing k WHERE k.signature_id = s.id AND k.did = 'withdrawn')",
    )
    .await
    .map(drop)
}
