//! Contributions over JSON: beginning a draft, reading and changing it, one's own list.

mod examples;
pub mod review;

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;

use crate::api::{Caller, Group, Refused};
use crate::catalog::draft::PracticeDraft;
use crate::catalog::fields::FIELDS;
use crate::catalog::guard::Finding;
use crate::catalog::{self, PracticeId};
use crate::contributions::writing::{self, Beginning, Change, Outcome};
use crate::contributions::{self, Contribution};
use crate::people::{self, AccountId};
use crate::platform::{Actor, Cx, Db, Error, FieldErrors, Result, Timestamp};
use crate::web::etag;

/// Contributions over JSON.
pub struct ContributionsApi {
    db: Db,
    base_url: Arc<str>,
}

/// A practice to begin.
#[derive(Debug, Object)]
#[oai(rename = "NewPracticeDraft", example, skip_serializing_if_is_none)]
pub struct NewDraft {
    /// The school where it began: its id, its name in addresses or its federal id (NCES).
    pub school: String,
    /// A practice of another school to start from, by its name in addresses or its id; `fields` is then left out.
    pub copy_of: Option<String>,
    /// What it says so far, by the names of the fields of a practice; long texts are Markdown. A title is enough.
    pub fields: Option<BTreeMap<String, Value>>,
    /// Marks of pieces of text that were refused because they may point at a student, and do not.
    pub not_students: Option<Vec<String>>,
}

/// What a draft says now.
#[derive(Debug, Object)]
#[oai(rename = "PracticeDraftChange", example, skip_serializing_if_is_none)]
pub struct DraftChange {
    /// The fields that change, by their names; `null` empties one, and what is absent stays.
    pub fields: BTreeMap<String, Value>,
    /// Marks of pieces of text that were refused because they may point at a student, and do not.
    pub not_students: Option<Vec<String>>,
}

/// Something in a draft that breaks a rule; it is kept, and put right before it can be submitted.
#[derive(Debug, Object)]
#[oai(rename = "DraftCorrection", example)]
pub struct DraftCorrection {
    /// The field; inside a list `steps/2/what`.
    pub field: String,
    /// What to do.
    pub message: String,
}

/// A practice, or the next version of one, on its way into the catalog.
#[derive(Debug, Object)]
#[oai(rename = "PracticeDraft", example, skip_serializing_if_is_none)]
pub struct DraftDocument {
    /// Id of the contribution.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Id of the practice; a new one is in the catalog once it is published.
    pub practice_id: String,
    /// The version it was written against; 0 for a new practice.
    pub after: i32,
    /// Id of the school where the practice began.
    pub school_id: String,
    /// Account of who began it.
    pub author: String,
    /// Accounts of the co-editors.
    pub editors: Vec<String>,
    /// `draft`, `submitted`, `changes_requested`, `approved`, `declined` or `published`.
    pub state: String,
    /// Counts the saves; also its `ETag`.
    pub revision: i32,
    /// Id of the practice it began as a copy of.
    pub copied_from: Option<String>,
    /// What changed, for a next version.
    pub note: Option<String>,
    /// What it says so far.
    pub fields: BTreeMap<String, Value>,
    /// What breaks a rule so far.
    pub corrections: Vec<DraftCorrection>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A contribution in a list.
#[derive(Debug, Object)]
#[oai(rename = "ContributionItem", example)]
pub struct ContributionItem {
    /// Id of the contribution.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Id of the practice.
    pub practice_id: String,
    /// Its title so far.
    pub title: String,
    /// `draft`, `submitted`, `changes_requested`, `approved`, `declined` or `published`.
    pub state: String,
    /// The version it was written against; 0 for a new practice.
    pub after: i32,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What the caller writes.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ContributionList {
    /// The last hundred, the newest change first.
    pub items: Vec<ContributionItem>,
    /// How many there are on this page.
    pub total: u64,
}

/// A draft that was begun.
#[derive(Debug, ApiResponse)]
pub enum Begun {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<DraftDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
        /// Its tag, for `If-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A draft with its tag.
#[derive(Debug, ApiResponse)]
pub enum Written {
    /// As it is now.
    #[oai(status = 200)]
    Now(
        Json<DraftDocument>,
        /// Its tag, for `If-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl ContributionsApi {
    /// Begin a practice
    ///
    /// For people of the school. A title is enough; everything else may follow. With `copy_of` the draft says what that practice
    /// says, but for what is true of its school alone, and keeps the reference.
    #[oai(path = "/practices", method = "post", tag = "Group::Practices", operation_id = "draft_practice")]
    async fn begin(&self, caller: Caller, body: Json<NewDraft>) -> Result<Begun, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let school = people::school(&cx, &body.school).await?;
        let from = match &body.copy_of {
            Some(reference) => Some(catalog::practice(&cx, reference).await?),
            None => None,
        };
        let (draft, _) = fields_of(body.0.fields.unwrap_or_default())?;
        let cleared = body.0.not_students.unwrap_or_default();
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = match from {
            Some(from) => writing::begin_copy(&mut tx, &from, school.id).await?,
            None => kept(writing::begin(&mut tx, Beginning { school: school.id, draft, cleared }).await?)?,
        };
        tx.commit().await?;
        let (found, editors) = contributions::with_editors(&self.db.cx(caller.0), id).await?;
        Ok(self.begun(&found, &editors))
    }

