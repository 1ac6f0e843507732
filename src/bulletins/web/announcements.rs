//! `/admin/announcements`: what an office writes to its city. Everybody else is refused before anything is looked up.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::bulletins::Press;
use crate::bulletins::announcement::{self, Announcement, AnnouncementId, Draft, PAGE, Standing, State};
use crate::bulletins::views::announcements::{AnnouncementPage, ListPage, LogRow, NewPage, Row, Typed};
use crate::mail::LetterId;
use crate::mail::mailing::{self, MailingState};
use crate::mail::outbox::Kept;
use crate::people::city;
use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp, Zone};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::letter;
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Chrome, Section, grouped};

const HOME: &str = "/admin/announcements";

/// Letters of the log on a page.
const LETTERS: u64 = 50;

/// Zones to choose from.
const ZONES: [(&str, &str); 7] = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
];

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Admin, noindex: true, ..site.chrome(title, "", path) }
}

fn url(id: AnnouncementId) -> String {
    format!("{HOME}/{id}")
}

fn id_of(text: &str) -> Result<AnnouncementId> {
    text.parse().map_err(|_| Error::NotFound("announcement"))
}

fn asked(request: &Request, name: &str) -> String {
    let all = Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    all.get(name).to_owned()
}

/// GET `/admin/announcements`
#[handler]
pub async fn list_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let before = asked(request, "before");
    let before = (!before.is_empty()).then(|| id_of(&before)).transpose()?;
    let found = announcement::announcements(&cx, before).await?;
    let more = found.len() as u64 == PAGE;
    let view = ListPage {
        chrome: chrome(&site, "Announcements", HOME),
        admin_at: "announcements",
        administers: announcement::reads_log(cx.actor()),
        next_url: found.last().filter(|_| more).map(|last| format!("{HOME}?before={}", last.id)).unwrap_or_default(),
        rows: found
            .iter()
            .map(|one| Row {
                url: url(one.id),
                subject: one.subject.clone(),
                city: one.city_name.clone(),
                state: stands(one),
            })
            .collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// "Friday, October 3, 2027, 9:00 AM EDT".
fn moment(at: Timestamp, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%A, %B %-d, %Y, %-I:%M %p"), zone.abbreviation(at))
}

fn stands(one: &Announcement) -> String {
    let at = one.due_at.map(|at| moment(at, one.zone)).unwrap_or_default();
    match one.state {
        State::Draft => "It is a draft.".to_owned(),
        State::Scheduled => format!("It goes out on {at}."),
        State::Gathering => format!("It began to go out on {at}; its readers are being added."),
        State::Sent => format!("It went out on {at}."),
        State::Stopped => "It was stopped.".to_owned(),
    }
}

/// GET `/admin/announcements/new`
#[handler]
pub async fn new_view(SignedIn(actor): SignedIn, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    show_new(&db.cx(actor), &site, NewPage::default(), StatusCode::OK).await
}

async fn show_new(cx: &Cx, site: &Site, view: NewPage, status: StatusCode) -> poem::Result<Response> {
    announcement::enter(cx.actor())?;
    let administers = announcement::reads_log(cx.actor());
    let cities = if administers { Vec::new() } else { city::of_actor(cx).await? };
    let choice = |slug: String| Choice { selected: slug == view.typed.city, label: slug.clone(), value: slug };
    let cities = cities.into_iter().map(choice).collect();
    let view = NewPage {
        chrome: chrome(site, "Write an announcement", "/admin/announcements/new"),
        admin_at: "announcements",
        administers,
        cities,
        ..view
    };
    own_page(status, &view)
}

fn typed(form: &Form) -> Typed {
    let get = |name| form.get(name).to_owned();
    Typed { city: get("city"), subject: get("subject"), body: get("body"), button: get("button"), link: get("link") }
}

fn draft(typed: &Typed) -> Draft {
    let Typed { city, subject, body, button, link } = typed.clone();
    Draft { city, subject, body, button, link }
}

/// POST `/admin/announcements`
#[handler]
pub async fn write_view(
    SignedIn(actor): SignedIn,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    announcement::enter(&actor)?;
    let typed = typed(&form);
    let written = async {
        let mut tx = db.write(actor.clone()).await?;
        let id = announcement::write(&mut tx, draft(&typed)).await?;
        tx.commit().await.map(|()| id)
    };
    match written.await {
        Ok(id) => Ok(see_other(&format!("{}?done=kept", url(id)))),
        Err(error) => {
            let view = NewPage { corrections: Corrections::of(error)?, typed, ..NewPage::default() };
            show_new(&db.cx(actor), &site, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// GET `/admin/announcements/{id}`
#[handler]
pub async fn one_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "kept" => "It is kept as a draft. Nothing is sent before you give it a time.",
        "tested" => "The letter is on its way to you alone.",
        "scheduled" => "It has its time. Until then you can stop it and change it.",
        "paused" => "It is held: what has not left stays.",
        "resumed" => "It goes on.",
        "stopped" => "It is stopped.",
        _ => "",
    };
    let view = AnnouncementPage { done: done.to_owned(), ..AnnouncementPage::default() };
    let log = Log { state: asked(request, "state"), before: asked(request, "before") };
    show(&db.cx(actor), &site, &press, &id, view, &log, StatusCode::OK).await
}

/// Which letters of the log are asked for.
#[derive(Default)]
struct Log {
    state: String,
    before: String,
}

async fn show(
    cx: &Cx,
    site: &Site,
    press: &Press,
    id: &str,
    view: AnnouncementPage,
    log: &Log,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = announcement::announcement(cx, id_of(id)?).await?;
    let standing = announcement::standing(cx, &one).await?;
    let head = &press.room.head;
    let is_draft = one.state == State::Draft;
    let untouched = view.corrections.is_empty();
    let own = Typed {
        city: one.city.clone(),
        subject: one.subject.clone(),
        body: one.body.clone(),
        button: one.button.clone().unwrap_or_default().0,
        link: one.button.clone().unwrap_or_default().1,
    };
    let going = matches!(one.state, State::Gathering | State::Sent) && !over(&standing);
    let page = url(one.id);
    let view = AnnouncementPage {
        chrome: chrome(site, &one.subject, &page),
        admin_at: "announcements",
        administers: announcement::reads_log(cx.actor()),
        subject: one.subject.clone(),
        city: one.city_name.clone(),
        state: if going && standing.is_paused() { "It is held.".to_owned() } else { stands(&one) },
        text: one.to_accounts(head).text(head, Some("/u/..."))?,
        typed: if untouched { own } else { view.typed },
        is_draft,
        schedules: matches!(one.state, State::Draft | State::Scheduled),
        when: if untouched { when(&one) } else { view.when },
        zones: zones(one.zone),
        pauses: going && !standing.is_paused(),
        resumes: going && standing.is_paused(),
        stop: match one.state {
            State::Scheduled => "Take its time back",
            State::Gathering | State::Sent if going => "Stop it for good",
            _ => "",
        },
        figures: if one.mailing.is_some() { figures(&standing) } else { Vec::new() },
        url: page,
        ..view
    };
    let view = if announcement::reads_log(cx.actor()) { with_log(cx, &one, &standing, log, view).await? } else { view };
    own_page(status, &view)
}

/// Whether every letter of it has ended.
fn over(standing: &Standing) -> bool {
    standing.mailings.iter().all(|one| matches!(one.state, MailingState::Done | MailingState::Stopped))
}

fn when(one: &Announcement) -> String {
    one.due_at.map(|at| one.zone.local(at).format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

fn zones(chosen: Zone) -> Vec<Choice> {
    let choice = |(name, words): (&str, &str)| Choice {
        value: name.to_owned(),
        label: words.to_owned(),
        selected: name == chosen.name(),
    };
    let mut zones: Vec<Choice> = ZONES.into_iter().map(choice).collect();
    if !zones.iter().any(|zone| zone.selected) {
        zones.push(choice((chosen.name(), chosen.name())));
    }
    zones
}

fn figures(standing: &Standing) -> Vec<(&'static str, String)> {
    let progress = &standing.progress;
    let count = |number: i64| grouped(u64::try_from(number).unwrap_or_default());
    let mut figures =
        vec![("Readers", count(progress.total)), ("Waiting", count(progress.waiting)), ("Sent", count(progress.sent))];
    let rest = [
        ("Refused by mail servers", progress.failed),
        ("Perhaps sent", progress.uncertain),
        ("Not sent", progress.withheld),
        ("Erased with their reader", progress.erased),
    ];
    figures.extend(rest.into_iter().filter(|(_, number)| *number > 0).map(|(label, number)| (label, count(number))));
    figures
}

/// The lists of the log: what an address says, what the mailing calls it, and words.
const LISTS: [(&str, Option<&str>, &str); 4] = [
    ("all", None, "All"),
    ("sent", Some("sent"), "Sent"),
    ("failed", Some("failed"), "Refused"),
    ("withdrawn", Some("withdrawn"), "Not sent"),
];

async fn with_log(
    cx: &Cx,
    one: &Announcement,
    standing: &Standing,
    log: &Log,
    view: AnnouncementPage,
) -> Result<AnnouncementPage> {
    if standing.progress.total == 0 {
        return Ok(view);
    }
    let (code, state, _) = LISTS.into_iter().find(|(code, ..)| *code == log.state).unwrap_or(LISTS[0]);
    let before: Option<LetterId> = log.before.parse().ok();
    let mut letters: Vec<Kept> = Vec::new();
    for mailing in one.mailings() {
        letters.extend(mailing::log(cx, mailing, state, before, LETTERS).await?);
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.id));
    letters.truncate(usize::try_from(LETTERS).unwrap_or(usize::MAX));
    let more = letters.len() as u64 == LETTERS;
    let next = letters.last().filter(|_| more).map(|last| format!("{}?state={code}&before={}", view.url, last.id));
    let row = |letter: &Kept| LogRow {
        to: letter.to.clone(),
        state: letter_state(&letter.state).to_owned(),
        when: moment(letter.done_at.unwrap_or(letter.due_at), one.zone),
        answer: letter.answer.clone().unwrap_or_default(),
    };
    let lists = LISTS.map(|(name, _, words)| (words.to_owned(), format!("{}?state={name}", view.url), name == code));
    Ok(AnnouncementPage {
        log: letters.iter().map(row).collect(),
        lists: lists.into(),
        next_url: next.unwrap_or_default(),
        ..view
    })
}

fn letter_state(code: &str) -> &'static str {
    match code {
        "ready" => "Waiting",
        "paused" => "Held",
        "sending" => "On its way",
        "uncertain" => "Perhaps sent",
        "sent" => "Sent",
        "failed" => "Refused",
        "expired" => "Too late",
        _ => "Not sent",
    }
}

/// GET `/admin/announcements/{id}/letter`: the letter with its design.
#[handler]
pub async fn letter_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let one = announcement::announcement(&db.cx(actor), id_of(&id)?).await?;
    let head = &press.room.head;
    Ok(letter::shown(one.to_accounts(head).html(head, Some("/u/..."))?))
}

/// POST `/admin/announcements/{id}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let typed = typed(&form);
    let changed = async {
        let mut tx = db.write(actor.clone()).await?;
        announcement::change(&mut tx, id_of(&id)?, draft(&typed)).await?;
        tx.commit().await
    };
    let changed = changed.await;
    let view = AnnouncementPage { typed, ..AnnouncementPage::default() };
    after(&db.cx(actor), &site, &press, &id, changed, "kept", view).await
}

/// POST `/admin/announcements/{id}/test`
#[handler]
pub async fn test_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let tested = async {
        let mut tx = db.write(actor.clone()).await?;
        announcement::test(&mut tx, &press, id_of(&id)?).await?;
        tx.commit().await
    };
    let tested = tested.await;
    after(&db.cx(actor), &site, &press, &id, tested, "tested", AnnouncementPage::default()).await
}

