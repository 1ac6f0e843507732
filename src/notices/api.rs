//! Notices and preferences over JSON.

mod examples;

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::list::{self, Kept, NoticeId};
use super::settings::{self, NewSettings, Settings, pause_day};
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused, next_link};
use crate::people::AccountId;
use crate::platform::{Db, Error, Result, Timestamp};
use crate::web::etag::{self, Precondition};

/// Notices on a page where nothing else is asked.
const PAGE: u64 = 50;

/// Notices over JSON.
pub struct NoticesApi {
    db: Db,
    base_url: Arc<str>,
}

/// Something that is new for you.
#[derive(Debug, Object)]
#[oai(rename = "Notice", example, skip_serializing_if_is_none)]
pub struct NoticeDocument {
    /// Its id.
    pub id: String,
    /// What it belongs to: `staff-seats`, `hosting`, `reminders`, `questions`, `practices`, `adoptions`, `collaborations`, `follow`, `saved-searches` or `announcements`.
    pub topic: String,
    /// One line of words.
    pub line: String,
    /// The page where more is said.
    pub url: String,
    /// When it was told.
    pub created_at: Timestamp,
    /// When you marked it as read; absent while it is unread.
    pub read_at: Option<Timestamp>,
}

/// What is new for you, the newest first.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct NoticeList {
    /// This page of it.
    pub items: Vec<NoticeDocument>,
    /// How many there are.
    pub total: u64,
    /// How many are unread, counted up to 100.
    pub unread: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// A page, and where the next one is.
#[derive(Debug, ApiResponse)]
pub enum NoticePage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<NoticeList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// Notices to mark as read.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ReadRequest {
    /// These.
    #[oai(default, validator(max_items = 100))]
    pub ids: Vec<String>,
    /// All up to this one, it included: the newest that you saw.
    #[oai(skip_serializing_if_is_none)]
    pub up_to: Option<String>,
}

/// How many were marked.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ReadResult {
    /// Those that were unread before.
    pub marked: u64,
}

/// How soon you hear of a topic.
#[derive(Clone, Debug, Object)]
#[oai(rename = "TopicPace", example)]
pub struct TopicPace {
    /// `staff-seats`, `hosting`, `reminders`, `questions`, `practices`, `adoptions`, `collaborations`, `follow`, `saved-searches` or `announcements`.
    pub topic: String,
    /// `instant` (a letter at once), `daily`, `weekly` (a letter that collects what is new) or `off` (the list alone).
    pub pace: String,
}

/// How you like things.
#[derive(Debug, Object)]
#[oai(rename = "MyPreferences", example)]
pub struct PreferencesDocument {
    /// IANA name of your time zone; absent for the one of your school. Times here are meant in it.
    #[oai(skip_serializing_if_is_none)]
    pub time_zone: Option<String>,
    /// How soon you hear of topics that concern you. Those that are not named stay as they are.
    #[oai(default)]
    pub topics: Vec<TopicPace>,
    /// The day on which letters of topics start again; absent where they do not rest.
    #[oai(skip_serializing_if_is_none)]
    pub paused_until: Option<String>,
    /// When quiet hours begin, like `22:00`; absent for none.
    #[oai(skip_serializing_if_is_none)]
    pub quiet_from: Option<String>,
    /// When they end.
    #[oai(skip_serializing_if_is_none)]
    pub quiet_until: Option<String>,
    /// The hour of the letter that collects what is new, 0 to 23; 7 where absent.
    #[oai(default = "seven")]
    pub digest_hour: u32,
    /// The day of the weekly one, 1 (Monday) to 7 (Sunday); Monday where absent.
    #[oai(default = "monday")]
    pub digest_weekday: u32,
}

fn seven() -> u32 {
    7
}

fn monday() -> u32 {
    1
}

