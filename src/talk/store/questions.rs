//! Questions, answers, and who else wants to know.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::signature;
use crate::catalog::PracticeId;
use crate::people::AccountId;
use crate::platform::{Error, Result, Timestamp};
use crate::talk::circle::Ground;
use crate::talk::question::{Answer, AnswerId, Question, QuestionId};

mod question {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "question")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub practice_id: Uuid,
        pub asker_id: Uuid,
        pub school_id: Uuid,
        pub role: String,
        pub named: bool,
        pub text: String,
        pub wanted: i32,
        pub accepted_id: Option<Uuid>,
        pub hidden_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod answer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub question_id: Uuid,
        pub author_id: Uuid,
        pub school_id: Uuid,
        pub role: String,
        pub named: bool,
        pub ground: String,
        pub since: Option<Date>,
        pub text: String,
        pub hidden_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod want {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "question_want")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub question_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use answer::Column as AnswerColumn;
use question::Column;
use want::Column as WantColumn;

fn question_of(row: question::Model) -> Result<Question> {
    Ok(Question {
        id: QuestionId(row.id),
        practice: PracticeId(row.practice_id),
        by: signature(row.asker_id, Some(row.school_id), &row.role, row.named)?,
        text: row.text,
        wanted: row.wanted.unsigned_abs(),
        accepted: row.accepted_id.map(AnswerId),
        hidden: row.hidden_at.is_some(),
        created_at: row.created_at,
    })
}

fn answer_of(row: answer::Model) -> Result<Answer> {
    Ok(Answer {
        id: AnswerId(row.id),
        question: QuestionId(row.question_id),
        by: signature(row.author_id, Some(row.school_id), &row.role, row.named)?,
        ground: Ground::parse(&row.ground).ok_or_else(|| Error::internal("an unknown ground"))?,
        since: row.since,
        text: row.text,
        hidden: row.hidden_at.is_some(),
        created_at: row.created_at,
    })
}

fn shown(practice: PracticeId) -> Select<question::Entity> {
    question::Entity::find().filter(Column::PracticeId.eq(practice.0)).filter(Column::HiddenAt.is_null())
}

/// Questions about a practice that are not hidden, newest first, from before one of them.
pub async fn page(
    conn: &impl ConnectionTrait,
    practice: PracticeId,
    before: Option<QuestionId>,
    limit: u64,
) -> Result<Vec<Question>> {
    let mut query = shown(practice);
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before.0));
    }
    query.order_by_desc(Column::Id).limit(limit).all(conn).await?.into_iter().map(question_of).collect()
}

/// How many there are.
pub async fn total(conn: &impl ConnectionTrait, practice: PracticeId) -> Result<u64> {
    Ok(shown(practice).count(conn).await?)
}

/// The first few: those with an accepted answer before the others, the newest first.
pub async fn first(conn: &impl ConnectionTrait, practice: PracticeId, limit: u64) -> Result<Vec<Question>> {
    let open_last = CaseStatement::new().case(Expr::col(Column::AcceptedId).is_null(), 1).finally(0);
    shown(practice)
        .order_by_asc(Expr::expr(open_last))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(question_of)
        .collect()
}

/// Answers to these questions that are not hidden, oldest first.
pub async fn answers(conn: &impl ConnectionTrait, questions: &[QuestionId]) -> Result<Vec<Answer>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    answer::Entity::find()
        .filter(AnswerColumn::QuestionId.is_in(questions.iter().map(|id| id.0)))
        .filter(AnswerColumn::HiddenAt.is_null())
        .order_by_asc(AnswerColumn::Id)
        .limit(5_000)
        .all(conn)
        .await?
        .into_iter()
        .map(answer_of)
        .collect()
}

/// One question, hidden or not.
pub async fn by_id(conn: &impl ConnectionTrait, id: QuestionId) -> Result<Option<Question>> {
    question::Entity::find_by_id(id.0).one(conn).await?.map(question_of).transpose()
}

/// Questions by id, hidden or not.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Question>> {
    let query = question::Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    query.all(conn).await?.into_iter().map(question_of).collect()
}

/// Answers by id, hidden or not.
pub async fn answers_by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Answer>> {
    let query = answer::Entity::find().filter(AnswerColumn::Id.is_in(ids.iter().copied()));
    query.all(conn).await?.into_iter().map(answer_of).collect()
}

/// The same, held until the transaction ends.
pub async fn held(conn: &impl ConnectionTrait, id: QuestionId) -> Result<Option<Question>> {
    question::Entity::find_by_id(id.0).lock_exclusive().one(conn).await?.map(question_of).transpose()
}

/// One answer, hidden or not.
pub async fn answer_by_id(conn: &impl ConnectionTrait, id: AnswerId) -> Result<Option<Answer>> {
    answer::Entity::find_by_id(id.0).one(conn).await?.map(answer_of).transpose()
}

