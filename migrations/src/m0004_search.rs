//! What search keeps in the database: the synonym list, the searches nobody could answer, the logs it follows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

crate::migration!(up, ["search_unmet", "search_synonym"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("search_synonym")
                .col(string_len("term", 64).primary_key())
                .col(json_binary("expansions"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    // By day and wording, without the person (F-5).
    manager
        .create_table(
            Table::create()
                .table("search_unmet")
                .col(date("day"))
                .col(string_len("wording", 256))
                .col(string_len("outcome", 8).check(Expr::col("outcome").is_in(["none", "weak"])))
                .col(integer("times"))
                .primary_key(Index::create().col("day").col("wording").col("outcome"))
                .to_owned(),
        )
        .await?;
    for log in ["practice", "school", "synonym"] {
        let mut insert = Query::insert();
        insert.into_table("change_head").columns(["log", "seq"]).values_panic([log.into(), 0_i64.into()]);
        manager.execute(insert.to_owned()).await?;
    }
    Ok(())
}