    /// Begin the next version of a practice
    ///
    /// For people of the school where it began. The draft says what the practice says now; one is under way at a time, and whoever
    /// writes it already gets it again.
    #[oai(
        path = "/practices/:id/draft",
        method = "post",
        tag = "Group::Practices",
        operation_id = "draft_next_version"
    )]
    async fn begin_next(
        &self,
        caller: Caller,
        /// The practice: its id or its name in addresses.
        id: Path<String>,
    ) -> Result<Begun, Refused> {
        let practice = catalog::practice(&self.db.cx(caller.0.clone()), &id).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = writing::begin_next(&mut tx, practice.id).await?;
        tx.commit().await?;
        let (found, editors) = contributions::with_editors(&self.db.cx(caller.0), id).await?;
        Ok(self.begun(&found, &editors))
    }

    /// The draft of a practice
    ///
    /// What is under way for it, for those who write it, the leads of its school, and editors once it was submitted.
    #[oai(path = "/practices/:id/draft", method = "get", tag = "Group::Practices", operation_id = "get_practice_draft")]
    async fn draft(
        &self,
        caller: Caller,
        /// The practice: its id, or its name in addresses where it is in the catalog.
        id: Path<String>,
    ) -> Result<Written, Refused> {
        let cx = self.db.cx(caller.0);
        let found = of_practice(&cx, &id).await?;
        Ok(self.written(&cx, &found).await?)
    }

    /// Change the draft of a practice
    ///
    /// What is absent stays. Needs `If-Match` with the tag of the draft as you read it. What breaks a rule is kept and listed in
    /// `corrections`; text that may point at a student is refused with a mark, and kept once you send the mark in `not_students`.
    #[oai(
        path = "/practices/:id/draft",
        method = "put",
        tag = "Group::Practices",
        operation_id = "change_practice_draft"
    )]
    async fn change(
        &self,
        caller: Caller,
        /// The practice: its id, or its name in addresses where it is in the catalog.
        id: Path<String>,
        /// `ETag` of the draft as you read it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<DraftChange>,
    ) -> Result<Written, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let found = of_practice(&cx, &id).await?;
        let base = seen(&found, if_match.0.as_deref())?;
        let (draft, fields) = fields_of(body.0.fields)?;
        let change = Change { base, fields, draft, cleared: body.0.not_students.unwrap_or_default() };
        let mut tx = self.db.write(caller.0).await?;
        let saved = kept(writing::save(&mut tx, found.id, change).await?)?;
        if saved.others || !saved.conflicts.is_empty() {
            // Somebody saved between the look above and the lock.
            return Err(Error::Stale.into());
        }
        tx.commit().await?;
        let found = contributions::contribution(&cx, found.id).await?;
        Ok(self.written(&cx, &found).await?)
    }

    /// What you write
    ///
    /// Drafts, what is in review, and what became of earlier ones.
    #[oai(path = "/me/contributions", method = "get", tag = "Group::Me", operation_id = "list_my_contributions")]
    async fn mine(&self, caller: Caller) -> Result<Json<ContributionList>, Refused> {
        let mine = contributions::mine(&self.db.cx(caller.0)).await?;
        let items: Vec<ContributionItem> = mine
            .iter()
            .map(|one| ContributionItem {
                id: one.id.to_string(),
                url: self.page(one),
                practice_id: one.practice.to_string(),
                title: one.title().to_owned(),
                state: one.state.code().to_owned(),
                after: one.after,
                updated_at: one.updated_at,
            })
            .collect();
        Ok(Json(ContributionList { total: items.len() as u64, items }))
    }
}

