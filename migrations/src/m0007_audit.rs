//! The event log becomes evidence: rows cannot be changed or taken out, and a chain of hashes shows it (P5).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m0001_foundation::index;

crate::migration!(up, ["event_seal_head", "event_seal"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // From which sign-in or token, as `sign_in:ID` or `token:ID`.
    let via = string_len_null("via", 64).to_owned();
    manager.alter_table(Table::alter().table("event").add_column(via).to_owned()).await?;
    index(manager, "event", &["actor"], false).await?;
    index(manager, "event", &["action"], false).await?;
    // The chain, in the order of sealing: numbers of events may commit out of order (T9), numbers of seals not.
    manager
        .create_table(
            Table::create()
                .table("event_seal")
                .col(big_integer("seq").primary_key())
                .col(big_integer("event_id"))
                .col(string_len("hash", 64))
                .to_owned(),
        )
        .await?;
    index(manager, "event_seal", &["event_id"], true).await?;
    // One row; who seals locks it.
    manager
        .create_table(
            Table::create()
                .table("event_seal_head")
                .col(integer("id").primary_key())
                .col(big_integer("seq"))
                .col(string_len("hash", 64))
                .to_owned(),
        )
        .await?;
    let mut insert = Query::insert();
    let empty = "0".repeat(64);
    insert.into_table("event_seal_head").columns(["id", "seq", "hash"]).values_panic([
        1_i32.into(),
        0_i64.into(),
        empty.into(),
    ]);
    manager.execute(insert.to_owned()).await?;
    let connection = manager.get_connection();
    for table in ["event", "event_seal"] {
        for (verb, name) in [("UPDATE", "unchanged"), ("DELETE", "kept")] {
            let say = "the event log is append-only";
            let sql = match manager.get_database_backend() {
                DbBackend::Postgres => format!(
                    "CREATE OR REPLACE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION '{say}'; END $$; \
                     CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()"
                ),
                _ => format!(
                    "CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{say}'); END"
                ),
            };
            connection.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}
