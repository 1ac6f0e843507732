//! Posting over JSON: drafting, changing, publishing, cancelling; the co-host's answer; rooms of a school.

mod examples;
mod input;

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, header};
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};

pub use self::input::{FacilitatorInput, MeetingInput, SessionInput};
use super::SessionDocument;
use crate::api::tagged::Tagged;
use crate::api::{Caller, Group, Refused};
use crate::people;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::room::{self, Room};
use crate::sessions::{Desk, Session, SessionId, party_schools, posting};
use crate::web::etag;

/// Posting over JSON.
pub struct PostingApi {
    db: Db,
    desk: Desk,
}

/// A new session.
#[derive(Debug, ApiResponse)]
pub enum Drafted {
    /// It is a draft now.
    #[oai(status = 201)]
    Made(
        Json<SessionDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
        /// Its tag, for `If-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// Why a session is cancelled.
#[derive(Debug, Object)]
#[oai(rename = "SessionCancellation", example)]
pub struct Cancellation {
    /// At most 500 characters; everybody who wanted to come reads it.
    pub reason: String,
}

/// Why a session is postponed.
#[derive(Debug, Object)]
#[oai(rename = "SessionPostponement", example)]
pub struct Postponement {
    /// At most 500 characters; everybody who has a seat reads it.
    pub reason: String,
}

/// Go or no-go.
#[derive(Debug, Object)]
#[oai(rename = "SessionDecision", example, skip_serializing_if_is_none)]
pub struct Decision {
    /// `true`: it takes place. `false`: it is cancelled.
    pub go: bool,
    /// With no-go: why, in at most 500 characters; everybody who wanted to come reads it.
    pub reason: Option<String>,
}

/// A draft is gone.
#[derive(Debug, ApiResponse)]
pub enum Discarded {
    /// It is gone for good.
    #[oai(status = 204)]
    Gone,
}

/// The co-host's answer.
#[derive(Debug, Object)]
#[oai(rename = "CohostConsent", example)]
pub struct ConsentDocument {
    /// `true` agrees to invite with the host, `false` declines.
    pub agreed: bool,
}

/// A room of a school.
#[derive(Debug, Object)]
#[oai(rename = "Room", skip_serializing_if_is_none)]
pub struct RoomDocument {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many people it seats.
    pub seats: Option<i32>,
    /// Access facts: steps, lifts, loops.
    pub access: Option<String>,
}

/// Rooms of a school that are in use.
#[derive(Debug, Object)]
pub struct RoomList {
    /// All of them, by name.
    pub items: Vec<RoomDocument>,
    /// How many there are.
    pub total: u64,
}

#[OpenApi(prefix_path = "/api/v1")]
impl PostingApi {
    /// Draft a session
    ///
    /// For people of the host school. A draft needs title, format and host; everything else is as usual for its format until
    /// you name it. Where you post for the host, the co-host is asked at once.
    #[oai(path = "/sessions", method = "post", tag = "Group::Sessions", operation_id = "draft_session")]
    async fn draft(&self, caller: Caller, body: Json<SessionInput>) -> Result<Drafted, Refused> {
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = posting::draft(&mut tx, &self.desk, body.0.draft()).await?;
        tx.commit().await?;
        self.drafted(caller.0, made.id).await
    }

    /// Change a session
    ///
    /// What is absent stays; `null` takes out. Another date, time, room, address or mode is told to everybody with a seat, who
    /// agree again or leave; fewer seats than are taken are refused. Where the mode gives up the room, or the places online, its
    /// people go over to the other way while there are seats; the rest are told. For the organizer and whoever posts for the
    /// host.
    #[oai(path = "/sessions/:id", method = "patch", tag = "Group::Sessions", operation_id = "change_session")]
    async fn change(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        /// `ETag` of the session as you read it. Seats that were taken since do not matter.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<SessionInput>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let (session, document) = self.document(&self.db.cx(caller.0.clone()), id).await?;
        let seen = seen(&session, &document, if_match.0.as_deref())?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::change(&mut tx, &self.desk, id, body.0.draft(), Some(seen)).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Publish a session
    ///
    /// Refused unless host and consenting co-host are of two sectors, with everything that is missing at once; and while a room
    /// or somebody who leads it is elsewhere then. A postponed session with new dates is published again. By whoever posts for
    /// the host.
    #[oai(
        path = "/sessions/:id/publication",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "publish_session"
    )]
    async fn publish(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::publish(&mut tx, &self.desk, id).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Take a session back to a draft
    ///
    /// While nobody has registered; otherwise cancel it. By whoever posts for the host.
    #[oai(
        path = "/sessions/:id/publication",
        method = "delete",
        tag = "Group::Sessions",
        operation_id = "withdraw_session"
    )]
    async fn withdraw(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::withdraw(&mut tx, id).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Cancel a session
    ///
    /// Everybody with a seat, an offer or a place in line is told once, with the reason. By whoever posts for the host.
    #[oai(
        path = "/sessions/:id/cancellation",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "cancel_session"
    )]
    async fn cancel(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<Cancellation>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::cancel(&mut tx, &self.desk, id, &body.reason).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Hand a draft to the host's leads
    ///
    /// They get a letter and publish it. By whoever drafted it; who posts for the host publishes it without.
    #[oai(path = "/sessions/:id/submission", method = "post", tag = "Group::Sessions", operation_id = "submit_session")]
    async fn submit(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::submit(&mut tx, &self.desk, id).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Postpone a session
    ///
    /// Seats stay, and everybody who has one is told, with the reason. With new dates it is published again. By whoever posts for
    /// the host.
    #[oai(
        path = "/sessions/:id/postponement",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "postpone_session"
    )]
    async fn postpone(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<Postponement>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::postpone(&mut tx, &self.desk, id, &body.reason).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Say go, or no-go
    ///
    /// Go is refused unless people of two sectors have seats, and as many as the session needs. No-go cancels the session, and
    /// everybody is told with the reason. By whoever posts for the host.
    #[oai(path = "/sessions/:id/decision", method = "post", tag = "Group::Sessions", operation_id = "decide_session")]
    async fn decide(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<Decision>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        if body.go {
            posting::go(&mut tx, id).await?;
        } else {
            posting::cancel(&mut tx, &self.desk, id, body.reason.as_deref().unwrap_or_default()).await?;
        }
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Close registration now
    ///
    /// A later end of registration opens it again. By the organizer and whoever posts for the host.
    #[oai(
        path = "/sessions/:id/registration-close",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "close_session_registration"
    )]
    async fn close(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::close(&mut tx, id).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Draft a session like this one
    ///
    /// Everything but its dates, and the co-host is asked anew. For people of the host school.
    #[oai(path = "/sessions/:id/copy", method = "post", tag = "Group::Sessions", operation_id = "copy_session")]
    async fn copy(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Drafted, Refused> {
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = posting::duplicate(&mut tx, &self.desk, session_id(&id)?).await?;
        tx.commit().await?;
        self.drafted(caller.0, made.id).await
    }

    /// Discard a draft
    ///
    /// For good: a draft, or one that waits for the host's principal. What is published is taken back first, or cancelled. By
    /// the organizer and whoever posts for the host.
    #[oai(path = "/sessions/:id", method = "delete", tag = "Group::Sessions", operation_id = "discard_session")]
    async fn discard(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Discarded, Refused> {
        let mut tx = self.db.write(caller.0).await?;
        posting::discard(&mut tx, session_id(&id)?).await?;
        tx.commit().await?;
        Ok(Discarded::Gone)
    }

    /// Agree to co-host a session, or decline
    ///
    /// By whoever posts for the school that is asked. The organizer and the host's leads are told.
    #[oai(
        path = "/sessions/:id/cohost-consent",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "answer_cohost_request"
    )]
    async fn consent(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<ConsentDocument>,
    ) -> Result<Tagged<SessionDocument>, Refused> {
        let id = session_id(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        posting::consent(&mut tx, &self.desk, id, body.agreed).await?;
        tx.commit().await?;
        self.answer(caller.0, id).await
    }

    /// Rooms of a school
    ///
    /// Those in use, with what people have to know before they come.
    #[oai(path = "/schools/:id/rooms", method = "get", tag = "Group::Sessions", operation_id = "list_rooms")]
    async fn rooms(
        &self,
        caller: Caller,
        /// The school: its id, its name in addresses or its federal id (NCES).
        id: Path<String>,
    ) -> Result<Json<RoomList>, Refused> {
        let cx = self.db.cx(caller.0);
        let school = people::school(&cx, &id).await?;
        let items: Vec<RoomDocument> = room::rooms(&cx, &[school.id]).await?.into_iter().map(Into::into).collect();
        Ok(Json(RoomList { total: items.len() as u64, items }))
    }
}

impl PostingApi {
    /// The operations on this database and with this desk.
    pub fn new(db: Db, desk: Desk) -> Self {
        Self { db, desk }
    }

    async fn drafted(&self, actor: Actor, id: SessionId) -> Result<Drafted, Refused> {
        let (session, document) = self.document(&self.db.cx(actor), id).await?;
        let location = self.desk.head.link(&format!("/api/v1/sessions/{}", session.id));
        let tag = tag_of(&session, &document);
        Ok(Drafted::Made(Json(document), location, tag))
    }

    async fn answer(&self, actor: Actor, id: SessionId) -> Result<Tagged<SessionDocument>, Refused> {
        let (session, document) = self.document(&self.db.cx(actor), id).await?;
        Ok(tagged(&session, document, None))
    }

    /// A session as those who make it see it.
    async fn document(&self, cx: &Cx, id: SessionId) -> Result<(Session, SessionDocument)> {
        let (session, grounds) = crate::sessions::session(cx, &id.to_string()).await?;
        let schools = people::schools(cx, &party_schools(&session)).await?;
        let inside = posting::may_run(cx.actor(), &session, &grounds) || posting::may_answer(cx.actor(), &grounds);
        let base_url: &Arc<str> = &self.desk.head.base_url;
        let document = SessionDocument::of(&session, &schools, base_url, inside);
        Ok((session, document))
    }
}

/// A session with its tag: the revision, by which a change is let through, and what it shows, which seats change too.
pub(super) fn tagged(
    session: &Session,
    document: SessionDocument,
    if_none_match: Option<&str>,
) -> Tagged<SessionDocument> {
    let tag = tag_of(session, &document);
    let sent = if_none_match.and_then(|value| HeaderValue::from_str(value).ok());
    let sent: HeaderMap = sent.into_iter().map(|value| (header::IF_NONE_MATCH, value)).collect();
    if etag::matches(&sent, &tag) { Tagged::Known(tag) } else { Tagged::Whole(Json(document), tag) }
}

fn tag_of(session: &Session, document: &SessionDocument) -> String {
    let shown = etag::of(document.to_json_string().as_bytes());
    format!("\"r{}-{}\"", session.revision, shown.trim_matches('"'))
}

/// The revision that the caller saw, if it is the present one. Seats taken since do not make it stale.
fn seen(session: &Session, document: &SessionDocument, if_match: Option<&str>) -> Result<i32> {
    let Some(sent) = if_match else { return Err(Error::Unconditional) };
    let revision = format!("\"r{}-", session.revision);
    let shown = etag::of(document.to_json_string().as_bytes());
    let same = |tag: &str| tag == "*" || tag.starts_with(&revision) || tag == shown;
    if sent.split(',').map(str::trim).any(same) { Ok(session.revision) } else { Err(Error::Stale) }
}

fn session_id(text: &str) -> Result<SessionId> {
    text.parse().map_err(|_| Error::NotFound("session"))
}

impl From<Room> for RoomDocument {
    fn from(room: Room) -> Self {
        Self { id: room.id.to_string(), name: room.name, seats: room.seats, access: room.access }
    }
}
