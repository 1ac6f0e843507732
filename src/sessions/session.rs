//! A joint session and its parts: types and rules, no I/O. Words and rules are those of product.md, section 4.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalog::PracticeId;
use crate::people::{AccountId, SchoolId};
use crate::platform::ids::typed_id;
use crate::platform::vocabulary::{
    Consent, CoverageNeed, GradeBand, SessionFormat, SessionMode, SessionStatus, Subject, Topic, Visibility, Way,
};
use crate::platform::{Timestamp, Zone};

typed_id!(
    /// A joint session.
    SessionId
);
typed_id!(
    /// A room of a school.
    RoomId
);

/// Code by which seats of schools whose sector nobody states are counted.
pub const NO_SECTOR: &str = "unknown";

/// A joint session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id; its address for ever.
    pub id: SessionId,
    /// Its name in calendars (iCalendar UID); never changes.
    pub uid: String,
    /// Where it is in its life.
    pub status: SessionStatus,
    /// What kind of meeting it is.
    pub format: SessionFormat,
    /// Its title, at most 120 characters.
    pub title: String,
    /// What it is about, in the order of the vocabulary.
    pub topics: Vec<Topic>,
    /// What is read and never asked for by a query.
    pub details: Details,
    /// Where it is held.
    pub mode: SessionMode,
    /// Start of its first meeting; `None` while a draft has none.
    pub starts_at: Option<Timestamp>,
    /// End of its last meeting.
    pub ends_at: Option<Timestamp>,
    /// Who invites.
    pub host: Party,
    /// Who invites with them, from another sector.
    pub cohost: Option<Party>,
    /// Whether the co-host agrees.
    pub consent: Consent,
    /// Who agreed for the co-host.
    pub consent_by: Option<AccountId>,
    /// Who organizes it: whose draft it is.
    pub organizer: AccountId,
    /// The one person who reads access needs (J-11); the organizer where nobody is named.
    pub access_contact: Option<AccountId>,
    /// The practice it shows.
    pub practice: Option<PracticeId>,
    /// The commitment of a compact that it serves.
    pub commitment: Option<Uuid>,
    /// Seats in the room; 0 for an online session.
    pub in_person: Places,
    /// Seats online; 0 for a session in person.
    pub online: Places,
    /// Below so many it does not run.
    pub minimum: Option<i32>,
    /// The day on which go or no-go is decided.
    pub decide_on: Option<NaiveDate>,
    /// When "go" was said.
    pub decided_at: Option<Timestamp>,
    /// The day of decision before which host and co-host were told that it is below its minimum.
    pub warned_for: Option<NaiveDate>,
    /// At most so many people of one school hold a seat (J-4).
    pub school_cap: Option<i32>,
    /// Seats kept for each sector, by its code, until [`Session::release_at`] (J-4).
    pub kept: BTreeMap<String, i32>,
    /// When kept seats are pooled; `None` with kept seats means never before it starts.
    pub release_at: Option<Timestamp>,
    /// When registration opens; `None` is at publication.
    pub opens_at: Option<Timestamp>,
    /// When it closes; `None` is at the start.
    pub closes_at: Option<Timestamp>,
    /// Whether a seat waits for the principal's yes.
    pub approval_needed: bool,
    /// The last moment for that yes (J-3).
    pub approval_by: Option<Timestamp>,
    /// How much of a school day it takes.
    pub coverage: CoverageNeed,
    /// Who sees it.
    pub visibility: Visibility,
    /// Schools invited, where only those see it.
    pub invited: Vec<SchoolId>,
    /// The last number given to somebody who waits.
    pub waited: i64,
    /// Rises with every change of the record: its entity tag.
    pub revision: i32,
    /// iTIP SEQUENCE: rises with what calendars must know (J-8), never falls.
    pub sequence: i32,
    /// Rises with every material change: who has not agreed to this round is asked again (J-8).
    pub round: i32,
    /// Whether it was joint at publication: host and co-host of two sectors (J-1).
    pub joint_published: Option<bool>,
    /// Whether it was at go or no-go: registrants of two sectors.
    pub joint_decided: Option<bool>,
    /// Whether it was by who came: the smaller sector at least a fifth.
    pub joint_held: Option<bool>,
    /// When attendance was locked (J-9).
    pub locked_at: Option<Timestamp>,
    /// The session it was cloned from.
    pub cloned_from: Option<SessionId>,
    /// Why it was cancelled or postponed, for everybody to read.
    pub reason: Option<String>,
    /// First publication.
    pub published_at: Option<Timestamp>,
    /// When it was completed or cancelled.
    pub ended_at: Option<Timestamp>,
    /// When the draft was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Its meetings, by number.
    pub meetings: Vec<Meeting>,
    /// Who leads it.
    pub facilitators: Vec<Facilitator>,
}

/// A school that invites, with its sector: of now in a draft, of then once published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The school.
    pub school: SchoolId,
    /// Code of its sector; `None` is unknown.
    pub sector: Option<String>,
}

/// Seats of one way to take part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// How many there are.
    pub capacity: i32,
    /// How many are held, offered or confirmed.
    pub taken: i32,
}

impl Places {
    /// How many are free.
    pub fn free(self) -> i32 {
        (self.capacity - self.taken).max(0)
    }
}

