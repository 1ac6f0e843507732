//! The event log's table. Rows are added here and nowhere else; `audit` reads and seals them.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Insert};

use crate::platform::actor::Actor;
use crate::platform::clock::Timestamp;
use crate::platform::event::Event;

/// What happened, as it was written down.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Its number; numbers may commit out of order (T9).
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When.
    pub at: DateTimeUtc,
    /// `visitor`, `person` or `system`.
    pub actor_kind: String,
    /// The account's id, or the part of the program.
    pub actor: Option<String>,
    /// What, `thing.past_participle`.
    pub action: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one.
    pub subject: Option<Uuid>,
    /// Ids, counts, codes.
    pub detail: Json,
    /// `sign_in:ID` or `token:ID`.
    pub via: Option<String>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn row(actor: &Actor, now: Timestamp, event: Event) -> Insert<ActiveModel> {
    Entity::insert(ActiveModel {
        at: Set(now),
        actor_kind: Set(actor.kind().to_owned()),
        actor: Set(actor.name()),
        action: Set(event.action.to_owned()),
        subject_kind: Set(event.subject_kind.to_owned()),
        subject: Set(event.subject),
        detail: Set(event.detail),
        via: Set(actor.via()),
        ..Default::default()
    })
}