/// POST `/admin/announcements/{id}/schedule`
#[handler]
pub async fn schedule_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let scheduled = async {
        let mut tx = db.write(actor.clone()).await?;
        announcement::schedule(&mut tx, id_of(&id)?, form.get("when"), form.get("zone")).await?;
        tx.commit().await
    };
    let scheduled = scheduled.await;
    let view = AnnouncementPage { when: form.get("when").to_owned(), ..AnnouncementPage::default() };
    after(&db.cx(actor), &site, &press, &id, scheduled, "scheduled", view).await
}

/// What a button of the page does to the announcement.
#[derive(Clone, Copy)]
enum Turn {
    Pause,
    Resume,
    Stop,
}

async fn turn(db: &Db, actor: Actor, id: &str, turn: Turn) -> Result<()> {
    let mut tx = db.write(actor).await?;
    let id = id_of(id)?;
    match turn {
        Turn::Pause => announcement::pause(&mut tx, id).await?,
        Turn::Resume => announcement::resume(&mut tx, id).await?,
        Turn::Stop => announcement::stop(&mut tx, id).await?,
    }
    tx.commit().await
}

/// POST `/admin/announcements/{id}/pause`
#[handler]
pub async fn pause_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let turned = turn(&db, actor.clone(), &id, Turn::Pause).await;
    after(&db.cx(actor), &site, &press, &id, turned, "paused", AnnouncementPage::default()).await
}

