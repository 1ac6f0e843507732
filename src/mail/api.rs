//! The outbox over JSON, for whoever looks after the service; and the addresses that get no letters (`suppressions`).

mod suppressions;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

pub use self::suppressions::SuppressionsApi;
use super::outbox::{self, Filter, Kept};
use super::{LetterId, Priority, suppression};
use crate::api::{Caller, Group, Refused, next_link};
use crate::platform::{Cx, Db, Error, Result, Timestamp};

/// The outbox over JSON.
pub struct OutboxApi {
    db: Db,
}

impl OutboxApi {
    /// The operations on this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// A letter, without its text.
#[derive(Debug, Object)]
#[oai(rename = "OutboxLetter", example, skip_serializing_if_is_none)]
pub struct LetterDocument {
    /// Its id.
    pub id: String,
    /// The address it goes to.
    pub to: String,
    /// Its kind: `invitation`.
    pub kind: String,
    /// Its subject.
    pub subject: String,
    /// The same for ever, however often it leaves.
    pub message_id: String,
    /// `ready`, `paused`, `sending`, `uncertain`, `sent`, `failed`, `expired` or `withdrawn`.
    pub state: String,
    /// Whether many get it: it lets the others pass.
    pub announcement: bool,
    /// Whether it holds a link that acts for its reader: its text is shown to nobody else.
    pub secret: bool,
    /// How often it was tried.
    pub attempts: i32,
    /// What the mail server said last.
    pub answer: Option<String>,
    /// Whether it came back: `hard` for good, `soft` for now, `complaint` called unwanted; absent where it did not.
    pub came_back: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is due; absent once it has ended.
    pub due_at: Option<Timestamp>,
    /// When it ended.
    pub done_at: Option<Timestamp>,
    /// Id of the mailing it belongs to.
    pub mailing: Option<String>,
}

impl Example for LetterDocument {
    fn example() -> Self {
        Self {
            id: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            to: "ada@example.org".to_owned(),
            kind: "invitation".to_owned(),
            subject: "You are invited to Common Ground".to_owned(),
            message_id: "<01998c1e-5b70-7a31-8c55-3f1f62b0c1da@ground.example>".to_owned(),
            state: "failed".to_owned(),
            announcement: false,
            secret: false,
            attempts: 1,
            answer: Some("550 5.1.1 nobody of that name".to_owned()),
            came_back: None,
            created_at: "2026-10-14T16:00:00Z".parse().unwrap_or_default(),
            due_at: None,
            done_at: Some("2026-10-14T16:00:01Z".parse().unwrap_or_default()),
            mailing: None,
        }
    }
}

impl From<Kept> for LetterDocument {
    fn from(letter: Kept) -> Self {
        Self {
            id: letter.id.to_string(),
            to: letter.to,
            kind: letter.kind,
            subject: letter.subject,
            message_id: letter.message_id,
            state: letter.state,
            announcement: letter.priority == Priority::Announcement,
            secret: letter.secret,
            attempts: letter.attempts,
            answer: letter.answer,
            came_back: None,
            created_at: letter.created_at,
            due_at: letter.done_at.is_none().then_some(letter.due_at),
            done_at: letter.done_at,
            mailing: letter.mailing.map(|id| id.to_string()),
        }
    }
}

/// How many letters are in a state.
#[derive(Debug, Object)]
#[oai(rename = "OutboxCount", example)]
pub struct CountDocument {
    /// The state.
    pub state: String,
    /// How many.
    pub letters: i64,
}

impl Example for CountDocument {
    fn example() -> Self {
        Self { state: "failed".to_owned(), letters: 1 }
    }
}

/// Letters of the outbox, with what is to know about all of them.
#[derive(Debug, Object)]
#[oai(rename = "Outbox", example, skip_serializing_if_is_none)]
pub struct OutboxDocument {
    /// This page of the letters, newest first.
    pub items: Vec<LetterDocument>,
    /// How many letters have not ended, and how many were given up, by state.
    pub waiting: Vec<CountDocument>,
    /// Since when the letter is due that is due longest; absent where none is.
    pub oldest_due_at: Option<Timestamp>,
    /// Since when no letter leaves; absent where they do.
    pub paused_at: Option<Timestamp>,
    /// Why not.
    pub paused_because: Option<String>,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

impl Example for OutboxDocument {
    fn example() -> Self {
        Self {
            items: vec![LetterDocument::example()],
            waiting: vec![CountDocument::example()],
            oldest_due_at: None,
            paused_at: None,
            paused_because: None,
            next: None,
        }
    }
}

/// A page with the address of the next.
#[derive(ApiResponse)]
pub enum OutboxPage {
    /// The page.
    #[oai(status = 200)]
    Ok(
        Json<OutboxDocument>,
        /// The next page (RFC 8288, `rel="next"`).
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// Whether letters leave.
#[derive(Debug, Object)]
#[oai(rename = "OutboxSwitch", example, skip_serializing_if_is_none)]
pub struct SwitchDocument {
    /// Since when no letter leaves; absent where they do.
    pub paused_at: Option<Timestamp>,
    /// Why not, for whoever looks next.
    pub paused_because: Option<String>,
}

impl Example for SwitchDocument {
    fn example() -> Self {
        Self {
            paused_at: Some("2026-10-14T16:00:00Z".parse().unwrap_or_default()),
            paused_because: Some("The mail server is moved.".to_owned()),
        }
    }
}

/// Why letters are stopped.
#[derive(Debug, Object)]
#[oai(rename = "OutboxPause", example)]
pub struct PauseInput {
    /// For whoever looks next; up to 200 characters.
    pub because: Option<String>,
}

impl Example for PauseInput {
    fn example() -> Self {
        Self { because: Some("The mail server is moved.".to_owned()) }
    }
}

/// States of a letter.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "OutboxState", rename_all = "snake_case")]
pub enum StateParameter {
    /// Waits.
    Ready,
    /// Is held with its mailing.
    Paused,
    /// Is on the wire.
    Sending,
    /// Has perhaps left.
    Uncertain,
    /// Was taken by the mail server.
    Sent,
    /// Was given up.
    Failed,
    /// Its time had passed.
    Expired,
    /// Its reader does not want it or cannot get it.
    Withdrawn,
}

impl StateParameter {
    fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Paused => "paused",
            Self::Sending => "sending",
            Self::Uncertain => "uncertain",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Letters on a page when the address does not say.
const PAGE: u64 = 50;

#[OpenApi(prefix_path = "/api/v1")]
impl OutboxApi {
    /// Look at the outbox
    ///
    /// Letters, newest first, and how many wait. For administrators, with a token of the scope `admin`.
    #[oai(path = "/admin/outbox", method = "get", tag = "Group::Administration", operation_id = "list_outbox")]
    async fn list(
        &self,
        caller: Caller,
        /// Only letters in this state; without one, all that have not ended.
        state: Query<Option<StateParameter>>,
        /// Letters on a page.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
        /// `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<OutboxPage, Refused> {
        outbox::enter(&caller.0)?;
        let cx = self.db.cx(caller.0);
        let limit = limit.0.unwrap_or(PAGE);
        let state = state.0.map(StateParameter::code);
        let filter = Filter { state: state.map(str::to_owned), waiting: state.is_none() };
        let before = match cursor.0.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(cursor.parse::<LetterId>().map_err(|_| Error::Unreadable {
                parameter: "cursor",
                message: "Take the cursor of the page before.".to_owned(),
            })?),
            None => None,
        };
        let mut letters = outbox::letters(&cx, &filter, before, limit + 1).await?;
        let more = letters.len() as u64 > limit;
        letters.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = letters.last().filter(|_| more).map(|last| last.id.to_string());
        let url = next.as_ref().map(|next| {
            let state = state.map_or(String::new(), |state| format!("&state={state}"));
            format!("/api/v1/admin/outbox?limit={limit}{state}&cursor={next}")
        });
        let figures = outbox::figures(&cx).await?;
        let count = |(state, letters): (&str, i64)| CountDocument { state: state.to_owned(), letters };
        let document = OutboxDocument {
            items: documents(&cx, letters).await?,
            waiting: figures.by_state.into_iter().map(count).collect(),
            oldest_due_at: figures.oldest,
            paused_at: figures.switch.paused_at,
            paused_because: figures.switch.because,
            next,
        };
        Ok(OutboxPage::Ok(Json(document), next_link(url.as_deref())))
    }

    /// One letter
    ///
    /// Without its text. For administrators.
    #[oai(path = "/admin/outbox/:id", method = "get", tag = "Group::Administration", operation_id = "get_letter")]
    async fn letter(
        &self,
        caller: Caller,
        /// Id of the letter.
        id: Path<String>,
    ) -> Result<Json<LetterDocument>, Refused> {
        outbox::enter(&caller.0)?;
        Ok(Json(document(&self.db.cx(caller.0), parsed(&id)?).await?))
    }

    /// Send a letter now
    ///
    /// One that was given up or waits for its next attempt. For administrators.
    #[oai(
        path = "/admin/outbox/:id/retry",
        method = "post",
        tag = "Group::Administration",
        operation_id = "retry_letter"
    )]
    async fn retry(
        &self,
        caller: Caller,
        /// Id of the letter.
        id: Path<String>,
    ) -> Result<Json<LetterDocument>, Refused> {
        outbox::enter(&caller.0)?;
        let id = parsed(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        outbox::retry_one(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Json(document(&self.db.cx(caller.0), id).await?))
    }

    /// Stop all letters
    ///
    /// On every node, until they are let go again; nothing is lost. For administrators.
    #[oai(path = "/admin/outbox/pause", method = "post", tag = "Group::Administration", operation_id = "pause_outbox")]
    async fn pause(&self, caller: Caller, body: Json<PauseInput>) -> Result<Json<SwitchDocument>, Refused> {
        outbox::enter(&caller.0)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        outbox::pause(&mut tx, body.0.because.as_deref()).await?;
        tx.commit().await?;
        Ok(Json(switch(&self.db.cx(caller.0)).await?))
    }

    /// Let letters leave again
    ///
    /// For administrators.
    #[oai(
        path = "/admin/outbox/resume",
        method = "post",
        tag = "Group::Administration",
        operation_id = "resume_outbox"
    )]
    async fn resume(&self, caller: Caller) -> Result<Json<SwitchDocument>, Refused> {
        outbox::enter(&caller.0)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        outbox::resume(&mut tx).await?;
        tx.commit().await?;
        Ok(Json(switch(&self.db.cx(caller.0)).await?))
    }
}

async fn documents(cx: &Cx, letters: Vec<Kept>) -> Result<Vec<LetterDocument>> {
    let ids: Vec<LetterId> = letters.iter().map(|letter| letter.id).collect();
    let mut back = suppression::came_back(cx, &ids).await?;
    let document = |letter: Kept| {
        let came_back = back.remove(&letter.id);
        LetterDocument { came_back, ..letter.into() }
    };
    Ok(letters.into_iter().map(document).collect())
}

async fn document(cx: &Cx, id: LetterId) -> Result<LetterDocument> {
    let letter = outbox::letter(cx, id).await?;
    let came_back = suppression::came_back(cx, &[id]).await?.remove(&id);
    Ok(LetterDocument { came_back, ..letter.into() })
}

async fn switch(cx: &Cx) -> Result<SwitchDocument> {
    let outbox::Switch { paused_at, because } = outbox::switch(cx).await?;
    Ok(SwitchDocument { paused_at, paused_because: because })
}

fn parsed(id: &str) -> Result<LetterId> {
    id.parse().map_err(|_| Error::NotFound("letter"))
}
