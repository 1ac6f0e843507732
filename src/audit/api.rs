//! The event log over JSON.

use std::collections::BTreeMap;

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::{Asked, Entry, PAGE, sentence};
use crate::api::{Caller, Group, Refused, next_link};
use crate::platform::{Db, Timestamp};

/// What happened, over JSON.
pub struct AuditApi {
    db: Db,
}

impl AuditApi {
    /// The operations on this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Something that happened.
#[derive(Debug, Object)]
#[oai(rename = "AuditEvent", example, skip_serializing_if_is_none)]
pub struct EventDocument {
    /// Its number.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// `visitor`, `person` or `system`.
    pub actor_kind: String,
    /// Id of the account that acted, or the part of the program.
    pub actor: Option<String>,
    /// How that person is called now.
    pub actor_name: Option<String>,
    /// Code of what happened.
    pub action: String,
    /// The same in plain words.
    pub what: String,
    /// To what kind of thing.
    pub subject_kind: String,
    /// To which one; absent for many at once.
    pub subject: Option<String>,
    /// Ids, counts and codes that belong to it.
    pub detail: BTreeMap<String, serde_json::Value>,
    /// `sign_in:ID` or `token:ID`.
    pub via: Option<String>,
}

impl Example for EventDocument {
    fn example() -> Self {
        Self {
            id: "4711".to_owned(),
            at: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
            actor_kind: "person".to_owned(),
            actor: Some("01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned()),
            actor_name: Some("Ada Quill".to_owned()),
            action: "token.made".to_owned(),
            what: "Made a token".to_owned(),
            subject_kind: "account".to_owned(),
            subject: Some("01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned()),
            detail: BTreeMap::from([("scope".to_owned(), "read".into())]),
            via: Some("sign_in:01998c1e-5b70-7a31-8c55-3f1f62b0c1db".to_owned()),
        }
    }
}

/// Some of the audit log.
#[derive(Debug, Object)]
#[oai(rename = "AuditEventList", example, skip_serializing_if_is_none)]
pub struct EventList {
    /// This page of it, the newest first.
    pub items: Vec<EventDocument>,
    /// How many fit, exactly.
    pub total: u64,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Example for EventList {
    fn example() -> Self {
        Self { items: vec![EventDocument::example()], total: 1, next: None }
    }
}

/// A page with the address of the next.
#[derive(ApiResponse)]
pub enum EventPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<EventList>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

#[OpenApi(prefix_path = "/api/v1")]
impl AuditApi {
    /// Read the audit log
    ///
    /// For the city's administrators: who did what, when, and with what. It holds ids and codes; names are looked up when
    /// it is read.
    #[oai(path = "/audit-events", method = "get", tag = "Group::Administration", operation_id = "list_audit_events")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn events(
        &self,
        caller: Caller,
        /// Code of what happened: `token.made`.
        action: Query<Option<String>>,
        /// Id or address of an account: what it did and what was done with it. Or the part of the program: `import`.
        person: Query<Option<String>>,
        /// Kind of the thing it happened to: `school`.
        subject_kind: Query<Option<String>>,
        /// Id of that thing.
        subject: Query<Option<String>>,
        /// First day, in UTC: `2026-10-01`.
        from: Query<Option<String>>,
        /// Last day, in UTC.
        to: Query<Option<String>>,
        /// Events on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<EventPage, Refused> {
        let text = |parameter: Query<Option<String>>| parameter.0.unwrap_or_default();
        let asked = Asked {
            action: text(action),
            person: text(person),
            subject_kind: text(subject_kind),
            subject: text(subject),
            from: text(from),
            to: text(to),
        };
        let limit = limit.0.unwrap_or(PAGE);
        let cursor = text(cursor);
        let cursor = Some(cursor.as_str()).filter(|cursor| !cursor.is_empty());
        let page = super::page(&self.db.cx(caller.0), &asked, cursor, limit).await?;
        let document = |entry: &Entry| EventDocument {
            id: entry.id.to_string(),
            at: entry.at,
            actor_kind: entry.actor_kind.clone(),
            actor: entry.actor.clone(),
            actor_name: entry.account().and_then(|account| page.names.get(&account)).cloned(),
            action: entry.action.clone(),
            what: sentence(&entry.action).to_owned(),
            subject_kind: entry.subject_kind.clone(),
            subject: entry.subject.map(|id| id.to_string()),
            detail: entry.detail.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
            via: entry.via.clone(),
        };
        let items = page.entries.iter().map(document).collect();
        let url = page.next.as_ref().map(|next| url(&asked, limit, next));
        let list = EventList { items, total: page.total, next: page.next.clone() };
        Ok(EventPage::Ok(Json(list), next_link(url.as_deref())))
    }
}

fn url(asked: &Asked, limit: u64, cursor: &str) -> String {
    let limit = limit.to_string();
    let all = [
        ("action", asked.action.as_str()),
        ("person", &asked.person),
        ("subject_kind", &asked.subject_kind),
        ("subject", &asked.subject),
        ("from", &asked.from),
        ("to", &asked.to),
        ("limit", &limit),
        ("cursor", cursor),
    ];
    let given: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    // Pairs of text: this cannot fail.
    format!("/api/v1/audit-events?{}", serde_urlencoded::to_string(given).unwrap_or_default())
}