impl ContributionsApi {
    /// The API of an installation.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }

    fn page(&self, found: &Contribution) -> String {
        format!("{}/contributions/{}", self.base_url, found.id)
    }

    fn begun(&self, found: &Contribution, editors: &[AccountId]) -> Begun {
        let location = format!("{}/api/v1/practices/{}/draft", self.base_url, found.practice);
        Begun::Made(Json(self.document(found, editors)), location, tag(found))
    }

    async fn written(&self, cx: &Cx, found: &Contribution) -> Result<Written> {
        let (found, editors) = contributions::with_editors(cx, found.id).await?;
        Ok(Written::Now(Json(self.document(&found, &editors)), tag(&found)))
    }

    fn document(&self, found: &Contribution, editors: &[AccountId]) -> DraftDocument {
        let (_, errors) = found.so_far(self.db.clock().now().date_naive());
        let fields = match serde_json::to_value(&found.draft) {
            Ok(Value::Object(map)) => map.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        DraftDocument {
            id: found.id.to_string(),
            url: self.page(found),
            practice_id: found.practice.to_string(),
            after: found.after,
            school_id: found.school.to_string(),
            author: found.author.to_string(),
            editors: editors.iter().map(ToString::to_string).collect(),
            state: found.state.code().to_owned(),
            revision: found.revision,
            copied_from: found.copied_from.map(|id| id.to_string()),
            note: found.note.clone(),
            fields,
            corrections: errors
                .iter()
                .map(|error| DraftCorrection { field: error.field.clone(), message: error.message.clone() })
                .collect(),
            created_at: found.created_at,
            updated_at: found.updated_at,
        }
    }
}

fn tag(found: &Contribution) -> String {
    format!("\"r{}\"", found.revision)
}

/// The revision that a change was made of.
fn seen(found: &Contribution, if_match: Option<&str>) -> Result<i32> {
    let Some(sent) = if_match else { return Err(Error::Unconditional) };
    let mut headers = HeaderMap::new();
    headers.insert(header::IF_MATCH, HeaderValue::from_str(sent).map_err(|_| Error::Stale)?);
    match etag::precondition(&headers, &tag(found)) {
        etag::Precondition::Holds => Ok(found.revision),
        _ => Err(Error::Stale),
    }
}

/// The draft that is under way for a practice, by its id or its name in addresses.
async fn of_practice(cx: &Cx, reference: &str) -> Result<Contribution> {
    if matches!(cx.actor(), Actor::Visitor) {
        return Err(Error::SignInRequired);
    }
    let id = match reference.parse::<PracticeId>() {
        Ok(id) => id,
        Err(_) => catalog::practice(cx, reference).await?.id,
    };
    contributions::under_way(cx, id).await?.ok_or(Error::NotFound("draft"))
}

/// The draft that these fields make, and which they are.
fn fields_of(fields: BTreeMap<String, Value>) -> Result<(PracticeDraft, Vec<&'static str>)> {
    let mut fields = fields;
    if let Some(grades) = fields.remove("grades") {
        fields.entry("grade_bands".to_owned()).or_insert(grades);
    }
    let mut errors = FieldErrors::default();
    for name in fields.keys().filter(|name| ["source", "origin_school"].contains(&name.as_str())) {
        errors.add(format!("fields/{name}"), "Leave this out; it is no field of a version.");
    }
    let given: Vec<&'static str> = FIELDS.iter().map(|f| f.name).filter(|name| fields.contains_key(*name)).collect();
    match PracticeDraft::from_json(&Value::Object(fields.into_iter().collect())) {
        Ok(draft) => errors.or((draft, given)).map_err(Error::Invalid),
        Err(wrong) => {
            for error in wrong.iter() {
                errors.add(format!("fields/{}", error.field), error.message.clone());
            }
            Err(Error::Invalid(errors))
        }
    }
}

/// What is kept; pieces that may point at a student are told with the mark that lets each pass.
fn kept<T>(outcome: Outcome<T>) -> Result<T> {
    match outcome {
        Outcome::Kept(kept) => Ok(kept),
        Outcome::Held(held) => {
            let mut errors = FieldErrors::default();
            for Finding { field, kind, quote, mark } in held {
                let sentence =
                    format!("\u{201c}{quote}\u{201d}: {} If it is none, send {mark} in not_students.", kind.sentence());
                errors.add(format!("fields/{field}"), sentence);
            }
            Err(Error::Invalid(errors))
        }
    }
}
