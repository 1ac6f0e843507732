//! `/admin/mail`: the outbox with its figures, for whoever looks after the service.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::moment;
use crate::mail::outbox::{self, Filter, Kept, STATES};
use crate::mail::views::pieces;
use crate::mail::views::queue::{QueueLetterPage, QueueLine, QueuePage};
use crate::mail::{LetterId, Letterhead, Priority, suppression};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::Form;
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Section};

/// Letters on a page.
const PAGE: usize = 50;

/// GET `/admin/mail`
#[handler]
pub async fn queue_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let cx = db.cx(actor);
    let asked = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let state = asked.get("state");
    let filter = match state {
        "all" => Filter::default(),
        known if STATES.contains(&known) => Filter { state: Some(known.to_owned()), waiting: false },
        _ => Filter { state: None, waiting: true },
    };
    let before: Option<LetterId> = asked.get("before").parse().ok();
    let mut letters = outbox::letters(&cx, &filter, before, PAGE as u64 + 1).await?;
    let more = letters.len() > PAGE;
    letters.truncate(PAGE);
    let ids: Vec<LetterId> = letters.iter().map(|letter| letter.id).collect();
    let back = suppression::came_back(&cx, &ids).await?;
    let here =
        |state: &str| if state.is_empty() { "/admin/mail".to_owned() } else { format!("/admin/mail?state={state}") };
    let glue = if state.is_empty() { "?" } else { "&" };
    let mut view = QueuePage {
        chrome: site.chrome("Letters", "", "/admin/mail"),
        admin_at: "mail",
        done: done(asked.get("done")).to_owned(),
        next_url: letters.last().filter(|_| more).map(|last| format!("{}{glue}before={}", here(state), last.id)),
        first_url: before.map(|_| here(state)),
        states: choices(state),
        letters: letters.iter().map(|letter| line(letter, returned(&back, letter.id))).collect(),
        ..QueuePage::default()
    };
    fill(&cx, &mut view).await?;
    (view.chrome.section, view.chrome.noindex) = (Section::Admin, true);
    own_page(StatusCode::OK, &view)
}

async fn fill(cx: &Cx, view: &mut QueuePage) -> Result<()> {
    let figures = outbox::figures(cx).await?;
    let number = |state: &str| figures.by_state.iter().find(|known| known.0 == state).map_or(0, |known| known.1);
    let waits = figures.oldest.map_or_else(|| "nothing is due".to_owned(), |at| waited(cx.now() - at));
    let hour = outbox::sent_since(cx, cx.now() - TimeDelta::hours(1)).await?;
    let day = outbox::sent_since(cx, cx.now() - TimeDelta::days(1)).await?;
    view.figures = [
        ("Waiting to go", number("ready").to_string()),
        ("Held with their mailing", number("paused").to_string()),
        ("On the wire", number("sending").to_string()),
        ("Perhaps sent, tried once more", number("uncertain").to_string()),
        ("Given up", figures.failed.to_string()),
        ("Longest due", waits),
        ("Sent in the last hour", hour.to_string()),
        ("Sent in the last day", day.to_string()),
    ]
    .map(|(label, number)| (label.to_owned(), number))
    .into();
    view.failed = figures.failed;
    view.paused_since = figures.switch.paused_at.map_or_else(String::new, moment);
    view.because = figures.switch.because.unwrap_or_default();
    Ok(())
}

fn waited(time: TimeDelta) -> String {
    let (count, unit) = match time.num_seconds() {
        ..120 => (time.num_seconds().max(0), "second"),
        120..7_200 => (time.num_minutes(), "minute"),
        7_200..172_800 => (time.num_hours(), "hour"),
        _ => (time.num_days(), "day"),
    };
    format!("for {count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn done(code: &str) -> &'static str {
    match code {
        "paused" => "No letter leaves until you let them go again.",
        "resumed" => "Letters leave again.",
        "retried" => "It goes once more.",
        "all" => "All that were given up go once more.",
        _ => "",
    }
}

fn choices(chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, label: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let states = STATES.iter().map(|state| choice(state, words(state)));
    [choice("", "All that have not ended"), choice("all", "All")].into_iter().chain(states).collect()
}

/// A state in words.
fn words(state: &str) -> &str {
    match state {
        "ready" => "waits",
        "paused" => "held with its mailing",
        "sending" => "on the wire",
        "uncertain" => "perhaps sent",
        "failed" => "given up",
        "expired" => "not sent: its time had passed",
        "withdrawn" => "not sent: its reader does not want it, or cannot get it",
        other => other,
    }
}

/// What came back of a letter that had left, in words; empty: nothing.
fn returned(back: &HashMap<LetterId, String>, letter: LetterId) -> &'static str {
    match back.get(&letter).map(String::as_str) {
        Some("soft") => "bounced for now: full, or away",
        Some("complaint") => "called unwanted by its reader",
        Some(_) => "bounced for good",
        None => "",
    }
}

