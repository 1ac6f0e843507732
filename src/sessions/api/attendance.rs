//! Attendance over JSON: a person by the code of the meeting, those who take attendance for everybody.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::api::{Caller, Group, Refused};
use crate::people::AccountId;
use crate::platform::vocabulary::Attendance;
use crate::platform::{Db, Error, Result, Timestamp};
use crate::sessions::attendance::{self, Entry, Record};
use crate::sessions::{Desk, RegistrationId, Session, SessionId};

/// Attendance over JSON.
pub struct AttendanceApi {
    db: Db,
    desk: Desk,
}

/// Who was there. Either `code` and nothing else about a person: you check yourself in, or out with `leaving`. Or
/// `registration` or `account`, with `state`: those who take attendance write it down.
#[derive(Debug, Default, Object)]
#[oai(example)]
pub struct AttendanceRequest {
    /// The code of the meeting, for checking yourself in.
    #[oai(validator(max_length = 40))]
    pub code: Option<String>,
    /// With `code`: you leave.
    pub leaving: Option<bool>,
    /// Whose registration.
    #[oai(validator(max_length = 64))]
    pub registration: Option<String>,
    /// Whose account, where the registration is not known.
    #[oai(validator(max_length = 64))]
    pub account: Option<String>,
    /// `unknown`, `present`, `partial`, `absent` or `excused`.
    #[oai(validator(max_length = 24))]
    pub state: Option<String>,
    /// When they came; absent is the start of the meeting.
    pub in_at: Option<Timestamp>,
    /// When they left; absent is its end.
    pub out_at: Option<Timestamp>,
}

/// What is written down of somebody at one meeting.
#[derive(Debug, Object)]
#[oai(rename = "Attendance", example, skip_serializing_if_is_none)]
pub struct AttendanceDocument {
    /// Id of the session.
    pub session: String,
    /// Id of the registration.
    pub registration: String,
    /// Number of the meeting.
    pub meeting: i32,
    /// `unknown`, `present`, `partial`, `absent` or `excused`.
    pub state: String,
    /// When they came.
    pub in_at: Option<Timestamp>,
    /// When they left.
    pub out_at: Option<Timestamp>,
    /// Full minutes at this meeting.
    pub minutes: i64,
}

#[OpenApi(prefix_path = "/api/v1")]
impl AttendanceApi {
    /// Write down who was there
    ///
    /// With the `code` that the host shows you check yourself in, from half an hour before the start until the end, with a
    /// confirmed seat; with `leaving` you check out. Done twice it is done once. Organizers and facilitators write down
    /// anybody with a confirmed seat, until five days after the end; then attendance is locked, and only administrators
    /// correct it.
    #[oai(
        path = "/sessions/:id/meetings/:number/attendance",
        method = "post",
        tag = "Group::Sessions",
        operation_id = "write_attendance"
    )]
    async fn write(
        &self,
        caller: Caller,
        /// Id of the session.
        id: Path<String>,
        /// Number of the meeting: 1, 2, 3 in the order of time.
        number: Path<i32>,
        body: Json<AttendanceRequest>,
    ) -> Result<Json<AttendanceDocument>, Refused> {
        let session: SessionId = id.parse().map_err(|_| Error::NotFound("session"))?;
        let request = body.0;
        let mut tx = self.db.write(caller.0).await?;
        let (session, record) = match &request.code {
            Some(code) => {
                let leaving = request.leaving.unwrap_or(false);
                let (at, record) = if leaving {
                    attendance::check_out(&mut tx, code).await?
                } else {
                    attendance::check_in(&mut tx, code).await?
                };
                if at.id != session || record.meeting != number.0 {
                    return Err(Error::invalid(
                        "code",
                        "This is the code of another meeting; look at the screen again.",
                    )
                    .into());
                }
                (at, record)
            }
            None => {
                let registration = request.registration.as_deref().map(str::parse::<RegistrationId>);
                let account = request.account.as_deref().map(str::parse::<AccountId>);
                let registration = match (registration, account) {
                    (Some(Ok(registration)), None) => registration,
                    (None, Some(Ok(account))) => attendance::seat_of(&tx, session, account).await?,
                    (None, None) => {
                        return Err(Error::invalid("code", "Send the code of the meeting, or a registration.").into());
                    }
                    (Some(_), Some(_)) => {
                        return Err(Error::invalid("account", "Send a registration or an account, not both.").into());
                    }
                    _ => return Err(Error::NotFound("registration").into()),
                };
                let state = Attendance::parse(request.state.as_deref().unwrap_or_default())
                    .map_err(|_| Error::invalid("state", "Send unknown, present, partial, absent or excused."))?;
                let entry = Entry {
                    registration,
                    state,
                    in_at: request.in_at,
                    out_at: request.out_at,
                    was: None,
                    suffix: String::new(),
                };
                attendance::record_one(&mut tx, &self.desk, session, number.0, entry).await?
            }
        };
        tx.commit().await?;
        Ok(Json(AttendanceDocument::of(&session, &record)))
    }
}

impl AttendanceApi {
    /// The operations on this database.
    pub fn new(db: Db, desk: Desk) -> Self {
        Self { db, desk }
    }
}

impl AttendanceDocument {
    fn of(session: &Session, record: &Record) -> Self {
        let meeting = session.meetings.iter().find(|meeting| meeting.number == record.meeting);
        Self {
            session: session.id.to_string(),
            registration: record.registration.to_string(),
            meeting: record.meeting,
            state: record.state.code().to_owned(),
            in_at: record.in_at,
            out_at: record.out_at,
            minutes: meeting.map_or(0, |meeting| record.time_at(meeting).num_minutes()),
        }
    }
}

impl Example for AttendanceRequest {
    fn example() -> Self {
        Self { code: Some("HJK47M".to_owned()), ..Self::default() }
    }
}

impl Example for AttendanceDocument {
    fn example() -> Self {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        Self {
            session: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            registration: "019a1b7d-11aa-7e03-8f20-aa04c6f0d9b3".to_owned(),
            meeting: 1,
            state: "present".to_owned(),
            in_at: at("2026-11-14T13:58:00Z"),
            out_at: None,
            minutes: 180,
        }
    }
}
