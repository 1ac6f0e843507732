//! Tables and queries of highlights. The row of a highlight is held before anything of it is changed, its passages with it.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::highlight::{Answer, Consent, Highlight, HighlightId, Passage, PassageId, Photo, Quote, State};
use crate::catalog::{AdoptionId, PracticeId};
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result, Timestamp, Zone};
use crate::sessions::SessionId;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "highlight")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: Option<String>,
        pub city: String,
        pub city_name: String,
        pub author_id: Uuid,
        pub headline: String,
        pub story: String,
        pub neighborhood: Option<String>,
        pub session_id: Option<Uuid>,
        pub practice_id: Option<Uuid>,
        pub adoption_id: Option<Uuid>,
        pub commitment_id: Option<Uuid>,
        pub numbers: Json,
        pub quote: Option<String>,
        pub quote_role: Option<String>,
        pub quote_school_id: Option<Uuid>,
        pub quote_speaker_id: Option<Uuid>,
        pub photo: Option<String>,
        pub photo_kind: Option<String>,
        pub photo_alt: Option<String>,
        pub photo_consent: Option<String>,
        pub embargo_until: Option<DateTimeUtc>,
        pub zone: String,
        pub state: String,
        pub reason: Option<String>,
        pub revision: i32,
        pub published_at: Option<DateTimeUtc>,
        pub withdrawn_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod passage {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "highlight_school")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub highlight_id: Uuid,
        pub school_id: Uuid,
        pub sector: Option<String>,
        pub place: i32,
        pub words: String,
        pub asked_at: Option<DateTimeUtc>,
        pub asked_print: Option<String>,
        pub answer: Option<String>,
        pub answer_print: Option<String>,
        pub answered_by: Option<Uuid>,
        pub answered_at: Option<DateTimeUtc>,
        pub note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod leaving {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "highlight_photo_leaving")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub photo: String,
        pub due_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::{Column, Entity, Model};

fn row_of(it: &Highlight) -> Result<Model> {
    let quote = it.quote.as_ref();
    let photo = it.photo.as_ref();
    Ok(Model {
        id: it.id.0,
        slug: Some(it.slug.clone()).filter(|slug| *slug != it.id.to_string()),
        city: it.city.clone(),
        city_name: it.city_name.clone(),
        author_id: it.author.0,
        headline: it.headline.clone(),
        story: it.story.clone(),
        neighborhood: it.neighborhood.clone(),
        session_id: it.session.map(|id| id.0),
        practice_id: it.practice.map(|id| id.0),
        adoption_id: it.adoption.map(|id| id.0),
        commitment_id: it.commitment,
        numbers: serde_json::to_value(&it.numbers).map_err(Error::internal)?,
        quote: quote.map(|quote| quote.text.clone()),
        quote_role: quote.map(|quote| quote.role.clone()),
        quote_school_id: quote.map(|quote| quote.school.0),
        quote_speaker_id: quote.and_then(|quote| quote.speaker).map(|speaker| speaker.0),
        photo: photo.map(|photo| photo.key.clone()),
        photo_kind: photo.map(|photo| photo.kind.code().to_owned()),
        photo_alt: photo.map(|photo| photo.alt.clone()),
        photo_consent: photo.map(|photo| photo.consent.code().to_owned()),
        embargo_until: it.embargo_until,
        zone: it.zone.name().to_owned(),
        state: it.state.code().to_owned(),
        reason: it.reason.clone(),
        revision: it.revision,
        published_at: it.published_at,
        withdrawn_at: it.withdrawn_at,
        created_at: it.created_at,
        updated_at: it.updated_at,
    })
}

