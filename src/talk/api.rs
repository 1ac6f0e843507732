//! Questions and answers over JSON.

mod examples;

use std::sync::Arc;

use chrono::NaiveDate;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Exchange;
use super::circle::{self, Circle};
use super::question::{self, AnswerId, QuestionId, Said, Thread};
use super::signature::{Bylines, Signature};
use super::words::Words;
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused, next_link};
use crate::catalog;
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp};

/// Questions and answers over JSON.
pub struct TalkApi {
    db: Db,
    exchange: Exchange,
    base_url: Arc<str>,
}

/// Who wrote something: by role and school, and by name where they want that.
#[derive(Debug, Object)]
#[oai(rename = "CommentAuthor", example, skip_serializing_if_is_none)]
pub struct AuthorDocument {
    /// Their role there: `teacher`, `principal`, `delegate`, `organizer`.
    pub role: String,
    /// Id of the school.
    pub school: Option<String>,
    /// Its name.
    pub school_name: Option<String>,
    /// Their name, where they want to be named.
    pub name: Option<String>,
}

/// An answer to a question.
#[derive(Debug, Object)]
#[oai(rename = "CommentAnswer", example, skip_serializing_if_is_none)]
pub struct AnswerDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its words, plain text.
    pub text: String,
    /// Who gave it.
    pub by: AuthorDocument,
    /// Why they know: `origin` (the practice began at their school), `uses`, `stopped` (their school used it).
    pub ground: String,
    /// Since when their school uses it.
    pub since: Option<NaiveDate>,
    /// Whether it is the accepted one.
    pub accepted: bool,
    /// When it was given.
    pub created_at: Timestamp,
}

/// A question about a practice, with its answers.
#[derive(Debug, Object)]
#[oai(rename = "Comment", example)]
pub struct CommentDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Id of the practice.
    pub practice: String,
    /// Its words, plain text; empty where its asker had their account erased.
    pub text: String,
    /// Who asked.
    pub by: AuthorDocument,
    /// How many ask for it, the asker among them.
    pub asked_for_by: u32,
    /// The accepted one first, then the oldest; at most 50.
    pub answers: Vec<AnswerDocument>,
    /// When it was asked.
    pub created_at: Timestamp,
}

/// A page of questions.
#[derive(Debug, Object)]
#[oai(rename = "CommentList", example, skip_serializing_if_is_none)]
pub struct CommentList {
    /// At most 20, newest first.
    pub items: Vec<CommentDocument>,
    /// How many there are about this practice.
    pub total: u64,
    /// The `cursor` of the next page.
    pub next: Option<String>,
}

/// What somebody asks or answers.
#[derive(Debug, Object)]
#[oai(rename = "CommentInput", example, skip_serializing_if_is_none)]
pub struct CommentInput {
    /// The words, plain text: up to 1,000 characters of a question, 4,000 of an answer. Anybody can read them.
    #[oai(validator(max_length = 20000))]
    pub text: String,
    /// Id of the school you ask for, where you have several.
    #[oai(validator(max_length = 64))]
    pub school: Option<String>,
    /// Whether your name is shown. Left out, people read your role and school.
    pub named: Option<bool>,
    /// That the words are about no student, after they were refused because they might be.
    pub no_student: Option<bool>,
}

/// Which answer is the one.
#[derive(Debug, Object)]
#[oai(rename = "AcceptedAnswer", example, skip_serializing_if_is_none)]
pub struct AcceptedInput {
    /// Its id; left out, none is.
    #[oai(validator(max_length = 64))]
    pub answer: Option<String>,
}

