//! The moments at which schools approved seats, in the order of time: the report of a city reads those of a school year, and the log
//! holds everything else that ever happened.

use sea_orm_migration::prelude::*;

crate::migration!(up, [""; 0]);

async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut approved = Index::create();
    // The action stands in it too, though it is always the same: so a planner without statistics prefers it to the index of all actions.
    approved.name("ix_event_approved").table("event").col("action").col("at").col("subject").if_not_exists();
    approved.and_where(Expr::col("action").eq("registration.approved"));
    manager.create_index(approved).await
}
