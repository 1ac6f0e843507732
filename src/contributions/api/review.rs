//! Reviews over JSON: submitting, answering, evidence, the yes of the school. `id` is that of the contribution, or of its practice: then
//! the one under way is meant, or the last.

use std::sync::Arc;

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use crate::api::{Caller, Group, Refused};
use crate::catalog::draft::ClaimDraft;
use crate::contributions::entry::Entry;
use crate::contributions::review::{self, Said, Verdict};
use crate::contributions::{Contribution, ContributionId, confirm, reading};
use crate::notices::Postroom;
use crate::platform::{Actor, Db, Error, Result, Timestamp};

/// Reviews over JSON.
pub struct ReviewApi {
    db: Db,
    room: Postroom,
    base_url: Arc<str>,
}

/// Words to the editors.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SubmissionRequest {
    /// What the editors should know.
    #[oai(validator(max_length = 4000))]
    pub text: Option<String>,
}

/// What is said in a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "ReviewVerdict")]
pub enum VerdictCode {
    /// Something is said, and nothing decided.
    Comment,
    /// It may be published once the school says yes.
    Approve,
    /// Something has to change first.
    RequestChanges,
    /// It is not for this catalog.
    Decline,
}

/// An answer in a review.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct ReviewRequest {
    /// What it is.
    pub verdict: VerdictCode,
    /// The revision that was read; needed to decide.
    pub revision: Option<i32>,
    /// The words; needed for everything but an approval.
    #[oai(validator(max_length = 4000))]
    pub text: Option<String>,
    /// Key of the field that is spoken of.
    #[oai(validator(max_length = 64))]
    pub field: Option<String>,
    /// Words of that field.
    #[oai(validator(max_length = 600))]
    pub quote: Option<String>,
    /// The words point at no student, though they may look so.
    pub no_student: Option<bool>,
}

/// The school's answer.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct PublicationRequest {
    /// Whether it may be published.
    pub publish: bool,
    /// The revision that was read.
    pub revision: i32,
    /// Why not; needed for a no.
    #[oai(validator(max_length = 4000))]
    pub text: Option<String>,
}

/// A claim as an editor sets it.
#[derive(Clone, Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct ClaimRequest {
    /// The outcome.
    pub outcome: String,
    /// Code of `evidence_tier`; left out, not rated.
    pub tier: Option<String>,
    /// Code of `finding`.
    pub finding: Option<String>,
    /// Code of `applies_to`.
    pub applies_to: Option<String>,
    /// The source, in words.
    pub citation: Option<String>,
    /// The source, as a link.
    pub citation_url: Option<String>,
    /// Studies behind it.
    pub studies: Option<u32>,
    /// Students in them.
    pub students: Option<u32>,
    /// Grades studied, in words.
    pub grades: Option<String>,
    /// Who the students were, in words.
    pub populations: Option<String>,
    /// The source's own rating.
    pub rating: Option<String>,
}

/// The evidence of a text under review.
#[derive(Debug, Object)]
#[oai(example)]
pub struct EvidenceRequest {
    /// The revision that was read.
    pub revision: i32,
    /// All of its claims.
    #[oai(validator(max_items = 40))]
    pub claims: Vec<ClaimRequest>,
}

/// An entry of a review.
#[derive(Debug, Object)]
#[oai(rename = "ReviewEntry", example, skip_serializing_if_is_none)]
pub struct EntryDocument {
    /// Its place, from 1.
    pub number: i32,
    /// When.
    pub at: Timestamp,
    /// Account of who did it; left out where the program did.
    pub by: Option<String>,
    /// `writer`, `editor`, `school` or `system`.
    pub role: String,
    /// `comment`, `submitted`, `taken_back`, `evidence`, `changes_requested`, `declined`, `approved`, `confirmed`, `refused` or
    /// `published`.
    pub kind: String,
    /// What they said.
    pub text: Option<String>,
    /// Key of the field that they speak of.
    pub field: Option<String>,
    /// Words of that field.
    pub quote: Option<String>,
    /// The revision that was there.
    pub revision: i32,
}

/// A review.
#[derive(Debug, Object)]
#[oai(rename = "Review", example, skip_serializing_if_is_none)]
pub struct ReviewDocument {
    /// Id of the contribution.
    pub id: String,
    /// Id of the practice that it is or becomes.
    pub practice_id: String,
    /// Its page.
    pub url: String,
    /// What it is called.
    pub title: String,
    /// Code of `practice_status`: where it is.
    pub state: String,
    /// The revision that is there now: decide about this one.
    pub revision: i32,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// The version that it became.
    pub published_version: Option<i32>,
    /// The conversation, the first word first.
    pub items: Vec<EntryDocument>,
    /// How many entries there are.
    pub total: u64,
}

