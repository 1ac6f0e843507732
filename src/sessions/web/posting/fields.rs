//! The form of a session: what is typed becomes a draft, and a session becomes what is typed.

use crate::people::{self, SchoolId, Sector};
use crate::platform::vocabulary::{CoverageNeed, GradeBand, SessionFormat, SessionMode, Subject, Topic, Visibility};
use crate::platform::{Cx, Result, Timestamp, Zone};
use crate::sessions::draft::{Draft, FacilitatorDraft, MEETINGS, MeetingDraft, TEXTS};
use crate::sessions::room::{self, Room};
use crate::sessions::session::Session;
use crate::sessions::views::posting::{DateRow, KeptRow, LeadRow, SessionForm, Typed};
use crate::web::form::{Corrections, Form};
use crate::web::site::Site;
use crate::web::views::Choice;

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// What is typed.
    pub typed: Typed,
    /// How many dates.
    pub dates: usize,
    /// What to put right.
    pub corrections: Corrections,
}

/// Names with several values, kept in [`Typed`] with line breaks between.
const LISTS: [&str; 3] = ["topics", "grade_bands", "subjects"];
/// Texts that are no texts of a draft by themselves: the place of all dates, and schools one on a line.
const OTHERS: [&str; 4] = ["invited", "room", "address", "online_url"];
/// Fields of one date.
const DATE: [&str; 8] = ["date", "starts_at", "ends_at", "ends_on", "zone", "room", "address", "online_url"];
/// Rows for people beyond those that are filled in.
const MORE_LEADS: usize = 2;
/// Zones of the United States, and whichever one a session has.
const ZONES: [(&str, &str); 7] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
];

impl Shown {
    /// What a form brought.
    pub fn of(form: &Form) -> Self {
        let mut typed = Typed::default();
        for name in TEXTS.iter().chain(&OTHERS).chain(&["revision"]) {
            typed.put(*name, form.get(name));
        }
        for name in LISTS {
            typed.put(name, form.all(name).join("\n"));
        }
        let dates = (1..=MEETINGS).take_while(|n| form.has(&format!("meetings/{n}/date"))).count();
        for number in 1..=dates {
            for part in DATE {
                let name = format!("meetings/{number}/{part}");
                typed.put(name.clone(), form.get(&name));
            }
        }
        for number in 1..=leads(form) {
            for part in ["name", "email", "school"] {
                let name = format!("facilitators/{number}/{part}");
                typed.put(name.clone(), form.get(&name));
            }
        }
        // Sectors are few and come with their codes in the names.
        for (name, value) in form.starting("kept/") {
            typed.put(name, value);
        }
        Self { typed, dates: dates.max(1), corrections: Corrections::default() }
    }

    /// A new form with what a link brings along, by the names of its fields: it is shown as typed, and nothing is saved.
    pub fn asked(mut typed: Typed, asked: Vec<(String, String)>) -> Self {
        let of_date = |name: &str| {
            let (number, part) = name.strip_prefix("meetings/")?.split_once('/')?;
            let number = number.parse::<usize>().ok().filter(|n| (1..=MEETINGS).contains(n))?;
            DATE.contains(&part).then(|| (number, format!("meetings/{number}/{part}")))
        };
        let mut dates = 1;
        for (name, value) in asked {
            if name == "zone" && Zone::parse(&value).is_err() {
                continue;
            }
            if LISTS.contains(&name.as_str()) {
                let all = match typed.at(&name) {
                    "" => value,
                    before => format!("{before}\n{value}"),
                };
                typed.put(name, all);
            } else if TEXTS.contains(&name.as_str()) || OTHERS.contains(&name.as_str()) {
                typed.put(name, value);
            } else if let Some((number, name)) = of_date(&name) {
                dates = dates.max(number);
                typed.put(name, value);
            }
        }
        Self { typed, dates, corrections: Corrections::default() }
    }

    /// The same with room for one more date.
    pub fn with_another_date(mut self) -> Self {
        self.dates = (self.dates + 1).min(MEETINGS);
        self
    }
}