fn highlight_of(row: Model, schools: Vec<Passage>) -> Result<Highlight> {
    let strange = || Error::internal("a highlight in the database cannot be read");
    let quote = match (row.quote, row.quote_role, row.quote_school_id) {
        (Some(text), Some(role), Some(school)) => {
            Some(Quote { text, role, school: SchoolId(school), speaker: row.quote_speaker_id.map(AccountId) })
        }
        _ => None,
    };
    let photo = match (row.photo, row.photo_kind, row.photo_consent) {
        (Some(key), Some(kind), Some(consent)) => Some(Photo {
            key,
            kind: kind.parse()?,
            alt: row.photo_alt.unwrap_or_default(),
            consent: Consent::parse(&consent).ok_or_else(strange)?,
        }),
        _ => None,
    };
    Ok(Highlight {
        id: HighlightId(row.id),
        slug: row.slug.unwrap_or_else(|| row.id.to_string()),
        city: row.city,
        city_name: row.city_name,
        author: AccountId(row.author_id),
        headline: row.headline,
        story: row.story,
        neighborhood: row.neighborhood,
        session: row.session_id.map(SessionId),
        practice: row.practice_id.map(PracticeId),
        adoption: row.adoption_id.map(AdoptionId),
        commitment: row.commitment_id,
        numbers: serde_json::from_value(row.numbers).map_err(Error::internal)?,
        quote,
        photo,
        embargo_until: row.embargo_until,
        zone: Zone::parse(&row.zone)?,
        state: State::parse(&row.state).ok_or_else(strange)?,
        reason: row.reason,
        revision: row.revision,
        published_at: row.published_at,
        withdrawn_at: row.withdrawn_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        schools,
    })
}

fn passage_of(row: passage::Model) -> Passage {
    Passage {
        id: PassageId(row.id),
        school: SchoolId(row.school_id),
        sector: row.sector,
        words: row.words,
        asked_at: row.asked_at,
        asked_print: row.asked_print,
        answer: row.answer.as_deref().and_then(Answer::parse),
        answer_print: row.answer_print,
        answered_by: row.answered_by.map(AccountId),
        answered_at: row.answered_at,
        note: row.note,
    }
}

fn passage_row(id: HighlightId, place: usize, it: &Passage) -> passage::Model {
    passage::Model {
        id: it.id.0,
        highlight_id: id.0,
        school_id: it.school.0,
        sector: it.sector.clone(),
        place: i32::try_from(place).unwrap_or(i32::MAX),
        words: it.words.clone(),
        asked_at: it.asked_at,
        asked_print: it.asked_print.clone(),
        answer: it.answer.map(|answer| answer.code().to_owned()),
        answer_print: it.answer_print.clone(),
        answered_by: it.answered_by.map(|account| account.0),
        answered_at: it.answered_at,
        note: it.note.clone(),
    }
}

/// The rows with their passages. One statement.
async fn whole(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Highlight>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = passage::Entity::find().filter(passage::Column::HighlightId.is_in(rows.iter().map(|row| row.id)));
    let mut passages: HashMap<Uuid, Vec<Passage>> = HashMap::new();
    for row in query.order_by_asc(passage::Column::Place).all(conn).await? {
        passages.entry(row.highlight_id).or_default().push(passage_of(row));
    }
    rows.into_iter()
        .map(|row| {
            let schools = passages.remove(&row.id).unwrap_or_default();
            highlight_of(row, schools)
        })
        .collect()
}

async fn only(conn: &impl ConnectionTrait, row: Option<Model>) -> Result<Option<Highlight>> {
    Ok(whole(conn, row.into_iter().collect()).await?.pop())
}

/// One, by its name in addresses or its id. Two statements.
pub async fn by_reference(conn: &impl ConnectionTrait, reference: &str) -> Result<Option<Highlight>> {
    let named = match reference.parse::<HighlightId>() {
        Ok(id) => Column::Id.eq(id.0),
        Err(_) => Column::Slug.eq(reference),
    };
    let row = Entity::find().filter(named).one(conn).await?;
    only(conn, row).await
}

/// One that nobody else changes until the transaction ends. Two statements.
pub async fn to_change(conn: &impl ConnectionTrait, id: HighlightId) -> Result<Option<Highlight>> {
    let row = Entity::find_by_id(id.0).lock_exclusive().one(conn).await?;
    only(conn, row).await
}

/// The highlight that a passage belongs to.
pub async fn of_passage(conn: &impl ConnectionTrait, id: PassageId) -> Result<Option<HighlightId>> {
    Ok(passage::Entity::find_by_id(id.0).one(conn).await?.map(|row| HighlightId(row.highlight_id)))
}

/// These. Two statements.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Highlight>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(conn).await?;
    whole(conn, rows).await
}

