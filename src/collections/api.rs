//! Saved practices and collections over JSON: the same operations as the pages.

mod examples;

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::collection::{self, Collection, CollectionForm, CollectionId};
use super::contents;
use super::saves::{self, SaveId, Saved};
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused, next_link};
use crate::catalog::{self, Practice, PracticeId};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp};
use crate::web::asker::Asker;
use crate::web::etag::{self, Precondition};

/// Practices on a page where nothing else is asked.
const PAGE: u64 = 50;

/// Saved practices and collections over JSON.
pub struct CollectionsApi {
    db: Db,
    base_url: Arc<str>,
}

/// A practice that you saved.
#[derive(Debug, Object)]
#[oai(rename = "SavedPractice", example, skip_serializing_if_is_none)]
pub struct SavedPracticeDocument {
    /// Id of the practice.
    pub practice: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Whether it was taken out of the catalog.
    pub retired: bool,
    /// Your note; nobody else reads it.
    pub note: Option<String>,
    /// When you saved it.
    pub saved_at: Timestamp,
}

/// What you saved, the newest first.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SavedPracticeList {
    /// This page of it.
    pub items: Vec<SavedPracticeDocument>,
    /// How many there are.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A page, and where the next one is.
#[derive(Debug, ApiResponse)]
pub enum SavedPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<SavedPracticeList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// A practice to save.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SaveRequest {
    /// Your note, up to 2,000 characters; left out, it stays as it is, and empty takes it away. Nothing about a student.
    pub note: Option<String>,
}

/// What you say of a collection.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CollectionRequest {
    /// Its title, up to 120 characters.
    pub title: String,
    /// What it is for, up to 2,000 characters.
    pub description: Option<String>,
    /// Who reads it: `private` (you), `link` (whoever has its link) or `public`; left out, `private`.
    pub visibility: Option<String>,
    /// Id of a school that you belong to: readers see your role there.
    pub school: Option<String>,
    /// Whether readers see your name.
    #[oai(default)]
    pub shows_name: bool,
}

/// A practice in a collection.
#[derive(Debug, Object)]
#[oai(rename = "CollectedPractice", example, skip_serializing_if_is_none)]
pub struct CollectedDocument {
    /// Id of the practice.
    pub practice: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Whether it was taken out of the catalog.
    pub retired: bool,
    /// What the owner says of it, in a line for readers.
    pub line: Option<String>,
}

/// A collection of yours.
#[derive(Debug, Object)]
#[oai(rename = "Collection", example, skip_serializing_if_is_none)]
pub struct CollectionDocument {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who reads it: `private`, `link` or `public`.
    pub visibility: String,
    /// The page for its readers; absent while it is private.
    pub url: Option<String>,
    /// Id of the school where readers see your role.
    pub school: Option<String>,
    /// Whether readers see your name.
    pub shows_name: bool,
    /// Whether those who look after reports hid it.
    pub hidden: bool,
    /// Id of the collection that it began as a copy of.
    pub copied_from: Option<String>,
    /// Its practices, in its order.
    pub practices: Vec<CollectedDocument>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or its list last changed.
    pub updated_at: Timestamp,
}

/// A collection of yours, without its practices.
#[derive(Debug, Object)]
#[oai(rename = "CollectionLine", example, skip_serializing_if_is_none)]
pub struct CollectionLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who reads it: `private`, `link` or `public`.
    pub visibility: String,
    /// How many practices are in it.
    pub practices: u64,
    /// The page for its readers; absent while it is private.
    pub url: Option<String>,
    /// Whether those who look after reports hid it.
    pub hidden: bool,
    /// When it or its list last changed.
    pub updated_at: Timestamp,
}

/// Your collections.
#[derive(Debug, Object)]
#[oai(example)]
pub struct CollectionList {
    /// All of them, the last changed first; at most 100.
    pub items: Vec<CollectionLine>,
    /// How many there are.
    pub total: u64,
}

/// A practice to put into a collection.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct CollectRequest {
    /// A line for readers, up to 300 characters; left out, it stays as it is.
    pub line: Option<String>,
    /// Its place in the order, from 1; left out, it stays where it is, and a new one comes last.
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    pub place: Option<u32>,
}