fn leads(form: &Form) -> usize {
    (1..=30).take_while(|n| form.has(&format!("facilitators/{n}/name"))).count()
}

/// What the form says, as the operations read it. A row in which nothing is typed is no row.
pub(super) fn draft_of(form: &Form, sectors: &[Sector]) -> Draft {
    let mut draft = Draft::default();
    for name in TEXTS {
        if form.has(name) {
            draft.set(name, form.get(name));
        }
    }
    for name in LISTS {
        draft.set_list(name, form.all(name));
    }
    draft.set_list("invited", form.get("invited").lines().map(str::to_owned).collect());
    let mut meetings = Vec::new();
    for number in (1..=MEETINGS).take_while(|n| form.has(&format!("meetings/{n}/date"))) {
        let part = |name: &str| form.get(&format!("meetings/{number}/{name}")).to_owned();
        let or = |name: &str| {
            let own = part(name);
            if own.is_empty() { form.get(name).to_owned() } else { own }
        };
        let (date, starts, ends) = (part("date"), part("starts_at"), part("ends_at"));
        if date.is_empty() && starts.is_empty() && ends.is_empty() {
            continue;
        }
        let last = Some(part("ends_on")).filter(|day| !day.is_empty()).unwrap_or_else(|| date.clone());
        let at = |time: &str| if time.is_empty() { String::new() } else { format!("{last}T{time}") };
        meetings.push(MeetingDraft {
            starts_at: format!("{date}T{starts}"),
            ends_at: at(&ends),
            zone: part("zone"),
            room: or("room"),
            address: or("address"),
            online_url: or("online_url"),
        });
    }
    draft.meetings = Some(meetings);
    let people = (1..=leads(form)).map(|number| {
        let part = |name: &str| form.get(&format!("facilitators/{number}/{name}")).to_owned();
        FacilitatorDraft { name: part("name"), email: part("email"), school: part("school"), account: String::new() }
    });
    let filled = |who: &FacilitatorDraft| !(who.name.is_empty() && who.email.is_empty() && who.school.is_empty());
    draft.facilitators = Some(people.filter(filled).collect());
    let kept =
        sectors.iter().map(|sector| (sector.code.clone(), form.get(&format!("kept/{}", sector.code)).to_owned()));
    draft.kept = Some(kept.collect()).filter(|kept: &std::collections::BTreeMap<_, _>| !kept.is_empty());
    draft
}

/// A new form: the zone of its reader.
pub(super) async fn fresh(cx: &Cx) -> Result<Typed> {
    let mut typed = Typed::default();
    typed.put("visibility", Visibility::PUBLIC.code());
    if let Some(account) = cx.actor().account() {
        let zone = people::account::account(cx, people::AccountId(account)).await?.time_zone;
        typed.put("zone", zone.unwrap_or_else(|| Zone::default().name().to_owned()));
    }
    Ok(typed)
}

