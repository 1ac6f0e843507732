//! Finding sessions: list, month, feeds of a search.

use std::collections::HashMap;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::people::{self, School, SchoolId};
use crate::platform::vocabulary::{SessionFormat, SessionMode, SessionStatus, Topic, Way};
use crate::platform::{Actor, Cx, Db, FieldErrors, Place, Result};
use crate::search::encode;
use crate::search::web::parameters;
use crate::sessions::list::{self, Filters, PAGE};
use crate::sessions::schedule;
use crate::sessions::session::{Session, SessionId};
use crate::sessions::views::list::{DayCell, DayEntry, FilterForm, ListPage, MonthGroup, MonthPage, SessionRow};
use crate::sessions::web::calendars::webcal;
use crate::web::asker::Asker;
use crate::web::form::Corrections;
use crate::web::methods::{Resource, resource};
use crate::web::site::{self, Site, own_page, page};
use crate::web::views::{Choice, Chrome, SchoolLine, Section, Sector};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/sessions", resource().get(sessions_view))]
}

/// What of an address decides about the page beside the filters.
struct Asked {
    filters: Filters,
    errors: FieldErrors,
    month: Option<NaiveDate>,
    cursor: Option<String>,
}

/// GET `/sessions`
#[handler]
async fn sessions_view(
    Asker(actor): Asker,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = read(request, &cx);
    let own = cx.actor().person().is_some();
    let status = if asked.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // What only members see must not stay in anybody's cache.
    if let Some(first) = asked.month {
        let view = month_page(&cx, *site, &asked, first).await?;
        return if own || status != StatusCode::OK { own_page(status, &view) } else { page(request.headers(), &view) };
    }
    let view = list_page(&cx, *site, &asked).await?;
    if own || status != StatusCode::OK { own_page(status, &view) } else { page(request.headers(), &view) }
}

fn read(request: &Request, cx: &Cx) -> Asked {
    let parameters = parameters(request.uri().query().unwrap_or_default());
    let (filters, errors) = Filters::read(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let get = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.trim());
    let today = crate::platform::Zone::default().local(cx.now()).date();
    let month = get("month").and_then(|month| NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok());
    let month = month.filter(|month| (1900..=2200).contains(&month.year()));
    Asked {
        filters,
        errors,
        month: (get("view") == Some("month")).then(|| month.unwrap_or(today).with_day(1).unwrap_or(today)),
        cursor: get("cursor").filter(|cursor| !cursor.is_empty()).map(str::to_owned),
    }
}

async fn list_page(cx: &Cx, site: &Site, asked: &Asked) -> Result<ListPage> {
    let found = list::page(cx, &asked.filters, asked.cursor.as_deref(), PAGE).await?;
    let schools = schools(cx, &found.items, asked.filters.school).await?;
    let sectors = people::sectors(cx).await?;
    let mut months: Vec<MonthGroup> = Vec::new();
    for session in &found.items {
        let label =
            session.meetings.first().map(|meeting| site::month(meeting.starts_local.date())).unwrap_or_default();
        if months.last().is_none_or(|month| month.label != label) {
            months.push(MonthGroup { label, rows: Vec::new() });
        }
        if let Some(month) = months.last_mut() {
            month.rows.push(row(session, &schools, &sectors));
        }
    }
    let filters = form(cx, site, asked, &sectors, &schools);
    let more = |cursor: &str| with(&filters.list_url, &[("cursor", cursor)]);
    Ok(ListPage {
        chrome: chrome(site, "Sessions", asked, &filters.list_url),
        total: found.total,
        months,
        next_url: found.next.as_deref().map(more),
        first_url: asked.cursor.as_ref().map(|_| filters.list_url.clone()),
        filters,
    })
}

async fn month_page(cx: &Cx, site: &Site, asked: &Asked, first: NaiveDate) -> Result<MonthPage> {
    let sessions = list::month(cx, &asked.filters, first).await?;
    let schools = schools(cx, &sessions, asked.filters.school).await?;
    let sectors = people::sectors(cx).await?;
    let mut meetings: HashMap<NaiveDate, Vec<(chrono::NaiveDateTime, DayEntry)>> = HashMap::new();
    for session in &sessions {
        for meeting in &session.meetings {
            let entry = DayEntry {
                time: schedule::start(meeting),
                title: session.title.clone(),
                url: format!("/sessions/{}", session.id),
                hosts: hosts(session, &schools),
                status: status(session),
            };
            meetings.entry(meeting.starts_local.date()).or_default().push((meeting.starts_local, entry));
        }
    }
    let after = first + Months::new(1);
    let mut cell = |day: NaiveDate| {
        if day < first || day >= after {
            return DayCell::default();
        }
        let mut entries = meetings.remove(&day).unwrap_or_default();
        entries.sort_by(|a, b| (a.0, &a.1.title).cmp(&(b.0, &b.1.title)));
        DayCell {
            number: day.day(),
            label: day.format("%A, %B %-d").to_string(),
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        }
    };
    let sunday = first.week(Weekday::Sun).first_day();
    let weeks: Vec<Vec<DayCell>> = (0..6)
        .map(|week| sunday + Days::new(7 * week))
        .take_while(|start| *start < after)
        .map(|start| (0..7).map(|day| cell(start + Days::new(day))).collect())
        .collect();
    let filters = form(cx, site, asked, &sectors, &schools);
    let at = |day: NaiveDate| {
        let url = with(&filters.list_url, &[("view", "month"), ("month", &day.format("%Y-%m").to_string())]);
        (site::month(day), url)
    };
    Ok(MonthPage {
        chrome: chrome(site, &format!("Sessions in {}", site::month(first)), asked, &filters.month_url),
        label: site::month(first),
        previous: at(first - Months::new(1)),
        next: at(after),
        days: weeks.iter().flatten().filter(|day| !day.entries.is_empty()).cloned().collect(),
        weeks,
        filters,
    })
}

