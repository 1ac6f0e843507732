//! What a program says of a session.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};

use crate::sessions::draft::{Draft, FacilitatorDraft, MeetingDraft};

/// A session as somebody drafts or changes it. What is absent stays as it is, or is as usual for the format; `null` takes out.
#[derive(Debug, Default, Object)]
#[oai(rename = "SessionDraft", example)]
pub struct SessionInput {
    /// Its title, at most 120 characters.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub title: MaybeUndefined<String>,
    /// Code of the vocabulary `session_format`; what is not named of seats, length, mode and coverage is as usual for it.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub format: MaybeUndefined<String>,
    /// "You will leave with ...".
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub purpose: MaybeUndefined<String>,
    /// For whom, in words.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub audience: MaybeUndefined<String>,
    /// What one must know or have done before.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub prerequisites: MaybeUndefined<String>,
    /// `in_person`, `online` or `hybrid`.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub mode: MaybeUndefined<String>,
    /// The school that hosts it: its id, its name in addresses, or its name.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub host: MaybeUndefined<String>,
    /// The school of another sector that invites with it; asked at once where you post for the host.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub cohost: MaybeUndefined<String>,
    /// The practice it shows: its id or its name in addresses.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub practice: MaybeUndefined<String>,
    /// Zone of the meetings that name none: `America/New_York`.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub zone: MaybeUndefined<String>,
    /// Seats in the room; of an online session, its seats.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub capacity: MaybeUndefined<i32>,
    /// Seats online.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub online_capacity: MaybeUndefined<i32>,
    /// Below so many it does not run.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub minimum: MaybeUndefined<i32>,
    /// The day on which go or no-go is decided; a week before the start where a minimum is named.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub decide_on: MaybeUndefined<String>,
    /// At most so many people of one school hold a seat.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub school_cap: MaybeUndefined<i32>,
    /// When kept seats are pooled: a day, a local time, or a time with an offset; ten days before the start where it is not named.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub release_at: MaybeUndefined<String>,
    /// When registration opens.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub opens_at: MaybeUndefined<String>,
    /// When it closes; a day means its end.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub closes_at: MaybeUndefined<String>,
    /// Whether a seat waits for the principal's yes; so where the format takes school time.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub approval_needed: MaybeUndefined<bool>,
    /// The last moment for that yes; a day means its end.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub approval_by: MaybeUndefined<String>,
    /// How much of a school day it takes: code of the vocabulary `coverage_need`.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub coverage: MaybeUndefined<String>,
    /// Who pays for coverage.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub coverage_paid_by: MaybeUndefined<String>,
    /// `public`, `members` or `invited`.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub visibility: MaybeUndefined<String>,
    /// The one person who reads access needs: the address or id of somebody of host, or of a co-host that agreed; the organizer where it is not named.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub access_contact: MaybeUndefined<String>,
    /// What counts as having been there.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub attendance_rule: MaybeUndefined<String>,
    /// Parking.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub parking: MaybeUndefined<String>,
    /// Buses and trains.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub transit: MaybeUndefined<String>,
    /// Which door.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub entrance: MaybeUndefined<String>,
    /// What is accessible, what is not.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub accessibility: MaybeUndefined<String>,
    /// How many days before the start access needs have to be known.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub access_days: MaybeUndefined<i32>,
    /// Meals.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub meals: MaybeUndefined<String>,
    /// Languages.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub languages: MaybeUndefined<String>,
    /// What to bring, what is given.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub materials: MaybeUndefined<String>,
    /// Whether it is recorded, and who sees that.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub recording: MaybeUndefined<String>,
    /// Codes of its topics, at most 5.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub topics: MaybeUndefined<Vec<String>>,
    /// Codes of the grade bands it is for.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub grade_bands: MaybeUndefined<Vec<String>>,
    /// Codes of the subjects it is for.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub subjects: MaybeUndefined<Vec<String>>,
    /// Schools invited, where only those see it.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub invited: MaybeUndefined<Vec<String>>,
    /// Its meetings, all of them, in order.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub meetings: MaybeUndefined<Vec<MeetingInput>>,
    /// Who leads it, all of them.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub facilitators: MaybeUndefined<Vec<FacilitatorInput>>,
    /// Seats kept for each sector by its code; `{}` keeps none. One third for each where it is not named.
    #[oai(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub kept: MaybeUndefined<BTreeMap<String, i32>>,
}

/// One meeting.
#[derive(Debug, Default, Object)]
#[oai(rename = "MeetingDraft", skip_serializing_if_is_none)]
pub struct MeetingInput {
    /// Start on the wall there (`2026-11-14T09:00`), or with an offset (`2026-11-14T09:00:00-05:00`). A time that clocks
    /// skip or show twice is refused.
    pub starts_at: String,
    /// End; as long as usual for the format where it is absent.
    pub ends_at: Option<String>,
    /// Its zone, where it is not that of the session.
    pub zone: Option<String>,
    /// Id of a room of host or co-host.
    pub room: Option<String>,
    /// Where it is, in words.
    pub address: Option<String>,
    /// The link to join online; shown to people with a seat.
    pub online_url: Option<String>,
}

