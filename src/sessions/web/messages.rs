//! `/sessions/{id}/messages`: what those who run a session write to its people, and how the letters went.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::console::{asked, chrome, url};
use crate::mail::outbox::Kept;
use crate::people::{self, account};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::message::{self, Audience, Came, Message, MessageId, MessageState, NewMessage, delivery};
use crate::sessions::session::Session;
use crate::sessions::views::messages::{LetterRow, MessageFields, MessagePage, MessageRow, MessagesPage};
use crate::sessions::{Desk, Grounds, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::letter;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Choice;

/// Letters of the log on a page.
const LETTERS: u64 = 100;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/:id/messages", resource().get(messages_view).post(write_view)),
        ("/sessions/:id/messages/:message", resource().get(message_view).post(change_view)),
        ("/sessions/:id/messages/:message/letter", resource().get(letter_view)),
        ("/sessions/:id/messages/:message/test", resource().post(test_view)),
        ("/sessions/:id/messages/:message/schedule", resource().post(schedule_view)),
        ("/sessions/:id/messages/:message/pause", resource().post(pause_view)),
        ("/sessions/:id/messages/:message/resume", resource().post(resume_view)),
        ("/sessions/:id/messages/:message/stop", resource().post(stop_view)),
    ]
}

fn typed(form: &Form) -> NewMessage {
    let get = |name| form.get(name).to_owned();
    NewMessage {
        audience: get("audience"),
        sector: get("sector"),
        came: get("attendance"),
        subject: get("subject"),
        body: get("body"),
    }
}

/// The fields with what was typed.
async fn fields(cx: &Cx, session: &Session, typed: &NewMessage) -> Result<MessageFields> {
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected: value == chosen,
    };
    let mut sectors = vec![choice("", "All sectors", &typed.sector)];
    sectors.extend(people::sectors(cx).await?.iter().map(|one| choice(&one.code, &one.label, &typed.sector)));
    let begun = session.starts_at.is_some_and(|at| at <= cx.now());
    let attendances = Came::ALL.iter().filter(|_| begun || !matches!(typed.came.as_str(), "" | "any"));
    Ok(MessageFields {
        audiences: Audience::ALL.map(|one| choice(one.code(), one.label(), &typed.audience)).to_vec(),
        sectors,
        attendances: attendances.map(|one| choice(one.code(), one.label(), &typed.came)).collect(),
        subject: typed.subject.clone(),
        body: typed.body.clone(),
    })
}

/// GET `/sessions/{id}/messages`
#[handler]
pub async fn messages_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = asked(request, "done").filter(|done| done == "sent").map(|_| "The message is on its way.".to_owned());
    let view = MessagesPage { done: done.unwrap_or_default(), ..MessagesPage::default() };
    show_messages(&db.cx(actor), *site, &id, view, &NewMessage::default(), StatusCode::OK).await
}

