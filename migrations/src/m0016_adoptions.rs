//! Steps of adoptions, follow-ups, and cycles of trying.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["adoption_cycle", "adoption_follow_up", "adoption_step"]);

const STAGES: [&str; 6] = ["interested", "planning", "piloting", "in_use", "sustained", "stopped"];

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        // The first day on which the school tried it: who never came so far has not crossed a line between sectors.
        date_null("piloted_on"),
        uuid_null("logged_by"),
        uuid_null("learned_from_session"),
        // The day on which it is to be looked at again: a follow-up, or a new version of the practice.
        date_null("look_on"),
        // The last follow-up that was due: 0, 30, 90 or 365.
        integer("asked_day").default(0).to_owned(),
        // The last version that the school was told of, beside the one it uses.
        integer("told_version").default(0).to_owned(),
    ];
    for column in columns {
        manager.alter_table(Table::alter().table("adoption").add_column(column).to_owned()).await?;
    }
    index(manager, "adoption", &["look_on"], false).await?;
    index(manager, "adoption", &["piloted_on"], false).await?;
    index(manager, "adoption", &["logged_by"], false).await?;

    // Every move, forth and back: nothing of it is written over.
    manager
        .create_table(
            Table::create()
                .table("adoption_step")
                .col(uuid("adoption_id"))
                .col(integer("number"))
                .col(string_len("stage", 16).check(Expr::col("stage").is_in(STAGES)))
                .col(date("since"))
                .col(text_null("stopped_reason"))
                .col(timestamp_with_time_zone("recorded_at"))
                .primary_key(Index::create().col("adoption_id").col("number"))
                .foreign_key(ForeignKey::create().from("adoption_step", "adoption_id").to("adoption", "id"))
                .to_owned(),
        )
        .await?;
    // What is on record is the first step.
    let known = Query::select()
        .column("id")
        .expr(Expr::value(1))
        .columns(["stage", "stage_since", "stopped_reason", "created_at"])
        .from("adoption")
        .to_owned();
    let mut steps = Query::insert();
    steps.into_table("adoption_step");
    steps.columns(["adoption_id", "number", "stage", "since", "stopped_reason", "recorded_at"]);
    steps.select_from(known).map_err(|error| DbErr::Custom(error.to_string()))?;
    manager.execute(steps).await?;
    let mut piloted = Query::update();
    piloted.table("adoption").value("piloted_on", Expr::col("started_on")).value("look_on", Expr::col("started_on"));
    piloted.and_where(Expr::col("stage").is_in(["piloting", "in_use", "sustained"]));
    manager.execute(piloted).await?;

    manager
        .create_table(
            Table::create()
                .table("adoption_follow_up")
                .col(uuid("id").primary_key())
                .col(uuid("adoption_id"))
                .col(integer("day").check(Expr::col("day").is_in([30, 90, 365])))
                .col(timestamp_with_time_zone("asked_at"))
                .col(string_len_null("answer", 16).check(Expr::col("answer").is_in([
                    "still_using",
                    "changed",
                    "stopped",
                ])))
                .col(text_null("note"))
                .col(uuid_null("answered_by"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .foreign_key(ForeignKey::create().from("adoption_follow_up", "adoption_id").to("adoption", "id"))
                .to_owned(),
        )
        .await?;
    // Each is asked once.
    index(manager, "adoption_follow_up", &["adoption_id", "day"], true).await?;
    index(manager, "adoption_follow_up", &["answered_by"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("adoption_cycle")
                .col(uuid("adoption_id"))
                .col(integer("number"))
                .col(text("plan"))
                .col(text_null("did"))
                .col(text_null("saw"))
                .col(text_null("next"))
                .col(date("began_on"))
                .col(date_null("ended_on"))
                // Whether everybody may read it, or the school alone.
                .col(boolean("open"))
                .col(uuid_null("account_id"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .primary_key(Index::create().col("adoption_id").col("number"))
                .foreign_key(ForeignKey::create().from("adoption_cycle", "adoption_id").to("adoption", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "adoption_cycle", &["account_id"], false).await
}
