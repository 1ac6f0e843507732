//! `/practices.atom`: practices as they change.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveTime;
use data_encoding::BASE64URL_NOPAD;
use poem::web::Data;
use poem::{Request, Response, handler};
use uuid::Uuid;

use crate::catalog::changes::{self, Place};
use crate::catalog::{self, Practice, PracticeId, markdown};
use crate::open_data::OpenData;
use crate::people::{self, School, SchoolId};
use crate::platform::chance::sha256;
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp};
use crate::search::web::parameters;
use crate::search::{Kind, Question, Search, Sort, encode};
use crate::web::feed::{Entry, Feed, escaped};

/// Entries of a page.
const PAGE: usize = 50;
/// A feed of a search goes through so many of the practices found, the newest ones.
const FOUND: usize = 500;

/// `/practices.atom`: all of them, or those that a search finds, with the same parameters as `/search`.
#[handler]
pub async fn practices_view(
    request: &Request,
    db: Data<&Db>,
    search: Data<&Arc<Search>>,
    open: Data<&OpenData>,
) -> poem::Result<Response> {
    let cx = db.cx(Actor::Visitor);
    let pairs = parameters(request.uri().query().unwrap_or_default());
    let before = pairs.iter().find(|(name, value)| name == "before" && !value.is_empty());
    let behind = before.map(|(_, value)| place(value)).transpose()?;
    let asked = Question::read(Kind::Practice, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    // Order and length are the feed's own.
    let question = Question { sort: Sort::Newest, limit: FOUND, cursor: None, ..asked };
    let canonical = Question { sort: Sort::Relevance, limit: 0, ..question.clone() };
    let everything = canonical == Question::default();
    let mut found = if everything {
        changes::newest_first(&cx, behind, PAGE as u64 + 1).await?
    } else {
        changed(&cx, &search, &question, behind).await?
    };
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let schools: Vec<SchoolId> = found.iter().filter_map(|practice| practice.origin_school).collect();
    let schools = people::schools(&cx, &schools).await?;
    let path = canonical.url("/practices.atom");
    let own = |place: Option<Place>| {
        let gap = if path.contains('?') { '&' } else { '?' };
        let end = place.map(|place| format!("{gap}before={}", encode(&token(place)))).unwrap_or_default();
        format!("{}{path}{end}", open.base_url)
    };
    let next = found.last().filter(|_| more).map(|last| own(Some((last.updated_at, last.id))));
    let feed = Feed {
        id: id_of(&db, &path, everything).await?,
        title: title(&search, &canonical),
        subtitle: "Practices that district and charter schools share, newest change first.".to_owned(),
        author: "Common Ground".to_owned(),
        since: cx.now().date_naive().and_time(NaiveTime::MIN).and_utc(),
        own_url: own(behind),
        page_url: format!("{}{}", open.base_url, canonical.url("/search")),
        next_url: next,
        first_url: behind.map(|_| own(None)),
        entries: found.iter().map(|practice| entry(practice, &schools, &open.base_url)).collect(),
    };
    Ok(feed.respond(request.headers()))
}

/// Those that a search finds, newest change first, one more than a page.
async fn changed(cx: &Cx, search: &Search, question: &Question, behind: Option<Place>) -> Result<Vec<Practice>> {
    let answer = search.practices_unnoted(cx, question).await?;
    let ids: Vec<PracticeId> = answer.hits.iter().map(|hit| PracticeId(hit.id)).collect();
    let mut places = changes::places(cx, &ids).await?;
    places.sort_unstable_by(|a, b| b.cmp(a));
    places.retain(|place| behind.is_none_or(|behind| *place < behind));
    places.truncate(PAGE + 1);
    let ids: Vec<PracticeId> = places.iter().map(|(_, id)| *id).collect();
    let mut found = catalog::practices(cx, &ids).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn entry(practice: &Practice, schools: &HashMap<SchoolId, School>, base_url: &str) -> Entry {
    let record = &practice.record;
    let school = practice.origin_school.and_then(|id| schools.get(&id));
    let mut html = String::new();
    for text in [&record.summary, &record.problem].into_iter().flatten() {
        html.push_str(&format!("<p>{}</p>", escaped(&markdown::plain(text))));
    }
    if !record.steps.is_empty() {
        let steps: String = record.steps.iter().map(|step| format!("<li>{}</li>", escaped(&step.what))).collect();
        html.push_str(&format!("<ol>{steps}</ol>"));
    }
    if let Some(school) = school {
        html.push_str(&format!("<p>{}</p>", escaped(&[school.name.clone(), school.place()].join(", "))));
    }
    let published = practice.published_on.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    Entry {
        id: format!("urn:uuid:{}", practice.id),
        title: record.title.clone(),
        url: format!("{base_url}/practices/{}", practice.slug),
        // One that was published here before it was brought here is told by its day.
        published: Some(published.unwrap_or(practice.created_at).min(practice.updated_at)),
        updated: practice.updated_at,
        author: school.map(|school| school.name.clone()),
        categories: record.topics.iter().map(|topic| (topic.code().to_owned(), topic.label().to_owned())).collect(),
        rights: Some(record.license.label().to_owned()),
        license_url: Some(record.license.url().to_owned()),
        content_html: html,
    }
}

/// The name of a feed for ever: made of the installation and of what is asked, and not of the address where it stands.
async fn id_of(db: &Db, path: &str, everything: bool) -> Result<String> {
    let installation = db.installation().await?;
    if everything {
        return Ok(format!("urn:uuid:{installation}"));
    }
    let hash = sha256(format!("{installation} {path}").as_bytes());
    let half = Uuid::try_parse(hash.get(..32).unwrap_or_default()).map_err(Error::internal)?;
    Ok(format!("urn:uuid:{}", uuid::Builder::from_custom_bytes(half.into_bytes()).into_uuid()))
}

fn title(search: &Search, question: &Question) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !question.text.is_empty() {
        parts.push(format!("“{}”", question.text));
    }
    for spec in Kind::Practice.facets() {
        let values = question.filters.get(spec.name).into_iter().flatten();
        parts.extend(values.map(|value| search.label(spec, value)));
    }
    if parts.is_empty() { "Practices".to_owned() } else { format!("Practices: {}", parts.join(", ")) }
}

fn token((at, id): Place) -> String {
    BASE64URL_NOPAD.encode(&[at.timestamp_micros().to_be_bytes().as_slice(), id.0.as_bytes()].concat())
}

fn place(text: &str) -> Result<Place> {
    let read = || {
        let bytes: [u8; 24] = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_at(8);
        let at = Timestamp::from_timestamp_micros(i64::from_be_bytes(at.try_into().ok()?))?;
        Some((at, PracticeId(Uuid::from_slice(id).ok()?)))
    };
    read().ok_or_else(|| Error::Unreadable {
        parameter: "before",
        message: "Take the address from the link `next` of the page before.".to_owned(),
    })
}
