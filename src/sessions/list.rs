//! Finding sessions: by time, topic, format, sector, free seats. A list is a constant number of statements, however many
//! sessions there are.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::policy;
use super::session::{Session, SessionId};
use super::store;
use super::store::list::{Eyes, Window};
use crate::people::{AccountId, School, SchoolId};
use crate::platform::vocabulary::{SessionFormat, SessionMode, SessionStatus, Topic};
use crate::platform::{Actor, Cx, Error, FieldErrors, Result, Timestamp, Zone};

/// Sessions on a page.
pub const PAGE: u64 = 20;

/// Sessions of a feed at most, and of a month.
const MANY: u64 = 1_000;

/// A public feed holds what ended in these days too: a calendar that loses what was is not believed about what comes.
const FEED_DAYS: u64 = 90;

/// Words of a question that count.
const WORDS: usize = 8;

/// What is still to come.
pub const COMING: &[SessionStatus] =
    &[SessionStatus::PUBLISHED, SessionStatus::REGISTRATION_CLOSED, SessionStatus::RUNNING, SessionStatus::POSTPONED];

/// What takes place or took place.
const HELD: &[SessionStatus] = &[
    SessionStatus::PUBLISHED,
    SessionStatus::REGISTRATION_CLOSED,
    SessionStatus::RUNNING,
    SessionStatus::POSTPONED,
    SessionStatus::COMPLETED,
];

/// What calendars know of: also what was cancelled, which they must be told.
pub const TOLD: &[SessionStatus] = &[
    SessionStatus::PUBLISHED,
    SessionStatus::REGISTRATION_CLOSED,
    SessionStatus::RUNNING,
    SessionStatus::POSTPONED,
    SessionStatus::COMPLETED,
    SessionStatus::CANCELLED,
];

/// A place in the list: when it starts, and which.
pub type Place = (Timestamp, SessionId);

/// Which sessions somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Under way or starting on or after this day; of nothing given, from now on.
    pub from: Option<NaiveDate>,
    /// Starting on or before this day.
    pub to: Option<NaiveDate>,
    /// About this.
    pub topic: Option<Topic>,
    /// Of this kind.
    pub format: Option<SessionFormat>,
    /// With a host or co-host of this sector.
    pub sector: Option<String>,
    /// With a seat that can be asked for now.
    pub open: bool,
    /// With this host or co-host.
    pub school: Option<SchoolId>,
    /// Held in this way.
    pub mode: Option<SessionMode>,
    /// Words of the title.
    pub text: String,
}

impl Filters {
    /// The names of the filters in addresses, in the order of [`Filters::pairs`].
    pub const NAMES: [&str; 9] = ["q", "from", "to", "topic", "format", "sector", "school", "mode", "open"];

    /// Reads the parameters of an address; what cannot be read is left out and told.
    pub fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> (Self, FieldErrors) {
        let (mut filters, mut errors) = (Self::default(), FieldErrors::default());
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let day = |errors: &mut FieldErrors, name: &'static str| {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
                let day = day.filter(|day| (1900..=2200).contains(&day.year()));
                if day.is_none() {
                    errors.add(name, "Give a day like 2026-11-03.");
                }
                day
            };
            match name {
                "from" => filters.from = day(&mut errors, "from"),
                "to" => filters.to = day(&mut errors, "to"),
                "topic" => filters.topic = code(Topic::parse(value), "topic", &mut errors),
                "format" => filters.format = code(SessionFormat::parse(value), "format", &mut errors),
                "mode" => filters.mode = code(SessionMode::parse(value), "mode", &mut errors),
                "sector" => filters.sector = Some(value.chars().take(32).filter(|c| !c.is_control()).collect()),
                "open" => filters.open = matches!(value, "1" | "true" | "yes" | "on"),
                "school" => match value.parse() {
                    Ok(id) => filters.school = Some(id),
                    Err(_) => errors.add("school", "Give the id of a school."),
                },
                "q" => filters.text = value.chars().take(256).filter(|c| !c.is_control()).collect(),
                _ => {}
            }
        }
        (filters, errors)
    }

    /// As parameters of an address; what filters nothing is left out.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("q", self.text.clone()),
            ("from", self.from.map(|day| day.to_string()).unwrap_or_default()),
            ("to", self.to.map(|day| day.to_string()).unwrap_or_default()),
            ("topic", self.topic.map(|topic| topic.code().to_owned()).unwrap_or_default()),
            ("format", self.format.map(|format| format.code().to_owned()).unwrap_or_default()),
            ("sector", self.sector.clone().unwrap_or_default()),
            ("school", self.school.map(|school| school.to_string()).unwrap_or_default()),
            ("mode", self.mode.map(|mode| mode.code().to_owned()).unwrap_or_default()),
            ("open", if self.open { "true".to_owned() } else { String::new() }),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The words of the title, as they are compared.
    pub fn words(&self) -> Vec<String> {
        self.text.split_whitespace().take(WORDS).map(str::to_lowercase).collect()
    }

    fn window(&self, now: Timestamp) -> Window {
        let day = |day: NaiveDate| Zone::default().moment_near(day.and_time(NaiveTime::MIN));
        Window {
            from: self.from.map_or(now, day),
            before: self.to.map(|to| day(to + Days::new(1))),
            statuses: if self.from.is_some() || self.to.is_some() { HELD } else { COMING },
            now,
        }
    }
}

