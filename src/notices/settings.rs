//! What somebody chose to hear, and when.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use serde_json::json;

use super::hours::{Quiet, next_digest, zone_of_state};
use super::topic::{Pace, Topic};
use super::{policy, store};
use crate::people::account::{self, Account};
use crate::people::{self, AccountId, membership};
use crate::platform::{Cx, Error, Event, FieldErrors, Result, Timestamp, Tx, Zone};

/// A pause is not longer than a year: who wants to hear nothing turns topics off.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(366);

/// What somebody chose besides the paces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Until then no letter of a list goes.
    pub paused_until: Option<Timestamp>,
    /// Hours at which only urgent letters go.
    pub quiet: Option<Quiet>,
    /// The hour of the digest there.
    pub digest_hour: u32,
    /// The day of the weekly one: 1 Monday to 7 Sunday.
    pub digest_weekday: u8,
}

impl Choices {
    /// The usual hour: before school.
    pub const HOUR: u32 = 7;
    /// The usual day: Monday.
    pub const WEEKDAY: u8 = 1;

    /// Whether letters of lists rest.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused_until.is_some_and(|until| until > now)
    }

    /// When the next digest of that pace goes; never during a pause.
    pub fn next(&self, zone: Zone, pace: Pace, now: Timestamp) -> Timestamp {
        let weekday = (pace == Pace::Weekly).then_some(self.digest_weekday);
        let after = self.paused_until.filter(|until| *until > now).unwrap_or(now);
        next_digest(zone, self.digest_hour, weekday, after)
    }
}

impl Default for Choices {
    fn default() -> Self {
        Self { paused_until: None, quiet: None, digest_hour: Self::HOUR, digest_weekday: Self::WEEKDAY }
    }
}

/// How somebody stands to topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What they chose.
    pub choices: Choices,
    /// They left the digest by its link.
    pub digest_left: bool,
    /// Paces that differ from the usual ones.
    pub paces: HashMap<Topic, Pace>,
}

impl Standing {
    /// How soon they hear of a topic.
    pub fn pace(&self, topic: Topic) -> Pace {
        self.paces.get(&topic).copied().unwrap_or(topic.default_pace())
    }
}

/// The settings of a person as pages and the API show them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What they chose.
    pub standing: Standing,
    /// Topics that concern them, in the order of the page.
    pub topics: Vec<Topic>,
    /// The zone they said; empty where they did not.
    pub said_zone: Option<String>,
    /// The zone that times mean.
    pub zone: Zone,
}

/// The actor's settings. At most five statements.
pub async fn mine(cx: &Cx) -> Result<Settings> {
    let id = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let account = account::account(cx, id).await?;
    let standing = store::settings::standings(cx.conn(), &[id], &Topic::ALL).await?.remove(&id).unwrap_or_default();
    let home = match zone_said(&account) {
        Some(_) => None,
        None => membership::states_of(cx, &[id]).await?.remove(&id),
    };
    let told = store::topics(cx.conn(), id).await?;
    let grants = cx.actor().person().map(|person| person.grants.as_slice()).unwrap_or_default();
    let concerns = |topic: &Topic| topic.concerns(grants) || told.contains(topic) || standing.paces.contains_key(topic);
    let topics = Topic::ALL.into_iter().filter(concerns).collect();
    let zone = zone_said(&account).unwrap_or_else(|| home.map_or_else(Zone::default, |state| zone_of_state(&state)));
    Ok(Settings { standing, topics, said_zone: account.time_zone, zone })
}

/// The zone that times mean for the actor. At most two statements.
pub async fn zone(cx: &Cx) -> Result<Zone> {
    let id = cx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    if let Some(zone) = zone_said(&account::account(cx, id).await?) {
        return Ok(zone);
    }
    let home = membership::states_of(cx, &[id]).await?.remove(&id);
    Ok(home.map_or_else(Zone::default, |state| zone_of_state(&state)))
}

