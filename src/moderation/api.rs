//! Reports over JSON: the same operations as the pages.

mod examples;

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::case::{Case, Decision, Report};
use super::decision::{self, Docket, NewDecision, Which, Whole};
use super::report::{self, NewReport};
use super::things::Thing;
use super::{CaseId, Moderation};
use crate::api::{Caller, Group, Refused};
use crate::platform::{Actor, Db, Error, Result, Timestamp};

/// Reports over JSON.
pub struct ReportsApi {
    db: Db,
    moderation: Moderation,
    base_url: Arc<str>,
}

/// A problem to report.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct ReportRequest {
    /// About what: `practice:ID`, `collection:ID` and so on, as the link on its page has it.
    #[oai(validator(max_length = 64))]
    pub about: String,
    /// `student_data`, `not_true`, `harmful`, `spam`, `copyright` or `other`.
    pub reason: String,
    /// In your words, up to 2,000 characters; needed for `other`. Do not repeat the name of a student.
    pub words: Option<String>,
}

/// What was reported.
#[derive(Debug, Object)]
#[oai(rename = "TakenReport", example)]
pub struct TakenDocument {
    /// About what.
    pub about: String,
    /// Why.
    pub reason: String,
}

/// It was taken in.
#[derive(Debug, ApiResponse)]
pub enum Taken {
    /// Somebody will look at it, and a letter tells you what comes of it.
    #[oai(status = 202)]
    Taken(Json<TakenDocument>),
}

/// Which reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum ReportState {
    /// Those that somebody has to look at: what may be student data first, then the oldest.
    Open,
    /// Those of things that are hidden now.
    Hidden,
    /// Those that were decided, the last one first.
    Closed,
}

/// Everything that was reported about one thing.
#[derive(Debug, Object)]
#[oai(rename = "ReportCase", example, skip_serializing_if_is_none)]
pub struct CaseDocument {
    /// Its id.
    pub id: String,
    /// About what: `collection:ID`.
    pub about: String,
    /// What it is called; absent where it is gone.
    pub title: Option<String>,
    /// The beginning of what it says.
    pub excerpt: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Whether somebody has to look at it.
    pub open: bool,
    /// Whether data of a student may stand there.
    pub urgent: bool,
    /// Whether it is hidden.
    pub hidden: bool,
    /// How many reports wait for a decision.
    pub waiting: u64,
    /// When the first report that waits, or waited last, came.
    pub opened_at: Timestamp,
    /// When it was last decided.
    pub closed_at: Option<Timestamp>,
    /// Its reports, the newest first; in a list the newest alone.
    pub reports: Vec<ReportDocument>,
    /// What was done, the newest first; absent in a list.
    pub decisions: Option<Vec<DecisionDocument>>,
}

/// A report.
#[derive(Debug, Object)]
#[oai(rename = "Report", example, skip_serializing_if_is_none)]
pub struct ReportDocument {
    /// Its id.
    pub id: String,
    /// Id of the account that reported it; absent for a visitor.
    pub reporter: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// In their words.
    pub words: Option<String>,
    /// Id of the decision that answered it; absent while it waits.
    pub decision: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
}

/// A decision.
#[derive(Debug, Object)]
#[oai(rename = "ReportDecision", example, skip_serializing_if_is_none)]
pub struct DecisionDocument {
    /// Its id.
    pub id: String,
    /// `hidden_at_once`, `hidden`, `shown`, `change_asked`, `dismissed` or `retired`.
    pub done: String,
    /// Why: a reason of reports.
    pub reason: String,
    /// What was written.
    pub words: Option<String>,
    /// Id of the account that decided; absent where a report did.
    pub by: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Cases of a list.
#[derive(Debug, Object)]
#[oai(example)]
pub struct CaseList {
    /// At most 100.
    pub items: Vec<CaseDocument>,
    /// How many there are.
    pub total: u64,
}

/// What to do.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct DecisionRequest {
    /// `hidden`, `shown`, `change_asked`, `dismissed` or `retired`; the last for practices alone, which cannot be hidden.
    pub done: String,
    /// Why: a reason of reports. It is public.
    pub reason: String,
    /// For the author, up to 1,000 characters; for whoever reported it where it is dismissed, for everybody where it is retired.
    /// Needed for `hidden`, `change_asked` and `retired`.
    pub words: Option<String>,
}

/// A line of the public log.
#[derive(Debug, Object)]
#[oai(rename = "ModerationLine", example)]
pub struct LogDocument {
    /// The day, in UTC.
    pub on: String,
    /// The kind of thing: "Collection".
    pub kind: String,
    /// What was done, as decisions have it.
    pub done: String,
    /// Why.
    pub reason: String,
}

/// The newest of the public log.
#[derive(Debug, Object)]
#[oai(example)]
pub struct LogList {
    /// The newest 100.
    pub items: Vec<LogDocument>,
    /// How many are here.
    pub total: u64,
}

#[OpenApi(prefix_path = "/api/v1")]
impl ReportsApi {
    /// Report a problem
    ///
    /// With a practice, a collection or another thing that its page offers to report. What is reported as student data is hidden at
    /// once where it can be, until somebody has looked at it.
    #[oai(path = "/reports", method = "post", tag = "Group::Practices", operation_id = "report_problem")]
    async fn report(&self, caller: Caller, body: Json<ReportRequest>) -> Result<Taken, Refused> {
        let about = body.0.about;
        let new = NewReport { reason: body.0.reason, words: body.0.words.unwrap_or_default() };
        let reported = report::report(&self.db, &self.moderation, caller.0, &about, &new, "").await;
        reported.map_err(|error| match error {
            Error::NotFound(_) => {
                Error::invalid("about", "There is no such thing to report; give the kind and id of one.")
            }
            other => other,
        })?;
        Ok(Taken::Taken(Json(TakenDocument { about, reason: new.reason })))
    }