fn code<T, E>(parsed: std::result::Result<T, E>, name: &'static str, errors: &mut FieldErrors) -> Option<T> {
    match parsed {
        Ok(value) => Some(value),
        Err(_) => {
            errors.add(name, "Choose one of the list.");
            None
        }
    }
}

/// A page of sessions.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many there are, exactly.
    pub total: u64,
    /// This page of them, in the order of time.
    pub items: Vec<Session>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Sessions that the actor may know of. Drafts are never among them. At most seven statements.
pub async fn page(cx: &Cx, filters: &Filters, cursor: Option<&str>, limit: u64) -> Result<Found> {
    let after = cursor.map(place_of).transpose()?;
    let (eyes, window) = (eyes(cx.actor()), filters.window(cx.now()));
    let total = store::list::count(cx.conn(), &eyes, filters, window).await?;
    let mut places = store::list::ids(cx.conn(), &eyes, filters, window, after, limit + 1).await?;
    let more = places.len() as u64 > limit;
    places.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = places.last().filter(|_| more).map(|place| cursor_of(*place));
    Ok(Found { total, items: read(cx, &places).await?, next })
}

/// Sessions with a meeting in a month; the days of `filters` do not count. At most six statements.
pub async fn month(cx: &Cx, filters: &Filters, first: NaiveDate) -> Result<Vec<Session>> {
    let day = |day: NaiveDate| Zone::default().moment_near(day.and_time(NaiveTime::MIN));
    // A day more on each side: a session elsewhere has its own midnight.
    let window = Window {
        from: day(first - Days::new(1)),
        before: Some(day(first + Months::new(1) + Days::new(1))),
        statuses: HELD,
        now: cx.now(),
    };
    let places = store::list::ids(cx.conn(), &eyes(cx.actor()), filters, window, None, MANY).await?;
    read(cx, &places).await
}

/// What a feed of these filters holds: what everybody may know of, with what ended in the last 90 days and what was cancelled.
/// At most six statements.
pub async fn feed(cx: &Cx, filters: &Filters) -> Result<Vec<Session>> {
    let window = filters.window(cx.now());
    let window = Window {
        from: if filters.from.is_some() { window.from } else { cx.now() - Days::new(FEED_DAYS) },
        statuses: TOLD,
        ..window
    };
    let places = store::list::ids(cx.conn(), &eyes(&Actor::Visitor), filters, window, None, MANY).await?;
    read(cx, &places).await
}

