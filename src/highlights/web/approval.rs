//! The word of a school: `/approve-highlight/{token}` from the letter, and the same page for a lead who is signed in. GET shows the words
//! as they will appear, and scanners of mailboxes open it too; only the POST acts (T10).

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::piece::{photo, piece};
use crate::highlights::approval::{self, Said, SchoolsWord};
use crate::highlights::highlight::{Highlight, Passage, PassageId, State};
use crate::highlights::reading;
use crate::highlights::views::approval::ApprovePage;
use crate::materials::Depot;
use crate::notices::Postroom;
use crate::people::errand;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::schedule;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Chrome, Link};

/// Who asks for a page, and about which words.
struct Task {
    actor: Actor,
    found: Highlight,
    passage: Passage,
    /// Where its form goes.
    path: String,
    /// For whom the link acts; empty for who is signed in.
    who: String,
}

async fn by_link(db: &Db, room: &Postroom, token: &str) -> Result<Task> {
    let link = errand::read(&room.secret, SchoolsWord, token)?;
    let actor = errand::actor(&db.cx(Actor::Visitor), &link).await?;
    let who = actor.person().map(|person| person.name.clone()).unwrap_or_default();
    match approval::asked(&db.cx(actor.clone()), PassageId(link.subject)).await {
        Ok((found, passage)) => Ok(Task { actor, found, passage, path: format!("/approve-highlight/{token}"), who }),
        Err(Error::NotFound(_)) => {
            let sentence = "You do not answer for this school any more, or the highlight names it no more.";
            Err(Error::Conflict(sentence.to_owned()))
        }
        Err(error) => Err(error),
    }
}

async fn signed_in(db: &Db, actor: Actor, slug: &str, school: &str) -> Result<Task> {
    let cx = db.cx(actor.clone());
    let none = || Error::NotFound("page");
    let (found, _) = reading::highlight(&cx, slug).await?;
    let school = crate::people::school(&cx, school).await?;
    let passage = found.schools.iter().find(|one| one.school == school.id).ok_or_else(none)?.id;
    let (found, passage) = approval::asked(&cx, passage).await?;
    let path = format!("/highlights/{}/approval/{}", found.id, school.slug);
    Ok(Task { actor, found, passage, path, who: String::new() })
}

fn said(form: &Form) -> Said {
    Said {
        answer: form.get("answer").to_owned(),
        print: form.get("print").to_owned(),
        note: form.get("note").to_owned(),
        named: form.get("named") == "yes",
        no_student: form.get("no_student") == "yes",
    }
}

async fn answer(db: &Db, room: &Postroom, task: &Task, said: &Said) -> Result<()> {
    let mut tx = db.write(task.actor.clone()).await?;
    approval::answer(&mut tx, room, task.passage.id, said).await?;
    tx.commit().await
}

async fn show(
    cx: &Cx,
    site: &Site,
    task: Task,
    (typed, corrections): (Said, Corrections),
    status: StatusCode,
) -> poem::Result<Response> {
    let Task { found, passage, path, who, .. } = task;
    let whole = reading::whole(cx, found).await?;
    let now = &whole.highlight;
    let school = whole.school(passage.school);
    let approved = now.is_approved_by(&passage);
    let open = matches!(now.state, State::Reviewing | State::Approved | State::Published);
    let said = now.quote.as_ref().filter(|quote| quote.school == passage.school);
    let on = passage.answered_at.map(|at| schedule::day(at, now.zone)).unwrap_or_default();
    let (question, mut lines) = match (now.state, approved) {
        (State::Withdrawn, _) => (
            "It was withdrawn".to_owned(),
            vec!["Nothing of it is shown, and nothing is left for you to answer here.".to_owned()],
        ),
        (State::Draft, _) => (
            "It is being written".to_owned(),
            vec!["You are asked when it is done. Nothing of it is shown before you say yes.".to_owned()],
        ),
        (_, true) => (
            format!("{school} said yes on {on}"),
            vec!["The yes holds for the words below. You can take it back, and they are not shown then.".to_owned()],
        ),
        (_, false) => (
            format!("May {} say this about {school}?", now.city_name),
            vec![
                format!("The mayor's office of {} wants to publish this highlight.", now.city_name),
                "Below it stands as it will appear. Nothing is published before every school in it says yes."
                    .to_owned(),
            ],
        ),
    };
    if let Some(photo) = now.photo.as_ref().filter(|_| open) {
        lines.push(format!("The office says of the picture: {}.", photo.consent.label()));
    }
    if let Some(note) = passage.note.as_ref().filter(|_| !approved && open) {
        lines.push(format!("On {on} {school} asked for changes: \u{201c}{note}\u{201d}"));
    }
    let view = ApprovePage {
        chrome: Chrome { noindex: true, ..site.chrome(&question, "", "") },
        question,
        lines,
        corrections,
        // Who is signed in sees the picture where the office does.
        piece: piece(&whole, &if who.is_empty() { format!("{}/photo", now.path()) } else { format!("{path}/photo") }),
        action: if open { path } else { String::new() },
        print: now.print(&passage),
        asks: !approved,
        approved,
        asks_name: open && said.is_some_and(|quote| quote.speaker.is_none()),
        note: typed.note,
        who,
        page: (now.state == State::Published).then(|| Link { text: "See its page".to_owned(), url: now.path() }),
    };
    own_page(status, &view)
}