/// A collection as its readers see it.
#[derive(Debug, Object)]
#[oai(rename = "SharedCollection", example, skip_serializing_if_is_none)]
pub struct SharedCollectionDocument {
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who made it: the role and school, and the name where the owner shows it.
    pub by: String,
    /// Its page; absent while it is private.
    pub url: Option<String>,
    /// Its practices, in its order.
    pub practices: Vec<CollectedDocument>,
    /// When it or its list last changed.
    pub updated_at: Timestamp,
}

/// A new collection.
#[derive(Debug, ApiResponse)]
pub enum MadeCollection {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<CollectionDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing more to say.
#[derive(Debug, ApiResponse)]
pub enum Gone {
    /// It is over.
    #[oai(status = 204)]
    Done,
}

#[OpenApi(prefix_path = "/api/v1")]
impl CollectionsApi {
    /// Practices that you saved
    ///
    /// The newest first. Nobody else sees this list or its notes, and nothing counts it.
    #[oai(path = "/me/saves", method = "get", tag = "Group::Me", operation_id = "list_saved_practices")]
    async fn saves(
        &self,
        caller: Caller,
        /// How many, 1 to 100.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<SavedPage, Refused> {
        let limit = limit.0.unwrap_or(PAGE);
        let unreadable =
            |_| Error::Unreadable { parameter: "cursor", message: "Give the `next` of a page, as it was.".to_owned() };
        let before = cursor.0.as_deref().filter(|text| !text.is_empty());
        let before = before.map(|text| text.parse::<SaveId>().map_err(unreadable)).transpose()?;
        let cx = self.db.cx(caller.0);
        let mut found = saves::mine(&cx, before, limit + 1).await?;
        let more = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        let url = next.as_ref().map(|next| format!("{}/api/v1/me/saves?limit={limit}&cursor={next}", self.base_url));
        let ids: Vec<PracticeId> = found.iter().map(|saved| saved.practice).collect();
        let practices = catalog::practices(&cx, &ids).await?;
        let items = found.into_iter().filter_map(|saved| Some(document(practices.get(&saved.practice)?, saved)));
        let list = SavedPracticeList { items: items.collect(), total: saves::total(&cx).await?, next };
        Ok(SavedPage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// Save a practice
    ///
    /// Or change your note on one that you saved. Saving does not count as using it.
    #[oai(path = "/me/saves/:practice", method = "put", tag = "Group::Me", operation_id = "save_practice")]
    async fn save(
        &self,
        caller: Caller,
        /// The practice: its id or its name in addresses.
        practice: Path<String>,
        body: Json<SaveRequest>,
    ) -> Result<Json<SavedPracticeDocument>, Refused> {
        let practice = catalog::practice(&self.db.cx(caller.0.clone()), &practice).await?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        saves::save(&mut tx, practice.id, body.0.note.as_deref()).await?;
        tx.commit().await?;
        let saved = saves::saved(&self.db.cx(caller.0), practice.id).await?;
        Ok(Json(document(&practice, saved.ok_or(Error::NotFound("practice"))?)))
    }

    /// Let go of a saved practice
    ///
    /// Its note goes too. In collections it stays.
    #[oai(path = "/me/saves/:practice", method = "delete", tag = "Group::Me", operation_id = "remove_saved_practice")]
    async fn remove(
        &self,
        caller: Caller,
        /// The practice: its id or its name in addresses.
        practice: Path<String>,
    ) -> Result<Gone, Refused> {
        let practice = catalog::practice(&self.db.cx(caller.0.clone()), &practice).await?;
        let mut tx = self.db.write(caller.0).await?;
        saves::remove(&mut tx, practice.id).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// Your collections
    #[oai(path = "/me/collections", method = "get", tag = "Group::Me", operation_id = "list_collections")]
    async fn collections(&self, caller: Caller) -> Result<Json<CollectionList>, Refused> {
        let cx = self.db.cx(caller.0);
        let mine = collection::mine(&cx).await?;
        let counts = contents::counts(&cx, &mine).await?;
        let line = |one: &Collection| CollectionLine {
            id: one.id.to_string(),
            title: one.title.clone(),
            visibility: one.visibility.code().to_owned(),
            practices: counts.get(&one.id).copied().unwrap_or_default(),
            url: self.url(one),
            hidden: one.hidden_at.is_some(),
            updated_at: one.updated_at,
        };
        let items: Vec<CollectionLine> = mine.iter().map(line).collect();
        Ok(Json(CollectionList { total: items.len() as u64, items }))
    }

    /// Make a collection
    ///
    /// It is empty. At most 100 are kept.
    #[oai(path = "/me/collections", method = "post", tag = "Group::Me", operation_id = "make_collection")]
    async fn make(&self, caller: Caller, body: Json<CollectionRequest>) -> Result<MadeCollection, Refused> {
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = collection::make(&mut tx, &form(body.0)).await?;
        tx.commit().await?;
        self.made(caller.0, id).await.map_err(Into::into)
    }

    /// One of your collections
    #[oai(path = "/me/collections/:id", method = "get", tag = "Group::Me", operation_id = "get_my_collection")]
    async fn mine(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<CollectionDocument>, Refused> {
        let cx = self.db.cx(caller.0);
        let one = collection::collection(&cx, &id).await?;
        Ok(Tagged::new(self.document(&cx, one).await?, if_none_match.0.as_deref()))
    }

    /// Change what you say of a collection
    ///
    /// All of it at once; its practices stay. Needs its `ETag` as `If-Match`.
    #[oai(path = "/me/collections/:id", method = "put", tag = "Group::Me", operation_id = "change_collection")]
    async fn change(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        /// `ETag` of the collection as you saw it.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<CollectionRequest>,
    ) -> Result<Tagged<CollectionDocument>, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let one = collection::collection(&cx, &id).await?;
        let (id, seen) = (one.id, one.updated_at);
        holds(if_match.0.as_deref(), &self.document(&cx, one).await?)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        collection::change(&mut tx, id, &form(body.0), Some(seen)).await?;
        tx.commit().await?;
        let cx = self.db.cx(caller.0);
        let one = collection::collection(&cx, &id.to_string()).await?;
        Ok(Tagged::new(self.document(&cx, one).await?, None))
    }

    /// Delete a collection
    ///
    /// For its readers too. What somebody copied of it stays theirs.
    #[oai(path = "/me/collections/:id", method = "delete", tag = "Group::Me", operation_id = "delete_collection")]
    async fn delete(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let one = collection::collection(&self.db.cx(caller.0.clone()), &id).await?;
        let mut tx = self.db.write(caller.0).await?;
        collection::delete(&mut tx, one.id).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// Put a practice into a collection
    ///
    /// Or change its line or its place there. A collection holds 100 practices at most.
    #[oai(
        path = "/me/collections/:id/practices/:practice",
        method = "put",
        tag = "Group::Me",
        operation_id = "collect_practice"
    )]
    async fn collect(
        &self,
        caller: Caller,
        /// The collection's id.
        id: Path<String>,
        /// The practice: its id or its name in addresses.
        practice: Path<String>,
        body: Json<CollectRequest>,
    ) -> Result<Json<CollectionDocument>, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let one = collection::collection(&cx, &id).await?;
        let practice = catalog::practice(&cx, &practice).await?;
        let place = body.0.place.map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        let mut tx = self.db.write(caller.0.clone()).await?;
        contents::put(&mut tx, one.id, practice.id, body.0.line.as_deref(), place).await?;
        tx.commit().await?;
        self.present(caller.0, one.id).await.map(Json).map_err(Into::into)
    }

    /// Take a practice out of a collection
    #[oai(
        path = "/me/collections/:id/practices/:practice",
        method = "delete",
        tag = "Group::Me",
        operation_id = "take_practice_out"
    )]
    async fn take_out(
        &self,
        caller: Caller,
        /// The collection's id.
        id: Path<String>,
        /// The practice: its id or its name in addresses.
        practice: Path<String>,
    ) -> Result<Gone, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let one = collection::collection(&cx, &id).await?;
        let practice = catalog::practice(&cx, &practice).await?;
        let mut tx = self.db.write(caller.0).await?;
        contents::take_out(&mut tx, one.id, practice.id).await?;
        tx.commit().await?;
        Ok(Gone::Done)
    }

    /// A collection that is shared
    ///
    /// By its name in addresses where it is public, or by what stands in its link. No sign-in.
    #[oai(path = "/collections/:id", method = "get", tag = "Group::Practices", operation_id = "get_shared_collection")]
    async fn shared(
        &self,
        asker: Asker,
        /// What stands in the address of its page: its name, or what its link has; of a public one also its id.
        id: Path<String>,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<SharedCollectionDocument>, Refused> {
        let cx = self.db.cx(asker.0);
        let one = super::shared(&cx, &id).await?;
        let document = SharedCollectionDocument {
            by: super::byline(&cx, &one).await?,
            url: self.url(&one),
            practices: collected(&cx, &one).await?,
            title: one.title,
            description: one.description,
            updated_at: one.updated_at,
        };
        Ok(Tagged::new(document, if_none_match.0.as_deref()))
    }

    /// Copy a collection
    ///
    /// One that is shared with you becomes a private one of your own.
    #[oai(path = "/collections/:id/copies", method = "post", tag = "Group::Me", operation_id = "copy_collection")]
    async fn copy(
        &self,
        caller: Caller,
        /// What stands in the address of its page: its name, or what its link has; of a public one also its id.
        id: Path<String>,
    ) -> Result<MadeCollection, Refused> {
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = contents::copy(&mut tx, &id).await?;
        tx.commit().await?;
        self.made(caller.0, made).await.map_err(Into::into)
    }
}