/// POST `/sessions/{id}/messages`
#[handler]
pub async fn write_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _) = crate::sessions::session(&cx, &id).await?;
    let new = typed(&form);
    let look = form.get("do") == "look";
    let written = async {
        let mut tx = db.write(actor).await?;
        let id = if look {
            message::write(&mut tx, session.id, &new).await?
        } else {
            message::send(&mut tx, *desk, session.id, &new).await?
        };
        tx.commit().await.map(|()| id)
    };
    match written.await {
        Ok(message) if look => Ok(see_other(&format!("{}/messages/{message}?done=kept", url(&session)))),
        Ok(_) => Ok(see_other(&format!("{}/messages?done=sent", url(&session)))),
        Err(error) => {
            let view = MessagesPage { corrections: Corrections::of(error)?, ..MessagesPage::default() };
            show_messages(&cx, *site, &id, view, &new, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_messages(
    cx: &Cx,
    site: &Site,
    id: &str,
    view: MessagesPage,
    typed: &NewMessage,
    status: StatusCode,
) -> poem::Result<Response> {
    let (session, grounds) = crate::sessions::session(cx, id).await?;
    let sent = message::messages(cx, &session, &grounds).await?;
    let writers: Vec<_> = sent.iter().map(|message| message.account).collect();
    let writers = account::accounts(cx, &writers).await?;
    let row = |message: &Message| MessageRow {
        url: format!("{}/messages/{}", url(&session), message.id),
        subject: message.subject.clone(),
        body: message.body.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        facts: format!(
            "{}. {} {}",
            writers.get(&message.account).map_or("", |writer| writer.name.as_str()),
            stands(message, &session),
            who(message),
        ),
    };
    let view = MessagesPage {
        chrome: chrome(site, &session, "Messages", "messages"),
        title: session.title.clone(),
        url: url(&session),
        typed: fields(cx, &session, typed).await?,
        sent: sent.iter().map(row).collect(),
        ..view
    };
    own_page(status, &view)
}

/// "It goes on Friday, October 3, 2027, 9:00 AM EDT."
fn stands(message: &Message, session: &Session) -> String {
    let at = message.due_at.map(|at| schedule::moment(at, session.zone())).unwrap_or_default();
    match message.state {
        MessageState::Draft => "A draft.".to_owned(),
        MessageState::Scheduled => format!("It goes on {at}."),
        MessageState::Sent => format!("Sent on {at}."),
        MessageState::Stopped => "Stopped.".to_owned(),
    }
}

/// "People with a seat: 24."
fn who(message: &Message) -> String {
    let mut words = message.audience.label().to_owned();
    if let Some(sector) = &message.sector {
        words = format!("{words}, sector {sector}");
    }
    if message.came != Came::Any {
        words = format!("{words}, {}", message.came.label().to_lowercase());
    }
    match message.state {
        MessageState::Sent | MessageState::Stopped => format!("{words}: {}.", message.recipients),
        _ => format!("{words}."),
    }
}

fn id_of(text: &str) -> Result<MessageId> {
    text.parse().map_err(|_| Error::NotFound("message"))
}

/// GET `/sessions/{id}/messages/{message}`
#[handler]
pub async fn message_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").unwrap_or_default().as_str() {
        "kept" => "It is kept as a draft. Nobody gets it before you send it.",
        "tested" => "The letter is on its way to you alone.",
        "scheduled" => "It has its time.",
        "paused" => "It is held: what has not left stays.",
        "resumed" => "It goes on.",
        "stopped" => "It is stopped.",
        _ => "",
    };
    let view = MessagePage { done: done.to_owned(), ..MessagePage::default() };
    let before = asked(request, "before").unwrap_or_default();
    let page = (id.as_str(), message.as_str());
    show(&db.cx(actor), *site, *desk, page, view, None, &before, StatusCode::OK).await
}

async fn one(cx: &Cx, id: &str, message: &str) -> Result<(Session, Grounds, Message)> {
    let (session, grounds) = crate::sessions::session(cx, id).await?;
    let found = message::message(cx, &session, &grounds, id_of(message)?).await?;
    Ok((session, grounds, found))
}

#[expect(clippy::too_many_arguments, reason = "what a page is made of, from two handlers")]
async fn show(
    cx: &Cx,
    site: &Site,
    desk: &Desk,
    (id, message): (&str, &str),
    view: MessagePage,
    new: Option<NewMessage>,
    before: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let (session, _, message) = one(cx, id, message).await?;
    let writer = account::account(cx, message.account).await?.name;
    let standing = delivery::standing(cx, &message).await?;
    let letters = delivery::log(cx, &message, None, before.parse().ok(), LETTERS).await?;
    let path = format!("messages/{}", message.id);
    let own_url = format!("{}/{path}", url(&session));
    let is_draft = message.state == MessageState::Draft;
    let own = NewMessage {
        audience: message.audience.code().to_owned(),
        sector: message.sector.clone().unwrap_or_default(),
        came: message.came.code().to_owned(),
        subject: message.subject.clone(),
        body: message.body.clone(),
    };
    let due = message.due_at.unwrap_or_else(|| cx.now());
    let going = message.state == MessageState::Sent && standing.as_ref().is_some_and(|one| one.is_going());
    let paused = going && standing.as_ref().is_some_and(|one| one.is_paused());
    let typed = fields(cx, &session, &new.unwrap_or(own)).await?;
    let more = letters.last().filter(|_| letters.len() as u64 == LETTERS);
    let view = MessagePage {
        chrome: chrome(site, &session, &message.subject, &path),
        session_url: url(&session),
        subject: message.subject.clone(),
        facts: vec![stands(&message, &session), who(&message)],
        text: message::letter(desk, &session, &message, &writer).text(&desk.head, None)?,
        is_draft,
        typed,
        schedules: matches!(message.state, MessageState::Draft | MessageState::Scheduled),
        when: match (view.when.as_str(), message.due_at) {
            ("", Some(at)) => session.zone().local(at).format("%Y-%m-%dT%H:%M").to_string(),
            (typed, _) => typed.to_owned(),
        },
        zone: session.zone().abbreviation(due),
        pauses: going && !paused,
        resumes: paused,
        stop: match message.state {
            MessageState::Scheduled => "Take its time back",
            MessageState::Sent if going => "Stop it for good",
            _ => "",
        },
        figures: standing.as_ref().map(figures).unwrap_or_default(),
        next_url: more.map(|last| format!("{own_url}?before={}", last.id)).unwrap_or_default(),
        log: letters.iter().map(|letter| letter_row(letter, &session)).collect(),
        url: own_url,
        ..view
    };
    own_page(status, &view)
}

fn figures(standing: &delivery::Standing) -> Vec<(&'static str, String)> {
    let progress = &standing.progress;
    let mut figures = vec![("Letters", progress.total), ("Waiting", progress.waiting), ("Sent", progress.sent)];
    let rest = [
        ("Bounced", progress.failed),
        ("Perhaps sent", progress.uncertain),
        ("Not sent", progress.withheld),
        ("Erased with their reader", progress.erased),
    ];
    figures.extend(rest.into_iter().filter(|(_, number)| *number > 0));
    figures.into_iter().map(|(label, number)| (label, number.to_string())).collect()
}

fn letter_row(letter: &Kept, session: &Session) -> LetterRow {
    LetterRow {
        to: letter.to.clone(),
        state: delivery::words(&letter.state),
        when: schedule::moment(letter.done_at.unwrap_or(letter.due_at), session.zone()),
        answer: letter.answer.clone().unwrap_or_default(),
    }
}

/// GET `/sessions/{id}/messages/{message}/letter`: the letter with its design.
#[handler]
pub async fn letter_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    db: Data<&Db>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (session, _, message) = one(&cx, &id, &message).await?;
    let writer = account::account(&cx, message.account).await?.name;
    Ok(letter::shown(message::letter(*desk, &session, &message, &writer).html(&desk.head, None)?))
}