/// A list of questions, with where the next page is.
#[derive(Debug, ApiResponse)]
pub enum Listed {
    /// A page.
    #[oai(status = 200)]
    Page(
        Json<CommentList>,
        /// The next page (RFC 8288).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// A question that was asked, or has a new answer.
#[derive(Debug, ApiResponse)]
pub enum Said201 {
    /// It is there now; the same words again give the same.
    #[oai(status = 201)]
    Made(
        Json<CommentDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl TalkApi {
    /// Questions about a practice
    ///
    /// With their answers, newest first. What was hidden is left out.
    #[oai(path = "/practices/:id/comments", method = "get", tag = "Group::Practices", operation_id = "list_comments")]
    async fn list(
        &self,
        /// The practice: its id or its name in addresses.
        id: Path<String>,
        /// The `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let unreadable = |_| Error::Unreadable {
            parameter: "cursor",
            message: "Give the `next` of the page before, or leave it out.".to_owned(),
        };
        let before = cursor.0.map(|text| text.parse::<QuestionId>().map_err(unreadable)).transpose()?;
        let practice = catalog::practice(&cx, &id).await?;
        let (threads, total) = question::page(&cx, practice.id, before).await?;
        let last = threads.last().filter(|_| threads.len() as u64 == question::PAGE);
        let next = last.map(|last| last.question.id.to_string());
        let path = format!("{}/api/v1/practices/{}/comments", self.base_url, practice.slug);
        let url = next.as_ref().map(|next| format!("{path}?cursor={next}"));
        let items = self.documents(&cx, &practice.slug, threads).await?;
        Ok(Listed::Page(Json(CommentList { items, total, next }), next_link(url.as_deref())))
    }

    /// Ask a question about a practice
    ///
    /// In public, by people of schools, ten a day. Whoever answers for the practice is told.
    #[oai(path = "/practices/:id/comments", method = "post", tag = "Group::Practices", operation_id = "ask_comment")]
    async fn ask(
        &self,
        caller: Caller,
        /// The practice: its id or its name in addresses.
        id: Path<String>,
        body: Json<CommentInput>,
    ) -> Result<Said201, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let circle = circle::circle(&cx, &id).await?;
        let mut tx = self.db.write(caller.0).await?;
        let made = question::ask(&mut tx, &self.exchange, &circle, body.0.into()).await?;
        tx.commit().await?;
        self.made(&cx, &circle, made).await
    }

    /// One question
    #[oai(path = "/comments/:id", method = "get", tag = "Group::Practices", operation_id = "get_comment")]
    async fn one(
        &self,
        /// Its id.
        id: Path<String>,
        /// Tag of what you have.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<CommentDocument>, Refused> {
        let cx = self.db.cx(Actor::Visitor);
        let thread = question::thread(&cx, question_id(&id)?).await?;
        let practice = catalog::practice(&cx, &thread.question.practice.to_string()).await?;
        let document = self.document(&cx, &practice.slug, thread).await?;
        Ok(Tagged::new(document, if_none_match.0.as_deref()))
    }

    /// Answer a question
    ///
    /// By people of the school where the practice began, and of schools that use it or did.
    #[oai(path = "/comments/:id/answers", method = "post", tag = "Group::Practices", operation_id = "answer_comment")]
    async fn answer(
        &self,
        caller: Caller,
        /// Id of the question.
        id: Path<String>,
        body: Json<CommentInput>,
    ) -> Result<Said201, Refused> {
        let (cx, circle, id) = self.about(caller.0.clone(), &id).await?;
        let mut tx = self.db.write(caller.0).await?;
        question::answer(&mut tx, &self.exchange, &circle, id, body.0.into()).await?;
        tx.commit().await?;
        self.made(&cx, &circle, id).await
    }

    /// Accept an answer
    ///
    /// By whoever asked, and by the leads of the school where the practice began.
    #[oai(path = "/comments/:id/accepted", method = "put", tag = "Group::Practices", operation_id = "accept_answer")]
    async fn accept(
        &self,
        caller: Caller,
        /// Id of the question.
        id: Path<String>,
        body: Json<AcceptedInput>,
    ) -> Result<Json<CommentDocument>, Refused> {
        let (cx, circle, id) = self.about(caller.0.clone(), &id).await?;
        let answer = body.0.answer.map(|text| text.parse::<AnswerId>().map_err(|_| Error::NotFound("answer")));
        let answer = answer.transpose()?;
        let mut tx = self.db.write(caller.0).await?;
        question::accept(&mut tx, &circle, id, answer).await?;
        tx.commit().await?;
        Ok(Json(self.document(&cx, &circle.practice.slug, question::thread(&cx, id).await?).await?))
    }

    /// Want to know it too
    ///
    /// You are told of answers. Said twice is as good as once.
    #[oai(path = "/comments/:id/wants", method = "post", tag = "Group::Practices", operation_id = "want_comment")]
    async fn want(
        &self,
        caller: Caller,
        /// Id of the question.
        id: Path<String>,
    ) -> Result<Json<CommentDocument>, Refused> {
        self.wants(caller.0, &id, true).await
    }

    /// No longer want to know it
    #[oai(path = "/comments/:id/wants", method = "delete", tag = "Group::Practices", operation_id = "unwant_comment")]
    async fn unwant(
        &self,
        caller: Caller,
        /// Id of the question.
        id: Path<String>,
    ) -> Result<Json<CommentDocument>, Refused> {
        self.wants(caller.0, &id, false).await
    }
}

impl TalkApi {
    /// The operations on this database.
    pub fn new(db: Db, exchange: Exchange, base_url: Arc<str>) -> Self {
        Self { db, exchange, base_url }
    }

    /// The question of an address, with the circle of its practice.
    async fn about(&self, actor: Actor, id: &str) -> Result<(Cx, Circle, QuestionId)> {
        let cx = self.db.cx(actor);
        let id = question_id(id)?;
        let practice = question::thread(&cx, id).await?.question.practice;
        let circle = circle::circle(&cx, &practice.to_string()).await?;
        Ok((cx, circle, id))
    }

    async fn wants(&self, actor: Actor, id: &str, wanted: bool) -> Result<Json<CommentDocument>, Refused> {
        let (cx, circle, id) = self.about(actor.clone(), id).await?;
        let mut tx = self.db.write(actor).await?;
        question::want(&mut tx, &circle, id, wanted).await?;
        tx.commit().await?;
        Ok(Json(self.document(&cx, &circle.practice.slug, question::thread(&cx, id).await?).await?))
    }

    async fn made(&self, cx: &Cx, circle: &Circle, id: QuestionId) -> Result<Said201, Refused> {
        let document = self.document(cx, &circle.practice.slug, question::thread(cx, id).await?).await?;
        Ok(Said201::Made(Json(document), format!("{}/api/v1/comments/{id}", self.base_url)))
    }

    async fn document(&self, cx: &Cx, slug: &str, thread: Thread) -> Result<CommentDocument> {
        self.documents(cx, slug, vec![thread]).await?.pop().ok_or(Error::NotFound("question"))
    }

    async fn documents(&self, cx: &Cx, slug: &str, threads: Vec<Thread>) -> Result<Vec<CommentDocument>> {
        let signatures: Vec<&Signature> = threads.iter().flat_map(|thread| thread.signatures()).collect();
        let bylines = Bylines::of(cx, &signatures).await?;
        let by = |signature: &Signature| AuthorDocument {
            role: signature.role.code().to_owned(),
            school: bylines.school(signature).map(|school| school.id.to_string()),
            school_name: bylines.school(signature).map(|school| school.name.clone()),
            name: bylines.words(signature).name,
        };
        let document = |Thread { question, answers }: &Thread| CommentDocument {
            id: question.id.to_string(),
            url: format!("{}/practices/{slug}/questions/{}", self.base_url, question.id),
            practice: question.practice.to_string(),
            text: question.text.clone(),
            by: by(&question.by),
            asked_for_by: question.asked_for_by(),
            answers: answers
                .iter()
                .map(|answer| AnswerDocument {
                    id: answer.id.to_string(),
                    text: answer.text.clone(),
                    by: by(&answer.by),
                    ground: answer.ground.code().to_owned(),
                    since: answer.since,
                    accepted: Some(answer.id) == question.accepted,
                    created_at: answer.created_at,
                })
                .collect(),
            created_at: question.created_at,
        };
        Ok(threads.iter().map(document).collect())
    }
}

fn question_id(text: &str) -> Result<QuestionId> {
    text.parse().map_err(|_| Error::NotFound("question"))
}

impl From<CommentInput> for Said {
    fn from(input: CommentInput) -> Self {
        Self {
            words: Words::new(&input.text, input.no_student.unwrap_or_default()),
            school: input.school.unwrap_or_default(),
            named: input.named.unwrap_or_default(),
        }
    }
}
