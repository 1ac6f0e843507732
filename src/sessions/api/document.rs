//! A session as JSON.

use std::collections::{BTreeMap, HashMap};

use poem_openapi::Object;

use crate::people::{School, SchoolId};
use crate::platform::vocabulary::{Topic, Way};
use crate::platform::{Timestamp, Zone};
use crate::sessions::session::{Meeting, Party, Session};

/// A school that invites.
#[derive(Debug, Object)]
#[oai(rename = "SessionParty", skip_serializing_if_is_none)]
pub struct PartyDocument {
    /// Id of the school.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// Code of its sector; absent where nobody states it.
    pub sector: Option<String>,
}

/// One meeting of a session.
#[derive(Debug, Object)]
#[oai(rename = "Meeting", skip_serializing_if_is_none)]
pub struct MeetingDocument {
    /// 1, 2, 3 in the order of time.
    pub number: i32,
    /// Start, with the offset of the place: `2026-11-03T15:30:00-05:00`.
    pub starts_at: String,
    /// End.
    pub ends_at: String,
    /// Zone of the IANA data: `America/New_York`.
    pub zone: String,
    /// Where it is.
    pub address: Option<String>,
    /// The link to join online, for people with a seat and those who run the session.
    pub online_url: Option<String>,
}

/// Seats of one way to take part.
#[derive(Debug, Object)]
#[oai(rename = "Seats", skip_serializing_if_is_none)]
pub struct SeatsDocument {
    /// How many there are.
    pub capacity: i32,
    /// How many are free.
    pub free: i32,
}

/// A joint session.
#[derive(Debug, Object)]
#[oai(rename = "Session", skip_serializing_if_is_none)]
pub struct SessionDocument {
    /// Its id; never changes.
    pub id: String,
    /// Its page.
    pub url: String,
    /// `draft`, `submitted`, `published`, `registration_closed`, `running`, `completed`, `cancelled` or `postponed`.
    pub status: String,
    /// Code of the vocabulary `session_format`.
    pub format: String,
    /// Its title.
    pub title: String,
    /// "You will leave with ...".
    pub purpose: String,
    /// Codes of its topics.
    pub topics: Vec<String>,
    /// Codes of the grade bands it is for.
    pub grade_bands: Vec<String>,
    /// `in_person`, `online` or `hybrid`.
    pub mode: String,
    /// Start of the first meeting; absent while a draft has none.
    pub starts_at: Option<String>,
    /// End of the last meeting.
    pub ends_at: Option<String>,
    /// Its meetings.
    pub meetings: Vec<MeetingDocument>,
    /// Who invites.
    pub host: Option<PartyDocument>,
    /// Who invites with them.
    pub cohost: Option<PartyDocument>,
    /// Whether the co-host agrees: `none`, `asked`, `given`, `declined`.
    pub cohost_consent: String,
    /// Id of the practice it shows.
    pub practice: Option<String>,
    /// Seats in the room.
    pub in_person: Option<SeatsDocument>,
    /// Seats online.
    pub online: Option<SeatsDocument>,
    /// At most so many people of one school hold a seat.
    pub school_cap: Option<i32>,
    /// Seats kept for each sector until `release_at`.
    pub kept: BTreeMap<String, i32>,
    /// When kept seats are pooled.
    pub release_at: Option<Timestamp>,
    /// When registration opens.
    pub registration_opens_at: Option<Timestamp>,
    /// When registration closes.
    pub registration_closes_at: Option<Timestamp>,
    /// Whether a seat waits for the principal's yes.
    pub approval_needed: bool,
    /// The last moment for it.
    pub approval_by: Option<Timestamp>,
    /// How much of a school day it takes: code of the vocabulary `coverage_need`.
    pub coverage: String,
    /// `public`, `members` or `invited`.
    pub visibility: String,
    /// Whether it was joint at publication, at go or no-go, and by who came; absent while that is not known.
    pub joint_published: Option<bool>,
    /// At go or no-go: registrants of two sectors.
    pub joint_decided: Option<bool>,
    /// By who came: two sectors, the smaller at least a fifth.
    pub joint_held: Option<bool>,
    /// Why it was cancelled or postponed.
    pub reason: Option<String>,
    /// Its revision of the calendar (iTIP SEQUENCE).
    pub sequence: i32,
    /// Last change.
    pub updated_at: Timestamp,
}

impl SessionDocument {
    /// A session as its reader may see it; `inside` for people with a seat and those who run it.
    pub fn of(session: &Session, schools: &HashMap<SchoolId, School>, base_url: &str, inside: bool) -> Self {
        let zone = session.zone();
        let party = |party: &Party| {
            schools.get(&party.school).map(|school| PartyDocument {
                id: school.id.to_string(),
                name: school.name.clone(),
                url: format!("{base_url}/schools/{}", school.slug),
                sector: party.sector.clone(),
            })
        };
        let seats = |way: Way| {
            let places = session.places(way);
            (places.capacity > 0).then(|| SeatsDocument { capacity: places.capacity, free: places.free() })
        };
        Self {
            id: session.id.to_string(),
            url: format!("{base_url}/sessions/{}", session.id),
            status: session.status.code().to_owned(),
            format: session.format.code().to_owned(),
            title: session.title.clone(),
            purpose: session.details.purpose.clone(),
            topics: session.topics.iter().map(|topic: &Topic| topic.code().to_owned()).collect(),
            grade_bands: session.details.grade_bands.iter().map(|band| band.code().to_owned()).collect(),
            mode: session.mode.code().to_owned(),
            starts_at: session.starts_at.map(|at| zone.rfc3339(at)),
            ends_at: session.ends_at.map(|at| zone.rfc3339(at)),
            meetings: session.meetings.iter().map(|meeting| meeting_document(meeting, meeting.zone, inside)).collect(),
            host: party(&session.host),
            cohost: session.cohost.as_ref().and_then(party),
            cohost_consent: session.consent.code().to_owned(),
            practice: session.practice.map(|practice| practice.to_string()),
            in_person: seats(Way::IN_PERSON),
            online: seats(Way::ONLINE),
            school_cap: session.school_cap,
            kept: session.kept.clone(),
            release_at: session.release_at,
            registration_opens_at: session.opens_at,
            registration_closes_at: session.closes_at,
            approval_needed: session.approval_needed,
            approval_by: session.approval_by,
            coverage: session.coverage.code().to_owned(),
            visibility: session.visibility.code().to_owned(),
            joint_published: session.joint_published,
            joint_decided: session.joint_decided,
            joint_held: session.joint_held,
            reason: session.reason.clone(),
            sequence: session.sequence,
            updated_at: session.updated_at,
        }
    }
}

fn meeting_document(meeting: &Meeting, zone: Zone, inside: bool) -> MeetingDocument {
    MeetingDocument {
        number: meeting.number,
        starts_at: zone.rfc3339(meeting.starts_at),
        ends_at: zone.rfc3339(meeting.ends_at),
        zone: zone.name().to_owned(),
        address: meeting.address.clone(),
        online_url: meeting.online_url.clone().filter(|_| inside),
    }
}