fn zone_said(account: &Account) -> Option<Zone> {
    account.time_zone.as_deref().and_then(|name| Zone::parse(name).ok())
}

/// The zones of accounts: their own, else that of most people of their school's state. At most two statements for a hundred.
pub(super) async fn zones(tx: &Tx, ids: &[AccountId]) -> Result<HashMap<AccountId, Zone>> {
    let accounts = account::accounts_in(tx, ids).await?;
    let mut zones: HashMap<AccountId, Zone> =
        accounts.values().filter_map(|account| Some((account.id, zone_said(account)?))).collect();
    let silent: Vec<AccountId> = ids.iter().copied().filter(|id| !zones.contains_key(id)).collect();
    if !silent.is_empty() {
        let states = membership::states_of_in(tx, &silent).await?;
        zones.extend(states.into_iter().map(|(id, state)| (id, zone_of_state(&state))));
    }
    Ok(zones)
}

/// What somebody chooses, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct NewSettings {
    /// Code of a topic, code of its pace. Topics that are not named stay as they are.
    pub paces: Vec<(String, String)>,
    /// The day on which letters of lists go again: `2026-11-02`; empty for no pause.
    pub paused_until: String,
    /// When quiet hours begin and end there: `22:00`; both empty for none.
    pub quiet: (String, String),
    /// IANA name; empty for the zone of the school.
    pub time_zone: String,
    /// 0 to 23.
    pub digest_hour: String,
    /// 1 Monday to 7 Sunday.
    pub digest_weekday: String,
}