/// A session as it would be typed.
pub(super) async fn typed_of(cx: &Cx, session: &Session) -> Result<Typed> {
    let mut typed = Typed::default();
    let zone = session.zone();
    let number = |n: Option<i32>| n.map_or(String::new(), |n| n.to_string());
    let seats = |n: i32| if n == 0 { String::new() } else { n.to_string() };
    let moment =
        |at: Option<Timestamp>| at.map_or(String::new(), |at| zone.local(at).format("%Y-%m-%dT%H:%M").to_string());
    let details = &session.details;
    let online_only = session.mode == SessionMode::ONLINE;
    let mut ids: Vec<SchoolId> = session.parties().map(|party| party.school).collect();
    ids.extend(&session.invited);
    ids.extend(session.facilitators.iter().filter_map(|who| who.school));
    let schools = people::schools(cx, &ids).await?;
    let slug = |id: SchoolId| schools.get(&id).map_or(id.to_string(), |school| school.slug.clone());
    let mut people_ids: Vec<_> = session.facilitators.iter().filter_map(|who| who.account).collect();
    people_ids.extend(session.access_contact);
    let accounts = people::account::accounts(cx, &people_ids).await?;
    let email = |id: Option<people::AccountId>| {
        let account = id.and_then(|id| accounts.get(&id));
        account.and_then(|account| account.email.as_ref()).map_or(String::new(), |email| email.as_str().to_owned())
    };
    let texts = [
        ("revision", session.revision.to_string()),
        ("title", session.title.clone()),
        ("format", session.format.code().to_owned()),
        ("mode", session.mode.code().to_owned()),
        ("host", session.host.school.to_string()),
        ("cohost", session.cohost.as_ref().map_or(String::new(), |party| slug(party.school))),
        ("practice", session.practice.map_or(String::new(), |id| id.to_string())),
        ("zone", zone.name().to_owned()),
        ("capacity", seats(if online_only { session.online.capacity } else { session.in_person.capacity })),
        ("online_capacity", seats(if online_only { 0 } else { session.online.capacity })),
        ("minimum", number(session.minimum)),
        ("decide_on", session.decide_on.map_or(String::new(), |day| day.to_string())),
        ("school_cap", number(session.school_cap)),
        ("release_at", moment(session.release_at)),
        ("opens_at", moment(session.opens_at)),
        ("closes_at", moment(session.closes_at)),
        ("approval_needed", if session.approval_needed { "yes" } else { "no" }.to_owned()),
        ("approval_by", moment(session.approval_by)),
        ("coverage", session.coverage.code().to_owned()),
        ("visibility", session.visibility.code().to_owned()),
        ("access_contact", email(session.access_contact)),
        ("purpose", details.purpose.clone()),
        ("audience", details.audience.clone()),
        ("prerequisites", details.prerequisites.clone()),
        ("attendance_rule", details.attendance_rule.clone()),
        ("coverage_paid_by", details.coverage_paid_by.clone()),
        ("parking", details.parking.clone()),
        ("transit", details.transit.clone()),
        ("entrance", details.entrance.clone()),
        ("accessibility", details.accessibility.clone()),
        ("access_days", details.access_days.map_or(String::new(), |days| days.to_string())),
        ("meals", details.meals.clone()),
        ("languages", details.languages.clone()),
        ("materials", details.materials.clone()),
        ("recording", details.recording.clone()),
        ("topics", codes(session.topics.iter().map(|topic| topic.code()))),
        ("grade_bands", codes(details.grade_bands.iter().map(|band| band.code()))),
        ("subjects", codes(details.subjects.iter().map(|subject| subject.code()))),
        ("invited", session.invited.iter().map(|id| slug(*id)).collect::<Vec<_>>().join("\n")),
    ];
    for (name, value) in texts {
        typed.put(name, value);
    }
    for (code, seats) in &session.kept {
        typed.put(format!("kept/{code}"), seats.to_string());
    }
    put_meetings(&mut typed, session);
    for (who, number) in session.facilitators.iter().zip(1..) {
        typed.put(format!("facilitators/{number}/name"), who.name.clone());
        typed.put(format!("facilitators/{number}/email"), email(who.account));
        typed.put(format!("facilitators/{number}/school"), who.school.map_or(String::new(), slug));
    }
    Ok(typed)
}

fn codes(codes: impl Iterator<Item = &'static str>) -> String {
    codes.collect::<Vec<_>>().join("\n")
}

