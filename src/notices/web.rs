//! The pages of notices: the list, the settings, and the link of a letter that leaves a list.

use async_trait::async_trait;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use uuid::Uuid;

use super::leave::{self, List};
use super::list::{self, NoticeId};
use super::settings::{self, NewSettings, Settings, pause_day};
use super::views::{LeavePage, NoticeRow, NotificationsPage, SettingsPage, TopicRow};
use super::{Pace, Postroom, Topic};
use crate::people::AccountId;
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp, Zone};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Bell, Site, own_page, see_other};
use crate::web::views::{Choice, Section};

/// Notices on a page.
const PAGE: u64 = 50;

/// Zones that are offered; another that was set with the API stays.
const ZONES: [(&str, &str); 8] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Puerto Rico"),
];

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The pages of notices.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/me/notifications", resource().get(notifications_view)),
        ("/me/notifications/read", resource().post(read_view)),
        ("/me/notifications/settings", resource().get(settings_view).post(change_view)),
        ("/u/:token", resource().get(leave_view).post(left_view)),
    ]
}

/// Says to the frame of every page how many notices are unread.
#[derive(Clone, Copy, Debug)]
pub struct UnreadNotices;

#[async_trait]
impl Bell for UnreadNotices {
    async fn unread(&self, cx: &Cx, account: Uuid) -> Result<u64> {
        list::unread(cx, AccountId(account)).await
    }
}

/// GET `/me/notifications`
#[handler]
pub async fn notifications_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let asked = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let before: Option<NoticeId> = match asked.get("before") {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound("page"))?),
    };
    let mut notices = list::mine(&cx, before, PAGE + 1).await?;
    let more = notices.len() as u64 > PAGE;
    notices.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let zone = settings::zone(&cx).await?;
    let next = notices.last().filter(|_| more).map(|last| format!("/me/notifications?before={}", last.id));
    let unread = site.viewer.as_ref().is_some_and(|viewer| viewer.unread > 0);
    // What comes while the page is read stays unread.
    let newest = notices.first().filter(|_| unread && before.is_none()).map(|newest| newest.id.to_string());
    let rows = notices.into_iter().map(|notice| NoticeRow {
        id: notice.id.to_string(),
        line: notice.line,
        path: notice.path,
        topic: notice.topic.label().to_owned(),
        when: moment(notice.created_at, zone),
        unread: notice.read_at.is_none(),
    });
    let mut view = NotificationsPage {
        chrome: site.chrome("Notifications", "", "/me/notifications"),
        done: if asked.get("done") == "read" { "Marked as read.".to_owned() } else { String::new() },
        notices: rows.collect(),
        up_to: newest.unwrap_or_default(),
        next_url: next.unwrap_or_default(),
        first_url: before.map(|_| "/me/notifications".to_owned()).unwrap_or_default(),
    };
    (view.chrome.section, view.chrome.noindex) = (Section::Me, true);
    own_page(StatusCode::OK, &view)
}

/// "Wednesday, October 14, 2026, 12:00 PM EDT".
fn moment(at: Timestamp, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%A, %B %-d, %Y, %-I:%M %p"), zone.abbreviation(at))
}

/// POST `/me/notifications/read`
#[handler]
pub async fn read_view(SignedIn(actor): SignedIn, form: Form, db: Data<&Db>) -> poem::Result<Response> {
    let id = |text: &str| text.parse::<NoticeId>().map_err(|_| Error::NotFound("notice"));
    let ids = form.all("id").iter().map(|text| id(text)).collect::<Result<Vec<_>>>()?;
    let up_to = if form.has("up_to") { Some(id(form.get("up_to"))?) } else { None };
    let mut tx = db.write(actor).await?;
    list::read(&mut tx, &ids, up_to).await?;
    tx.commit().await?;
    Ok(see_other("/me/notifications?done=read"))
}

/// GET `/me/notifications/settings`
#[handler]
pub async fn settings_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let settings = settings::mine(&db.cx(actor)).await?;
    let now = typed(&settings);
    let mut view = filled(&site, &settings, &now, Corrections::default());
    view.saved = request.uri().query() == Some("saved");
    own_page(StatusCode::OK, &view)
}

/// POST `/me/notifications/settings`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let new = NewSettings {
        paces: form.starting("pace-").map(|(name, pace)| (name["pace-".len()..].to_owned(), pace.to_owned())).collect(),
        paused_until: form.get("paused_until").to_owned(),
        quiet: (form.get("quiet_from").to_owned(), form.get("quiet_until").to_owned()),
        time_zone: form.get("time_zone").to_owned(),
        digest_hour: form.get("digest_hour").to_owned(),
        digest_weekday: form.get("digest_weekday").to_owned(),
    };
    let mut tx = db.write(actor.clone()).await?;
    match settings::change(&mut tx, &new, None).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other("/me/notifications/settings?saved"))
        }
        Err(error) => {
            drop(tx);
            let corrections = Corrections::of(error)?;
            let settings = settings::mine(&db.cx(actor)).await?;
            own_page(StatusCode::UNPROCESSABLE_ENTITY, &filled(&site, &settings, &new, corrections))
        }
    }
}