#[OpenApi(prefix_path = "/api/v1")]
impl NoticesApi {
    /// What is new for you
    ///
    /// The newest first. Every notice is here, whatever comes by letter.
    #[oai(path = "/me/notifications", method = "get", tag = "Group::Me", operation_id = "list_notifications")]
    async fn notifications(
        &self,
        caller: Caller,
        /// How many, 1 to 100.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<NoticePage, Refused> {
        let limit = limit.0.unwrap_or(PAGE);
        let before: Option<NoticeId> = match cursor.0.as_deref() {
            None | Some("") => None,
            Some(id) => Some(id.parse().map_err(|_| Error::Unreadable {
                parameter: "cursor",
                message: "Give the `next` of a page, as it was.".to_owned(),
            })?),
        };
        let account = caller.0.account().map(AccountId).ok_or(Error::SignInRequired)?;
        let cx = self.db.cx(caller.0);
        let mut found = list::mine(&cx, before, limit + 1).await?;
        let more = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        let url =
            next.as_ref().map(|next| format!("{}/api/v1/me/notifications?limit={limit}&cursor={next}", self.base_url));
        let list = NoticeList {
            total: list::total(&cx).await?,
            unread: list::unread(&cx, account).await?,
            items: found.into_iter().map(|notice| self.document(notice)).collect(),
            next,
        };
        Ok(NoticePage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// Mark notices as read
    ///
    /// Doing it twice is as good as once; those of others stay as they are.
    #[oai(path = "/me/notifications/read", method = "post", tag = "Group::Me", operation_id = "read_notifications")]
    async fn read(&self, caller: Caller, which: Json<ReadRequest>) -> Result<Json<ReadResult>, Refused> {
        let id = |text: &String| text.parse::<NoticeId>().map_err(|_| Error::invalid("ids", "Give ids of notices."));
        let ids = which.0.ids.iter().map(id).collect::<Result<Vec<_>>>()?;
        let up_to = which.0.up_to.as_ref().map(id).transpose()?;
        let mut tx = self.db.write(caller.0).await?;
        let marked = list::read(&mut tx, &ids, up_to).await?;
        tx.commit().await?;
        Ok(Json(ReadResult { marked }))
    }

    /// Your preferences
    #[oai(path = "/me/preferences", method = "get", tag = "Group::Me", operation_id = "get_preferences")]
    async fn preferences(
        &self,
        caller: Caller,
        /// `ETag` of an earlier answer.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<PreferencesDocument>, Refused> {
        let settings = settings::mine(&self.db.cx(caller.0)).await?;
        Ok(Tagged::new(document(&settings), if_none_match.0.as_deref()))
    }

    /// Change your preferences
    ///
    /// All of them at once. Needs their `ETag` as `If-Match`.
    #[oai(path = "/me/preferences", method = "put", tag = "Group::Me", operation_id = "change_preferences")]
    async fn change_preferences(
        &self,
        caller: Caller,
        /// `ETag` of your preferences as you saw them.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        preferences: Json<PreferencesDocument>,
    ) -> Result<Tagged<PreferencesDocument>, Refused> {
        let seen = settings::mine(&self.db.cx(caller.0.clone())).await?;
        holds(if_match.0.as_deref(), &document(&seen))?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        settings::change(&mut tx, &chosen(preferences.0), Some(&seen)).await?;
        tx.commit().await?;
        Ok(Tagged::new(document(&settings::mine(&self.db.cx(caller.0)).await?), None))
    }
}

impl NoticesApi {
    /// Over this database, of the site at `base_url`.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }

    fn document(&self, notice: Kept) -> NoticeDocument {
        NoticeDocument {
            id: notice.id.to_string(),
            topic: notice.topic.code().to_owned(),
            line: notice.line,
            url: format!("{}{}", self.base_url, notice.path),
            created_at: notice.created_at,
            read_at: notice.read_at,
        }
    }
}

fn document(settings: &Settings) -> PreferencesDocument {
    let choices = &settings.standing.choices;
    let clock = |minute: i16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let pace = |topic: &super::Topic| TopicPace {
        topic: topic.code().to_owned(),
        pace: settings.standing.pace(*topic).code().to_owned(),
    };
    PreferencesDocument {
        time_zone: settings.said_zone.clone(),
        topics: settings.topics.iter().map(pace).collect(),
        paused_until: choices.paused_until.map(|at| pause_day(at, settings.zone).to_string()),
        quiet_from: choices.quiet.map(|quiet| clock(quiet.from())),
        quiet_until: choices.quiet.map(|quiet| clock(quiet.until())),
        digest_hour: choices.digest_hour,
        digest_weekday: u32::from(choices.digest_weekday),
    }
}

fn chosen(document: PreferencesDocument) -> NewSettings {
    NewSettings {
        paces: document.topics.into_iter().map(|topic| (topic.topic, topic.pace)).collect(),
        paused_until: document.paused_until.unwrap_or_default(),
        quiet: (document.quiet_from.unwrap_or_default(), document.quiet_until.unwrap_or_default()),
        time_zone: document.time_zone.unwrap_or_default(),
        digest_hour: document.digest_hour.to_string(),
        digest_weekday: document.digest_weekday.to_string(),
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
