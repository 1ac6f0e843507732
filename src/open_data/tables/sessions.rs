//! Joint sessions that everybody may see, with their meetings. Nobody who comes, leads or organizes is in it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::open_data::exported::{Exported, Kind, Piece, Row, Table, field, put};
use crate::open_data::sitemap::{Address, Listed};
use crate::platform::{Cx, Error, Result};
use crate::sessions::{Session, SessionId, list};

/// Sessions in one piece: each comes with its parts.
const SESSIONS: u64 = 100;

/// Sessions.
pub struct Sessions(pub Arc<str>);

#[async_trait]
impl Exported for Sessions {
    fn table(&self) -> Table {
        Table {
            name: "sessions",
            title: "Joint sessions",
            says: "One row for each session that was announced to everybody, past and cancelled ones too.",
            key: &["id"],
            fields: vec![
                field("id", Kind::Text, "Its id."),
                field("url", Kind::Text, "Its page."),
                field("title", Kind::Text, "Its title."),
                field("status", Kind::Text, "Where it is in its life; a code of session_status."),
                field("format", Kind::Text, "What kind of meeting it is; a code of session_format."),
                field("mode", Kind::Text, "Where it is held; a code of session_mode."),
                field("topics", Kind::List, "What it is about; codes of topic."),
                field("grade_bands", Kind::List, "Grades it is for; codes of grade_band."),
                field("subjects", Kind::List, "Codes of subject."),
                field("purpose", Kind::Text, "What one leaves with."),
                field("audience", Kind::Text, "For whom, in words."),
                field("languages", Kind::Text, "Languages."),
                field("starts_at", Kind::Moment, "Start of its first meeting."),
                field("ends_at", Kind::Moment, "End of its last meeting."),
                field("host_school_id", Kind::Text, "The school that invites."),
                field("host_sector", Kind::Text, "Its sector when the session was announced."),
                field("cohost_school_id", Kind::Text, "The school that invites with it."),
                field("cohost_sector", Kind::Text, "Its sector when the session was announced."),
                field("practice_id", Kind::Text, "The practice it shows."),
                field("seats_in_person", Kind::Integer, "Seats in the room."),
                field("seats_online", Kind::Integer, "Seats online."),
                field("joint_published", Kind::Boolean, "Whether host and co-host were of two sectors."),
                field("joint_decided", Kind::Boolean, "Whether people of two sectors had registered at go or no-go."),
                field(
                    "joint_held",
                    Kind::Boolean,
                    "Whether people of two sectors came, of the smaller at least a fifth.",
                ),
                field("reason", Kind::Text, "Why it was cancelled or postponed."),
                field("published_at", Kind::Moment, "When it was announced."),
                field("updated_at", Kind::Moment, "When it last changed."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        list::count_open_to_all(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after).await?;
        let rows = found.iter().map(|session| self.row(session)).collect();
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

impl Sessions {
    fn row(&self, session: &Session) -> Row {
        let mut row = Row::new();
        put(&mut row, "id", session.id);
        put(&mut row, "url", format!("{}/sessions/{}", self.0, session.id));
        put(&mut row, "title", &session.title);
        put(&mut row, "status", session.status.code());
        put(&mut row, "format", session.format.code());
        put(&mut row, "mode", session.mode.code());
        put(&mut row, "topics", &session.topics);
        put(&mut row, "grade_bands", &session.details.grade_bands);
        put(&mut row, "subjects", &session.details.subjects);
        for (name, text) in [
            ("purpose", &session.details.purpose),
            ("audience", &session.details.audience),
            ("languages", &session.details.languages),
        ] {
            put(&mut row, name, Some(text).filter(|text| !text.is_empty()));
        }
        put(&mut row, "starts_at", session.starts_at);
        put(&mut row, "ends_at", session.ends_at);
        put(&mut row, "host_school_id", session.host.school);
        put(&mut row, "host_sector", &session.host.sector);
        put(&mut row, "cohost_school_id", session.cohost.as_ref().map(|party| party.school));
        put(&mut row, "cohost_sector", session.cohost.as_ref().and_then(|party| party.sector.as_ref()));
        put(&mut row, "practice_id", session.practice);
        put(&mut row, "seats_in_person", session.in_person.capacity);
        put(&mut row, "seats_online", session.online.capacity);
        put(&mut row, "joint_published", session.joint_published);
        put(&mut row, "joint_decided", session.joint_decided);
        put(&mut row, "joint_held", session.joint_held);
        put(&mut row, "reason", &session.reason);
        put(&mut row, "published_at", session.published_at);
        put(&mut row, "updated_at", session.updated_at);
        row
    }
}

async fn walk(cx: &Cx, after: Option<&str>) -> Result<(Vec<Session>, Option<String>)> {
    let after: Option<SessionId> = after.map(|id| id.parse().map_err(Error::internal)).transpose()?;
    let found = list::open_to_all(cx, after, SESSIONS).await?;
    let next = found.last().filter(|_| found.len() as u64 == SESSIONS).map(|session| session.id.to_string());
    Ok((found, next))
}

/// Their meetings.
pub struct Meetings;

#[async_trait]
impl Exported for Meetings {
    fn table(&self) -> Table {
        Table {
            name: "session_meetings",
            title: "Meetings of sessions",
            says: "One row for each meeting of each session. Links to join are for people with a seat and not here.",
            key: &["session_id", "number"],
            fields: vec![
                field("session_id", Kind::Text, "The session."),
                field("number", Kind::Integer, "1, 2, 3 in the order of time."),
                field("starts_local", Kind::Text, "Start on the wall there: 2026-11-14T09:00:00."),
                field("ends_local", Kind::Text, "End on the wall there."),
                field("zone", Kind::Text, "The time zone there, by its IANA name."),
                field("starts_at", Kind::Moment, "Start as a moment."),
                field("ends_at", Kind::Moment, "End as a moment."),
            ],
        }
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        list::count_open_to_all(cx).await
    }

    async fn piece(&self, cx: &Cx, after: Option<&str>) -> Result<Piece> {
        let (found, next) = walk(cx, after).await?;
        let mut rows = Vec::new();
        for session in &found {
            for meeting in &session.meetings {
                let mut row = Row::new();
                put(&mut row, "session_id", session.id);
                put(&mut row, "number", meeting.number);
                put(&mut row, "starts_local", meeting.starts_local);
                put(&mut row, "ends_local", meeting.ends_local);
                put(&mut row, "zone", meeting.zone.to_string());
                put(&mut row, "starts_at", meeting.starts_at);
                put(&mut row, "ends_at", meeting.ends_at);
                rows.push(row);
            }
        }
        Ok(Piece { steps: found.len() as u64, rows, next })
    }
}

/// Pages of sessions.
pub struct SessionPages;

#[async_trait]
impl Listed for SessionPages {
    fn name(&self) -> &'static str {
        "sessions"
    }

    async fn count(&self, cx: &Cx) -> Result<u64> {
        list::count_open_to_all(cx).await
    }

    async fn addresses(&self, cx: &Cx, skip: u64, limit: u64) -> Result<Vec<Address>> {
        let found = list::addresses(cx, skip, limit).await?;
        let address = |(id, at): (SessionId, _)| Address { path: format!("/sessions/{id}"), changed: Some(at) };
        Ok(found.into_iter().map(address).collect())
    }
}