/// Settings as a form has them.
fn typed(settings: &Settings) -> NewSettings {
    let choices = &settings.standing.choices;
    let clock = |minute: i16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let quiet = choices.quiet.map(|quiet| (clock(quiet.from()), clock(quiet.until()))).unwrap_or_default();
    NewSettings {
        paces: settings
            .topics
            .iter()
            .map(|topic| (topic.code().to_owned(), settings.standing.pace(*topic).code().to_owned()))
            .collect(),
        paused_until: choices.paused_until.map(|at| pause_day(at, settings.zone).to_string()).unwrap_or_default(),
        quiet,
        time_zone: settings.zone.name().to_owned(),
        digest_hour: choices.digest_hour.to_string(),
        digest_weekday: choices.digest_weekday.to_string(),
    }
}

fn filled(site: &Site, settings: &Settings, typed: &NewSettings, corrections: Corrections) -> SettingsPage {
    let choice = |value: &str, label: &str, now: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == now,
    };
    let pace_of = |topic: Topic| {
        let said = typed.paces.iter().find(|(code, _)| code == topic.code()).map(|(_, pace)| pace.as_str());
        said.unwrap_or(settings.standing.pace(topic).code()).to_owned()
    };
    let topic = |topic: &Topic| {
        let now = pace_of(*topic);
        TopicRow {
            field: format!("pace-{}", topic.code()),
            label: topic.label().to_owned(),
            explained: topic.explained().to_owned(),
            paces: Pace::ALL.iter().map(|pace| choice(pace.code(), pace.label(), &now)).collect(),
        }
    };
    let mut zones: Vec<Choice> = ZONES.iter().map(|(name, words)| choice(name, words, &typed.time_zone)).collect();
    if !zones.iter().any(|zone| zone.selected) && !typed.time_zone.is_empty() {
        zones.push(choice(&typed.time_zone, &typed.time_zone, &typed.time_zone));
    }
    let hour = |hour: u32| {
        let half = if hour < 12 { "AM" } else { "PM" };
        let number = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
        choice(&hour.to_string(), &format!("{number}:00 {half}"), &typed.digest_hour)
    };
    let weekdays =
        WEEKDAYS.iter().zip(1..).map(|(day, number)| choice(&number.to_string(), day, &typed.digest_weekday));
    let mut view = SettingsPage {
        chrome: site.chrome("What you hear, and how soon", "", "/me/notifications/settings"),
        corrections,
        saved: false,
        digest_left: settings.standing.digest_left,
        topics: settings.topics.iter().map(topic).collect(),
        paused_until: typed.paused_until.clone(),
        quiet_from: typed.quiet.0.clone(),
        quiet_until: typed.quiet.1.clone(),
        zones,
        hours: (0..24).map(hour).collect(),
        weekdays: weekdays.collect(),
    };
    (view.chrome.section, view.chrome.noindex) = (Section::Me, true);
    view
}

/// GET `/u/{token}`: shows what the button would do. Programs that look into letters open every link, so it does nothing.
#[handler]
pub async fn leave_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let (account, list) = leave::read(&room.secret, &token)?;
    let left = !leave::is_on(&db.cx(Actor::Visitor), account, list).await?;
    leave_page(*site, &token, list, left)
}

/// POST `/u/{token}`: the button, and the one click of a mailbox (RFC 8058), which sends no cookie and follows no redirect. The
/// token is what permits it, so nothing in the body is asked for.
#[handler]
pub async fn left_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    room: Data<&Postroom>,
) -> poem::Result<Response> {
    let (account, list) = leave::read(&room.secret, &token)?;
    let mut tx = db.write(Actor::System("notices")).await?;
    leave::leave(&mut tx, account, list).await?;
    tx.commit().await?;
    leave_page(*site, &token, list, true)
}

fn leave_page(site: &Site, token: &str, list: List, left: bool) -> poem::Result<Response> {
    let path = format!("/u/{token}");
    let mut view =
        LeavePage { chrome: site.chrome("Stop letters", "", &path), list: list.label().to_owned(), path, left };
    view.chrome.noindex = true;
    // The address is a secret of its reader.
    view.chrome.canonical.clear();
    own_page(StatusCode::OK, &view)
}