#[OpenApi(prefix_path = "/api/v1")]
impl ReviewApi {
    /// The review of a practice
    ///
    /// For those who write it, the leads of its school and, once it was submitted, editors; for everybody else there is none.
    #[oai(path = "/practices/:id/reviews", method = "get", tag = "Group::Practices", operation_id = "get_review")]
    async fn review(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }

    /// Submit a practice
    ///
    /// By those who write it. Everything that publication needs has to be there; what is missing is told. Submitted by the principal
    /// or a delegate, it has the school's yes.
    #[oai(
        path = "/practices/:id/submission",
        method = "post",
        tag = "Group::Practices",
        operation_id = "submit_practice"
    )]
    async fn submit(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
        body: Json<SubmissionRequest>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        let said = Said { text: body.0.text.unwrap_or_default(), ..Said::default() };
        let mut tx = self.db.write(caller.0.clone()).await?;
        review::submit(&mut tx, &self.room, found.id, said).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }

    /// Take a practice back
    ///
    /// By those who write it, until it is published: they can write on then.
    #[oai(
        path = "/practices/:id/submission",
        method = "delete",
        tag = "Group::Practices",
        operation_id = "take_practice_back"
    )]
    async fn take_back(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        review::take_back(&mut tx, &self.room, found.id).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }

    /// Answer in a review
    ///
    /// Everybody who may know of it can comment; editors approve, ask for changes or decline, but not what they wrote themselves. They
    /// name the revision that they read: one that changed meanwhile is not decided about.
    #[oai(path = "/practices/:id/reviews", method = "post", tag = "Group::Practices", operation_id = "answer_review")]
    async fn answer(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
        body: Json<ReviewRequest>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        let body = body.0;
        let said = Said {
            text: body.text.unwrap_or_default(),
            field: body.field.unwrap_or_default(),
            quote: body.quote.unwrap_or_default(),
            no_student: body.no_student == Some(true),
        };
        let verdict = match body.verdict {
            VerdictCode::Comment => None,
            VerdictCode::Approve => Some(Verdict::Approve),
            VerdictCode::RequestChanges => Some(Verdict::RequestChanges),
            VerdictCode::Decline => Some(Verdict::Decline),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        match verdict {
            None => review::say(&mut tx, &self.room, found.id, said).await?,
            Some(verdict) => {
                let read =
                    body.revision.ok_or_else(|| Error::invalid("revision", "Name the revision that you read."))?;
                review::decide(&mut tx, &self.room, found.id, read, verdict, said).await?;
            }
        }
        tx.commit().await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }

    /// Set the evidence of a practice under review
    ///
    /// By an editor who did not write it: all of its claims. Tiers 1 to 3 need a citation, 1 and 2 a significant positive effect with at
    /// least 350 students in two places.
    #[oai(path = "/practices/:id/evidence", method = "post", tag = "Group::Practices", operation_id = "set_evidence")]
    async fn evidence(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
        body: Json<EvidenceRequest>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        let claims = body.0.claims.into_iter().map(ClaimDraft::from).collect();
        let mut tx = self.db.write(caller.0.clone()).await?;
        review::set_evidence(&mut tx, found.id, body.0.revision, claims).await?;
        tx.commit().await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }

    /// Answer for the school
    ///
    /// By its principal or a delegate, once an editor has approved it. A yes publishes it at once; a no says why and sends it back.
    #[oai(
        path = "/practices/:id/publication",
        method = "post",
        tag = "Group::Practices",
        operation_id = "answer_for_school"
    )]
    async fn publication(
        &self,
        caller: Caller,
        /// Id of the contribution, or id or name in addresses of its practice.
        id: Path<String>,
        body: Json<PublicationRequest>,
    ) -> Result<Json<ReviewDocument>, Refused> {
        let found = self.meant(&caller.0, &id).await?;
        let body = body.0;
        let mut tx = self.db.write(caller.0.clone()).await?;
        if body.publish {
            confirm::confirm(&mut tx, &self.room, found.id, body.revision).await?;
        } else {
            let said = Said { text: body.text.unwrap_or_default(), ..Said::default() };
            confirm::refuse(&mut tx, &self.room, found.id, body.revision, said).await?;
        }
        tx.commit().await?;
        Ok(Json(self.document(caller.0, found.id).await?))
    }
}

