//! The event log's table.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, DatabaseTransaction};

use crate::platform::actor::Actor;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::event::Event;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    pub actor_kind: String,
    pub actor: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject: Option<Uuid>,
    pub detail: Json,
    pub via: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(super) async fn insert(conn: &DatabaseTransaction, actor: &Actor, now: Timestamp, event: Event) -> Result<()> {
    let row = ActiveModel {
        at: Set(now),
        actor_kind: Set(actor.kind().to_owned()),
        actor: Set(actor.name()),
        action: Set(event.action.to_owned()),
        subject_kind: Set(event.subject_kind.to_owned()),
        subject: Set(event.subject),
        detail: Set(event.detail),
        via: Set(actor.via()),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}