/// What everybody may know of, in the order of ids after one of them: cancelled and past ones too. At most six statements.
pub async fn open_to_all(cx: &Cx, after: Option<SessionId>, limit: u64) -> Result<Vec<Session>> {
    let ids = store::list::open_to_all(cx.conn(), after, limit).await?;
    let mut found = store::sessions::by_ids(cx.conn(), &ids).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Those of these sessions that everybody may know of. One statement for every 900.
pub async fn open_among(cx: &Cx, ids: &[SessionId]) -> Result<HashSet<SessionId>> {
    store::list::open_among(cx.conn(), ids).await
}

/// How many that are. One statement.
pub async fn count_open_to_all(cx: &Cx) -> Result<u64> {
    store::list::count_open_to_all(cx.conn()).await
}

/// Their ids with their last changes, in the same order. One statement.
pub async fn addresses(cx: &Cx, skip: u64, limit: u64) -> Result<Vec<(SessionId, Timestamp)>> {
    store::list::addresses(cx.conn(), skip, limit).await
}

/// Those of the sessions that the actor sees from inside: with a confirmed seat, or running them. At most one statement.
pub async fn insides(cx: &Cx, sessions: &[Session], schools: &HashMap<SchoolId, School>) -> Result<HashSet<SessionId>> {
    let Some(account) = cx.actor().account().map(AccountId) else { return Ok(HashSet::new()) };
    let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
    let mut inside = store::list::confirmed(cx.conn(), account, &ids).await?;
    let runs = |session: &&Session| policy::runs(cx.actor(), session, &super::grounds_in(session, schools));
    inside.extend(sessions.iter().filter(runs).map(|session| session.id));
    Ok(inside)
}

async fn read(cx: &Cx, places: &[Place]) -> Result<Vec<Session>> {
    let ids: Vec<SessionId> = places.iter().map(|(_, id)| *id).collect();
    let mut found = store::sessions::by_ids(cx.conn(), &ids).await?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What the actor may know of, as far as a list shows it: sessions for invited schools are shown to the staff of these
/// schools, of host and co-host, and to who leads them.
fn eyes(actor: &Actor) -> Eyes {
    if policy::administers(actor) {
        return Eyes::All;
    }
    let schools = actor.person().map(|person| {
        let school = |place| if let crate::platform::Place::School(id) = place { Some(id) } else { None };
        let mut schools: Vec<Uuid> = person.grants.iter().filter_map(|grant| school(grant.place)).collect();
        schools.sort_unstable();
        schools.dedup();
        schools
    });
    Eyes::Of { member: schools.is_some(), schools: schools.unwrap_or_default(), account: actor.account() }
}

fn cursor_of((at, id): Place) -> String {
    BASE64URL_NOPAD.encode(&[at.timestamp_micros().to_be_bytes().as_slice(), id.0.as_bytes()].concat())
}

fn place_of(cursor: &str) -> Result<Place> {
    let read = || {
        let bytes: [u8; 24] = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_at(8);
        let at = Timestamp::from_timestamp_micros(i64::from_be_bytes(at.try_into().ok()?))?;
        Some((at, SessionId(Uuid::from_slice(id).ok()?)))
    };
    read().ok_or_else(|| Error::Unreadable {
        parameter: "cursor",
        message: "Take the cursor from `next` of the page before, or leave it out.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_an_address() {
        let pairs = [("q", " Reading  safety "), ("topic", "early_reading"), ("open", "on"), ("to", "2026-12-01")];
        let (filters, errors) = Filters::read(pairs.into_iter());
        assert!(errors.is_empty());
        assert_eq!(filters.words(), ["reading", "safety"]);
        let pairs = filters.pairs();
        assert!(pairs.iter().all(|(name, _)| Filters::NAMES.contains(name)));
        let (again, _) = Filters::read(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        assert_eq!(again, filters);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_does_not_filter() {
        let pairs = [("from", "tomorrow"), ("topic", "x"), ("school", "harbor"), ("to", "999999-01-01")];
        let (filters, errors) = Filters::read(pairs.into_iter());
        assert!(filters.is_empty());
        assert_eq!(errors.iter().count(), 4);
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let place = ("2026-11-14T14:00:00.000001Z".parse().unwrap(), SessionId(Uuid::from_u128(7)));
        assert_eq!(place_of(&cursor_of(place)).unwrap(), place);
        for bad in ["", "x", "////", &"A".repeat(33), &"A".repeat(31)] {
            assert!(place_of(bad).is_err(), "{bad}");
        }
    }
}