impl ReviewApi {
    /// The operations on this database.
    pub fn new(db: Db, room: Postroom, base_url: Arc<str>) -> Self {
        Self { db, room, base_url }
    }

    async fn meant(&self, actor: &Actor, reference: &str) -> Result<Contribution> {
        if actor.account().is_none() {
            return Err(Error::SignInRequired);
        }
        reading::meant(&self.db.cx(actor.clone()), reference).await
    }

    async fn document(&self, actor: Actor, id: ContributionId) -> Result<ReviewDocument> {
        let cx = self.db.cx(actor);
        let found = crate::contributions::contribution(&cx, id).await?;
        let entries = reading::entries(&cx, id).await?;
        Ok(ReviewDocument {
            id: found.id.to_string(),
            practice_id: found.practice.to_string(),
            url: format!("{}/contributions/{}/review", self.base_url, found.id),
            title: found.title().to_owned(),
            state: found.state.code().to_owned(),
            revision: found.revision,
            submitted_at: found.submitted_at,
            published_version: found.published_version,
            total: entries.len() as u64,
            items: entries.into_iter().map(EntryDocument::from).collect(),
        })
    }
}

impl From<Entry> for EntryDocument {
    fn from(entry: Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            by: entry.by.map(|by| by.to_string()),
            role: entry.speaker.code().to_owned(),
            kind: entry.kind.code().to_owned(),
            text: entry.text,
            field: entry.field,
            quote: entry.quote,
            revision: entry.revision,
        }
    }
}

impl From<ClaimRequest> for ClaimDraft {
    fn from(claim: ClaimRequest) -> Self {
        Self {
            outcome: Some(claim.outcome),
            tier: claim.tier,
            finding: claim.finding,
            applies_to: claim.applies_to,
            citation: claim.citation,
            citation_url: claim.citation_url,
            studies: claim.studies.map(|number| number.to_string()),
            students: claim.students.map(|number| number.to_string()),
            grades: claim.grades,
            populations: claim.populations,
            rating: claim.rating,
            checked_by: None,
            checked_on: None,
        }
    }
}

impl Example for SubmissionRequest {
    fn example() -> Self {
        Self { text: Some("We use it in all four grades by now.".to_owned()) }
    }
}

impl Example for ReviewRequest {
    fn example() -> Self {
        Self {
            verdict: VerdictCode::RequestChanges,
            revision: Some(4),
            text: Some("Who greets the students when you are away?".to_owned()),
            field: Some("steps".to_owned()),
            quote: Some("Greet each student".to_owned()),
            no_student: None,
        }
    }
}

impl Example for PublicationRequest {
    fn example() -> Self {
        Self { publish: true, revision: 4, text: None }
    }
}

impl Example for ClaimRequest {
    fn example() -> Self {
        let s = |text: &str| Some(text.to_owned());
        Self {
            outcome: "Decoding and word reading".to_owned(),
            tier: s("essa_2"),
            finding: s("helped"),
            applies_to: s("idea"),
            citation: s("What Works Clearinghouse, intervention report, 2013"),
            citation_url: s("https://ies.ed.gov/ncee/wwc/"),
            studies: Some(2),
            students: Some(412),
            grades: s("K to 3"),
            populations: None,
            rating: s("Potentially Positive Effects"),
        }
    }
}

impl Example for EvidenceRequest {
    fn example() -> Self {
        Self { revision: 4, claims: vec![ClaimRequest::example()] }
    }
}

impl Example for EntryDocument {
    fn example() -> Self {
        let request = ReviewRequest::example();
        Self {
            number: 2,
            at: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
            by: Some("0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f01".to_owned()),
            role: "editor".to_owned(),
            kind: "changes_requested".to_owned(),
            text: request.text,
            field: request.field,
            quote: request.quote,
            revision: 4,
        }
    }
}

impl Example for ReviewDocument {
    fn example() -> Self {
        Self {
            id: "0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f02".to_owned(),
            practice_id: "0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f03".to_owned(),
            url: "https://commonground.example.org/contributions/0199e0a4-7c1e-7d3b-9f0a-3b1c5d7e9f02/review"
                .to_owned(),
            title: "Greet students at the door".to_owned(),
            state: "changes_requested".to_owned(),
            revision: 4,
            submitted_at: "2026-10-13T16:00:00Z".parse().ok(),
            published_version: None,
            items: vec![EntryDocument::example()],
            total: 1,
        }
    }
}
