//! Visits and their terms.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::signature;
use crate::catalog::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result};
use crate::talk::visit::{State, Visit, VisitId};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub practice_id: Uuid,
        pub host_school_id: Uuid,
        pub asker_id: Uuid,
        pub school_id: Uuid,
        pub role: String,
        pub wish_1: Date,
        pub wish_2: Option<Date>,
        pub wish_3: Option<Date>,
        pub people: i32,
        pub who: String,
        pub purpose: String,
        pub state: String,
        pub day: Option<Date>,
        pub term: Option<String>,
        pub note: String,
        pub answered_by: Option<Uuid>,
        pub turn: i32,
        pub open_key: Option<String>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod term {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_term")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub practice_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub term: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use row::Column;

/// States in which a visit takes a place of its term.
const TAKES: [State; 2] = [State::Proposed, State::Accepted];

fn open_key(visit: &Visit) -> Option<String> {
    visit.state.waits().then(|| format!("{}:{}", visit.by.account, visit.practice))
}

fn model(it: &Visit) -> Result<row::Model> {
    let school = it.by.school.ok_or_else(|| Error::internal("a visit without a school"))?;
    let wish = |at: usize| it.wishes.get(at).copied();
    Ok(row::Model {
        id: it.id.0,
        practice_id: it.practice.0,
        host_school_id: it.host.0,
        asker_id: it.by.account.0,
        school_id: school.0,
        role: it.by.role.code().to_owned(),
        wish_1: wish(0).ok_or_else(|| Error::internal("a visit without a day"))?,
        wish_2: wish(1),
        wish_3: wish(2),
        people: it.people,
        who: it.who.clone(),
        purpose: it.purpose.clone(),
        state: it.state.code().to_owned(),
        day: it.day,
        term: it.day.map(|day| crate::talk::visit::Term::of(day).code()),
        note: it.note.clone(),
        answered_by: it.answered_by.map(|by| by.0),
        turn: it.turn,
        open_key: open_key(it),
        created_at: it.created_at,
        updated_at: it.updated_at,
    })
}

fn visit_of(row: row::Model) -> Result<Visit> {
    Ok(Visit {
        id: VisitId(row.id),
        practice: PracticeId(row.practice_id),
        host: SchoolId(row.host_school_id),
        // The school that is visited is told the name.
        by: signature(row.asker_id, Some(row.school_id), &row.role, true)?,
        wishes: [Some(row.wish_1), row.wish_2, row.wish_3].into_iter().flatten().collect(),
        people: row.people,
        who: row.who,
        purpose: row.purpose,
        state: State::parse(&row.state).ok_or_else(|| Error::internal("an unknown state of a visit"))?,
        day: row.day,
        note: row.note,
        answered_by: row.answered_by.map(AccountId),
        turn: row.turn,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// One visit.
pub async fn by_id(conn: &impl ConnectionTrait, id: VisitId) -> Result<Option<Visit>> {
    row::Entity::find_by_id(id.0).one(conn).await?.map(visit_of).transpose()
}

/// The same, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: VisitId) -> Result<Option<Visit>> {
    row::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(visit_of).transpose()
}

/// The one that somebody asked for and that waits for a word.
pub async fn waiting(conn: &impl ConnectionTrait, account: AccountId, practice: PracticeId) -> Result<Option<VisitId>> {
    let key = format!("{account}:{practice}");
    let query = row::Entity::find().filter(Column::OpenKey.eq(key)).select_only().column(Column::Id);
    Ok(query.into_tuple::<Uuid>().one(conn).await?.map(VisitId))
}

/// Visits to a practice, newest first; of one person where one is given.
pub async fn of_practice(
    conn: &impl ConnectionTrait,
    practice: PracticeId,
    asker: Option<AccountId>,
    limit: u64,
) -> Result<Vec<Visit>> {
    let mut query = row::Entity::find().filter(Column::PracticeId.eq(practice.0));
    if let Some(asker) = asker {
        query = query.filter(Column::AskerId.eq(asker.0));
    }
    query.order_by_desc(Column::Id).limit(limit).all(conn).await?.into_iter().map(visit_of).collect()
}

/// How many places of each of these terms are taken, but by one visit.
pub async fn taken(
    conn: &impl ConnectionTrait,
    practice: PracticeId,
    terms: &[String],
    but: Option<VisitId>,
) -> Result<Vec<String>> {
    let mut query = row::Entity::find()
        .filter(Column::PracticeId.eq(practice.0))
        .filter(Column::Term.is_in(terms.to_vec()))
        .filter(Column::State.is_in(TAKES.map(State::code)));
    if let Some(but) = but {
        query = query.filter(Column::Id.ne(but.0));
    }
    Ok(query.select_only().column(Column::Term).into_tuple::<String>().all(conn).await?)
}

/// Holds a term of a practice until the transaction ends.
pub async fn hold_term(conn: &impl ConnectionTrait, practice: PracticeId, name: &str) -> Result<()> {
    let row = term::Model { practice_id: practice.0, term: name.to_owned() };
    let known = OnConflict::columns([term::Column::PracticeId, term::Column::Term]).do_nothing().to_owned();
    term::Entity::insert(row.into_active_model()).try_insert().on_conflict(known).exec_without_returning(conn).await?;
    term::Entity::find_by_id((practice.0, name.to_owned())).lock_exclusive().one(conn).await?;
    Ok(())
}

/// A new visit.
pub async fn insert(conn: &impl ConnectionTrait, new: &Visit) -> Result<()> {
    row::Entity::insert(model(new)?.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A visit as it is now.
pub async fn update(conn: &impl ConnectionTrait, now: &Visit) -> Result<()> {
    model(now)?.into_active_model().reset_all().update(conn).await?;
    Ok(())
}

/// Visits that somebody asked for, oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Visit>> {
    let query = row::Entity::find().filter(Column::AskerId.eq(account.0)).order_by_asc(Column::Id);
    query.all(conn).await?.into_iter().map(visit_of).collect()
}

/// Takes out what somebody wrote: visits that never were agreed or are still to come, the words of those that were, and their
/// words as a host.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId, today: NaiveDate) -> Result<()> {
    let never = Column::State.ne(State::Accepted.code()).or(Column::Day.gte(today));
    row::Entity::delete_many().filter(Column::AskerId.eq(account.0)).filter(never).exec(conn).await?;
    row::Entity::update_many()
        .col_expr(Column::Who, Expr::value(""))
        .col_expr(Column::Purpose, Expr::value(""))
        .filter(Column::AskerId.eq(account.0))
        .exec(conn)
        .await?;
    row::Entity::update_many()
        .col_expr(Column::Note, Expr::value(""))
        .filter(Column::AnsweredBy.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}