    /// What was reported
    ///
    /// For editors and administrators.
    #[oai(path = "/reports", method = "get", tag = "Group::Administration", operation_id = "list_reports")]
    async fn reports(
        &self,
        caller: Caller,
        /// Which; left out, those that are open.
        state: Query<Option<ReportState>>,
    ) -> Result<Json<CaseList>, Refused> {
        let which = match state.0.unwrap_or(ReportState::Open) {
            ReportState::Open => Which::Open,
            ReportState::Hidden => Which::Hidden,
            ReportState::Closed => Which::Closed,
        };
        let (found, total) = decision::cases(&self.db.cx(caller.0), &self.moderation, which).await?;
        let document = |one: Docket| CaseDocument {
            reports: one.newest.iter().map(report_document).collect(),
            ..self.document(&one.case, one.thing, one.waiting)
        };
        Ok(Json(CaseList { items: found.into_iter().map(document).collect(), total }))
    }

    /// Everything reported about one thing
    ///
    /// For editors and administrators.
    #[oai(path = "/reports/:id", method = "get", tag = "Group::Administration", operation_id = "get_report")]
    async fn case(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<CaseDocument>, Refused> {
        Ok(Json(self.whole(caller.0, &id).await?))
    }

    /// Decide about a report
    ///
    /// By an editor or administrator whose thing it is not. Everything that waits there is answered by it; letters tell the author
    /// and whoever reported it. The public log has the decision and its reason.
    #[oai(
        path = "/reports/:id/decision",
        method = "post",
        tag = "Group::Administration",
        operation_id = "decide_about_report"
    )]
    async fn decide(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<DecisionRequest>,
    ) -> Result<Json<CaseDocument>, Refused> {
        let case = decision::whole(&self.db.cx(caller.0.clone()), &self.moderation, &id).await?.case;
        self.decided(caller.0.clone(), case.id, body.0).await?;
        Ok(Json(self.whole(caller.0, &id).await?))
    }

    /// The public log of decisions
    ///
    /// Without names, texts and what they were about. No sign-in.
    #[oai(path = "/moderation", method = "get", tag = "Group::Practices", operation_id = "list_decisions")]
    async fn log(&self) -> Result<Json<LogList>, Refused> {
        let found = decision::log(&self.db.cx(Actor::Visitor), &self.moderation, None, 100).await?;
        let document = |line: decision::LogLine| LogDocument {
            on: line.at.date_naive().to_string(),
            kind: line.kind,
            done: line.done.code().to_owned(),
            reason: line.reason.code().to_owned(),
        };
        let items: Vec<LogDocument> = found.into_iter().map(document).collect();
        Ok(Json(LogList { total: items.len() as u64, items }))
    }
}

impl ReportsApi {
    /// Over this database, of the site at `base_url`.
    pub fn new(db: Db, moderation: Moderation, base_url: Arc<str>) -> Self {
        Self { db, moderation, base_url }
    }

    async fn decided(&self, actor: Actor, id: CaseId, request: DecisionRequest) -> Result<()> {
        let words = request.words.unwrap_or_default();
        let new = NewDecision { done: request.done, reason: request.reason, words };
        let mut tx = self.db.write(actor).await?;
        decision::decide(&mut tx, &self.moderation, id, &new).await?;
        tx.commit().await
    }

    async fn whole(&self, actor: Actor, id: &str) -> Result<CaseDocument> {
        let Whole { case, thing, reports, decisions, .. } =
            decision::whole(&self.db.cx(actor), &self.moderation, id).await?;
        let waiting = reports.iter().filter(|report| report.decision.is_none()).count();
        Ok(CaseDocument {
            reports: reports.iter().map(report_document).collect(),
            decisions: Some(decisions.iter().map(decision_document).collect()),
            ..self.document(&case, thing, waiting as u64)
        })
    }

    fn document(&self, case: &Case, thing: Option<Thing>, waiting: u64) -> CaseDocument {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let (title, excerpt, path) = match thing {
            Some(thing) => (some(thing.title), some(thing.excerpt), some(thing.path)),
            None => (None, None, None),
        };
        CaseDocument {
            id: case.id.to_string(),
            about: format!("{}:{}", case.kind, case.thing),
            title,
            excerpt,
            url: path.map(|path| format!("{}{path}", self.base_url)),
            open: case.open,
            urgent: case.urgent,
            hidden: case.hidden,
            waiting,
            opened_at: case.opened_at,
            closed_at: case.closed_at,
            reports: Vec::new(),
            decisions: None,
        }
    }
}

fn report_document(report: &Report) -> ReportDocument {
    ReportDocument {
        id: report.id.to_string(),
        reporter: report.reporter.map(|id| id.to_string()),
        reason: report.reason.code().to_owned(),
        words: report.words.clone(),
        decision: report.decision.map(|id| id.to_string()),
        created_at: report.created_at,
    }
}

fn decision_document(decision: &Decision) -> DecisionDocument {
    DecisionDocument {
        id: decision.id.to_string(),
        done: decision.done.code().to_owned(),
        reason: decision.reason.code().to_owned(),
        words: decision.words.clone(),
        by: decision.by.map(|id| id.to_string()),
        created_at: decision.at,
    }
}