/// Those of these names in addresses that everybody reads. Two statements for every 500 names.
pub async fn shown(conn: &impl ConnectionTrait, slugs: &[String]) -> Result<Vec<Highlight>> {
    let mut found = Vec::new();
    for slugs in slugs.chunks(500) {
        let named = Column::Slug.is_in(slugs.iter().map(String::as_str));
        let query = Entity::find().filter(named).filter(Column::State.eq(State::Published.code()));
        found.extend(whole(conn, query.all(conn).await?).await?);
    }
    Ok(found)
}

/// Takes one out with the words about its schools.
pub async fn delete(conn: &impl ConnectionTrait, id: HighlightId) -> Result<()> {
    passage::Entity::delete_many().filter(passage::Column::HighlightId.eq(id.0)).exec(conn).await?;
    Entity::delete_by_id(id.0).exec(conn).await?;
    Ok(())
}

/// A new one.
pub async fn insert(conn: &impl ConnectionTrait, it: &Highlight) -> Result<()> {
    Entity::insert(row_of(it)?.into_active_model()).exec_without_returning(conn).await?;
    put_passages(conn, it).await
}

/// As it is now.
pub async fn update(conn: &impl ConnectionTrait, it: &Highlight) -> Result<()> {
    Entity::update(row_of(it)?.into_active_model().reset_all()).exec(conn).await?;
    let kept = it.schools.iter().map(|one| one.id.0);
    let gone = passage::Entity::delete_many().filter(passage::Column::HighlightId.eq(it.id.0));
    gone.filter(passage::Column::Id.is_not_in(kept)).exec(conn).await?;
    put_passages(conn, it).await
}

async fn put_passages(conn: &impl ConnectionTrait, it: &Highlight) -> Result<()> {
    if it.schools.is_empty() {
        return Ok(());
    }
    use passage::Column;
    let rows = it.schools.iter().enumerate();
    let rows = rows.map(|(place, one)| passage_row(it.id, place, one).into_active_model());
    let columns = [
        Column::Sector,
        Column::Place,
        Column::Words,
        Column::AskedAt,
        Column::AskedPrint,
        Column::Answer,
        Column::AnswerPrint,
        Column::AnsweredBy,
        Column::AnsweredAt,
        Column::Note,
    ];
    let there = OnConflict::column(Column::Id).update_columns(columns).to_owned();
    passage::Entity::insert_many(rows).on_conflict(there).exec_without_returning(conn).await?;
    Ok(())
}

/// Whether a name in addresses is taken.
pub async fn is_taken(conn: &impl ConnectionTrait, slug: &str) -> Result<bool> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).count(conn).await? > 0)
}

/// What a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// Only of this city.
    pub city: Option<&'a str>,
    /// Only of this neighborhood.
    pub neighborhood: Option<&'a str>,
    /// Published before this moment and id.
    pub before: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u64,
}

fn published(wanted: &Wanted<'_>) -> Condition {
    let mut all = Condition::all().add(Column::State.eq(State::Published.code()));
    if let Some(city) = wanted.city {
        all = all.add(Column::City.eq(city));
    }
    if let Some(neighborhood) = wanted.neighborhood {
        all = all.add(Column::Neighborhood.eq(neighborhood));
    }
    all
}

/// Published ones, newest first. Two statements.
pub async fn list(conn: &impl ConnectionTrait, wanted: &Wanted<'_>) -> Result<Vec<Highlight>> {
    let mut query = Entity::find().filter(published(wanted));
    if let Some((at, id)) = wanted.before {
        let older = Column::PublishedAt.lt(at);
        query = query.filter(older.or(Column::PublishedAt.eq(at).and(Column::Id.lt(id))));
    }
    let query = query.order_by_desc(Column::PublishedAt).order_by_desc(Column::Id).limit(wanted.limit);
    whole(conn, query.all(conn).await?).await
}

/// How many there are.
pub async fn count(conn: &impl ConnectionTrait, wanted: &Wanted<'_>) -> Result<u64> {
    Ok(Entity::find().filter(published(wanted)).count(conn).await?)
}

/// Cities and neighborhoods of published ones: slug, name, neighborhood.
pub async fn places(conn: &impl ConnectionTrait) -> Result<Vec<(String, String, Option<String>)>> {
    let query = Entity::find()
        .select_only()
        .columns([Column::City, Column::CityName, Column::Neighborhood])
        .distinct()
        .filter(Column::State.eq(State::Published.code()));
    let mut found: Vec<(String, String, Option<String>)> = query.into_tuple().all(conn).await?;
    found.sort();
    Ok(found)
}

