//! A session as search engines read it: schema.org `EducationEvent` in JSON-LD. It says what the page says and nothing more: no
//! address of a person, no link to join.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::session::{Party, Session};
use crate::people::{School, SchoolId};
use crate::platform::vocabulary::{SessionMode, SessionStatus};

/// The JSON-LD of a public session that has a time; `None` for one without.
pub fn education_event(session: &Session, schools: &HashMap<SchoolId, School>, base_url: &str) -> Option<Value> {
    let (first, last) = (session.meetings.first()?, session.meetings.last()?);
    let url = format!("{base_url}/sessions/{}", session.id);
    let school = |party: &Party| {
        let school = schools.get(&party.school)?;
        Some(json!({"@type": "School", "name": school.name, "url": format!("{base_url}/schools/{}", school.slug)}))
    };
    let place = |address: Option<&str>| {
        let host = schools.get(&session.host.school);
        let name = host.map_or("The host school", |school| school.name.as_str());
        let at = host.map(School::place).filter(|place| !place.is_empty());
        json!({"@type": "Place", "name": name, "address": address.map(str::to_owned).or(at).unwrap_or(name.to_owned())})
    };
    // Whoever has a seat gets the link; everybody else finds the page.
    let online = json!({"@type": "VirtualLocation", "url": url});
    let location = match session.mode {
        SessionMode::ONLINE => online,
        SessionMode::HYBRID => json!([place(first.address.as_deref()), online]),
        _ => place(first.address.as_deref()),
    };
    let mode = match session.mode {
        SessionMode::ONLINE => "Online",
        SessionMode::HYBRID => "Mixed",
        _ => "Offline",
    };
    let status = match session.status {
        SessionStatus::CANCELLED => "Cancelled",
        SessionStatus::POSTPONED => "Postponed",
        _ => "Scheduled",
    };
    let organizers: Vec<Value> = session.parties().filter_map(school).collect();
    let topics: Vec<Value> =
        session.topics.iter().map(|topic| json!({"@type": "Thing", "name": topic.label()})).collect();
    let seats = session.in_person.capacity + session.online.capacity;
    let mut event = json!({
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "@id": url,
        "url": url,
        "name": session.title,
        "description": description(session),
        "startDate": first.zone.rfc3339(first.starts_at),
        "endDate": last.zone.rfc3339(last.ends_at),
        "eventStatus": format!("https://schema.org/Event{status}"),
        "eventAttendanceMode": format!("https://schema.org/{mode}EventAttendanceMode"),
        "location": location,
        "organizer": organizers,
        "about": topics,
        "audience": {"@type": "EducationalAudience", "educationalRole": "teacher"},
        "isAccessibleForFree": true,
        "maximumAttendeeCapacity": seats,
        "remainingAttendeeCapacity": session.in_person.free() + session.online.free(),
    });
    if session.meetings.len() > 1 {
        let part = |(meeting, number): (&super::Meeting, usize)| {
            json!({
                "@type": "EducationEvent",
                "name": format!("{}, meeting {number} of {}", session.title, session.meetings.len()),
                "description": description(session),
                "url": url,
                "startDate": meeting.zone.rfc3339(meeting.starts_at),
                "endDate": meeting.zone.rfc3339(meeting.ends_at),
                "eventStatus": event["eventStatus"],
                "eventAttendanceMode": event["eventAttendanceMode"],
                "location": event["location"],
                "organizer": event["organizer"],
            })
        };
        let parts: Vec<Value> = session.meetings.iter().zip(1..).map(part).collect();
        event["subEvent"] = Value::from(parts);
    }
    if let Value::Object(fields) = &mut event {
        fields.retain(|_, value| !matches!(value, Value::Array(items) if items.is_empty()));
    }
    Some(event)
}

/// One or two sentences for search engines and previews.
pub fn description(session: &Session) -> String {
    let purpose = session.details.purpose.trim();
    if purpose.is_empty() {
        return format!("{} for educators of district and charter schools.", session.format.label());
    }
    let whole: String = purpose.chars().take(280).collect();
    if whole.to_lowercase().starts_with("you will") { whole } else { format!("You will leave with: {whole}") }
}
