//! Compacts, their parties, seats, texts and visits, in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::compacts::compact::{
    Compact, CompactId, CompactKind, Move, Party, PartyId, PartyState, Seat, SeatId, TextVersion, Visit, VisitId,
    place_of, place_parts,
};
use crate::people::AccountId;
use crate::platform::{Error, Place, Result};

mod compact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub kind: String,
        pub city: Option<String>,
        pub city_name: Option<String>,
        pub contact_party_id: Option<Uuid>,
        pub contact_role: Option<String>,
        pub signed_on: Option<Date>,
        pub review_on: Option<Date>,
        pub ends_on: Option<Date>,
        pub counts_joint: bool,
        pub published_at: Option<DateTimeUtc>,
        pub text_version: i32,
        pub last_number: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod party {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_party")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub compact_id: Uuid,
        pub position: i32,
        pub name: String,
        pub place_kind: Option<String>,
        pub place_id: Option<Uuid>,
        pub sector: String,
        pub state: String,
        pub state_on: Date,
        pub link: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod party_move {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_party_move")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub party_id: Uuid,
        pub state: String,
        pub state_on: Date,
        pub link: Option<String>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod seat {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_seat")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub compact_id: Uuid,
        pub party_id: Uuid,
        pub role: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod text {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_text")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub compact_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub body: String,
        pub note: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod visit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub compact_id: Uuid,
        pub visited_on: Date,
        pub host_party_id: Uuid,
        pub log: String,
        pub account_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn read(row: compact::Model) -> Result<Compact> {
    Ok(Compact {
        id: CompactId(row.id),
        slug: row.slug,
        name: row.name,
        kind: CompactKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown kind of compact"))?,
        city: row.city,
        city_name: row.city_name,
        contact_party: row.contact_party_id.map(PartyId),
        contact_role: row.contact_role,
        signed_on: row.signed_on,
        review_on: row.review_on,
        ends_on: row.ends_on,
        counts_joint: row.counts_joint,
        published_at: row.published_at,
        text_version: row.text_version,
        last_number: row.last_number,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn model(one: &Compact) -> compact::Model {
    compact::Model {
        id: one.id.0,
        slug: one.slug.clone(),
        name: one.name.clone(),
        kind: one.kind.code().to_owned(),
        city: one.city.clone(),
        city_name: one.city_name.clone(),
        contact_party_id: one.contact_party.map(|id| id.0),
        contact_role: one.contact_role.clone(),
        signed_on: one.signed_on,
        review_on: one.review_on,
        ends_on: one.ends_on,
        counts_joint: one.counts_joint,
        published_at: one.published_at,
        text_version: one.text_version,
        last_number: one.last_number,
        created_at: one.created_at,
        updated_at: one.updated_at,
    }
}

fn state(code: &str) -> Result<PartyState> {
    PartyState::parse(code).ok_or_else(|| Error::internal("an unknown state of a party"))
}

fn party_of(row: party::Model) -> Result<Party> {
    Ok(Party {
        id: PartyId(row.id),
        compact: CompactId(row.compact_id),
        position: row.position,
        name: row.name,
        place: place_of(row.place_kind.as_deref(), row.place_id),
        sector: row.sector,
        state: state(&row.state)?,
        state_on: row.state_on,
        link: row.link,
    })
}

fn party_row(one: &Party) -> party::Model {
    let (kind, id) = place_parts(one.place);
    party::Model {
        id: one.id.0,
        compact_id: one.compact.0,
        position: one.position,
        name: one.name.clone(),
        place_kind: kind.map(str::to_owned),
        place_id: id,
        sector: one.sector.clone(),
        state: one.state.code().to_owned(),
        state_on: one.state_on,
        link: one.link.clone(),
    }
}

/// Every compact, drafts too, by name. At most some thousand.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Compact>> {
    let query = compact::Entity::find().order_by_asc(compact::Column::Name).order_by_asc(compact::Column::Id);
    query.limit(5_000).all(conn).await?.into_iter().map(read).collect()
}

/// Those that everybody may read, by name.
pub async fn published(conn: &impl ConnectionTrait) -> Result<Vec<Compact>> {
    let query = compact::Entity::find().filter(compact::Column::PublishedAt.is_not_null());
    let query = query.order_by_asc(compact::Column::Name).order_by_asc(compact::Column::Id).limit(5_000);
    query.all(conn).await?.into_iter().map(read).collect()
}

/// Those of these ids.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[CompactId]) -> Result<Vec<Compact>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = compact::Entity::find().filter(compact::Column::Id.is_in(chunk.iter().map(|id| id.0)));
        for row in query.all(conn).await? {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// One, by its name in addresses or its id.
pub async fn by_reference(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Compact>> {
    let mut named = compact::Column::Slug.eq(reference);
    if let Ok(id) = reference.parse::<CompactId>() {
        named = named.or(compact::Column::Id.eq(id.0));
    }
    compact::Entity::find().filter(named).one(conn).await?.map(read).transpose()
}

/// One, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: CompactId) -> Result<Option<Compact>> {
    compact::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(read).transpose()
}

/// Ids in order, after one of them.
pub async fn ids(conn: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
    let mut query = compact::Entity::find().select_only().column(compact::Column::Id);
    if let Some(after) = after {
        query = query.filter(compact::Column::Id.gt(after));
    }
    Ok(query.order_by_asc(compact::Column::Id).limit(limit).into_tuple().all(conn).await?)
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, new: &Compact) -> Result<()> {
    compact::Entity::insert(model(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// One as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Compact) -> Result<()> {
    model(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Ids of the compacts that have one of these places as a party that takes part.
pub async fn with_places(conn: &impl ConnectionTrait, places: &[Place]) -> Result<Vec<CompactId>> {
    let ids: Vec<Uuid> = places.iter().filter_map(|place| place_parts(Some(*place)).1).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Uuid> = party::Entity::find()
        .select_only()
        .column(party::Column::CompactId)
        .distinct()
        .filter(party::Column::PlaceId.is_in(ids))
        .filter(party::Column::State.ne(PartyState::Withdrawn.code()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(CompactId).collect())
}

/// The parties of these compacts, in their order. One statement for 900.
pub async fn parties(conn: &impl ConnectionTrait, compacts: &[CompactId]) -> Result<HashMap<CompactId, Vec<Party>>> {
    let mut found: HashMap<CompactId, Vec<Party>> = HashMap::new();
    for chunk in compacts.chunks(CHUNK) {
        let query = party::Entity::find().filter(party::Column::CompactId.is_in(chunk.iter().map(|id| id.0)));
        for row in query.order_by_asc(party::Column::Position).all(conn).await? {
            let one = party_of(row)?;
            found.entry(one.compact).or_default().push(one);
        }
    }
    Ok(found)
}

/// A new party.
pub async fn insert_party(conn: &impl ConnectionTrait, new: &Party) -> Result<()> {
    party::Entity::insert(party_row(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A party as it is now.
pub async fn update_party(conn: &impl ConnectionTrait, now: &Party) -> Result<()> {
    party_row(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Notes a move.
pub async fn insert_move(conn: &impl ConnectionTrait, new: &Move) -> Result<()> {
    let row = party_move::Model {
        id: crate::platform::ids::fresh(),
        party_id: new.party.0,
        state: new.state.code().to_owned(),
        state_on: new.on,
        link: new.link.clone(),
        at: new.at,
    };
    party_move::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// The moves of the parties of a compact, oldest first.
pub async fn moves(conn: &impl ConnectionTrait, compact: CompactId) -> Result<Vec<Move>> {
    let theirs = Query::select()
        .column(party::Column::Id)
        .from(party::Entity)
        .and_where(party::Column::CompactId.into_expr().eq(compact.0))
        .to_owned();
    let query = party_move::Entity::find().filter(party_move::Column::PartyId.in_subquery(theirs));
    let rows = query.order_by_asc(party_move::Column::At).order_by_asc(party_move::Column::Id).all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let state = state(&row.state)?;
            Ok(Move { party: PartyId(row.party_id), state, on: row.state_on, link: row.link, at: row.at })
        })
        .collect()
}

/// The seats of a compact, oldest first.
pub async fn seats(conn: &impl ConnectionTrait, compact: CompactId) -> Result<Vec<Seat>> {
    let query = seat::Entity::find().filter(seat::Column::CompactId.eq(compact.0)).order_by_asc(seat::Column::Id);
    let rows = query.limit(500).all(conn).await?;
    Ok(rows.into_iter().map(|row| Seat { id: SeatId(row.id), party: PartyId(row.party_id), role: row.role }).collect())
}

/// A new seat.
pub async fn insert_seat(conn: &impl ConnectionTrait, compact: CompactId, new: &Seat) -> Result<()> {
    let row = seat::Model { id: new.id.0, compact_id: compact.0, party_id: new.party.0, role: new.role.clone() };
    seat::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Takes a seat out.
pub async fn delete_seat(conn: &impl ConnectionTrait, compact: CompactId, id: SeatId) -> Result<()> {
    let seat = seat::Entity::delete_many().filter(seat::Column::Id.eq(id.0));
    seat.filter(seat::Column::CompactId.eq(compact.0)).exec(conn).await?;
    Ok(())
}

/// The versions of its text, newest first.
pub async fn texts(conn: &impl ConnectionTrait, compact: CompactId) -> Result<Vec<TextVersion>> {
    let query = text::Entity::find().filter(text::Column::CompactId.eq(compact.0));
    let rows = query.order_by_desc(text::Column::Version).limit(500).all(conn).await?;
    let read = |row: text::Model| TextVersion {
        version: row.version,
        body: row.body,
        note: row.note,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A new version of its text.
pub async fn insert_text(conn: &impl ConnectionTrait, compact: CompactId, new: &TextVersion) -> Result<()> {
    let row = text::Model {
        compact_id: compact.0,
        version: new.version,
        body: new.body.clone(),
        note: new.note.clone(),
        created_at: new.created_at,
    };
    text::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

fn visit_of(row: visit::Model) -> Visit {
    Visit {
        id: VisitId(row.id),
        on: row.visited_on,
        host: PartyId(row.host_party_id),
        log: row.log,
        account: row.account_id.map(AccountId),
        created_at: row.created_at,
    }
}

/// The visits of a partnership, newest first.
pub async fn visits(conn: &impl ConnectionTrait, compact: CompactId) -> Result<Vec<Visit>> {
    let query = visit::Entity::find().filter(visit::Column::CompactId.eq(compact.0));
    let query = query.order_by_desc(visit::Column::VisitedOn).order_by_desc(visit::Column::Id).limit(500);
    Ok(query.all(conn).await?.into_iter().map(visit_of).collect())
}

/// A new visit.
pub async fn insert_visit(conn: &impl ConnectionTrait, compact: CompactId, new: &Visit) -> Result<()> {
    let row = visit::Model {
        id: new.id.0,
        compact_id: compact.0,
        visited_on: new.on,
        host_party_id: new.host.0,
        log: new.log.clone(),
        account_id: new.account.map(|id| id.0),
        created_at: new.created_at,
    };
    visit::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Visits that somebody wrote down, oldest first.
pub async fn visits_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Visit>> {
    let query = visit::Entity::find().filter(visit::Column::AccountId.eq(account.0)).order_by_asc(visit::Column::Id);
    Ok(query.all(conn).await?.into_iter().map(visit_of).collect())
}

/// Takes somebody out of the visits that they wrote down.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId) -> Result<u64> {
    let none: Option<Uuid> = None;
    let gone = visit::Entity::update_many()
        .col_expr(visit::Column::AccountId, Expr::value(none))
        .filter(visit::Column::AccountId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(gone.rows_affected)
}