/// How many answers a question has, hidden ones too.
pub async fn count_answers(conn: &impl ConnectionTrait, id: QuestionId) -> Result<u64> {
    Ok(answer::Entity::find().filter(AnswerColumn::QuestionId.eq(id.0)).count(conn).await?)
}

/// The question of somebody in the same words, where there is one.
pub async fn same(conn: &impl ConnectionTrait, like: &Question) -> Result<Option<QuestionId>> {
    let query = shown(like.practice)
        .filter(Column::AskerId.eq(like.by.account.0))
        .filter(Column::Text.eq(like.text.as_str()))
        .select_only()
        .column(Column::Id);
    Ok(query.into_tuple::<Uuid>().one(conn).await?.map(QuestionId))
}

/// The answer of somebody in the same words, where there is one.
pub async fn same_answer(conn: &impl ConnectionTrait, like: &Answer) -> Result<Option<AnswerId>> {
    let query = answer::Entity::find()
        .filter(AnswerColumn::QuestionId.eq(like.question.0))
        .filter(AnswerColumn::AuthorId.eq(like.by.account.0))
        .filter(AnswerColumn::Text.eq(like.text.as_str()))
        .select_only()
        .column(AnswerColumn::Id);
    Ok(query.into_tuple::<Uuid>().one(conn).await?.map(AnswerId))
}

