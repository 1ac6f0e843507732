//! Finding and reading sessions over JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::SessionDocument;
use super::document::SeatsDocument;
use crate::api::tagged::Tagged;
use crate::api::{Group, Refused, next_link};
use crate::people::{self, SchoolId};
use crate::platform::{Db, Error};
use crate::search::encode;
use crate::sessions::list::{self, Filters, PAGE};
use crate::sessions::session::Session;
use crate::web::asker::Asker;

/// Finding sessions over JSON.
pub struct SessionListApi {
    db: Db,
    base_url: Arc<str>,
}

impl SessionListApi {
    /// The operations on this database.
    pub fn new(db: Db, base_url: Arc<str>) -> Self {
        Self { db, base_url }
    }
}

/// A page of sessions.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct SessionList {
    /// This page of them, in the order of time.
    pub items: Vec<SessionDocument>,
    /// How many fit, exactly.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Example for SessionList {
    fn example() -> Self {
        Self { items: vec![sample()], total: 1, next: None }
    }
}

/// A page, and where the next one is.
#[derive(ApiResponse)]
pub enum SessionPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<SessionList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl SessionListApi {
    /// Find sessions
    ///
    /// Those that you may know of, in the order of time: public ones without a sign-in; with one also those for members, and
    /// for your school. Without `from` and `to`, what is still to come or under way. Drafts and cancelled sessions are not
    /// listed. The same filters make a calendar to subscribe to at `/sessions.ics`.
    #[oai(path = "/sessions", method = "get", tag = "Group::Sessions", operation_id = "list_sessions")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn sessions(
        &self,
        asker: Asker,
        /// First day, in the time of New York: `2026-11-03`. Sessions that are under way then count.
        from: Query<Option<String>>,
        /// Last day.
        to: Query<Option<String>>,
        /// Code of the vocabulary `topic`.
        topic: Query<Option<String>>,
        /// Code of the vocabulary `session_format`.
        format: Query<Option<String>>,
        /// Code of the sector of host or co-host.
        sector: Query<Option<String>>,
        /// `true`: with a free seat that can be asked for now.
        open: Query<Option<String>>,
        /// Id of the host or co-host.
        school: Query<Option<String>>,
        /// `in_person`, `online` or `hybrid`.
        mode: Query<Option<String>>,
        /// Words of the title.
        q: Query<Option<String>>,
        /// Sessions on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<SessionPage, Refused> {
        let pairs = [
            ("from", from.0),
            ("to", to.0),
            ("topic", topic.0),
            ("format", format.0),
            ("sector", sector.0),
            ("open", open.0),
            ("school", school.0),
            ("mode", mode.0),
            ("q", q.0),
        ];
        let given = pairs.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let (filters, errors) = Filters::read(given);
        if let Some(first) = errors.iter().next() {
            let parameter = Filters::NAMES.into_iter().find(|name| *name == first.field).unwrap_or("q");
            return Err(Error::Unreadable { parameter, message: first.message.clone() }.into());
        }
        let limit = limit.0.unwrap_or(PAGE);
        let cursor = cursor.0.filter(|cursor| !cursor.is_empty());
        let cx = self.db.cx(asker.0);
        let found = list::page(&cx, &filters, cursor.as_deref(), limit).await?;
        let mut ids: Vec<SchoolId> = found.items.iter().flat_map(Session::parties).map(|party| party.school).collect();
        ids.sort_unstable_by_key(|id| id.0);
        ids.dedup();
        let schools = people::schools(&cx, &ids).await?;
        let insides = list::insides(&cx, &found.items, &schools).await?;
        let document =
            |session: &Session| SessionDocument::of(session, &schools, &self.base_url, insides.contains(&session.id));
        let url = found.next.as_ref().map(|next| url(&filters, limit, next));
        let list =
            SessionList { items: found.items.iter().map(document).collect(), total: found.total, next: found.next };
        Ok(SessionPage::Ok(Json(list), next_link(url.as_deref())))
    }

    /// One session
    ///
    /// For whoever may know of it; drafts for the schools that make them. The link to join online is there for people with a
    /// confirmed seat and for those who run it.
    #[oai(path = "/sessions/:id", method = "get", tag = "Group::Sessions", operation_id = "get_session")]
    async fn session(
        &self,
        asker: Asker,
        /// Its id.
        id: Path<String>,
        /// Tag of what you have.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let cx = self.db.cx(asker.0);
        let (session, _) = crate::sessions::session(&cx, &id).await?;
        let ids: Vec<SchoolId> = session.parties().map(|party| party.school).collect();
        let schools = people::schools(&cx, &ids).await?;
        let insides = list::insides(&cx, std::slice::from_ref(&session), &schools).await?;
        let document = SessionDocument::of(&session, &schools, &self.base_url, insides.contains(&session.id));
        Ok(super::posting::tagged(&session, document, if_none_match.0.as_deref()))
    }
}

fn url(filters: &Filters, limit: u64, cursor: &str) -> String {
    let mut pairs = filters.pairs();
    pairs.push(("limit", limit.to_string()));
    pairs.push(("cursor", cursor.to_owned()));
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("/api/v1/sessions?{}", pairs.join("&"))
}

fn sample() -> SessionDocument {
    let at = "2026-10-14T16:00:00Z".parse().unwrap_or_default();
    SessionDocument {
        id: "0199e0a1-5b7a-7c4e-8f21-3d9a5b6c7d8e".to_owned(),
        url: "https://ground.example/sessions/0199e0a1-5b7a-7c4e-8f21-3d9a5b6c7d8e".to_owned(),
        status: "published".to_owned(),
        format: "workshop".to_owned(),
        title: "Reading Safety Net in Action".to_owned(),
        purpose: "a plan for six weeks".to_owned(),
        topics: vec!["early_reading".to_owned()],
        grade_bands: vec!["k_2".to_owned()],
        mode: "in_person".to_owned(),
        starts_at: Some("2026-11-14T09:00:00-05:00".to_owned()),
        ends_at: Some("2026-11-14T12:00:00-05:00".to_owned()),
        meetings: Vec::new(),
        host: None,
        cohost: None,
        cohost_consent: "given".to_owned(),
        practice: None,
        in_person: Some(SeatsDocument { capacity: 30, free: 12 }),
        online: None,
        school_cap: Some(5),
        kept: BTreeMap::new(),
        release_at: None,
        registration_opens_at: None,
        registration_closes_at: None,
        approval_needed: false,
        approval_by: None,
        coverage: "none".to_owned(),
        visibility: "public".to_owned(),
        joint_published: Some(true),
        joint_decided: None,
        joint_held: None,
        reason: None,
        sequence: 0,
        updated_at: at,
    }
}