impl CollectionsApi {
    /// Over this database, of the site at `base_url`.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }

    fn url(&self, one: &Collection) -> Option<String> {
        one.path().map(|path| format!("{}{path}", self.base_url))
    }

    async fn present(&self, actor: Actor, id: CollectionId) -> Result<CollectionDocument> {
        let cx = self.db.cx(actor);
        let one = collection::collection(&cx, &id.to_string()).await?;
        self.document(&cx, one).await
    }

    async fn made(&self, actor: Actor, id: CollectionId) -> Result<MadeCollection> {
        let location = format!("{}/api/v1/me/collections/{id}", self.base_url);
        Ok(MadeCollection::Made(Json(self.present(actor, id).await?), location))
    }

    async fn document(&self, cx: &Cx, one: Collection) -> Result<CollectionDocument> {
        Ok(CollectionDocument {
            id: one.id.to_string(),
            visibility: one.visibility.code().to_owned(),
            url: self.url(&one),
            school: one.school.map(|id| id.to_string()),
            shows_name: one.shows_name,
            hidden: one.hidden_at.is_some(),
            copied_from: one.copied_from.map(|id| id.to_string()),
            practices: collected(cx, &one).await?,
            created_at: one.created_at,
            updated_at: one.updated_at,
            title: one.title,
            description: one.description,
        })
    }
}