fn chrome(site: &Site, title: &str, asked: &Asked, url: &str) -> Chrome {
    let about =
        "Joint sessions of district and charter schools: when, where, who invites, and how many seats are free.";
    let mut chrome = site.chrome(title, about, url);
    chrome.section = Section::Sessions;
    // A page of filters is no page to find by.
    chrome.noindex = !asked.filters.is_empty() || asked.cursor.is_some() || asked.month.is_some();
    chrome
}

async fn schools(cx: &Cx, sessions: &[Session], asked: Option<SchoolId>) -> Result<HashMap<SchoolId, School>> {
    let mut ids: Vec<SchoolId> = sessions.iter().flat_map(Session::parties).map(|party| party.school).collect();
    ids.extend(asked);
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    people::schools(cx, &ids).await
}

/// The filters in words, for the name of a feed. At most four statements.
pub(super) async fn in_words(cx: &Cx, filters: &Filters) -> Result<Vec<String>> {
    let sectors = if filters.sector.is_some() { people::sectors(cx).await? } else { Vec::new() };
    let schools = schools(cx, &[], filters.school).await?;
    Ok(words(filters, &sectors, &schools))
}

fn words(filters: &Filters, sectors: &[people::Sector], schools: &HashMap<SchoolId, School>) -> Vec<String> {
    let mut words = Vec::new();
    if !filters.text.is_empty() {
        words.push(format!("“{}”", filters.text));
    }
    words.extend(filters.topic.map(|topic| topic.label().to_owned()));
    words.extend(filters.format.map(|format| format.label().to_owned()));
    words.extend(
        filters.sector.as_ref().map(|code| format!("with a host of the sector {}", sector(sectors, code).label)),
    );
    words.extend(filters.school.map(|id| match schools.get(&id) {
        Some(school) => format!("of {}", school.name),
        None => "of a school we do not know".to_owned(),
    }));
    words.extend(filters.mode.map(|mode| mode.label().to_lowercase()));
    words.extend(filters.from.map(|day| format!("from {}", site::day(day))));
    words.extend(filters.to.map(|day| format!("until {}", site::day(day))));
    words.extend(filters.open.then(|| "with free seats".to_owned()));
    words
}

fn sector(sectors: &[people::Sector], code: &str) -> Sector {
    let label = sectors.iter().find(|sector| sector.code == code).map_or(code, |sector| sector.label.as_str());
    Sector { code: code.to_owned(), label: label.to_owned() }
}

/// An address with more parameters.
fn with(url: &str, pairs: &[(&str, &str)]) -> String {
    let more: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if more.is_empty() {
        return url.to_owned();
    }
    format!("{url}{}{}", if url.contains('?') { '&' } else { '?' }, more.join("&"))
}

