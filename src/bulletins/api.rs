//! Announcements over JSON: the same operations as the pages.

use std::sync::Arc;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::Press;
use super::announcement::{self, Announcement, AnnouncementId, Draft, PAGE, Standing};
use crate::api::{Caller, Group, Refused, next_link};
use crate::platform::{Cx, Db, Error, Result, Timestamp};

/// Announcements over JSON.
pub struct AnnouncementsApi {
    db: Db,
    press: Press,
    base_url: Arc<str>,
}

/// What an announcement says.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AnnouncementInput {
    /// Its city: its name in addresses (`rivermark-ny`), or in words with its state (`Rivermark, NY`).
    pub city: String,
    /// Its subject, up to 120 characters.
    pub subject: String,
    /// What it says, up to 6,000 characters; each line is a paragraph. Nothing about a student.
    pub body: String,
    /// Words of its one button, up to 60 characters.
    pub button: Option<String>,
    /// Where the button leads: a web address that begins with https://, or a page of this site.
    pub link: Option<String>,
}

/// When it goes.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AnnouncementTime {
    /// A moment (RFC 3339), or a time on the wall in `zone` (`2026-11-14T09:00`). Left out, it goes now.
    pub at: Option<String>,
    /// A time zone of the IANA data; `America/New_York` where nobody has said another.
    pub zone: Option<String>,
}

/// How far an announcement is. The other numbers add up to `readers`.
#[derive(Debug, Object)]
#[oai(example)]
pub struct AnnouncementProgress {
    /// Readers with a letter.
    pub readers: i64,
    /// Letters that have not left.
    pub waiting: i64,
    /// Taken by the readers' mail servers. Whether a letter is opened is not tracked.
    pub sent: i64,
    /// Refused by them.
    pub failed: i64,
    /// Perhaps sent: nobody knows, and it is not sent on a guess.
    pub uncertain: i64,
    /// Not sent: the reader left, or it was stopped.
    pub withheld: i64,
    /// Erased with their reader.
    pub erased: i64,
}

/// An announcement.
#[derive(Debug, Object)]
#[oai(rename = "Announcement", example, skip_serializing_if_is_none)]
pub struct AnnouncementDocument {
    /// Its id.
    pub id: String,
    /// Name of its city in addresses.
    pub city: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// Words of its button.
    pub button: Option<String>,
    /// Where the button leads.
    pub link: Option<String>,
    /// `draft`, `scheduled`, `gathering` (it leaves, and its readers are still being added), `sent` or `stopped`.
    pub state: String,
    /// Whether it is held.
    pub paused: bool,
    /// When it goes or went.
    pub due_at: Option<Timestamp>,
    /// How far it is, once it goes.
    pub progress: Option<AnnouncementProgress>,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// Announcements of your cities.
#[derive(Debug, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub struct AnnouncementList {
    /// At most 50, the newest first, without their progress.
    pub items: Vec<AnnouncementDocument>,
    /// How many there are on this page.
    pub total: u64,
    /// Where the next page is.
    pub next: Option<String>,
}

/// A page of announcements.
#[derive(Debug, ApiResponse)]
pub enum Listed {
    /// These.
    #[oai(status = 200)]
    Page(
        Json<AnnouncementList>,
        /// Where the next page is.
        #[oai(header = "Link")]
        Option<String>,
    ),
}

