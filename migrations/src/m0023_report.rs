//! What the report of a city keeps so that past periods do not change: what schools were, and searches by month.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::prelude::ChronoDate;

use crate::m0001_foundation::index;

crate::migration!(up, ["report_search", "report_school"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A row for each time that the sector or the place of a school changed. The first holds for all time before.
    manager
        .create_table(
            Table::create()
                .table("report_school")
                .col(uuid("school_id"))
                .col(date("since"))
                .col(string_len_null("sector", 32))
                .col(string_len_null("city", 80))
                .col(string_len_null("state", 2))
                .col(string_len_null("neighborhood", 80))
                // Whether it had become part of another school.
                .col(boolean("merged"))
                .primary_key(Index::create().col("school_id").col("since"))
                .foreign_key(ForeignKey::create().from("report_school", "school_id").to("school", "id"))
                .to_owned(),
        )
        .await?;
    index(manager, "report_school", &["state", "city", "school_id"], false).await?;
    let first = ChronoDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
    let known = Query::select()
        .column("id")
        .expr(Expr::value(first))
        .columns(["sector", "city", "state", "neighborhood"])
        .expr(Expr::col("merged_into").is_not_null())
        .from("school")
        .to_owned();
    let mut rows = Query::insert();
    rows.into_table("report_school");
    rows.columns(["school_id", "since", "sector", "city", "state", "neighborhood", "merged"]);
    rows.select_from(known).map_err(|error| DbErr::Custom(error.to_string()))?;
    manager.execute(rows).await?;

    // Searches nobody could answer, of a month that is over: their wordings are forgotten, their number is not.
    manager
        .create_table(
            Table::create()
                .table("report_search")
                .col(date("month").primary_key())
                .col(big_integer("searches"))
                .to_owned(),
        )
        .await
}
