//! Wishes, polls and votes.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect};

use super::CHUNK;
use crate::people::{AccountId, SchoolId};
use crate::platform::{Error, Result, Timestamp, Zone};
use crate::sessions::poll::{Answer, Poll, PollId, Time, Vote};
use crate::sessions::session::SessionId;
use crate::sessions::wish::{Subject, Wish, WishId};

pub mod wish {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "wish")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub school_id: Uuid,
        pub sector: Option<String>,
        pub subject: String,
        pub words: Option<String>,
        pub open_key: Option<String>,
        pub created_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod told {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "wish_told")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        pub wishes: i32,
        pub told_at: Option<DateTimeUtc>,
        pub look_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod poll {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "poll")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub school_id: Uuid,
        pub session_id: Option<Uuid>,
        pub subject: Option<String>,
        pub question: String,
        pub closes_at: DateTimeUtc,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod time {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "poll_time")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub poll_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub starts_local: DateTime,
        pub ends_local: DateTime,
        pub zone: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod vote {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "poll_vote")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub poll_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub sector: Option<String>,
        pub answer: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps a wish; one that the person has for the same stays as it is. Whether it is new.
pub async fn insert_wish(conn: &impl ConnectionTrait, wish: &Wish) -> Result<bool> {
    let subject = wish.subject.key();
    let row = wish::Model {
        id: wish.id.0,
        account_id: wish.account.0,
        school_id: wish.school.0,
        sector: wish.sector.clone(),
        open_key: Some(format!("{}:{subject}", wish.account)),
        subject,
        words: Some(wish.words.clone()).filter(|words| !words.is_empty()),
        created_at: wish.created_at,
        ended_at: None,
    };
    let known = OnConflict::column(wish::Column::OpenKey).do_nothing().to_owned();
    let insert = wish::Entity::insert(row.into_active_model()).try_insert().on_conflict(known);
    Ok(insert.exec_without_returning(conn).await? == 1)
}

/// One wish, while it waits.
pub async fn open_wish(conn: &impl ConnectionTrait, id: WishId) -> Result<Option<Wish>> {
    let query = wish::Entity::find_by_id(id.0).filter(wish::Column::OpenKey.is_not_null());
    query.one(conn).await?.map(wish_of).transpose()
}