/// What a button of the page does.
enum Turn<'a> {
    Change(&'a NewMessage),
    Test,
    Schedule(&'a str),
    Pause,
    Resume,
    Stop,
}

impl Turn<'_> {
    fn done(&self) -> &'static str {
        match self {
            Self::Change(_) => "kept",
            Self::Test => "tested",
            Self::Schedule(_) => "scheduled",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Stop => "stopped",
        }
    }
}

async fn turn(
    db: &Db,
    site: &Site,
    desk: &Desk,
    actor: Actor,
    (id, message): (&str, &str),
    turn: Turn<'_>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _) = crate::sessions::session(&cx, id).await?;
    let turned = async {
        let mut tx = db.write(actor).await?;
        let (session, id) = (session.id, id_of(message)?);
        match turn {
            Turn::Change(new) => message::change(&mut tx, session, id, new).await?,
            Turn::Test => message::test(&mut tx, desk, session, id).await?,
            Turn::Schedule(when) => message::schedule(&mut tx, desk, session, id, when).await?,
            Turn::Pause => message::pause(&mut tx, session, id).await?,
            Turn::Resume => message::resume(&mut tx, session, id).await?,
            Turn::Stop => message::stop(&mut tx, session, id).await?,
        }
        tx.commit().await
    };
    match turned.await {
        Ok(()) => Ok(see_other(&format!("{}/messages/{message}?done={}", url(&session), turn.done()))),
        Err(error) => {
            let mut view = MessagePage { corrections: Corrections::of(error)?, ..MessagePage::default() };
            let mut typed = None;
            match turn {
                Turn::Change(new) => typed = Some(new.clone()),
                Turn::Schedule(when) => when.clone_into(&mut view.when),
                _ => {}
            }
            show(&cx, site, desk, (id, message), view, typed, "", StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/sessions/{id}/messages/{message}`
#[handler]
pub async fn change_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Change(&typed(&form))).await
}

/// POST `/sessions/{id}/messages/{message}/schedule`
#[handler]
pub async fn schedule_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Schedule(form.get("when"))).await
}

/// POST `/sessions/{id}/messages/{message}/test`
#[handler]
pub async fn test_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Test).await
}

/// POST `/sessions/{id}/messages/{message}/pause`
#[handler]
pub async fn pause_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Pause).await
}

/// POST `/sessions/{id}/messages/{message}/resume`
#[handler]
pub async fn resume_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Resume).await
}

/// POST `/sessions/{id}/messages/{message}/stop`
#[handler]
pub async fn stop_view(
    SignedIn(actor): SignedIn,
    Path((id, message)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    turn(&db, *site, *desk, actor, (&id, &message), Turn::Stop).await
}
