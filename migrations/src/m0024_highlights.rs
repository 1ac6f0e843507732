//! Highlights and their approvals.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["highlight_photo_leaving", "highlight_school", "highlight"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("highlight")
                .col(uuid("id").primary_key())
                // Given when it is first published, and kept for ever.
                .col(string_len_null("slug", 120))
                .col(string_len("city", 120))
                .col(string_len("city_name", 120))
                .col(uuid("author_id"))
                .col(string_len("headline", 90))
                .col(text("story"))
                .col(string_len_null("neighborhood", 120))
                // What it is about. No foreign keys: these things are other features', and may go.
                .col(uuid_null("session_id"))
                .col(uuid_null("practice_id"))
                .col(uuid_null("adoption_id"))
                .col(uuid_null("commitment_id"))
                .col(json_binary("numbers"))
                .col(text_null("quote"))
                .col(string_len_null("quote_role", 120))
                .col(uuid_null("quote_school_id"))
                // Who said it, where they themselves want to be named.
                .col(uuid_null("quote_speaker_id"))
                .col(string_len_null("photo", 64))
                .col(string_len_null("photo_kind", 8))
                .col(string_len_null("photo_alt", 300))
                .col(string_len_null("photo_consent", 16))
                .col(timestamp_with_time_zone_null("embargo_until"))
                .col(string_len("zone", 40))
                .col(string_len("state", 12).check(Expr::col("state").is_in([
                    "draft",
                    "reviewing",
                    "approved",
                    "published",
                    "withdrawn",
                ])))
                .col(text_null("reason"))
                .col(integer("revision"))
                .col(timestamp_with_time_zone_null("published_at"))
                .col(timestamp_with_time_zone_null("withdrawn_at"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("highlight", "author_id").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "highlight", &["slug"], true).await?;
    index(manager, "highlight", &["city", "state", "published_at"], false).await?;
    index(manager, "highlight", &["state", "published_at"], false).await?;
    index(manager, "highlight", &["state", "embargo_until"], false).await?;
    index(manager, "highlight", &["author_id"], false).await?;
    index(manager, "highlight", &["quote_speaker_id"], false).await?;

    // The words about each school, and what it answered to which of them.
    manager
        .create_table(
            Table::create()
                .table("highlight_school")
                .col(uuid("id").primary_key())
                .col(uuid("highlight_id"))
                .col(uuid("school_id"))
                .col(string_len_null("sector", 32))
                .col(integer("place"))
                .col(text("words"))
                .col(timestamp_with_time_zone_null("asked_at"))
                .col(string_len_null("asked_print", 64))
                .col(string_len_null("answer", 10).check(Expr::col("answer").is_in(["yes", "changes"])))
                .col(string_len_null("answer_print", 64))
                .col(uuid_null("answered_by"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .col(text_null("note"))
                .foreign_key(ForeignKey::create().from("highlight_school", "highlight_id").to("highlight", "id"))
                .foreign_key(ForeignKey::create().from("highlight_school", "school_id").to("school", "id"))
                .foreign_key(ForeignKey::create().from("highlight_school", "answered_by").to("account", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "highlight_school", &["highlight_id", "school_id"], true).await?;
    index(manager, "highlight_school", &["school_id"], false).await?;
    index(manager, "highlight_school", &["answered_by"], false).await?;

    // Bytes of pictures that no highlight has any more, and those that are just being sent.
    manager
        .create_table(
            Table::create()
                .table("highlight_photo_leaving")
                .col(string_len("photo", 64).primary_key())
                .col(timestamp_with_time_zone("due_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "highlight_photo_leaving", &["due_at"], false).await?;

    // The search follows highlights: their log begins.
    let mut log = Query::insert();
    log.into_table("change_head").columns(["log", "seq"]).values_panic(["highlight".into(), 0_i64.into()]);
    log.on_conflict(OnConflict::column("log").do_nothing().to_owned());
    manager.execute(log).await
}
