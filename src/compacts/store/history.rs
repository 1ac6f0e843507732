//! The history of compacts themselves, in the database.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde_json::json;

use super::CHUNK;
use crate::compacts::compact::{CompactId, PartyId, Record, RecordId, RecordKind};
use crate::platform::{Error, Result};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub compact_id: Uuid,
        pub kind: String,
        pub about_party_id: Option<Uuid>,
        pub changes: Json,
        pub note: Option<String>,
        pub party_id: Option<Uuid>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn read(row: row::Model) -> Result<Record> {
    Ok(Record {
        id: RecordId(row.id),
        compact: CompactId(row.compact_id),
        kind: RecordKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown entry of a compact"))?,
        about: row.about_party_id.map(PartyId),
        changes: serde_json::from_value(row.changes).map_err(Error::internal)?,
        note: row.note,
        party: row.party_id.map(PartyId),
        at: row.at,
    })
}

/// The history of these compacts themselves, newest first. One statement for 900.
pub async fn records(conn: &impl ConnectionTrait, compacts: &[CompactId]) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    for chunk in compacts.chunks(CHUNK) {
        let query = row::Entity::find().filter(row::Column::CompactId.is_in(chunk.iter().map(|id| id.0)));
        let query = query.order_by_desc(row::Column::At).order_by_desc(row::Column::Id).limit(2_000);
        for row in query.all(conn).await? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Adds a row to the history.
pub async fn note(conn: &impl ConnectionTrait, new: &Record) -> Result<()> {
    let row = row::Model {
        id: new.id.0,
        compact_id: new.compact.0,
        kind: new.kind.code().to_owned(),
        about_party_id: new.about.map(|id| id.0),
        changes: json!(new.changes),
        note: new.note.clone(),
        party_id: new.party.map(|id| id.0),
        at: new.at,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}
