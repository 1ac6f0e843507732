//! `/r/{errand}/{token}`: links of letters that act without a sign-in. GET shows what would happen, and scanners of mailboxes
//! open it too; the button acts (T10). Used twice, or too late, the page says how things are now.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::approvals::decide;
use super::page::status_of;
use crate::people::{self, AccountId, account};
use crate::platform::vocabulary::{Approval, CoverageNeed, Seat};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::web::parameters;
use crate::sessions::link::{self, Errand};
use crate::sessions::seat::{Registration, RegistrationId, takes_place};
use crate::sessions::session::Session;
use crate::sessions::views::errands::{ErrandButton, ErrandPage};
use crate::sessions::{Desk, letters, registration, schedule};
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![("/r/:errand/:token", resource().get(errand_view).post(act_view))]
}

/// The errands that this page does; others have pages of their own.
const HERE: [Errand; 4] = [Errand::Decide, Errand::Offer, Errand::Keep, Errand::Leave];

/// What a link leads to, for the person it acts for.
struct Task {
    errand: Errand,
    cx: Cx,
    seat: Registration,
    session: Session,
    action: String,
}

/// GET `/r/{errand}/{token}`
#[handler]
pub async fn errand_view(
    request: &Request,
    Path((errand, token)): Path<(String, String)>,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let task = match task(&db, &desk, &errand, &token).await {
        Ok(task) => task,
        Err(error) => return over(&site, error),
    };
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = asked.iter().any(|(name, _)| name == "done");
    let view = ErrandPage { done: if done { "Done.".to_owned() } else { String::new() }, ..ErrandPage::default() };
    own_page(StatusCode::OK, &page(&task, &site, view).await?)
}