/// POST `/admin/announcements/{id}/resume`
#[handler]
pub async fn resume_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let turned = turn(&db, actor.clone(), &id, Turn::Resume).await;
    after(&db.cx(actor), &site, &press, &id, turned, "resumed", AnnouncementPage::default()).await
}

/// POST `/admin/announcements/{id}/stop`
#[handler]
pub async fn stop_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    press: Data<&Press>,
) -> poem::Result<Response> {
    let turned = turn(&db, actor.clone(), &id, Turn::Stop).await;
    after(&db.cx(actor), &site, &press, &id, turned, "stopped", AnnouncementPage::default()).await
}

/// Back to the page, or the page with what to put right.
async fn after(
    cx: &Cx,
    site: &Site,
    press: &Press,
    id: &str,
    outcome: Result<()>,
    done: &str,
    view: AnnouncementPage,
) -> poem::Result<Response> {
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?done={done}", url(id_of(id)?)))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            // What was not typed is shown as it is.
            let one = announcement::announcement(cx, id_of(id)?).await?;
            let own = view.typed.subject.is_empty() && view.typed.body.is_empty();
            let button = one.button.clone().unwrap_or_default();
            let kept = Typed { city: one.city, subject: one.subject, body: one.body, button: button.0, link: button.1 };
            let typed = if own { kept } else { view.typed };
            let view = AnnouncementPage { corrections, typed, ..view };
            show(cx, site, press, id, view, &Log::default(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
