//! Follows and saved searches over JSON.

mod examples;

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::follows;
use super::saved::{self, NewSaved, Saved, SavedId};
use crate::api::{Caller, Group, Refused};
use crate::people::follow::{Follow, FollowKind};
use crate::platform::{Actor, Db, Error, Result, Timestamp};

/// Follows and saved searches over JSON.
pub struct FollowingApi {
    db: Db,
    base_url: Arc<str>,
}

/// What can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "FollowKind")]
pub enum KindOfFollow {
    /// A topic of the vocabulary.
    Topic,
    /// A school: its practices and sessions.
    School,
    /// The joint sessions that a school hosts.
    Host,
    /// A city.
    City,
    /// A practice.
    Practice,
    /// A compact.
    Compact,
}

/// Something to follow.
#[derive(Debug, Object)]
#[oai(example)]
pub struct FollowRequest {
    /// What kind of thing.
    pub kind: KindOfFollow,
    /// Which: the code of a topic, the id or name in addresses of a school, practice or compact, a city as `NY:Rivermark`.
    #[oai(validator(max_length = 128))]
    pub target: String,
}

/// Something that you follow.
#[derive(Debug, Object)]
#[oai(rename = "Follow", example)]
pub struct FollowDocument {
    /// What kind of thing.
    pub kind: KindOfFollow,
    /// Which: the code of a topic, the id of a school or practice, a city as `NY:Rivermark`.
    pub target: String,
    /// Since when.
    pub since: Timestamp,
}

/// What you follow.
#[derive(Debug, Object)]
#[oai(example)]
pub struct FollowList {
    /// All of it, by kind and target.
    pub items: Vec<FollowDocument>,
    /// How many things.
    pub total: u64,
}

/// What a saved search searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum SavedSearchKind {
    /// Practices, as `/practices` does.
    Practices,
    /// Joint sessions, as `/sessions` does.
    Sessions,
}

/// How soon you hear of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum SavedSearchPace {
    /// By a letter at once.
    Instant,
    /// In a letter a day.
    Daily,
    /// In a letter a week.
    Weekly,
    /// Not at all: the search is only kept.
    Off,
}

/// A search to save.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SavedSearchRequest {
    /// What it searches.
    pub kind: SavedSearchKind,
    /// The search as the address of its page has it: `q=exit+tickets&topic=tutoring`.
    #[oai(validator(max_length = 2000))]
    pub query: String,
    /// What you call it; left out, the search in words.
    #[oai(validator(max_length = 120))]
    pub name: Option<String>,
    /// How soon you hear of a match; left out, once a day.
    pub pace: Option<SavedSearchPace>,
}