fn form(
    cx: &Cx,
    site: &Site,
    asked: &Asked,
    sectors: &[people::Sector],
    schools: &HashMap<SchoolId, School>,
) -> FilterForm {
    let filters = &asked.filters;
    let pairs = filters.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let list_url = with("/sessions", &pairs);
    let month = asked.month.map(|month| month.format("%Y-%m").to_string()).unwrap_or_default();
    let mut for_month = vec![("view", "month")];
    for_month.extend((!month.is_empty()).then_some(("month", month.as_str())));
    let ics_url = with("/sessions.ics", &pairs);
    let choices = |any: &str, chosen: Option<&str>, all: Vec<(&str, &str)>| {
        std::iter::once(("", any))
            .chain(all)
            .map(|(value, label)| Choice {
                value: value.to_owned(),
                label: label.to_owned(),
                selected: value == chosen.unwrap_or_default(),
            })
            .collect::<Vec<_>>()
    };
    let school = filters
        .school
        .map(|id| (id.to_string(), schools.get(&id).map(|school| school.name.clone()).unwrap_or_default()));
    FilterForm {
        corrections: Corrections::from_errors(&asked.errors),
        text: filters.text.clone(),
        from: filters.from.map(|day| day.to_string()).unwrap_or_default(),
        to: filters.to.map(|day| day.to_string()).unwrap_or_default(),
        topics: choices(
            "Any topic",
            filters.topic.map(Topic::code),
            Topic::all().map(|topic| (topic.code(), topic.label())).collect(),
        ),
        formats: choices(
            "Any format",
            filters.format.map(SessionFormat::code),
            SessionFormat::all().map(|format| (format.code(), format.label())).collect(),
        ),
        sectors: choices(
            "Any sector",
            filters.sector.as_deref(),
            sectors.iter().map(|sector| (sector.code.as_str(), sector.label.as_str())).collect(),
        ),
        modes: choices(
            "Any way",
            filters.mode.map(SessionMode::code),
            SessionMode::all().map(|mode| (mode.code(), mode.label())).collect(),
        ),
        open: filters.open,
        school: school.unwrap_or_default(),
        words: words(filters, sectors, schools),
        month_url: with(&list_url, &for_month),
        webcal_url: webcal(&format!("{}{ics_url}", site.base_url)),
        list_url,
        month,
        ics_url,
        new_url: if posts(cx.actor()) { "/sessions/new".to_owned() } else { String::new() },
        signed_in: cx.actor().person().is_some(),
    }
}

/// Whether the actor belongs to a place that can invite.
fn posts(actor: &Actor) -> bool {
    actor.person().is_some_and(|person| person.grants.iter().any(|grant| grant.place != Place::Installation))
}

/// "Harbor Charter School and Millbrook Elementary".
fn hosts(session: &Session, schools: &HashMap<SchoolId, School>) -> String {
    let names: Vec<&str> =
        session.parties().filter_map(|party| schools.get(&party.school)).map(|school| school.name.as_str()).collect();
    names.join(" and ")
}

fn row(session: &Session, schools: &HashMap<SchoolId, School>, sectors: &[people::Sector]) -> SessionRow {
    let line = |party: &crate::sessions::Party| {
        schools.get(&party.school).map(|school| SchoolLine {
            name: school.name.clone(),
            url: format!("/schools/{}", school.slug),
            sector: party.sector.as_deref().map(|code| sector(sectors, code)),
        })
    };
    let more = match session.meetings.as_slice() {
        [_, .., last] => {
            let more = session.meetings.len() - 1;
            let day = schedule::day(last.starts_at, last.zone);
            format!("and {more} more meeting{} until {day}", if more == 1 { "" } else { "s" })
        }
        _ => String::new(),
    };
    SessionRow {
        title: session.title.clone(),
        url: address(session.id),
        when: session.meetings.first().map(schedule::when).unwrap_or_default(),
        more,
        hosts: session.parties().filter_map(line).collect(),
        joint: joint(session).to_owned(),
        seats: seats(session),
        format: session.format.label().to_owned(),
        mode: session.mode.label().to_owned(),
        topics: session.topics.iter().map(|topic| topic.label()).collect::<Vec<_>>().join(", "),
        status: status(session),
    }
}

fn address(id: SessionId) -> String {
    format!("/sessions/{id}")
}

/// Which of the three checks holds (J-1).
fn joint(session: &Session) -> &'static str {
    match (session.joint_published, session.joint_decided, session.joint_held) {
        (_, _, Some(true)) => "Joint: educators of two sectors came",
        (_, _, Some(false)) => "Not joint: too few of a second sector came",
        (_, Some(true), _) => "Joint: educators of two sectors are registered",
        (_, Some(false), _) => "Not joint yet: one sector is registered",
        (Some(true), ..) => "Joint: host and co-host are of two sectors",
        _ => "Not joint: host and co-host are not of two sectors",
    }
}

fn seats(session: &Session) -> String {
    let ways = session.ways();
    let both = ways.len() > 1;
    let of = |way: &Way| {
        let places = session.places(*way);
        let suffix = match (both, *way == Way::ONLINE) {
            (false, _) => "",
            (true, true) => " online",
            (true, false) => " in the room",
        };
        match places.free() {
            0 => format!("full{suffix}"),
            free => format!("{free} of {} seats free{suffix}", places.capacity),
        }
    };
    let words = ways.iter().map(of).collect::<Vec<_>>().join(", ");
    match (session.status, words.strip_prefix("full")) {
        (SessionStatus::PUBLISHED, Some("")) => "Full; there is a waitlist".to_owned(),
        (_, Some(rest)) => format!("Full{rest}"),
        (_, None) => words,
    }
}

/// What of its status must be said: open is the rule.
fn status(session: &Session) -> String {
    if session.status == SessionStatus::PUBLISHED { String::new() } else { session.status.label().to_owned() }
}