/// Everything of a city that is under way, and what was published last; newest change first. Two statements.
pub async fn of_city(conn: &impl ConnectionTrait, city: &str, limit: u64) -> Result<Vec<Highlight>> {
    let query = Entity::find().filter(Column::City.eq(city)).order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id);
    whole(conn, query.limit(limit).all(conn).await?).await
}

/// Those whose time has come.
pub async fn due(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<HighlightId>> {
    let ready = Column::State.eq(State::Approved.code()).and(Column::EmbargoUntil.lte(now));
    let query = Entity::find().select_only().column(Column::Id).filter(ready);
    let found: Vec<Uuid> = query.order_by_asc(Column::EmbargoUntil).limit(limit).into_tuple().all(conn).await?;
    Ok(found.into_iter().map(HighlightId).collect())
}

/// The ids of all, after one of them.
pub async fn ids(conn: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Vec<Uuid>> {
    let mut query = Entity::find().select_only().column(Column::Id).order_by_asc(Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    Ok(query.into_tuple().all(conn).await?)
}

/// Which of these everybody may read.
pub async fn visible(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids.iter().copied()));
    Ok(query.filter(Column::State.eq(State::Published.code())).into_tuple().all(conn).await?)
}

/// What somebody began, oldest first.
pub async fn of_author(conn: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Highlight>> {
    let rows = Entity::find().filter(Column::AuthorId.eq(account)).order_by_asc(Column::Id).all(conn).await?;
    whole(conn, rows).await
}

/// Those in which somebody is named as the speaker.
pub async fn of_speaker(conn: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Highlight>> {
    let rows = Entity::find().filter(Column::QuoteSpeakerId.eq(account)).order_by_asc(Column::Id).all(conn).await?;
    whole(conn, rows).await
}

/// What somebody answered for a school: the highlight, and the words about it.
pub async fn answered(conn: &impl ConnectionTrait, account: Uuid) -> Result<Vec<(HighlightId, Passage)>> {
    let query = passage::Entity::find().filter(passage::Column::AnsweredBy.eq(account));
    let rows = query.order_by_asc(passage::Column::Id).all(conn).await?;
    Ok(rows.into_iter().map(|row| (HighlightId(row.highlight_id), passage_of(row))).collect())
}

/// Takes somebody out: who answered and who spoke is nobody any more.
pub async fn forget(conn: &impl ConnectionTrait, account: Uuid) -> Result<u64> {
    let nobody: Option<Uuid> = None;
    let answers = passage::Entity::update_many().col_expr(passage::Column::AnsweredBy, Expr::value(nobody));
    let answers = answers.filter(passage::Column::AnsweredBy.eq(account)).exec(conn).await?.rows_affected;
    let spoke = Entity::update_many().col_expr(Column::QuoteSpeakerId, Expr::value(nobody));
    let spoke = spoke.filter(Column::QuoteSpeakerId.eq(account)).exec(conn).await?.rows_affected;
    Ok(answers + spoke)
}

/// Marks bytes of a picture to be taken out of the storage; later where they are marked already.
pub async fn leave(conn: &impl ConnectionTrait, photo: &str, due_at: Timestamp) -> Result<()> {
    let new = leaving::ActiveModel { photo: Set(photo.to_owned()), due_at: Set(due_at) };
    let there = OnConflict::column(leaving::Column::Photo).update_column(leaving::Column::DueAt).to_owned();
    leaving::Entity::insert(new).on_conflict(there).exec_without_returning(conn).await?;
    Ok(())
}

/// They stay, or they are out.
pub async fn stay(conn: &impl ConnectionTrait, photo: &str) -> Result<()> {
    leaving::Entity::delete_by_id(photo.to_owned()).exec(conn).await?;
    Ok(())
}

/// Bytes whose time has come, and that no highlight has.
pub async fn to_leave(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<String>> {
    let used = Query::select().column(Column::Photo).from(Entity).and_where(Column::Photo.is_not_null()).to_owned();
    let query = leaving::Entity::find().select_only().column(leaving::Column::Photo);
    let query = query.filter(leaving::Column::DueAt.lte(now)).filter(leaving::Column::Photo.not_in_subquery(used));
    Ok(query.order_by_asc(leaving::Column::DueAt).limit(limit).into_tuple().all(conn).await?)
}