/// One meeting of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// 1, 2, 3 in the order of time.
    pub number: i32,
    /// Start on the wall there.
    pub starts_local: NaiveDateTime,
    /// End on the wall there.
    pub ends_local: NaiveDateTime,
    /// Where that wall is.
    pub zone: Zone,
    /// Start as a moment.
    pub starts_at: Timestamp,
    /// End as a moment.
    pub ends_at: Timestamp,
    /// A room of the host or co-host.
    pub room: Option<RoomId>,
    /// Where it is, in words; of the room's school where empty.
    pub address: Option<String>,
    /// The link to join online: for people with a seat alone.
    pub online_url: Option<String>,
    /// What people type to check in.
    pub code: Option<String>,
}

/// Somebody who leads a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facilitator {
    /// Their account, where they have one.
    pub account: Option<AccountId>,
    /// How they are called.
    pub name: String,
    /// Their school.
    pub school: Option<SchoolId>,
}

/// What is read and never asked for by a query. Texts are plain; empty says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// "You will leave with ...".
    pub purpose: String,
    /// Grades it is for.
    pub grade_bands: Vec<GradeBand>,
    /// Subjects it is for.
    pub subjects: Vec<Subject>,
    /// For whom, in words.
    pub audience: String,
    /// What one must know or have done before.
    pub prerequisites: String,
    /// What counts as having been there: "both days".
    pub attendance_rule: String,
    /// Who pays for coverage.
    pub coverage_paid_by: String,
    /// Parking.
    pub parking: String,
    /// Buses and trains.
    pub transit: String,
    /// Which door.
    pub entrance: String,
    /// What is accessible, what is not.
    pub accessibility: String,
    /// How many days before the start access needs have to be known.
    pub access_days: Option<u16>,
    /// Meals.
    pub meals: String,
    /// Languages: "English; Spanish interpretation".
    pub languages: String,
    /// What to bring, what is given.
    pub materials: String,
    /// Whether it is recorded, and who sees that.
    pub recording: String,
}

impl Session {
    /// Whether anybody but those who make it may know of it.
    pub fn is_public(&self) -> bool {
        !matches!(self.status, SessionStatus::DRAFT | SessionStatus::SUBMITTED)
    }

    /// Whether it is still to come or under way, so that seats mean something.
    pub fn is_live(&self) -> bool {
        matches!(
            self.status,
            SessionStatus::PUBLISHED
                | SessionStatus::REGISTRATION_CLOSED
                | SessionStatus::RUNNING
                | SessionStatus::POSTPONED
        )
    }

    /// The seats of one way.
    pub fn places(&self, way: Way) -> Places {
        if way == Way::ONLINE { self.online } else { self.in_person }
    }

    /// The ways one can take part.
    pub fn ways(&self) -> Vec<Way> {
        Way::all().filter(|way| self.places(*way).capacity > 0).collect()
    }

    /// The zone in which it is spoken of: of its first meeting.
    pub fn zone(&self) -> Zone {
        self.meetings.first().map(|meeting| meeting.zone).unwrap_or_default()
    }

    /// Whether kept seats still are kept at a moment.
    pub fn keeps_seats(&self, now: Timestamp) -> bool {
        !self.kept.is_empty() && self.release_at.is_none_or(|release| now < release)
    }

    /// Host and co-host.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        std::iter::once(&self.host).chain(&self.cohost)
    }
}

#[cfg(test)]
impl Session {
    /// A workshop with ten seats in the room of school 1, a charter school, organized by account 9; it has no meeting yet.
    pub(super) fn sample() -> Self {
        let now: Timestamp = "2026-10-14T16:00:00Z".parse().unwrap();
        Self {
            id: SessionId(Uuid::from_u128(1)),
            uid: "1@test.example".to_owned(),
            status: SessionStatus::PUBLISHED,
            format: SessionFormat::WORKSHOP,
            title: "Reading Safety Net in Action".to_owned(),
            topics: Vec::new(),
            details: Details::default(),
            mode: SessionMode::IN_PERSON,
            starts_at: None,
            ends_at: None,
            host: Party { school: SchoolId(Uuid::from_u128(1)), sector: Some("charter".to_owned()) },
            cohost: None,
            consent: Consent::GIVEN,
            consent_by: None,
            organizer: AccountId(Uuid::from_u128(9)),
            access_contact: None,
            practice: None,
            commitment: None,
            in_person: Places { capacity: 10, taken: 0 },
            online: Places::default(),
            minimum: None,
            decide_on: None,
            warned_for: None,
            decided_at: None,
            school_cap: None,
            kept: BTreeMap::new(),
            release_at: None,
            opens_at: None,
            closes_at: None,
            approval_needed: false,
            approval_by: None,
            coverage: CoverageNeed::NONE,
            visibility: Visibility::PUBLIC,
            invited: Vec::new(),
            waited: 0,
            revision: 1,
            sequence: 0,
            round: 0,
            joint_published: None,
            joint_decided: None,
            joint_held: None,
            locked_at: None,
            cloned_from: None,
            reason: None,
            published_at: Some(now),
            ended_at: None,
            created_at: now,
            updated_at: now,
            meetings: Vec::new(),
            facilitators: Vec::new(),
        }
    }
}