/// A new announcement.
#[derive(Debug, ApiResponse)]
pub enum Drafted {
    /// It is a draft now.
    #[oai(status = 201)]
    Made(
        Json<AnnouncementDocument>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

impl AnnouncementsApi {
    /// On a database.
    pub fn new(db: Db, press: Press, base_url: Arc<str>) -> Self {
        Self { db, press, base_url }
    }

    async fn document(&self, cx: &Cx, id: AnnouncementId) -> Result<AnnouncementDocument> {
        let one = announcement::announcement(cx, id).await?;
        let standing = announcement::standing(cx, &one).await?;
        Ok(document(one, Some(&standing)))
    }
}

fn id_of(text: &str) -> Result<AnnouncementId> {
    text.parse().map_err(|_| Error::NotFound("announcement"))
}

fn document(one: Announcement, standing: Option<&Standing>) -> AnnouncementDocument {
    let begun = one.mailing.is_some();
    let (button, link) = one.button.unzip();
    let progress = standing.filter(|_| begun).map(|standing| AnnouncementProgress {
        readers: standing.progress.total,
        waiting: standing.progress.waiting,
        sent: standing.progress.sent,
        failed: standing.progress.failed,
        uncertain: standing.progress.uncertain,
        withheld: standing.progress.withheld,
        erased: standing.progress.erased,
    });
    AnnouncementDocument {
        id: one.id.to_string(),
        city: one.city,
        subject: one.subject,
        body: one.body,
        button,
        link,
        state: one.state.code().to_owned(),
        paused: standing.is_some_and(Standing::is_paused),
        due_at: one.due_at,
        progress,
        created_at: one.created_at,
    }
}

#[OpenApi(prefix_path = "/api/v1")]
impl AnnouncementsApi {
    /// Announcements of your cities
    ///
    /// For a mayor's office those to its city, for administrators all.
    #[oai(path = "/announcements", method = "get", tag = "Group::Announcements", operation_id = "list_announcements")]
    async fn list(
        &self,
        caller: Caller,
        /// The `next` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Listed, Refused> {
        let cx = self.db.cx(caller.0);
        let unreadable = |_| Error::Unreadable {
            parameter: "cursor",
            message: "Give the `next` of the page before, or leave it out.".to_owned(),
        };
        let before = cursor.0.map(|text| text.parse::<AnnouncementId>().map_err(unreadable)).transpose()?;
        let found = announcement::announcements(&cx, before).await?;
        let next = found.last().filter(|_| found.len() as u64 == PAGE).map(|last| last.id.to_string());
        let url = next.as_ref().map(|next| format!("{}/api/v1/announcements?cursor={next}", self.base_url));
        let items: Vec<AnnouncementDocument> = found.into_iter().map(|one| document(one, None)).collect();
        let list = AnnouncementList { total: items.len() as u64, items, next };
        Ok(Listed::Page(Json(list), next_link(url.as_deref())))
    }

    /// Draft an announcement
    ///
    /// It is sent nowhere before it is given a time.
    #[oai(path = "/announcements", method = "post", tag = "Group::Announcements", operation_id = "draft_announcement")]
    async fn draft(&self, caller: Caller, body: Json<AnnouncementInput>) -> Result<Drafted, Refused> {
        let input = body.0;
        let draft = Draft {
            city: input.city,
            subject: input.subject,
            body: input.body,
            button: input.button.unwrap_or_default(),
            link: input.link.unwrap_or_default(),
        };
        let mut tx = self.db.write(caller.0.clone()).await?;
        let id = announcement::write(&mut tx, draft).await?;
        tx.commit().await?;
        let made = self.document(&self.db.cx(caller.0), id).await?;
        Ok(Drafted::Made(Json(made), self.press.room.head.link(&format!("/api/v1/announcements/{id}"))))
    }

    /// One announcement
    ///
    /// With how far it is, for whoever may announce to its city.
    #[oai(path = "/announcements/:id", method = "get", tag = "Group::Announcements", operation_id = "get_announcement")]
    async fn one(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<AnnouncementDocument>, Refused> {
        Ok(Json(self.document(&self.db.cx(caller.0), id_of(&id)?).await?))
    }

    /// Give an announcement its time
    ///
    /// From then on the readers of its city get it. While it has not begun, it may be given another time.
    #[oai(
        path = "/announcements/:id/schedule",
        method = "post",
        tag = "Group::Announcements",
        operation_id = "schedule_announcement"
    )]
    async fn schedule(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
        body: Json<AnnouncementTime>,
    ) -> Result<Json<AnnouncementDocument>, Refused> {
        let id = id_of(&id)?;
        let (at, zone) = (body.0.at.unwrap_or_default(), body.0.zone.unwrap_or_default());
        let mut tx = self.db.write(caller.0.clone()).await?;
        announcement::schedule(&mut tx, id, &at, &zone).await?;
        tx.commit().await?;
        Ok(Json(self.document(&self.db.cx(caller.0), id).await?))
    }

    /// Hold an announcement
    ///
    /// What has not left stays.
    #[oai(
        path = "/announcements/:id/pause",
        method = "post",
        tag = "Group::Announcements",
        operation_id = "pause_announcement"
    )]
    async fn pause(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<AnnouncementDocument>, Refused> {
        let id = id_of(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        announcement::pause(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Json(self.document(&self.db.cx(caller.0), id).await?))
    }

    /// Let an announcement go on
    #[oai(
        path = "/announcements/:id/resume",
        method = "post",
        tag = "Group::Announcements",
        operation_id = "resume_announcement"
    )]
    async fn resume(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<AnnouncementDocument>, Refused> {
        let id = id_of(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        announcement::resume(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Json(self.document(&self.db.cx(caller.0), id).await?))
    }

    /// Stop an announcement
    ///
    /// One that has not begun is a draft again. Of one that has begun nothing more leaves.
    #[oai(
        path = "/announcements/:id/stop",
        method = "post",
        tag = "Group::Announcements",
        operation_id = "stop_announcement"
    )]
    async fn stop(
        &self,
        caller: Caller,
        /// Its id.
        id: Path<String>,
    ) -> Result<Json<AnnouncementDocument>, Refused> {
        let id = id_of(&id)?;
        let mut tx = self.db.write(caller.0.clone()).await?;
        announcement::stop(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Json(self.document(&self.db.cx(caller.0), id).await?))
    }
}

impl Example for AnnouncementInput {
    fn example() -> Self {
        Self {
            city: "rivermark-ny".to_owned(),
            subject: "Open house of eleven schools on November 14".to_owned(),
            body: "Eleven schools open their doors to each other's teachers.".to_owned(),
            button: Some("See the sessions".to_owned()),
            link: Some("/sessions".to_owned()),
        }
    }
}

impl Example for AnnouncementTime {
    fn example() -> Self {
        Self { at: Some("2026-11-02T09:00".to_owned()), zone: Some("America/New_York".to_owned()) }
    }
}

impl Example for AnnouncementProgress {
    fn example() -> Self {
        Self { readers: 9_412, waiting: 280, sent: 9_120, failed: 11, uncertain: 0, withheld: 1, erased: 0 }
    }
}

impl Example for AnnouncementDocument {
    fn example() -> Self {
        let input = AnnouncementInput::example();
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            city: input.city,
            subject: input.subject,
            body: input.body,
            button: input.button,
            link: input.link,
            state: "sent".to_owned(),
            paused: false,
            due_at: Some(Timestamp::UNIX_EPOCH),
            progress: Some(AnnouncementProgress::example()),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Example for AnnouncementList {
    fn example() -> Self {
        Self { items: vec![AnnouncementDocument { progress: None, ..Example::example() }], total: 1, next: None }
    }
}