/// POST `/r/{errand}/{token}`
#[handler]
pub async fn act_view(
    Path((errand, token)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let task = match task(&db, &desk, &errand, &token).await {
        Ok(task) => task,
        Err(error) => return over(&site, error),
    };
    match act(&db, &desk, &task, &form).await {
        Ok(()) => Ok(see_other(&format!("{}?done", task.action))),
        Err(error) => {
            let status = status_of(&error);
            let view = ErrandPage {
                corrections: Corrections::of(error)?,
                reason: form.get("reason").to_owned(),
                ..ErrandPage::default()
            };
            own_page(status, &page(&task, &site, view).await?)
        }
    }
}

async fn task(db: &Db, desk: &Desk, errand: &str, token: &str) -> Result<Task> {
    let errand = HERE.into_iter().find(|one| one.code() == errand).ok_or(Error::NotFound("link"))?;
    let link = link::read(&desk.secret, errand, token)?;
    let actor: Actor = link::actor(&db.cx(Actor::Visitor), &link).await?;
    let cx = db.cx(actor);
    let seat = registration::registration(&cx, RegistrationId(link.subject)).await?;
    let session = crate::sessions::session_of(&cx, &seat).await?;
    Ok(Task { errand, cx, seat, session, action: format!("/r/{}/{token}", errand.code()) })
}

async fn act(db: &Db, desk: &Desk, task: &Task, form: &Form) -> Result<()> {
    let actor = task.cx.actor().clone();
    let decision = form.get("decision");
    if task.errand == Errand::Decide {
        return decide(db, desk, actor, task.seat.id, form).await.map(drop);
    }
    let mut tx = db.write(actor).await?;
    match (task.errand, decision) {
        (Errand::Offer, "accept") => registration::answer_offer(&mut tx, desk, task.seat.id, true).await?,
        (Errand::Offer, "decline") => registration::answer_offer(&mut tx, desk, task.seat.id, false).await?,
        (Errand::Keep, "keep") => registration::keep(&mut tx, desk, task.seat.id).await?,
        (Errand::Keep | Errand::Leave, "leave") => registration::withdraw(&mut tx, desk, task.seat.id).await?,
        _ => return Err(Error::invalid("decision", "Press one of the buttons.")),
    };
    tx.commit().await
}

async fn page(task: &Task, site: &Site, view: ErrandPage) -> Result<ErrandPage> {
    let (seat, session) = (&task.seat, &task.session);
    let people = account::accounts(&task.cx, &[seat.account]).await?;
    let name = people.get(&seat.account).map_or("somebody", |person| person.name.as_str()).to_owned();
    let acts = task.cx.actor().person().map(|person| person.name.clone()).unwrap_or_default();
    let own = task.cx.actor().account().map(AccountId) == Some(seat.account);
    let whose = if own { "You".to_owned() } else { name.clone() };
    let mut view = ErrandPage {
        session: Link { text: session.title.clone(), url: format!("/sessions/{}", session.id) },
        when: session.meetings.iter().map(schedule::when).collect(),
        who: acts,
        ..view
    };
    if waits(task) {
        task.action.clone_into(&mut view.action);
        ask(task, &name, &mut view).await?;
    } else {
        let (heading, line) = now(task, &whose, own);
        view.question = heading;
        view.lines = vec![line];
    }
    view.chrome = frame(site, &view.question);
    Ok(view)
}

/// Whether there is still something to press.
fn waits(task: &Task) -> bool {
    let (seat, session) = (&task.seat, &task.session);
    let coming = session.is_live() && session.ends_at.is_none_or(|end| task.cx.now() < end);
    coming
        && match task.errand {
            Errand::Decide => seat.approval == Approval::WAITING && takes_place(seat.seat),
            Errand::Offer => offer_stands(task),
            // An offer is answered, not kept.
            Errand::Keep => matches!(seat.seat, Seat::HELD | Seat::CONFIRMED) && seat.round < session.round,
            _ => seat.seat != Seat::RELEASED,
        }
}

fn offer_stands(task: &Task) -> bool {
    let seat = &task.seat;
    seat.seat == Seat::OFFERED && seat.offer_until.is_none_or(|until| task.cx.now() < until)
}

async fn ask(task: &Task, name: &str, view: &mut ErrandPage) -> Result<()> {
    let (seat, session) = (&task.seat, &task.session);
    let by = |until: Option<_>| until.map(|until| schedule::moment(until, session.zone()));
    let button = |value, words, class| ErrandButton { value, words, class };
    match task.errand {
        Errand::Decide => {
            let school = people::schools(&task.cx, &[seat.school]).await?.remove(&seat.school);
            let school = school.map(|school| school.name).unwrap_or_default();
            view.question = format!("May {name} come?");
            view.lines.push(format!("{name} asks for a seat as staff of {school}."));
            if let Some(until) = by(seat.hold_until) {
                view.lines.push(format!("The seat is held until {until}; without an answer it goes back."));
            }
            (view.asks_lead, view.coverage) = (true, coverage(session));
            view.buttons = vec![button("approve", "Approve", ""), button("decline", "Decline", "button--quiet")];
        }
        Errand::Offer => {
            "Take the seat?".clone_into(&mut view.question);
            if let Some(until) = by(seat.offer_until) {
                view.lines.push(format!("It is offered to you until {until}; after that it goes to the next in line."));
            }
            view.buttons =
                vec![button("accept", "Take the seat", ""), button("decline", "Decline it", "button--quiet")];
        }
        Errand::Keep => {
            "The session changed: do you still come?".clone_into(&mut view.question);
            view.lines.push("Above is when it meets now; its page says where. You may leave freely.".to_owned());
            view.buttons = vec![button("keep", "Keep my seat", ""), button("leave", "Give it back", "button--quiet")];
        }
        _ if seat.seat == Seat::WAITLISTED => {
            "Leave the waitlist?".clone_into(&mut view.question);
            view.lines.push("Your place in line is gone then.".to_owned());
            view.buttons = vec![button("leave", "Leave the waitlist", "button--danger")];
        }
        _ => {
            "Give your seat back?".clone_into(&mut view.question);
            let told = if letters::school_knows(seat) { " Your principal is told." } else { "" };
            view.lines.push(format!("It goes to whoever is next.{told}"));
            view.buttons = vec![button("leave", "Give my seat back", "button--danger")];
        }
    }
    Ok(())
}

fn coverage(session: &Session) -> String {
    match (session.coverage, session.details.coverage_paid_by.trim()) {
        (CoverageNeed::NONE, _) => String::new(),
        (need, "") => need.label().to_owned(),
        (need, payer) => format!("{}, paid by {payer}", need.label()),
    }
}

/// How things are, where nothing is left to press.
fn now(task: &Task, whose: &str, own: bool) -> (String, String) {
    let seat = &task.seat;
    let (have, are) = if own { ("have", "are") } else { ("has", "is") };
    let heading = match task.errand {
        Errand::Decide => match seat.approval {
            Approval::APPROVED => "This request is approved",
            Approval::DECLINED => "This request is declined",
            Approval::EXPIRED => "This request was not answered in time",
            _ => "Nothing is left to answer",
        },
        _ => "How it is now",
    };
    let line = if !task.session.is_live() {
        format!("The session is {}.", task.session.status.label().to_lowercase())
    } else if offer_stands(task) {
        let until = seat.offer_until.map(|until| format!(" until {}", schedule::moment(until, task.session.zone())));
        let to = if own { "you" } else { whose };
        format!("A seat is offered to {to}{}. Answer it by the letter that offers it.", until.unwrap_or_default())
    } else if seat.seat == Seat::OFFERED {
        "The time to answer is over; the seat goes to the next in line.".to_owned()
    } else {
        match seat.seat {
            Seat::CONFIRMED => format!("{whose} {have} a seat."),
            Seat::HELD => format!("A seat is held for {}.", if own { "you" } else { whose }),
            Seat::WAITLISTED => format!("{whose} {are} on the waitlist."),
            _ => format!("{whose} {have} no seat; it was given back."),
        }
    };
    (heading.to_owned(), line)
}

/// A link that leads nowhere any more: bent, of another installation, too old, of an account that is closed.
fn over(site: &Site, error: Error) -> poem::Result<Response> {
    let (status, line) = match error {
        Error::NotFound(_) => {
            (StatusCode::NOT_FOUND, "Open it from the letter itself: part of the address may be missing.".to_owned())
        }
        Error::Conflict(line) => (StatusCode::GONE, line),
        other => return Err(other.into()),
    };
    let question = "This link does not work any more".to_owned();
    let view = ErrandPage { chrome: frame(site, &question), question, lines: vec![line], ..ErrandPage::default() };
    own_page(status, &view)
}

/// The frame of a page whose own address is a secret: it names none.
fn frame(site: &Site, title: &str) -> crate::web::views::Chrome {
    let mut chrome = site.chrome(title, "", "");
    chrome.canonical.clear();
    (chrome.noindex, chrome.section) = (true, Section::Sessions);
    chrome
}