/// Changes what the actor hears. What waits for a digest waits for the one that they chose now. Where it says what was `seen`,
/// it must be what is there.
pub async fn change(tx: &mut Tx, new: &NewSettings, seen: Option<&Settings>) -> Result<()> {
    let id = tx.actor().account().map(AccountId).ok_or(Error::SignInRequired)?;
    let permit = policy::own(tx.actor(), id)?;
    let now = tx.now();
    let before = store::settings::hold(tx.conn(), id, now).await?;
    let account = account::account_in(tx, id).await?;
    if seen.is_some_and(|seen| seen.standing != before || seen.said_zone != account.time_zone) {
        return Err(Error::Stale);
    }
    let home = zones(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let (choices, paces) = parse(new, home, now)?;
    people::personal::set_time_zone(tx, id, Some(new.time_zone.as_str())).await?;
    // Who chooses a digest again has it again.
    let left = before.digest_left && !paces.iter().any(|(_, pace)| matches!(pace, Pace::Daily | Pace::Weekly));
    store::settings::keep(tx.conn(), id, &choices, left, now).await?;
    store::settings::keep_paces(tx.conn(), id, &paces).await?;
    let changed: Vec<(Topic, Pace)> =
        paces.iter().copied().filter(|(topic, pace)| before.pace(*topic) != *pace).collect();
    for (topic, pace) in &changed {
        let waits = match pace {
            Pace::Instant => Some(Pace::Daily),
            Pace::Off => None,
            pace => Some(*pace),
        };
        store::wait_for(tx.conn(), id, &[*topic], waits).await?;
    }
    let zone = zones(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let waits = store::waits(tx.conn(), id).await?;
    let due = waits.into_iter().map(|pace| choices.next(zone, pace, now)).min();
    store::settings::set_due(tx.conn(), id, due).await?;
    let topics: Vec<&str> = changed.iter().map(|(topic, _)| topic.code()).collect();
    let detail = json!({ "topics": topics, "paused": choices.is_paused(now), "quiet_hours": choices.quiet.is_some() });
    tx.record(&permit, Event::about("account.notices_settled", "account", id.0).with(detail)).await
}

/// Reads what was typed; every mistake at once.
fn parse(new: &NewSettings, home: Zone, now: Timestamp) -> Result<(Choices, Vec<(Topic, Pace)>)> {
    let mut errors = FieldErrors::default();
    let mut paces = Vec::new();
    for (topic, pace) in &new.paces {
        match (Topic::of(topic), Pace::of(pace)) {
            (Some(topic), Some(pace)) => paces.push((topic, pace)),
            (Some(_), None) => errors.add(format!("pace-{topic}"), "Choose how soon from the list."),
            (None, _) => errors.add(format!("pace-{topic}"), "Choose topics of the list."),
        }
    }
    paces.sort_unstable_by_key(|(topic, _)| *topic);
    paces.dedup_by_key(|(topic, _)| *topic);
    let zone = match new.time_zone.trim() {
        "" => home,
        name => Zone::parse(name).unwrap_or_else(|_| {
            errors.add("time_zone", "Choose a time zone like America/New_York.");
            home
        }),
    };
    let paused_until = paused(new.paused_until.trim(), zone, now).unwrap_or_else(|message| {
        errors.add("paused_until", message);
        None
    });
    let quiet = match (minute(&new.quiet.0), minute(&new.quiet.1)) {
        (Ok(None), Ok(None)) => None,
        (Ok(Some(from)), Ok(Some(until))) => {
            let quiet = Quiet::new(from, until);
            if quiet.is_none() {
                errors.add("quiet_until", "Quiet hours end at another time than they begin.");
            }
            quiet
        }
        (from, until) => {
            for (field, time) in [("quiet_from", from), ("quiet_until", until)] {
                if !matches!(time, Ok(Some(_))) {
                    errors.add(field, "Give both times of the quiet hours like 22:00, or neither.");
                }
            }
            None
        }
    };
    let number = |text: &str, usual: u32| match text.trim() {
        "" => Some(usual),
        text => text.parse::<u32>().ok(),
    };
    let digest_hour = number(&new.digest_hour, Choices::HOUR).filter(|hour| *hour < 24);
    if digest_hour.is_none() {
        errors.add("digest_hour", "Choose an hour from 0 to 23.");
    }
    let weekday = number(&new.digest_weekday, u32::from(Choices::WEEKDAY)).filter(|day| (1..=7).contains(day));
    if weekday.is_none() {
        errors.add("digest_weekday", "Choose a day of the week: 1 is Monday, 7 is Sunday.");
    }
    errors.or(())?;
    let digest_weekday = weekday.and_then(|day| u8::try_from(day).ok()).unwrap_or(Choices::WEEKDAY);
    let digest_hour = digest_hour.unwrap_or(Choices::HOUR);
    Ok((Choices { paused_until, quiet, digest_hour, digest_weekday }, paces))
}

/// The start of a day that lies ahead.
fn paused(text: &str, zone: Zone, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    const WANTED: &str = "Give a day within a year from now, or none.";
    if text.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = text.parse().map_err(|_| WANTED)?;
    let until = zone.moment_near(day.and_time(NaiveTime::MIN));
    if until > now + LONGEST_PAUSE {
        return Err(WANTED);
    }
    // A pause that is over is none; a form that was filled in long ago still says it.
    Ok(Some(until).filter(|until| *until > now))
}

/// The minute of the day of `22:00`; `None` where nothing was given.
fn minute(text: &str) -> Result<Option<i16>, ()> {
    use chrono::Timelike;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| text.parse::<NaiveTime>()).map_err(|_| ())?;
    i16::try_from(time.hour() * 60 + time.minute()).map(Some).map_err(|_| ())
}

/// The day on which a pause ends there, as forms have it.
pub fn pause_day(until: Timestamp, zone: Zone) -> NaiveDate {
    let local = zone.local(until);
    // In another zone than it was chosen in, it ends in the middle of a day; the next one is whole.
    if local.time() == NaiveTime::MIN { local.date() } else { local.date() + Days::new(1) }
}

/// Somebody leaves a list by the link of its letter: no letter of it any more. Doing it twice is as good as once.
pub(super) async fn leave(tx: &mut Tx, id: AccountId, list: super::leave::List) -> Result<()> {
    use super::leave::List;
    let permit = policy::keep(tx.actor())?;
    let now = tx.now();
    let before = store::settings::hold(tx.conn(), id, now).await?;
    let off: Vec<Topic> = match list {
        List::Topic(topic) => vec![topic],
        List::Digest => {
            let digested = |topic: &Topic| matches!(before.pace(*topic), Pace::Daily | Pace::Weekly);
            Topic::ALL.into_iter().filter(digested).collect()
        }
    };
    let news: Vec<(Topic, Pace)> =
        off.iter().filter(|topic| before.pace(**topic) != Pace::Off).map(|topic| (*topic, Pace::Off)).collect();
    if !news.is_empty() {
        store::settings::keep_paces(tx.conn(), id, &news).await?;
    }
    if list == List::Digest {
        store::settings::leave_digest(tx.conn(), id, now).await?;
        store::done(tx.conn(), id, &[Pace::Daily, Pace::Weekly]).await?;
        store::settings::set_due(tx.conn(), id, None).await?;
    } else {
        store::wait_for(tx.conn(), id, &off, None).await?;
    }
    if !news.is_empty() || (list == List::Digest && !before.digest_left) {
        let detail = json!({ "list": list.code() });
        tx.record(&permit, Event::about("account.list_left", "account", id.0).with(detail)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-10-14T16:00:00Z".parse().unwrap()
    }

    fn said(new: NewSettings) -> Vec<String> {
        match parse(&new, Zone::default(), now()) {
            Err(Error::Invalid(errors)) => errors.iter().map(|error| error.field.clone()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = str::to_owned;
        let bad = NewSettings {
            paces: vec![(text("follow"), text("often")), (text("weather"), text("daily"))],
            paused_until: text("2029-01-01"),
            quiet: (text("22:00"), String::new()),
            time_zone: text("Rivermark"),
            digest_hour: text("24"),
            digest_weekday: text("0"),
        };
        let wanted = [
            "pace-follow",
            "pace-weather",
            "time_zone",
            "paused_until",
            "quiet_until",
            "digest_hour",
            "digest_weekday",
        ];
        assert_eq!(said(bad), wanted);
        let same = NewSettings { quiet: (text("22:00"), text("22:00")), ..NewSettings::default() };
        assert_eq!(said(same), ["quiet_until"]);
    }

    #[test]
    fn what_is_typed_is_meant_in_the_persons_zone() {
        let text = str::to_owned;
        let new = NewSettings {
            paces: vec![(text("saved-searches"), text("weekly")), (text("follow"), text("instant"))],
            paused_until: text("2026-11-02"),
            quiet: (text("22:00"), text("06:30")),
            time_zone: text("America/Chicago"),
            digest_hour: text("6"),
            digest_weekday: text("5"),
        };
        let (choices, paces) = parse(&new, Zone::default(), now()).unwrap();
        assert_eq!(paces, [(Topic::Follow, Pace::Instant), (Topic::SavedSearch, Pace::Weekly)]);
        assert_eq!(choices.paused_until, Some("2026-11-02T06:00:00Z".parse().unwrap()));
        assert_eq!(choices.quiet, Quiet::new(22 * 60, 6 * 60 + 30));
        assert_eq!((choices.digest_hour, choices.digest_weekday), (6, 5));
        let chicago = Zone::parse("America/Chicago").unwrap();
        assert_eq!(pause_day(choices.paused_until.unwrap(), chicago), "2026-11-02".parse().unwrap());
        // November 2 is a Monday; the Friday after it, at six.
        let next = choices.next(chicago, Pace::Weekly, now());
        assert_eq!(next, "2026-11-06T12:00:00Z".parse::<Timestamp>().unwrap());
        let over = NewSettings { paused_until: text("2026-10-01"), ..NewSettings::default() };
        assert_eq!(parse(&over, Zone::default(), now()).unwrap().0, Choices::default());
    }
}