/// A search that you saved.
#[derive(Debug, Object)]
#[oai(rename = "SavedSearch", example)]
pub struct SavedSearchDocument {
    /// Its id.
    pub id: String,
    /// What it searches.
    pub kind: SavedSearchKind,
    /// The search as the address of its page has it, without what orders and pages.
    pub query: String,
    /// What you call it.
    pub name: String,
    /// How soon you hear of a match.
    pub pace: SavedSearchPace,
    /// The page of its results.
    pub url: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// What you saved.
#[derive(Debug, Object)]
#[oai(example)]
pub struct SavedSearchList {
    /// All of it, newest first.
    pub items: Vec<SavedSearchDocument>,
    /// How many there are.
    pub total: u64,
}

/// A search that was saved.
#[derive(Debug, ApiResponse)]
pub enum MadeSearch {
    /// It is there now.
    #[oai(status = 201)]
    Made(
        Json<SavedSearchDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

/// Nothing more to say.
#[derive(Debug, ApiResponse)]
pub enum Over {
    /// It is over; asking again is as good as once.
    #[oai(status = 204)]
    Done,
}

#[OpenApi(prefix_path = "/api/v1")]
impl FollowingApi {
    /// What you follow
    #[oai(path = "/me/follows", method = "get", tag = "Group::Me", operation_id = "list_follows")]
    async fn follows(&self, caller: Caller) -> Result<Json<FollowList>, Refused> {
        Ok(Json(self.follows_of(caller.0).await?))
    }

    /// Follow something
    ///
    /// A topic, a school, the sessions of a school, a city or a practice: you hear of what is new or changed. Following twice
    /// is as good as once. The answer is everything you follow.
    #[oai(path = "/me/follows", method = "post", tag = "Group::Me", operation_id = "follow")]
    async fn follow(&self, caller: Caller, body: Json<FollowRequest>) -> Result<Json<FollowList>, Refused> {
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let kind: FollowKind = body.kind.into();
        let thing =
            follows::thing(&self.db.cx(caller.0.clone()), kind, &body.target).await.map_err(|error| match error {
                Error::NotFound(_) => {
                    Error::invalid("target", "There is no such thing to follow; give its code or id.")
                }
                other => other,
            })?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        follows::follow(&mut tx, kind, &thing.target).await?;
        tx.commit().await?;
        Ok(Json(self.follows_of(caller.0).await?))
    }

    /// Stop following something
    #[oai(path = "/me/follows", method = "delete", tag = "Group::Me", operation_id = "unfollow")]
    async fn unfollow(
        &self,
        caller: Caller,
        /// What kind of thing.
        kind: Query<KindOfFollow>,
        /// Which, as the list of what you follow has it.
        target: Query<String>,
    ) -> Result<Over, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        follows::unfollow(&mut tx, kind.0.into(), &target).await?;
        tx.commit().await?;
        Ok(Over::Done)
    }

    /// Searches that you saved
    ///
    /// Their words are yours alone: nobody else reads them.
    #[oai(path = "/me/saved-searches", method = "get", tag = "Group::Me", operation_id = "list_saved_searches")]
    async fn saved_searches(&self, caller: Caller) -> Result<Json<SavedSearchList>, Refused> {
        let found = saved::mine(&self.db.cx(caller.0)).await?;
        let items: Vec<SavedSearchDocument> = found.iter().map(|saved| self.document(saved)).collect();
        Ok(Json(SavedSearchList { total: items.len() as u64, items }))
    }

    /// Save a search
    ///
    /// You hear of practices and sessions that it finds once they are new or changed. The same search saved again takes the new
    /// name and pace. At most 50 are kept.
    #[oai(path = "/me/saved-searches", method = "post", tag = "Group::Me", operation_id = "save_search")]
    async fn save(&self, caller: Caller, body: Json<SavedSearchRequest>) -> Result<MadeSearch, Refused> {
        let body = body.0;
        let new = NewSaved {
            of: match body.kind {
                SavedSearchKind::Practices => "practices",
                SavedSearchKind::Sessions => "sessions",
            }
            .to_owned(),
            query: body.query,
            name: body.name.unwrap_or_default(),
            pace: body.pace.map_or("", SavedSearchPace::code).to_owned(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = saved::save(&mut tx, new).await?;
        tx.commit().await?;
        let made = saved::saved(&self.db.cx(caller.0), &id.to_string()).await?;
        let location = format!("{}/api/v1/me/saved-searches/{id}", self.base_url);
        Ok(MadeSearch::Made(Json(self.document(&made)), location))
    }

    /// One search that you saved
    #[oai(path = "/me/saved-searches/:id", method = "get", tag = "Group::Me", operation_id = "get_saved_search")]
    async fn saved_search(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<SavedSearchDocument>, Refused> {
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let found = saved::saved(&self.db.cx(caller.0), &id).await?;
        Ok(Json(self.document(&found)))
    }

    /// Delete a saved search
    ///
    /// You hear nothing of it any more.
    #[oai(path = "/me/saved-searches/:id", method = "delete", tag = "Group::Me", operation_id = "delete_saved_search")]
    async fn delete(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Over, Refused> {
        if caller.0.account().is_none() {
            return Err(Error::SignInRequired.into());
        }
        let id: SavedId = id.parse().map_err(|_| Error::NotFound("saved search"))?;
        let mut tx = self.db.write(caller.0).await?;
        saved::delete(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Over::Done)
    }
}

impl FollowingApi {
    /// The operations on this database.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }

    async fn follows_of(&self, actor: Actor) -> Result<FollowList> {
        let mut found = follows::mine(&self.db.cx(actor)).await?;
        found.sort_by(|(a, _), (b, _)| (a.kind.code(), &a.target).cmp(&(b.kind.code(), &b.target)));
        let items: Vec<FollowDocument> = found.into_iter().map(|(follow, _)| follow.into()).collect();
        Ok(FollowList { total: items.len() as u64, items })
    }

    fn document(&self, saved: &Saved) -> SavedSearchDocument {
        use crate::notices::Pace;
        SavedSearchDocument {
            id: saved.id.to_string(),
            kind: match saved.of {
                saved::Of::Practices => SavedSearchKind::Practices,
                saved::Of::Sessions => SavedSearchKind::Sessions,
            },
            query: saved.query.clone(),
            name: saved.name.clone(),
            pace: match saved.pace {
                Pace::Instant => SavedSearchPace::Instant,
                Pace::Daily => SavedSearchPace::Daily,
                Pace::Weekly => SavedSearchPace::Weekly,
                Pace::Off => SavedSearchPace::Off,
            },
            url: format!("{}{}", self.base_url, saved.url()),
            created_at: saved.created_at,
        }
    }
}

impl SavedSearchPace {
    fn code(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Off => "off",
        }
    }
}

impl From<Follow> for FollowDocument {
    fn from(follow: Follow) -> Self {
        let kind = match follow.kind {
            FollowKind::Topic => KindOfFollow::Topic,
            FollowKind::School => KindOfFollow::School,
            FollowKind::Host => KindOfFollow::Host,
            FollowKind::City => KindOfFollow::City,
            FollowKind::Practice => KindOfFollow::Practice,
            FollowKind::Compact => KindOfFollow::Compact,
        };
        Self { kind, target: follow.target, since: follow.since }
    }
}

impl From<KindOfFollow> for FollowKind {
    fn from(kind: KindOfFollow) -> Self {
        match kind {
            KindOfFollow::Topic => Self::Topic,
            KindOfFollow::School => Self::School,
            KindOfFollow::Host => Self::Host,
            KindOfFollow::City => Self::City,
            KindOfFollow::Practice => Self::Practice,
            KindOfFollow::Compact => Self::Compact,
        }
    }
}
