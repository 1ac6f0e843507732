//! The outbox's table and its queries.

pub mod personal;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::letter::{Letter, LetterId, Priority};
use crate::platform::{Error, Result, Timestamp};

pub mod outbox {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub event_key: String,
        pub recipient: String,
        pub account_id: Option<Uuid>,
        pub about: Option<Uuid>,
        pub kind: String,
        pub priority: i16,
        pub message_id: String,
        pub subject: String,
        pub message: Option<String>,
        pub secret: bool,
        pub state: String,
        pub attempts: i32,
        pub due_at: DateTimeUtc,
        pub not_after: Option<DateTimeUtc>,
        pub lease_until: Option<DateTimeUtc>,
        pub lease_token: Option<Uuid>,
        pub last_answer: Option<String>,
        pub created_at: DateTimeUtc,
        pub done_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A new letter, unless its event has made one for this recipient before.
pub async fn insert(
    conn: &impl ConnectionTrait,
    id: LetterId,
    message_id: String,
    message: Vec<u8>,
    letter: Letter,
    now: Timestamp,
) -> Result<()> {
    let row = outbox::ActiveModel {
        id: Set(id.0),
        event_key: Set(letter.event),
        recipient: Set(letter.to),
        account_id: Set(letter.account),
        about: Set(letter.about),
        kind: Set(letter.kind.to_owned()),
        priority: Set(if letter.priority == Priority::Personal { 0 } else { 1 }),
        message_id: Set(message_id),
        subject: Set(letter.subject),
        // What lettre makes is ASCII: other letters are encoded.
        message: Set(Some(String::from_utf8(message).map_err(Error::internal)?)),
        secret: Set(letter.secret),
        state: Set("ready".to_owned()),
        attempts: Set(0),
        due_at: Set(now),
        not_after: Set(letter.not_after),
        created_at: Set(now),
        ..Default::default()
    };
    let twice = OnConflict::columns([outbox::Column::EventKey, outbox::Column::Recipient]).do_nothing().to_owned();
    outbox::Entity::insert(row).try_insert().on_conflict(twice).exec_without_returning(conn).await?;
    Ok(())
}
