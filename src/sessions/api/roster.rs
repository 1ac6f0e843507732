//! The roster over JSON.

use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use crate::api::{Caller, Group, Refused};
use crate::platform::{Db, Timestamp};
use crate::sessions::roster::{self, Entry, Forecast, SectorFigures};

/// The roster over JSON.
pub struct RosterApi {
    db: Db,
}

impl RosterApi {
    /// On a database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Somebody on the roster.
#[derive(Debug, Object)]
#[oai(rename = "RosterEntry", example, skip_serializing_if_is_none)]
pub struct EntryDocument {
    /// Id of the registration.
    pub id: String,
    /// Id of the account.
    pub account: String,
    /// How the person is called.
    pub name: String,
    /// Their address, for those who run the session.
    pub email: Option<String>,
    /// Id of their school.
    pub school: String,
    /// Its name.
    pub school_name: String,
    /// Code of its sector when they registered; absent where nobody stated it.
    pub sector: Option<String>,
    /// `in_person` or `online`.
    pub way: String,
    /// `held`, `confirmed`, `offered` or `waitlisted`.
    pub seat: String,
    /// `not_needed`, `waiting`, `approved`, `declined` or `expired`.
    pub approval: String,
    /// Whether somebody takes their classes: `not_needed`, `needed`, `arranged`.
    pub coverage: String,
    /// Until when the seat is held for the principal's answer.
    pub hold_until: Option<Timestamp>,
    /// Until when the offer stands.
    pub offer_until: Option<Timestamp>,
}

/// Numbers of one sector.
#[derive(Debug, Object)]
#[oai(rename = "RosterSector", example)]
pub struct SectorDocument {
    /// Its code; `unknown` where nobody states it.
    pub sector: String,
    /// Seats confirmed.
    pub confirmed: u64,
    /// Seats held for a principal's answer.
    pub held: u64,
    /// Seats offered.
    pub offered: u64,
    /// People in line.
    pub waitlisted: u64,
}

/// Who comes to a session.
#[derive(Debug, Object)]
#[oai(rename = "Roster", example, skip_serializing_if_is_none)]
pub struct RosterDocument {
    /// Seats by name, then offers, then the line in its order.
    pub items: Vec<EntryDocument>,
    /// How many there are.
    pub total: u64,
    /// Numbers by sector.
    pub sectors: Vec<SectorDocument>,
    /// Whether it would be joint if all with a seat came: two sectors, the smaller side a fifth or more. Absent while nobody of
    /// a stated sector has a seat.
    pub would_be_joint: Option<bool>,
}

#[OpenApi(prefix_path = "/api/v1")]
impl RosterApi {
    /// Roster of a session
    ///
    /// Who has a seat, an offer or a place in line, all on one page. For those who run the session, its facilitators and who
    /// posts for the co-host; for others there is none. Addresses are for those who run it. What people need (access) is in
    /// no API.
    #[oai(path = "/sessions/:id/roster", method = "get", tag = "Group::Sessions", operation_id = "get_roster")]
    async fn roster(
        &self,
        caller: Caller,
        /// The session.
        id: Path<String>,
    ) -> Result<Json<RosterDocument>, Refused> {
        let cx = self.db.cx(caller.0);
        let (session, grounds) = crate::sessions::session(&cx, &id).await?;
        let roster = roster::roster(&cx, &session, &grounds).await?;
        let would_be_joint = match roster.forecast {
            Forecast::Nobody => None,
            Forecast::Joint { .. } => Some(true),
            Forecast::OneSector | Forecast::TooFew { .. } => Some(false),
        };
        Ok(Json(RosterDocument {
            total: roster.entries.len() as u64,
            items: roster.entries.into_iter().map(Into::into).collect(),
            sectors: roster.sectors.into_iter().map(Into::into).collect(),
            would_be_joint,
        }))
    }
}

impl From<Entry> for EntryDocument {
    fn from(entry: Entry) -> Self {
        let registration = entry.registration;
        Self {
            id: registration.id.to_string(),
            account: registration.account.to_string(),
            name: entry.name,
            email: entry.email,
            school: registration.school.to_string(),
            school_name: entry.school,
            sector: registration.sector,
            way: registration.way.code().to_owned(),
            seat: registration.seat.code().to_owned(),
            approval: registration.approval.code().to_owned(),
            coverage: registration.coverage.code().to_owned(),
            hold_until: registration.hold_until,
            offer_until: registration.offer_until,
        }
    }
}

impl From<SectorFigures> for SectorDocument {
    fn from(figures: SectorFigures) -> Self {
        Self {
            sector: figures.code,
            confirmed: figures.confirmed as u64,
            held: figures.held as u64,
            offered: figures.offered as u64,
            waitlisted: figures.waiting as u64,
        }
    }
}

impl Example for EntryDocument {
    fn example() -> Self {
        Self {
            id: "019a1b7c-2f10-7c44-9a51-6d0e8f3b2a17".to_owned(),
            account: "019a1b7b-90aa-7d02-b1c3-04f5a6978e21".to_owned(),
            name: "Ada Quill".to_owned(),
            email: Some("ada.quill@example.org".to_owned()),
            school: "01998c1e-5b70-7a31-8c55-3f1f62b0c1da".to_owned(),
            school_name: "Quillwater Charter School".to_owned(),
            sector: Some("charter".to_owned()),
            way: "in_person".to_owned(),
            seat: "confirmed".to_owned(),
            approval: "approved".to_owned(),
            coverage: "arranged".to_owned(),
            hold_until: None,
            offer_until: None,
        }
    }
}

impl Example for SectorDocument {
    fn example() -> Self {
        Self { sector: "charter".to_owned(), confirmed: 9, held: 1, offered: 0, waitlisted: 3 }
    }
}

impl Example for RosterDocument {
    fn example() -> Self {
        Self {
            items: vec![EntryDocument::example()],
            total: 1,
            sectors: vec![SectorDocument::example()],
            would_be_joint: Some(true),
        }
    }
}
