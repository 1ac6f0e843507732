//! Commitments, their history and what counts for them, in the database.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde_json::json;

use super::{CHUNK, compacts};
use crate::compacts::commitment::{
    Commitment, CommitmentId, Entry, EntryId, EntryKind, Holder, LinkId, LinkKind, LinkRow, Measure, Rating,
};
use crate::compacts::compact::{CompactId, Party, PartyId};
use crate::people::AccountId;
use crate::platform::vocabulary::{CommitmentArea, CommitmentStatus};
use crate::platform::{Error, Result};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub compact_id: Uuid,
        pub number: i32,
        pub area: String,
        pub sentence: String,
        pub who: Option<String>,
        pub gets: Json,
        pub due_on: Option<Date>,
        pub first_due_on: Option<Date>,
        pub status: String,
        pub reason: Option<String>,
        pub status_at: DateTimeUtc,
        pub status_by: Option<Uuid>,
        pub measure: Option<String>,
        pub baseline: Option<String>,
        pub target: Option<String>,
        pub latest: Option<String>,
        pub latest_on: Option<Date>,
        pub owner_party_id: Option<Uuid>,
        pub owner_id: Option<Uuid>,
        pub owner_gone_on: Option<Date>,
        pub deputy_party_id: Option<Uuid>,
        pub deputy_id: Option<Uuid>,
        pub deputy_gone_on: Option<Date>,
        pub gone_told: bool,
        pub confirmed_party_id: Option<Uuid>,
        pub confirmed_at: Option<DateTimeUtc>,
        pub last_update_at: Option<DateTimeUtc>,
        pub looked_on: Date,
        pub look_on: Option<Date>,
        pub revision: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod rating {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment_rating")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub commitment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub party_id: Uuid,
        pub status: String,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub commitment_id: Uuid,
        pub kind: String,
        pub body: Option<String>,
        pub status: Option<String>,
        pub changes: Json,
        pub evidence: Json,
        pub party_id: Option<Uuid>,
        pub account_id: Option<Uuid>,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod link {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "commitment_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub commitment_id: Uuid,
        pub kind: String,
        pub target_id: Option<Uuid>,
        pub title: Option<String>,
        pub url: Option<String>,
        pub dated_on: Option<Date>,
        pub account_id: Option<Uuid>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

fn status(code: &str) -> Result<CommitmentStatus> {
    CommitmentStatus::parse(code).map_err(Error::internal)
}

fn read(row: row::Model, parties: &HashMap<PartyId, Party>, ratings: Vec<Rating>) -> Result<Commitment> {
    let party = |id: Option<Uuid>| id.and_then(|id| parties.get(&PartyId(id))).cloned();
    let gets: BTreeMap<String, String> = serde_json::from_value(row.gets).map_err(Error::internal)?;
    let (baseline, target, latest, as_of) = (row.baseline, row.target, row.latest, row.latest_on);
    Ok(Commitment {
        id: CommitmentId(row.id),
        compact: CompactId(row.compact_id),
        number: row.number,
        area: CommitmentArea::parse(&row.area).map_err(Error::internal)?,
        sentence: row.sentence,
        who: row.who,
        gets,
        due_on: row.due_on,
        first_due_on: row.first_due_on,
        status: status(&row.status)?,
        reason: row.reason,
        status_at: row.status_at,
        status_by: row.status_by.map(AccountId),
        measure: row.measure.map(|name| Measure { name, baseline, target, latest, as_of }),
        owner: Holder {
            party: party(row.owner_party_id),
            account: row.owner_id.map(AccountId),
            gone_on: row.owner_gone_on,
        },
        deputy: Holder {
            party: party(row.deputy_party_id),
            account: row.deputy_id.map(AccountId),
            gone_on: row.deputy_gone_on,
        },
        gone_told: row.gone_told,
        ratings,
        confirmed: row.confirmed_party_id.map(PartyId).zip(row.confirmed_at),
        last_update: row.last_update_at,
        looked_on: row.looked_on,
        look_on: row.look_on,
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn model(one: &Commitment) -> row::Model {
    let measure = one.measure.clone();
    let party = |holder: &Holder| holder.party.as_ref().map(|party| party.id.0);
    let part = |pick: fn(&Measure) -> Option<String>| one.measure.as_ref().and_then(pick);
    row::Model {
        id: one.id.0,
        compact_id: one.compact.0,
        number: one.number,
        area: one.area.code().to_owned(),
        sentence: one.sentence.clone(),
        who: one.who.clone(),
        gets: json!(one.gets),
        due_on: one.due_on,
        first_due_on: one.first_due_on,
        status: one.status.code().to_owned(),
        reason: one.reason.clone(),
        status_at: one.status_at,
        status_by: one.status_by.map(|id| id.0),
        baseline: part(|measure| measure.baseline.clone()),
        target: part(|measure| measure.target.clone()),
        latest: part(|measure| measure.latest.clone()),
        latest_on: one.measure.as_ref().and_then(|measure| measure.as_of),
        measure: measure.map(|measure| measure.name),
        owner_party_id: party(&one.owner),
        owner_id: one.owner.account.map(|id| id.0),
        owner_gone_on: one.owner.gone_on,
        deputy_party_id: party(&one.deputy),
        deputy_id: one.deputy.account.map(|id| id.0),
        deputy_gone_on: one.deputy.gone_on,
        gone_told: one.gone_told,
        confirmed_party_id: one.confirmed.map(|(party, _)| party.0),
        confirmed_at: one.confirmed.map(|(_, at)| at),
        last_update_at: one.last_update,
        looked_on: one.looked_on,
        look_on: one.look_on,
        revision: one.revision,
        created_at: one.created_at,
        updated_at: one.updated_at,
    }
}

/// Rows with their parties and ratings: two statements more.
async fn whole(conn: &impl ConnectionTrait, rows: Vec<row::Model>) -> Result<Vec<Commitment>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<CompactId> = rows.iter().map(|row| CompactId(row.compact_id)).collect();
    ids.sort_unstable();
    ids.dedup();
    let parties = compacts::parties(conn, &ids).await?;
    let parties: HashMap<PartyId, Party> = parties.into_values().flatten().map(|party| (party.id, party)).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut ratings: HashMap<Uuid, Vec<Rating>> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let query = rating::Entity::find().filter(rating::Column::CommitmentId.is_in(chunk.iter().copied()));
        for row in query.all(conn).await? {
            let party = parties.get(&PartyId(row.party_id));
            let party = party.ok_or_else(|| Error::internal("a word of a party of another compact"))?;
            ratings.entry(row.commitment_id).or_default().push(Rating::of(party, status(&row.status)?, row.at));
        }
    }
    for theirs in ratings.values_mut() {
        theirs.sort_by(|a, b| (&a.sector, a.party).cmp(&(&b.sector, b.party)));
    }
    rows.into_iter()
        .map(|row| {
            let ratings = ratings.remove(&row.id).unwrap_or_default();
            read(row, &parties, ratings)
        })
        .collect()
}

/// The commitments of these compacts, by their numbers. Three statements for 900 compacts.
pub async fn of_compacts(conn: &impl ConnectionTrait, compacts: &[CompactId]) -> Result<Vec<Commitment>> {
    let mut rows = Vec::new();
    for chunk in compacts.chunks(CHUNK) {
        let query = row::Entity::find().filter(Column::CompactId.is_in(chunk.iter().map(|id| id.0)));
        rows.extend(query.order_by_asc(Column::CompactId).order_by_asc(Column::Number).all(conn).await?);
    }
    whole(conn, rows).await
}

/// Those that somebody holds, or that wait for somebody, by the day they are due.
pub async fn of_holder(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Commitment>> {
    let held = Condition::any().add(Column::OwnerId.eq(account.0)).add(Column::DeputyId.eq(account.0));
    let rows = row::Entity::find().filter(held).order_by_asc(Column::CompactId).order_by_asc(Column::Number);
    whole(conn, rows.limit(1_000).all(conn).await?).await
}

/// One commitment.
pub async fn by_id(conn: &impl ConnectionTrait, id: CommitmentId) -> Result<Option<Commitment>> {
    let rows = row::Entity::find_by_id(id.0).all(conn).await?;
    Ok(whole(conn, rows).await?.pop())
}

/// One commitment, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: CommitmentId) -> Result<Option<Commitment>> {
    let rows = row::Entity::find_by_id(id.0).lock_exclusive().all(conn).await?;
    Ok(whole(conn, rows).await?.pop())
}

/// Those whose day to look has come, the longest due first.
pub async fn to_look_at(conn: &impl ConnectionTrait, today: NaiveDate, limit: u64) -> Result<Vec<CommitmentId>> {
    let query = row::Entity::find().select_only().column(Column::Id).filter(Column::LookOn.lte(today));
    let ids: Vec<Uuid> = query.order_by_asc(Column::LookOn).limit(limit).into_tuple().all(conn).await?;
    Ok(ids.into_iter().map(CommitmentId).collect())
}

/// A new commitment.
pub async fn insert(conn: &impl ConnectionTrait, new: &Commitment) -> Result<()> {
    row::Entity::insert(model(new).into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A commitment as it is now, without its ratings.
pub async fn update(conn: &impl ConnectionTrait, now: &Commitment) -> Result<()> {
    model(now).into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Keeps how a party sees it, in place of what it said before.
pub async fn rate(conn: &impl ConnectionTrait, id: CommitmentId, new: &Rating) -> Result<()> {
    let row =
        rating::Model { commitment_id: id.0, party_id: new.party.0, status: new.status.code().to_owned(), at: new.at };
    let known = OnConflict::columns([rating::Column::CommitmentId, rating::Column::PartyId])
        .update_columns([rating::Column::Status, rating::Column::At])
        .to_owned();
    rating::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Nobody has rated it any more: its status is another.
pub async fn clear_ratings(conn: &impl ConnectionTrait, id: CommitmentId) -> Result<()> {
    rating::Entity::delete_many().filter(rating::Column::CommitmentId.eq(id.0)).exec(conn).await?;
    Ok(())
}

fn entry_of(row: entry::Model) -> Result<Entry> {
    Ok(Entry {
        id: EntryId(row.id),
        commitment: CommitmentId(row.commitment_id),
        kind: EntryKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown entry of a commitment"))?,
        text: row.body,
        status: row.status.as_deref().map(status).transpose()?,
        changes: serde_json::from_value(row.changes).map_err(Error::internal)?,
        evidence: serde_json::from_value(row.evidence).map_err(Error::internal)?,
        party: row.party_id.map(PartyId),
        account: row.account_id.map(AccountId),
        at: row.at,
    })
}

/// The history of these commitments, newest first. One statement for 900.
pub async fn entries(conn: &impl ConnectionTrait, ids: &[CommitmentId]) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = entry::Entity::find().filter(entry::Column::CommitmentId.is_in(chunk.iter().map(|id| id.0)));
        let query = query.order_by_desc(entry::Column::At).order_by_desc(entry::Column::Id).limit(2_000);
        for row in query.all(conn).await? {
            found.push(entry_of(row)?);
        }
    }
    Ok(found)
}

/// What somebody wrote, oldest first.
pub async fn entries_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Entry>> {
    let query = entry::Entity::find().filter(entry::Column::AccountId.eq(account.0));
    query.order_by_asc(entry::Column::Id).all(conn).await?.into_iter().map(entry_of).collect()
}

/// Adds a row to the history.
pub async fn note(conn: &impl ConnectionTrait, new: &Entry) -> Result<()> {
    let row = entry::Model {
        id: new.id.0,
        commitment_id: new.commitment.0,
        kind: new.kind.code().to_owned(),
        body: new.text.clone(),
        status: new.status.map(|status| status.code().to_owned()),
        changes: json!(new.changes),
        evidence: json!(new.evidence),
        party_id: new.party.map(|id| id.0),
        account_id: new.account.map(|id| id.0),
        at: new.at,
    };
    entry::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A row of the history whose words were taken out: the one change that a row ever sees.
pub async fn rewrite(conn: &impl ConnectionTrait, now: &Entry) -> Result<()> {
    let change = entry::Entity::update_many()
        .col_expr(entry::Column::Body, Expr::value(now.text.clone()))
        .col_expr(entry::Column::Changes, Expr::value(json!(now.changes)))
        .col_expr(entry::Column::Evidence, Expr::value(json!(now.evidence)));
    change.filter(entry::Column::Id.eq(now.id.0)).exec(conn).await?;
    Ok(())
}

fn link_of(row: link::Model) -> Result<LinkRow> {
    Ok(LinkRow {
        id: LinkId(row.id),
        commitment: CommitmentId(row.commitment_id),
        kind: LinkKind::parse(&row.kind).ok_or_else(|| Error::internal("an unknown link of a commitment"))?,
        target: row.target_id,
        title: row.title,
        url: row.url,
        dated_on: row.dated_on,
        account: row.account_id.map(AccountId),
        created_at: row.created_at,
    })
}

/// What counts for these commitments, in the order in which it was linked. One statement for 900.
pub async fn links(conn: &impl ConnectionTrait, ids: &[CommitmentId]) -> Result<Vec<LinkRow>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let query = link::Entity::find().filter(link::Column::CommitmentId.is_in(chunk.iter().map(|id| id.0)));
        for row in query.order_by_asc(link::Column::Id).all(conn).await? {
            found.push(link_of(row)?);
        }
    }
    Ok(found)
}

/// What somebody linked, oldest first.
pub async fn links_by(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<LinkRow>> {
    let query = link::Entity::find().filter(link::Column::AccountId.eq(account.0)).order_by_asc(link::Column::Id);
    query.all(conn).await?.into_iter().map(link_of).collect()
}

/// Links something, unless it is linked already; whether it was not.
pub async fn insert_link(conn: &impl ConnectionTrait, new: &LinkRow) -> Result<bool> {
    let row = link::Model {
        id: new.id.0,
        commitment_id: new.commitment.0,
        kind: new.kind.code().to_owned(),
        target_id: new.target,
        title: new.title.clone(),
        url: new.url.clone(),
        dated_on: new.dated_on,
        account_id: new.account.map(|id| id.0),
        created_at: new.created_at,
    };
    let known = OnConflict::columns([link::Column::CommitmentId, link::Column::Kind, link::Column::TargetId])
        .do_nothing()
        .to_owned();
    let insert = link::Entity::insert(row.into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// Takes a link out; what it was, if it was there.
pub async fn delete_link(conn: &impl ConnectionTrait, of: CommitmentId, id: LinkId) -> Result<Option<LinkRow>> {
    let query = link::Entity::find_by_id(id.0).filter(link::Column::CommitmentId.eq(of.0));
    let Some(found) = query.one(conn).await?.map(link_of).transpose()? else { return Ok(None) };
    link::Entity::delete_by_id(id.0).exec(conn).await?;
    Ok(Some(found))
}

/// Takes somebody out of everything that they held and wrote, which stays with its compact. Where they held something, nobody
/// answers since `today`.
pub async fn forget(conn: &impl ConnectionTrait, account: AccountId, today: NaiveDate) -> Result<u64> {
    let none: Option<Uuid> = None;
    let mut gone = 0;
    for (holder, since) in [(Column::OwnerId, Column::OwnerGoneOn), (Column::DeputyId, Column::DeputyGoneOn)] {
        let change = row::Entity::update_many()
            .col_expr(holder, Expr::value(none))
            .col_expr(since, Expr::value(today))
            .col_expr(Column::GoneTold, Expr::value(false))
            .filter(holder.eq(account.0));
        gone += change.exec(conn).await?.rows_affected;
    }
    let change = row::Entity::update_many().col_expr(Column::StatusBy, Expr::value(none));
    gone += change.filter(Column::StatusBy.eq(account.0)).exec(conn).await?.rows_affected;
    let change = entry::Entity::update_many().col_expr(entry::Column::AccountId, Expr::value(none));
    gone += change.filter(entry::Column::AccountId.eq(account.0)).exec(conn).await?.rows_affected;
    let change = link::Entity::update_many().col_expr(link::Column::AccountId, Expr::value(none));
    gone += change.filter(link::Column::AccountId.eq(account.0)).exec(conn).await?.rows_affected;
    Ok(gone)
}