/// Somebody who leads the session.
#[derive(Debug, Default, Object)]
#[oai(rename = "FacilitatorDraft", skip_serializing_if_is_none)]
pub struct FacilitatorInput {
    /// How they are called; that of the account where it is absent.
    pub name: Option<String>,
    /// Their account: an id, of somebody of host, or of a co-host that agreed.
    pub account: Option<String>,
    /// Or its address.
    pub email: Option<String>,
    /// Their school: its id, its name in addresses, or its name.
    pub school: Option<String>,
}

impl SessionInput {
    /// As the operations read it.
    pub fn draft(self) -> Draft {
        let mut draft = Draft::default();
        text(&mut draft, "title", self.title);
        text(&mut draft, "format", self.format);
        text(&mut draft, "purpose", self.purpose);
        text(&mut draft, "audience", self.audience);
        text(&mut draft, "prerequisites", self.prerequisites);
        text(&mut draft, "mode", self.mode);
        text(&mut draft, "host", self.host);
        text(&mut draft, "cohost", self.cohost);
        text(&mut draft, "practice", self.practice);
        text(&mut draft, "zone", self.zone);
        text(&mut draft, "capacity", self.capacity);
        text(&mut draft, "online_capacity", self.online_capacity);
        text(&mut draft, "minimum", self.minimum);
        text(&mut draft, "decide_on", self.decide_on);
        text(&mut draft, "school_cap", self.school_cap);
        text(&mut draft, "release_at", self.release_at);
        text(&mut draft, "opens_at", self.opens_at);
        text(&mut draft, "closes_at", self.closes_at);
        text(&mut draft, "approval_needed", self.approval_needed);
        text(&mut draft, "approval_by", self.approval_by);
        text(&mut draft, "coverage", self.coverage);
        text(&mut draft, "coverage_paid_by", self.coverage_paid_by);
        text(&mut draft, "visibility", self.visibility);
        text(&mut draft, "access_contact", self.access_contact);
        text(&mut draft, "attendance_rule", self.attendance_rule);
        text(&mut draft, "parking", self.parking);
        text(&mut draft, "transit", self.transit);
        text(&mut draft, "entrance", self.entrance);
        text(&mut draft, "accessibility", self.accessibility);
        text(&mut draft, "access_days", self.access_days);
        text(&mut draft, "meals", self.meals);
        text(&mut draft, "languages", self.languages);
        text(&mut draft, "materials", self.materials);
        text(&mut draft, "recording", self.recording);
        list(&mut draft, "topics", self.topics);
        list(&mut draft, "grade_bands", self.grade_bands);
        list(&mut draft, "subjects", self.subjects);
        list(&mut draft, "invited", self.invited);
        draft.meetings = named(self.meetings).map(|all| all.into_iter().map(Into::into).collect());
        draft.facilitators = named(self.facilitators).map(|all| all.into_iter().map(Into::into).collect());
        let kept = named(self.kept);
        draft.kept = kept.map(|kept| kept.into_iter().map(|(code, seats)| (code, seats.to_string())).collect());
        draft
    }
}

/// What is named: `null` is the empty value.
fn named<T: Default>(value: MaybeUndefined<T>) -> Option<T> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(T::default()),
        MaybeUndefined::Value(value) => Some(value),
    }
}

fn text<T: ToString>(draft: &mut Draft, name: &'static str, value: MaybeUndefined<T>) {
    match value {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => draft.set(name, ""),
        MaybeUndefined::Value(value) => draft.set(name, value.to_string()),
    }
}

fn list(draft: &mut Draft, name: &'static str, value: MaybeUndefined<Vec<String>>) {
    if let Some(values) = named(value) {
        draft.set_list(name, values);
    }
}

impl From<MeetingInput> for MeetingDraft {
    fn from(meeting: MeetingInput) -> Self {
        Self {
            starts_at: meeting.starts_at,
            ends_at: meeting.ends_at.unwrap_or_default(),
            zone: meeting.zone.unwrap_or_default(),
            room: meeting.room.unwrap_or_default(),
            address: meeting.address.unwrap_or_default(),
            online_url: meeting.online_url.unwrap_or_default(),
        }
    }
}

impl From<FacilitatorInput> for FacilitatorDraft {
    fn from(who: FacilitatorInput) -> Self {
        Self {
            name: who.name.unwrap_or_default(),
            email: who.email.unwrap_or_default(),
            account: who.account.unwrap_or_default(),
            school: who.school.unwrap_or_default(),
        }
    }
}

impl Example for SessionInput {
    fn example() -> Self {
        let meeting = MeetingInput {
            starts_at: "2026-11-14T09:00".to_owned(),
            ends_at: Some("2026-11-14T12:00".to_owned()),
            address: Some("12 Harbor Street, library".to_owned()),
            ..MeetingInput::default()
        };
        Self {
            title: MaybeUndefined::Value("Reading Safety Net in Action".to_owned()),
            format: MaybeUndefined::Value("workshop".to_owned()),
            purpose: MaybeUndefined::Value("a plan for your first six weeks".to_owned()),
            host: MaybeUndefined::Value("harbor-charter-school".to_owned()),
            cohost: MaybeUndefined::Value("millbrook-elementary".to_owned()),
            zone: MaybeUndefined::Value("America/New_York".to_owned()),
            capacity: MaybeUndefined::Value(24),
            topics: MaybeUndefined::Value(vec!["early_reading".to_owned()]),
            meetings: MaybeUndefined::Value(vec![meeting]),
            ..Self::default()
        }
    }
}