/// The place of the first meeting is that of all; others say where they differ.
fn put_meetings(typed: &mut Typed, session: &Session) {
    let place = |meeting: &crate::sessions::Meeting| {
        [
            ("room", meeting.room.map_or(String::new(), |room| room.to_string())),
            ("address", meeting.address.clone().unwrap_or_default()),
            ("online_url", meeting.online_url.clone().unwrap_or_default()),
        ]
    };
    let first = session.meetings.first().map(place).unwrap_or_default();
    let alike = session.meetings.iter().all(|meeting| place(meeting) == first);
    if alike {
        for (name, value) in first {
            typed.put(name, value);
        }
    }
    for meeting in &session.meetings {
        let mut put = |part: &str, value: String| typed.put(format!("meetings/{}/{part}", meeting.number), value);
        put("date", meeting.starts_local.format("%Y-%m-%d").to_string());
        put("starts_at", meeting.starts_local.format("%H:%M").to_string());
        put("ends_at", meeting.ends_local.format("%H:%M").to_string());
        if meeting.starts_local.date() != meeting.ends_local.date() {
            put("ends_on", meeting.ends_local.format("%Y-%m-%d").to_string());
        }
        // Those in the zone of the session go along when that is changed.
        if meeting.zone != session.zone() {
            put("zone", meeting.zone.name().to_owned());
        }
        if !alike {
            for (name, value) in place(meeting) {
                put(name, value);
            }
        }
    }
}

/// The page with the form.
pub(super) async fn page(cx: &Cx, site: &Site, session: Option<&Session>, shown: Shown) -> Result<SessionForm> {
    let Shown { typed, dates, corrections } = shown;
    let own = super::own_schools(cx.actor());
    let wide = super::types_host(cx.actor());
    let mut ids = own.clone();
    ids.extend(session.iter().flat_map(|session| session.parties()).map(|party| party.school));
    let schools = people::schools(cx, &ids).await?;
    let used: Vec<_> =
        session.iter().flat_map(|session| &session.meetings).filter_map(|meeting| meeting.room).collect();
    let rooms = room::offered(cx, &ids, &used).await?;
    let (path, heading, back) = match session {
        None => ("/sessions/new".to_owned(), "Post a session".to_owned(), String::new()),
        Some(session) => {
            let url = format!("/sessions/{}", session.id);
            (format!("{url}/edit"), format!("Change: {}", session.title), format!("{url}/posting"))
        }
    };
    let school = |id: &SchoolId| schools.get(id).map(|school| (school.id.to_string(), school.name.clone()));
    let hosts: Vec<(String, String)> = if wide { Vec::new() } else { own.iter().filter_map(school).collect() };
    let seated = session.map_or(0, |session| session.in_person.taken + session.online.taken);
    let kept = super::keeps_rooms(cx.actor(), &own).and_then(|id| schools.get(&id));
    let sectors = people::sectors(cx).await?;
    let many = |name: &str| typed.at(name).lines().map(str::to_owned).collect::<Vec<_>>();
    Ok(SessionForm {
        chrome: super::chrome(site, &heading, &path),
        heading,
        action: path,
        back,
        fixed: session.is_some_and(Session::is_public),
        nowhere: session.is_none() && own.is_empty() && !wide,
        hosts: choices(hosts, typed.at("host")),
        formats: choices(SessionFormat::all().map(|f| (f.code().into(), f.label().into())), typed.at("format")),
        topics: checked(Topic::all().map(|t| (t.code(), t.label())), &many("topics")),
        dates: (1..=dates.max(1)).map(|number| date_row(number, &typed, &corrections)).collect(),
        rooms: rooms.iter().map(|room| room_choice(room, &schools)).collect(),
        rooms_url: kept.map_or(String::new(), |school| format!("/schools/{}/rooms", school.slug)),
        leads: lead_rows(&typed, &corrections),
        kept: sectors
            .into_iter()
            .map(|sector| KeptRow {
                seats: typed.at(&format!("kept/{}", sector.code)).to_owned(),
                code: sector.code,
                label: sector.label,
            })
            .collect(),
        zones: zones(&typed, dates),
        modes: usual(SessionMode::all().map(|m| (m.code(), m.label())), typed.at("mode")),
        coverages: usual(CoverageNeed::all().map(|c| (c.code(), c.label())), typed.at("coverage")),
        approvals: usual([("yes", "Yes"), ("no", "No")].into_iter(), typed.at("approval_needed")),
        visibilities: choices(Visibility::all().map(|v| (v.code().into(), v.label().into())), typed.at("visibility")),
        grade_bands: checked(GradeBand::all().map(|b| (b.code(), b.label())), &many("grade_bands")),
        subjects: checked(Subject::all().map(|s| (s.code(), s.label())), &many("subjects")),
        warning: match seated {
            0 => String::new(),
            1 => "One person has a seat. Another date, time or place is told to them at once.".to_owned(),
            n => format!("{n} people have seats. Another date, time or place is told to them at once."),
        },
        typed,
        corrections,
    })
}