fn over(site: &Site, error: Error) -> poem::Result<Response> {
    let Error::Conflict(sentence) = error else { return Err(error.into()) };
    let question = "This link holds no more";
    let view = ApprovePage {
        chrome: Chrome { noindex: true, ..site.chrome(question, "", "") },
        question: question.to_owned(),
        lines: vec![sentence],
        ..ApprovePage::default()
    };
    own_page(StatusCode::GONE, &view)
}

fn refused(error: &Error) -> StatusCode {
    if matches!(error, Error::Conflict(_)) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// GET `/approve-highlight/{token}`
#[handler]
pub async fn asked_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    match by_link(&db, &room, &token).await {
        Ok(task) => {
            let cx = db.cx(task.actor.clone());
            show(&cx, &site, task, (Said::default(), Corrections::default()), StatusCode::OK).await
        }
        Err(error) => over(&site, error),
    }
}

/// POST `/approve-highlight/{token}`
#[handler]
pub async fn answer_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let task = match by_link(&db, &room, &token).await {
        Ok(task) => task,
        Err(error) => return over(&site, error),
    };
    let said = said(&form);
    match answer(&db, &room, &task, &said).await {
        Ok(()) => Ok(see_other(&task.path)),
        Err(error) => {
            let (status, corrections) = (refused(&error), Corrections::of(error)?);
            let task = by_link(&db, &room, &token).await?;
            show(&db.cx(task.actor.clone()), &site, task, (said, corrections), status).await
        }
    }
}

/// GET `/approve-highlight/{token}/photo`
#[handler]
pub async fn photo_view(
    request: &Request,
    Path(token): Path<String>,
    db: Data<&Db>,
    room: Data<&Postroom>,
    depot: Data<&Depot>,
) -> poem::Result<Response> {
    let task = by_link(&db, &room, &token).await?;
    Ok(photo(request, *depot, &task.found, false).await?)
}

/// GET `/highlights/{id}/approval/{school}`
#[handler]
pub async fn own_view(
    SignedIn(actor): SignedIn,
    Path((slug, school)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let task = signed_in(&db, actor, &slug, &school).await?;
    let cx = db.cx(task.actor.clone());
    show(&cx, &site, task, (Said::default(), Corrections::default()), StatusCode::OK).await
}

/// POST `/highlights/{id}/approval/{school}`
#[handler]
pub async fn say_view(
    SignedIn(actor): SignedIn,
    Path((slug, school)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    room: Data<&Postroom>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let task = signed_in(&db, actor.clone(), &slug, &school).await?;
    let said = said(&form);
    match answer(&db, &room, &task, &said).await {
        Ok(()) => Ok(see_other(&task.path)),
        Err(error) => {
            let (status, corrections) = (refused(&error), Corrections::of(error)?);
            let task = signed_in(&db, actor, &slug, &school).await?;
            show(&db.cx(task.actor.clone()), &site, task, (said, corrections), status).await
        }
    }
}