async fn collected(cx: &Cx, one: &Collection) -> Result<Vec<CollectedDocument>> {
    let entries = contents::entries(cx, one).await?;
    let ids: Vec<PracticeId> = entries.iter().map(|entry| entry.practice).collect();
    let practices = catalog::practices(cx, &ids).await?;
    let document = |entry: contents::Entry| {
        let practice = practices.get(&entry.practice)?;
        Some(CollectedDocument {
            practice: practice.id.to_string(),
            slug: practice.slug.clone(),
            title: practice.record.title.clone(),
            retired: practice.status == PracticeStatus::RETIRED,
            line: entry.line,
        })
    };
    Ok(entries.into_iter().filter_map(document).collect())
}

fn document(practice: &Practice, saved: Saved) -> SavedPracticeDocument {
    SavedPracticeDocument {
        practice: practice.id.to_string(),
        slug: practice.slug.clone(),
        title: practice.record.title.clone(),
        retired: practice.status == PracticeStatus::RETIRED,
        note: saved.note,
        saved_at: saved.saved_at,
    }
}

fn form(request: CollectionRequest) -> CollectionForm {
    CollectionForm {
        title: request.title,
        description: request.description.unwrap_or_default(),
        visibility: request.visibility.unwrap_or_default(),
        school: request.school.unwrap_or_default(),
        shows_name: request.shows_name,
    }
}

fn holds(if_match: Option<&str>, present: &impl ToJSON) -> Result<()> {
    let sent = if_match.and_then(|value| HeaderValue::from_str(value).ok());
    let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_MATCH, value)).collect();
    match etag::precondition(&sent, &etag::of(present.to_json_string().as_bytes())) {
        Precondition::Holds => Ok(()),
        Precondition::Stale => Err(Error::Stale),
        Precondition::Missing => Err(Error::Unconditional),
    }
}