fn date_row(number: usize, typed: &Typed, corrections: &Corrections) -> DateRow {
    let part = |name: &str| typed.at(&format!("meetings/{number}/{name}")).to_owned();
    let wrong = |name: &str| corrections.at(&format!("meetings/{number}/{name}")).unwrap_or_default().to_owned();
    let place = ["address", "room", "online_url", "zone"].into_iter().map(wrong).find(|text| !text.is_empty());
    DateRow {
        number,
        date: part("date"),
        starts: part("starts_at"),
        ends: part("ends_at"),
        ends_on: part("ends_on"),
        zone: part("zone"),
        room: part("room"),
        address: part("address"),
        online_url: part("online_url"),
        wrong_date: wrong("date"),
        wrong_starts: wrong("starts_at"),
        wrong_ends: wrong("ends_at"),
        wrong_place: place.unwrap_or_default(),
    }
}

fn lead_rows(typed: &Typed, corrections: &Corrections) -> Vec<LeadRow> {
    let part = |number: usize, name: &str| typed.at(&format!("facilitators/{number}/{name}")).to_owned();
    let filled = (1..=30).rfind(|n| !part(*n, "name").is_empty() || !part(*n, "email").is_empty()).unwrap_or(0);
    let row = |number: usize| {
        let wrong = |name: &str| corrections.at(&format!("facilitators/{number}/{name}"));
        LeadRow {
            number,
            name: part(number, "name"),
            email: part(number, "email"),
            school: part(number, "school"),
            wrong: ["name", "email", "school"].into_iter().find_map(wrong).unwrap_or_default().to_owned(),
        }
    };
    (1..=filled + MORE_LEADS).map(row).collect()
}

fn choices(values: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): (String, String)| Choice { selected: value == chosen, value, label };
    values.into_iter().map(choice).collect()
}

fn usual(values: impl Iterator<Item = (&'static str, &'static str)>, chosen: &str) -> Vec<Choice> {
    let usual = ("", "As usual for this kind");
    choices(std::iter::once(usual).chain(values).map(|(v, l)| (v.to_owned(), l.to_owned())), chosen)
}

fn checked(values: impl Iterator<Item = (&'static str, &'static str)>, chosen: &[String]) -> Vec<Choice> {
    let choice = |(value, label): (&str, &str)| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: chosen.iter().any(|code| code == value),
    };
    values.map(choice).collect()
}

fn zones(typed: &Typed, dates: usize) -> Vec<Choice> {
    let chosen = typed.at("zone");
    let of_dates: Vec<String> =
        (1..=dates).map(|number| typed.at(&format!("meetings/{number}/zone")).to_owned()).collect();
    let mut listed: Vec<(String, String)> =
        ZONES.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect();
    for zone in std::iter::once(chosen).chain(of_dates.iter().map(String::as_str)) {
        if Zone::parse(zone).is_ok() && listed.iter().all(|(name, _)| name != zone) {
            listed.push((zone.to_owned(), zone.replace('_', " ")));
        }
    }
    choices(listed, chosen)
}

fn room_choice(room: &Room, schools: &std::collections::HashMap<SchoolId, people::School>) -> Choice {
    let school = schools.get(&room.school).map_or("", |school| school.name.as_str());
    let out = if room.retired_at.is_some() { " (no longer in use)" } else { "" };
    Choice { value: room.id.to_string(), label: format!("{}, {school}{out}", room.name), selected: false }
}
