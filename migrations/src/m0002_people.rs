//! Sectors, organizations and schools.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::m0001_foundation::index;

crate::migration!(up, ["school", "organization", "sector"]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Sector is a table and not a yes or no: some cities have three.
    manager
        .create_table(
            Table::create()
                .table("sector")
                .col(string_len("code", 32).primary_key())
                .col(string_len("label", 80))
                .col(integer("position"))
                .col(boolean("shown"))
                .to_owned(),
        )
        .await?;
    let rows = [
        ("district", "District", 1, true),
        ("charter", "Charter", 2, true),
        ("other_public", "Other public", 3, true),
        ("private_faith", "Private or faith", 4, false),
    ];
    for (code, label, position, shown) in rows {
        let mut insert = Query::insert();
        insert.into_table("sector").columns(["code", "label", "position", "shown"]).values_panic([
            code.into(),
            label.into(),
            position.into(),
            shown.into(),
        ]);
        manager.execute(insert.to_owned()).await?;
    }

    manager
        .create_table(
            Table::create()
                .table("organization")
                .col(uuid("id").primary_key())
                .col(string_len("slug", 120).unique_key())
                .col(string_len("kind", 16).check(Expr::col("kind").is_in([
                    "district",
                    "charter_network",
                    "city_office",
                    "other",
                ])))
                .col(string_len("name", 200))
                .col(string_len_null("nces_id", 12).unique_key())
                .col(string_len_null("city", 80))
                .col(string_len_null("state", 2))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .to_owned(),
        )
        .await?;
    index(manager, "organization", &["kind", "name"], false).await?;

    manager
        .create_table(
            Table::create()
                .table("school")
                .col(uuid("id").primary_key())
                .col(string_len("slug", 160).unique_key())
                .col(string_len_null("nces_id", 12).unique_key())
                .col(string_len("name", 200))
                .col(string_len_null("sector", 32))
                .col(string_len_null("sector_source", 120))
                .col(uuid_null("organization_id"))
                .col(string_len_null("city", 80))
                .col(string_len_null("state", 2))
                .col(string_len_null("neighborhood", 80))
                .col(string_len_null("campus", 120))
                .col(small_integer_null("grade_low"))
                .col(small_integer_null("grade_high"))
                .col(string_len_null("school_type", 80))
                .col(string_len_null("locale", 80))
                .col(integer_null("students"))
                .col(json_binary("shares"))
                .col(text_null("profile"))
                .col(double_null("lat"))
                .col(double_null("lon"))
                .col(string_len("facts_from", 120))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .foreign_key(ForeignKey::create().from("school", "sector").to("sector", "code"))
                .foreign_key(ForeignKey::create().from("school", "organization_id").to("organization", "id"))
                .check(Expr::col("students").gte(0))
                .to_owned(),
        )
        .await?;
    index(manager, "school", &["organization_id"], false).await?;
    index(manager, "school", &["state", "city", "name"], false).await
}
