//! When a school closed is kept with what it was, so that a closing that is entered late changes no past period.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::date_null;

crate::migration!(up, [""; 0]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let column = Table::alter().table("report_school").add_column(date_null("closed_on")).to_owned();
    manager.alter_table(column).await?;
    // What is known today holds for what was counted until today.
    let known = Query::select()
        .column("closed_on")
        .from("school")
        .and_where(Expr::col(("school", "id")).equals(("report_school", "school_id")))
        .to_owned();
    let mut rows = Query::update();
    rows.table("report_school").value("closed_on", SimpleExpr::SubQuery(None, Box::new(known.into())));
    manager.execute(rows).await
}