fn line(letter: &Kept, returned: &'static str) -> QueueLine {
    let when = match letter.done_at {
        Some(at) => moment(at),
        None => format!("due {}", moment(letter.due_at)),
    };
    QueueLine {
        url: format!("/admin/mail/{}", letter.id),
        to: letter.to.clone(),
        subject: letter.subject.clone(),
        state: words(&letter.state).to_owned(),
        returned,
        attempts: letter.attempts,
        answer: letter.answer.clone().unwrap_or_default(),
        when,
    }
}

/// GET `/admin/mail/{id}`
#[handler]
pub async fn letter_view(
    request: &Request,
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let asked = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let cx = db.cx(actor);
    let letter = outbox::letter(&cx, parsed(&id)?).await?;
    show(&cx, &site, &letter, done(asked.get("done")), None).await
}

/// POST `/admin/mail/{id}/text`: reading is written down, so it is asked for by a button.
#[handler]
pub async fn text_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    head: Data<&Arc<Letterhead>>,
) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let mut tx = db.write(actor.clone()).await?;
    let (letter, text) = outbox::read(&mut tx, *head, parsed(&id)?).await?;
    tx.commit().await?;
    show(&db.cx(actor), &site, &letter, "", Some(text.unwrap_or_default())).await
}

async fn show(cx: &Cx, site: &Site, letter: &Kept, done: &str, text: Option<String>) -> poem::Result<Response> {
    let back = suppression::came_back(cx, &[letter.id]).await?;
    let url = format!("/admin/mail/{}", letter.id);
    let ended = letter.done_at.is_some();
    let mut facts = vec![
        ("To", letter.to.clone()),
        ("Kind", letter.kind.clone()),
        ("State", words(&letter.state).to_owned()),
        ("Written", moment(letter.created_at)),
        (if ended { "Ended" } else { "Due" }, moment(letter.done_at.unwrap_or(letter.due_at))),
        ("Times tried", letter.attempts.to_string()),
        (
            "Goes",
            if letter.priority == Priority::Personal { "at once" } else { "behind what people wait for" }.to_owned(),
        ),
        ("Message-ID", letter.message_id.clone()),
    ];
    let returned = returned(&back, letter.id);
    if !returned.is_empty() {
        facts.push(("Came back", returned.to_owned()));
    }
    if let Some(answer) = &letter.answer {
        facts.push(("Said by the mail server", answer.clone()));
    }
    let mut view = QueueLetterPage {
        chrome: site.chrome(&letter.subject, "", &url),
        admin_at: "mail",
        done: done.to_owned(),
        subject: letter.subject.clone(),
        facts: facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        secret: letter.secret,
        gone: text.as_ref().is_some_and(String::is_empty),
        text: pieces(text.as_deref().unwrap_or_default()),
        may_retry: matches!(letter.state.as_str(), "ready" | "failed" | "uncertain"),
        url,
    };
    (view.chrome.section, view.chrome.noindex) = (Section::Admin, true);
    own_page(StatusCode::OK, &view)
}

/// POST `/admin/mail/{id}/retry`
#[handler]
pub async fn retry_view(SignedIn(actor): SignedIn, Path(id): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let id = parsed(&id)?;
    let mut tx = db.write(actor).await?;
    outbox::retry_one(&mut tx, id).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/mail/{id}?done=retried")))
}

/// POST `/admin/mail/retry`: all that were given up.
#[handler]
pub async fn retry_all_view(SignedIn(actor): SignedIn, db: Data<&Db>) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let mut tx = db.write(actor).await?;
    outbox::retry(&mut tx, None).await?;
    tx.commit().await?;
    Ok(see_other("/admin/mail?done=all"))
}

/// POST `/admin/mail/pause`
#[handler]
pub async fn pause_view(SignedIn(actor): SignedIn, form: Form, db: Data<&Db>) -> poem::Result<Response> {
    turn(&db, actor, Some(form.get("because"))).await
}

/// POST `/admin/mail/resume`
#[handler]
pub async fn resume_view(SignedIn(actor): SignedIn, db: Data<&Db>) -> poem::Result<Response> {
    turn(&db, actor, None).await
}

async fn turn(db: &Db, actor: Actor, because: Option<&str>) -> poem::Result<Response> {
    outbox::enter(&actor)?;
    let mut tx = db.write(actor).await?;
    match because {
        Some(because) => outbox::pause(&mut tx, Some(because).filter(|text| !text.is_empty())).await?,
        None => outbox::resume(&mut tx).await?,
    }
    tx.commit().await?;
    Ok(see_other(if because.is_some() { "/admin/mail?done=paused" } else { "/admin/mail?done=resumed" }))
}

fn parsed(id: &str) -> Result<LetterId> {
    id.parse().map_err(|_| Error::NotFound("letter"))
}