/// What somebody waits for, newest first.
pub async fn wishes_of(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Wish>> {
    let query = wish::Entity::find()
        .filter(wish::Column::AccountId.eq(account.0))
        .filter(wish::Column::OpenKey.is_not_null())
        .order_by_desc(wish::Column::Id);
    query.all(conn).await?.into_iter().map(wish_of).collect()
}

/// Who waits for one of these, oldest first.
pub async fn wishes_for(conn: &impl ConnectionTrait, subjects: &[Subject]) -> Result<Vec<Wish>> {
    let keys: Vec<String> = subjects.iter().map(|subject| subject.key()).collect();
    let query = wish::Entity::find()
        .filter(wish::Column::Subject.is_in(keys))
        .filter(wish::Column::OpenKey.is_not_null())
        .order_by_asc(wish::Column::Id);
    query.all(conn).await?.into_iter().map(wish_of).collect()
}

/// The same, held until the transaction ends: of two sessions that are published at one moment, the second finds none.
pub async fn wishes_to_meet(conn: &impl ConnectionTrait, subjects: &[Subject]) -> Result<Vec<Wish>> {
    let keys: Vec<String> = subjects.iter().map(|subject| subject.key()).collect();
    let query = wish::Entity::find()
        .filter(wish::Column::Subject.is_in(keys))
        .filter(wish::Column::OpenKey.is_not_null())
        .order_by_asc(wish::Column::Id);
    query.lock_exclusive().all(conn).await?.into_iter().map(wish_of).collect()
}

/// Ends wishes that wait; how many did.
pub async fn end_wishes(conn: &impl ConnectionTrait, ids: &[WishId], now: Timestamp) -> Result<u64> {
    let mut ended = 0;
    for chunk in ids.chunks(CHUNK) {
        let query = wish::Entity::update_many()
            .col_expr(wish::Column::OpenKey, Expr::value(Option::<String>::None))
            .col_expr(wish::Column::EndedAt, Expr::value(now))
            .filter(wish::Column::Id.is_in(chunk.iter().map(|id| id.0)))
            .filter(wish::Column::OpenKey.is_not_null());
        ended += query.exec(conn).await?.rows_affected;
    }
    Ok(ended)
}

/// How many people wait for a subject, of one sector.
#[derive(Debug, FromQueryResult)]
pub struct Waiting {
    /// The subject's key.
    pub subject: String,
    /// Code of the sector.
    pub sector: Option<String>,
    /// How many.
    pub people: i64,
}

/// How many people wait for what, by sector.
pub async fn waiting(conn: &impl ConnectionTrait) -> Result<Vec<Waiting>> {
    let query = wish::Entity::find()
        .select_only()
        .column(wish::Column::Subject)
        .column(wish::Column::Sector)
        .column_as(wish::Column::Id.count(), "people")
        .filter(wish::Column::OpenKey.is_not_null())
        .group_by(wish::Column::Subject)
        .group_by(wish::Column::Sector);
    Ok(query.into_model::<Waiting>().all(conn).await?)
}

/// How many people wait for one thing, by sector.
pub async fn waiting_for(conn: &impl ConnectionTrait, key: &str) -> Result<Vec<Waiting>> {
    let query = wish::Entity::find()
        .select_only()
        .column(wish::Column::Subject)
        .column(wish::Column::Sector)
        .column_as(wish::Column::Id.count(), "people")
        .filter(wish::Column::Subject.eq(key))
        .filter(wish::Column::OpenKey.is_not_null())
        .group_by(wish::Column::Subject)
        .group_by(wish::Column::Sector);
    Ok(query.into_model::<Waiting>().all(conn).await?)
}

/// Notes that there is a wish more for a subject, so that the clock looks whether they are enough now.
pub async fn look_again(conn: &impl ConnectionTrait, subject: &Subject, now: Timestamp) -> Result<()> {
    let row = told::Model { subject: subject.key(), wishes: 0, told_at: None, look_at: Some(now) };
    let known = OnConflict::column(told::Column::Subject).update_column(told::Column::LookAt).to_owned();
    told::Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}

/// Keys of what has had a wish more since it was looked at, the longest first.
pub async fn to_look_at(conn: &impl ConnectionTrait, most: u64) -> Result<Vec<String>> {
    let query = told::Entity::find()
        .select_only()
        .column(told::Column::Subject)
        .filter(told::Column::LookAt.is_not_null())
        .order_by_asc(told::Column::LookAt)
        .order_by_asc(told::Column::Subject)
        .limit(most);
    Ok(query.into_tuple().all(conn).await?)
}

/// Holds what is to be looked at, and says at how many wishes principals were told last; `None` where somebody has looked.
/// Whoever wishes for the same waits for it, and is seen by the next look.
pub async fn hold_look(conn: &impl ConnectionTrait, key: &str) -> Result<Option<i32>> {
    let query = told::Entity::find_by_id(key.to_owned()).filter(told::Column::LookAt.is_not_null());
    Ok(query.lock_exclusive().one(conn).await?.map(|row| row.wishes))
}

/// Notes that it was looked at and, where principals are told, at how many wishes.
pub async fn looked(conn: &impl ConnectionTrait, key: &str, told: Option<(i32, Timestamp)>) -> Result<()> {
    let mut update = told::Entity::update_many()
        .col_expr(told::Column::LookAt, Expr::value(Option::<Timestamp>::None))
        .filter(told::Column::Subject.eq(key));
    if let Some((wishes, now)) = told {
        update = update.col_expr(told::Column::Wishes, Expr::value(wishes));
        update = update.col_expr(told::Column::ToldAt, Expr::value(now));
    }
    update.exec(conn).await?;
    Ok(())
}

/// Forgets at how many wishes principals were told: the next ones count from nothing.
pub async fn forget_told(conn: &impl ConnectionTrait, subjects: &[Subject]) -> Result<()> {
    let keys: Vec<String> = subjects.iter().map(|subject| subject.key()).collect();
    told::Entity::delete_many().filter(told::Column::Subject.is_in(keys)).exec(conn).await?;
    Ok(())
}

fn wish_of(row: wish::Model) -> Result<Wish> {
    Ok(Wish {
        id: WishId(row.id),
        account: AccountId(row.account_id),
        school: SchoolId(row.school_id),
        sector: row.sector,
        subject: Subject::parse(&row.subject).ok_or_else(|| Error::internal("a wish for nothing known"))?,
        words: row.words.unwrap_or_default(),
        created_at: row.created_at,
    })
}

/// Writes a new poll with its times.
pub async fn insert_poll(conn: &impl ConnectionTrait, poll: &Poll) -> Result<()> {
    let row = poll::Model {
        id: poll.id.0,
        account_id: poll.account.0,
        school_id: poll.school.0,
        session_id: poll.session.map(|id| id.0),
        subject: poll.subject.as_ref().map(Subject::key),
        question: poll.question.clone(),
        closes_at: poll.closes_at,
        created_at: poll.created_at,
    };
    poll::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    let times = poll.times.iter().map(|time| {
        time::Model {
            poll_id: poll.id.0,
            number: time.number,
            starts_local: time.starts_local,
            ends_local: time.ends_local,
            zone: time.zone.name().to_owned(),
        }
        .into_active_model()
    });
    time::Entity::insert_many(times).exec_without_returning(conn).await?;
    Ok(())
}

/// One poll with its times. Two statements.
pub async fn poll(conn: &impl ConnectionTrait, id: PollId) -> Result<Option<Poll>> {
    let Some(row) = poll::Entity::find_by_id(id.0).one(conn).await? else { return Ok(None) };
    Ok(polls_of(conn, vec![row]).await?.pop())
}

/// Polls that are open, the one that closes first first, at most 50. Two statements.
pub async fn open_polls(conn: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Poll>> {
    let query = poll::Entity::find().filter(poll::Column::ClosesAt.gt(now)).order_by_asc(poll::Column::ClosesAt);
    let rows = query.order_by_asc(poll::Column::Id).limit(50).all(conn).await?;
    polls_of(conn, rows).await
}

async fn polls_of(conn: &impl ConnectionTrait, rows: Vec<poll::Model>) -> Result<Vec<Poll>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = time::Entity::find().filter(time::Column::PollId.is_in(rows.iter().map(|row| row.id)));
    let mut times: HashMap<Uuid, Vec<Time>> = HashMap::new();
    for row in query.order_by_asc(time::Column::Number).all(conn).await? {
        times.entry(row.poll_id).or_default().push(Time {
            number: row.number,
            starts_local: row.starts_local,
            ends_local: row.ends_local,
            zone: Zone::parse(&row.zone)?,
        });
    }
    let poll = |row: poll::Model| Poll {
        times: times.remove(&row.id).unwrap_or_default(),
        id: PollId(row.id),
        account: AccountId(row.account_id),
        school: SchoolId(row.school_id),
        session: row.session_id.map(SessionId),
        subject: row.subject.as_deref().and_then(Subject::parse),
        question: row.question,
        closes_at: row.closes_at,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(poll).collect())
}

/// Every vote of a poll.
pub async fn votes(conn: &impl ConnectionTrait, id: PollId) -> Result<Vec<Vote>> {
    let rows = vote::Entity::find().filter(vote::Column::PollId.eq(id.0)).all(conn).await?;
    let vote = |row: vote::Model| {
        Ok(Vote {
            number: row.number,
            account: AccountId(row.account_id),
            sector: row.sector,
            answer: Answer::parse(&row.answer).ok_or_else(|| Error::internal("an answer nobody knows"))?,
        })
    };
    rows.into_iter().map(vote).collect()
}

/// Keeps somebody's votes, in place of those they gave before.
pub async fn keep_votes(conn: &impl ConnectionTrait, id: PollId, votes: &[Vote]) -> Result<()> {
    use vote::Column;
    let rows = votes.iter().map(|vote| {
        vote::Model {
            poll_id: id.0,
            number: vote.number,
            account_id: vote.account.0,
            sector: vote.sector.clone(),
            answer: vote.answer.code().to_owned(),
        }
        .into_active_model()
    });
    let known = OnConflict::columns([Column::PollId, Column::Number, Column::AccountId])
        .update_columns([Column::Sector, Column::Answer])
        .to_owned();
    vote::Entity::insert_many(rows).on_conflict(known).exec_without_returning(conn).await?;
    Ok(())
}