/// A new question.
pub async fn insert(conn: &impl ConnectionTrait, new: &Question) -> Result<()> {
    let row = question::Model {
        id: new.id.0,
        practice_id: new.practice.0,
        asker_id: new.by.account.0,
        school_id: new.by.school.ok_or_else(|| Error::internal("a question without a school"))?.0,
        role: new.by.role.code().to_owned(),
        named: new.by.named,
        text: new.text.clone(),
        wanted: 0,
        accepted_id: None,
        hidden_at: None,
        created_at: new.created_at,
    };
    question::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// A new answer.
pub async fn insert_answer(conn: &impl ConnectionTrait, new: &Answer) -> Result<()> {
    let row = answer::Model {
        id: new.id.0,
        question_id: new.question.0,
        author_id: new.by.account.0,
        school_id: new.by.school.ok_or_else(|| Error::internal("an answer without a school"))?.0,
        role: new.by.role.code().to_owned(),
        named: new.by.named,
        ground: new.ground.code().to_owned(),
        since: new.since,
        text: new.text.clone(),
        hidden_at: None,
        created_at: new.created_at,
    };
    answer::Entity::insert(row.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Sets which answer is the accepted one.
pub async fn accept(conn: &impl ConnectionTrait, id: QuestionId, answer: Option<AnswerId>) -> Result<()> {
    question::Entity::update_many()
        .col_expr(Column::AcceptedId, Expr::value(answer.map(|answer| answer.0)))
        .filter(Column::Id.eq(id.0))
        .exec(conn)
        .await?;
    Ok(())
}

/// Somebody wants to know it too, from `at`, or no longer; whether that is new.
pub async fn want(
    conn: &impl ConnectionTrait,
    id: QuestionId,
    account: AccountId,
    at: Option<Timestamp>,
) -> Result<bool> {
    let (changed, by) = match at {
        Some(at) => {
            let row = want::Model { question_id: id.0, account_id: account.0, created_at: at };
            let known = OnConflict::columns([WantColumn::QuestionId, WantColumn::AccountId]).do_nothing().to_owned();
            let insert = want::Entity::insert(row.into_active_model()).try_insert().on_conflict(known);
            (u64::from(insert.exec_without_returning(conn).await? == 1), 1)
        }
        None => {
            let mine = want::Entity::delete_many()
                .filter(WantColumn::QuestionId.eq(id.0))
                .filter(WantColumn::AccountId.eq(account.0));
            (mine.exec(conn).await?.rows_affected, -1)
        }
    };
    if changed > 0 {
        question::Entity::update_many()
            .col_expr(Column::Wanted, Expr::col(Column::Wanted).add(by))
            .filter(Column::Id.eq(id.0))
            .exec(conn)
            .await?;
    }
    Ok(changed > 0)
}

/// Who wants to know it too, the first ones.
pub async fn wanting(conn: &impl ConnectionTrait, id: QuestionId, limit: u64) -> Result<Vec<AccountId>> {
    let query = want::Entity::find()
        .filter(WantColumn::QuestionId.eq(id.0))
        .order_by_asc(WantColumn::CreatedAt)
        .order_by_asc(WantColumn::AccountId)
        .limit(limit)
        .select_only()
        .column(WantColumn::AccountId);
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(AccountId).collect())
}

/// Which of these questions somebody wants to know too.
pub async fn wanted_by(
    conn: &impl ConnectionTrait,
    account: AccountId,
    questions: &[QuestionId],
) -> Result<Vec<QuestionId>> {
    let query = want::Entity::find()
        .filter(WantColumn::AccountId.eq(account.0))
        .filter(WantColumn::QuestionId.is_in(questions.iter().map(|id| id.0)))
        .select_only()
        .column(WantColumn::QuestionId);
    Ok(query.into_tuple::<Uuid>().all(conn).await?.into_iter().map(QuestionId).collect())
}

/// Takes a question out that nobody answered, with those who want to know it too.
pub async fn delete(conn: &impl ConnectionTrait, id: QuestionId) -> Result<()> {
    want::Entity::delete_many().filter(WantColumn::QuestionId.eq(id.0)).exec(conn).await?;
    question::Entity::delete_by_id(id.0).exec(conn).await?;
    Ok(())
}

/// Takes an answer out; where it was the accepted one, there is none.
pub async fn delete_answer(conn: &impl ConnectionTrait, answer: &Answer) -> Result<()> {
    question::Entity::update_many()
        .col_expr(Column::AcceptedId, Expr::value(None::<Uuid>))
        .filter(Column::Id.eq(answer.question.0))
        .filter(Column::AcceptedId.eq(answer.id.0))
        .exec(conn)
        .await?;
    answer::Entity::delete_by_id(answer.id.0).exec(conn).await?;
    Ok(())
}

/// Hides a question since a moment, or shows it again; whether that is new.
pub async fn hide(conn: &impl ConnectionTrait, id: QuestionId, since: Option<Timestamp>) -> Result<bool> {
    let query = question::Entity::update_many().col_expr(Column::HiddenAt, Expr::value(since));
    let query = query.filter(Column::Id.eq(id.0));
    let other = if since.is_some() { Column::HiddenAt.is_null() } else { Column::HiddenAt.is_not_null() };
    Ok(query.filter(other).exec(conn).await?.rows_affected > 0)
}

/// The same of an answer.
pub async fn hide_answer(conn: &impl ConnectionTrait, id: AnswerId, since: Option<Timestamp>) -> Result<bool> {
    let query = answer::Entity::update_many().col_expr(AnswerColumn::HiddenAt, Expr::value(since));
    let query = query.filter(AnswerColumn::Id.eq(id.0));
    let other = if since.is_some() { AnswerColumn::HiddenAt.is_null() } else { AnswerColumn::HiddenAt.is_not_null() };
    Ok(query.filter(other).exec(conn).await?.rows_affected > 0)
}

/// Everything somebody asked, answered and wants to know, oldest first.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(Vec<Question>, Vec<Answer>, Vec<(QuestionId, Timestamp)>)> {
    let asked = question::Entity::find().filter(Column::AskerId.eq(account.0)).order_by_asc(Column::Id);
    let answered = answer::Entity::find().filter(AnswerColumn::AuthorId.eq(account.0)).order_by_asc(AnswerColumn::Id);
    let wanted = want::Entity::find().filter(WantColumn::AccountId.eq(account.0)).order_by_asc(WantColumn::CreatedAt);
    let wanted = wanted.all(conn).await?.into_iter().map(|row| (QuestionId(row.question_id), row.created_at));
    Ok((
        asked.all(conn).await?.into_iter().map(question_of).collect::<Result<_>>()?,
        answered.all(conn).await?.into_iter().map(answer_of).collect::<Result<_>>()?,
        wanted.collect(),
    ))
}

/// Takes out what somebody wrote: answers, questions without an answer, and the words of the others, which keep the answers.
pub async fn erase(conn: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    let mine = Query::select()
        .column(WantColumn::QuestionId)
        .from(want::Entity)
        .and_where(WantColumn::AccountId.eq(account.0))
        .to_owned();
    question::Entity::update_many()
        .col_expr(Column::Wanted, Expr::col(Column::Wanted).sub(1))
        .filter(Column::Id.in_subquery(mine))
        .exec(conn)
        .await?;
    want::Entity::delete_many().filter(WantColumn::AccountId.eq(account.0)).exec(conn).await?;
    let answers = Query::select()
        .column(AnswerColumn::Id)
        .from(answer::Entity)
        .and_where(AnswerColumn::AuthorId.eq(account.0))
        .to_owned();
    question::Entity::update_many()
        .col_expr(Column::AcceptedId, Expr::value(None::<Uuid>))
        .filter(Column::AcceptedId.in_subquery(answers))
        .exec(conn)
        .await?;
    answer::Entity::delete_many().filter(AnswerColumn::AuthorId.eq(account.0)).exec(conn).await?;
    let answered = Query::select().column(AnswerColumn::QuestionId).from(answer::Entity).to_owned();
    let bare = Query::select()
        .column(Column::Id)
        .from(question::Entity)
        .and_where(Column::AskerId.eq(account.0))
        .and_where(Column::Id.not_in_subquery(answered))
        .to_owned();
    want::Entity::delete_many().filter(WantColumn::QuestionId.in_subquery(bare.clone())).exec(conn).await?;
    question::Entity::delete_many().filter(Column::Id.in_subquery(bare)).exec(conn).await?;
    question::Entity::update_many()
        .col_expr(Column::Text, Expr::value(""))
        .col_expr(Column::Named, Expr::value(false))
        .filter(Column::AskerId.eq(account.0))
        .exec(conn)
        .await?;
    Ok(())
}
