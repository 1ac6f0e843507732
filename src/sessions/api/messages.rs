//! Messages to people of a session over JSON.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::api::{Caller, Group, Refused};
use crate::platform::{Cx, Db, Result, Timestamp};
use crate::sessions::message::{self, Message, MessageId, NewMessage, delivery};
use crate::sessions::{Desk, Grounds, Session};

/// Messages over JSON.
pub struct MessagesApi {
    db: Db,
    desk: Desk,
}

/// A message to write.
#[derive(Debug, Object)]
#[oai(rename = "SessionMessageInput", example, skip_serializing_if_is_none)]
pub struct MessageInput {
    /// `confirmed` (who has a seat), `waitlisted` or `everybody`.
    pub audience: String,
    /// Code of a sector: people of its schools alone.
    pub sector: Option<String>,
    /// `any`, `came` (who was at a meeting) or `missed`; left out, any.
    pub attendance: Option<String>,
    /// Its subject, up to 120 characters; title and day of the session are added.
    pub subject: String,
    /// What it says, up to 4,000 characters; each line is a paragraph. Nothing about a student.
    pub body: String,
    /// When it goes: a moment (RFC 3339), or a time on the wall where the session is (`2026-11-13T09:00`). Left out, it goes now.
    pub at: Option<String>,
    /// `true` keeps it as a draft.
    pub draft: Option<bool>,
}

/// A message.
#[derive(Debug, Object)]
#[oai(rename = "SessionMessage", example, skip_serializing_if_is_none)]
pub struct MessageDocument {
    /// Its id.
    pub id: String,
    /// Who wrote it: id of the account.
    pub author: String,
    /// `confirmed`, `waitlisted` or `everybody`.
    pub audience: String,
    /// Code of a sector.
    pub sector: Option<String>,
    /// `any`, `came` or `missed`.
    pub attendance: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// `draft`, `scheduled`, `sent` or `stopped`.
    pub state: String,
    /// When it goes or went.
    pub due_at: Option<Timestamp>,
    /// How many people it went to.
    pub recipients: i32,
    /// Letters that mail servers took; in the answer that names one message alone. Opens are not tracked.
    pub sent: Option<i64>,
    /// Letters that mail servers refused; as `sent`.
    pub bounced: Option<i64>,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// The messages of a session.
#[derive(Debug, Object)]
#[oai(rename = "SessionMessageList", example)]
pub struct MessageList {
    /// At most 100, the newest first.
    pub items: Vec<MessageDocument>,
    /// How many there are on this page.
    pub total: u64,
}

/// A new message.
#[derive(Debug, ApiResponse)]
pub enum Written {
    /// It is kept, or on its way.
    #[oai(status = 201)]
    Made(
        Json<MessageDocument>,
        /// Where its page is.
        #[oai(header = "Location")]
        String,
    ),
}

impl MessagesApi {
    /// On a database.
    pub fn new(db: Db, desk: Desk) -> Self {
        Self { db, desk }
    }

    async fn document(&self, cx: &Cx, of: (&Session, &Grounds), id: MessageId) -> Result<MessageDocument> {
        let message = message::message(cx, of.0, of.1, id).await?;
        let standing = delivery::standing(cx, &message).await?;
        let mut document = MessageDocument::from(message);
        document.sent = standing.as_ref().map(|standing| standing.progress.sent);
        document.bounced = standing.as_ref().map(|standing| standing.progress.failed);
        Ok(document)
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl MessagesApi {
    /// Messages of a session
    ///
    /// For those who run it.
    #[oai(
        path = "/sessions/:id/messages",
        method = "get",
        tag = "Group::Sessions",
        operation_id = "list_session_messages"
    )]
    async fn list(
        &self,
        caller: Caller,
        /// The session.
        id: Path<String>,
    ) -> Result<Json<MessageList>, Refused> {
        let cx = self.db.cx(caller.0);
        let (session, grounds) = crate::sessions::session(&cx, &id).await?;
        let found = message::messages(&cx, &session, &grounds).await?;
        let items: Vec<MessageDocument> = found.into_iter().map(Into::into).collect();
        Ok(Json(MessageList { total: items.len() as u64, items }))
    }

    /// Write to people of a session
    ///
    /// One letter to each, three messages in any 24 hours. Who has left when it goes does not get it.
    #[oai(
        path = "/sessions/:id/messages",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "write_session_message"
    )]
    async fn write(
        &self,
        caller: Caller,
        /// The session.
        id: Path<String>,
        body: Json<MessageInput>,
    ) -> Result<Written, Refused> {
        let cx = self.db.cx(caller.0.clone());
        let (session, grounds) = crate::sessions::session(&cx, &id).await?;
        let input = body.0;
        let (draft, at) = (input.draft.unwrap_or_default(), input.at.clone().unwrap_or_default());
        let new = NewMessage {
            audience: input.audience,
            sector: input.sector.unwrap_or_default(),
            came: input.attendance.unwrap_or_default(),
            subject: input.subject,
            body: input.body,
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let made = message::write(&mut tx, session.id, &new).await?;
        if !draft {
            message::schedule(&mut tx, &self.desk, session.id, made, &at).await?;
        }
        tx.commit().await?;
        let document = self.document(&self.db.cx(caller.0), (&session, &grounds), made).await?;
        Ok(Written::Made(Json(document), self.desk.head.link(&format!("/sessions/{}/messages/{made}", session.id))))
    }
}

impl From<Message> for MessageDocument {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.to_string(),
            author: message.account.to_string(),
            audience: message.audience.code().to_owned(),
            sector: message.sector,
            attendance: message.came.code().to_owned(),
            subject: message.subject,
            body: message.body,
            state: message.state.code().to_owned(),
            due_at: message.due_at,
            recipients: message.recipients,
            sent: None,
            bounced: None,
            created_at: message.created_at,
        }
    }
}

impl Example for MessageInput {
    fn example() -> Self {
        Self {
            audience: "confirmed".to_owned(),
            sector: None,
            attendance: None,
            subject: "Parking".to_owned(),
            body: "Use the side door on Harbor Street.".to_owned(),
            at: Some("2026-11-13T09:00".to_owned()),
            draft: None,
        }
    }
}

impl Example for MessageDocument {
    fn example() -> Self {
        let input = MessageInput::example();
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            author: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            audience: input.audience,
            sector: None,
            attendance: "any".to_owned(),
            subject: input.subject,
            body: input.body,
            state: "sent".to_owned(),
            due_at: Some(Timestamp::UNIX_EPOCH),
            recipients: 24,
            sent: Some(23),
            bounced: Some(1),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Example for MessageList {
    fn example() -> Self {
        Self { items: vec![MessageDocument { sent: None, bounced: None, ..Example::example() }], total: 1 }
    }
}
