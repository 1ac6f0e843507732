//! After a session: the survey, and whether the practice is used. By sign-in, or by the link of the letter, which shows a page
//! on GET and acts on POST.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::console::chrome;
use crate::catalog;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::link::{self, Errand};
use crate::sessions::survey::{self, OPEN, STATEMENTS, Standing};
use crate::sessions::views::after::{StatementField, SurveyPage, UsePage};
use crate::sessions::{Desk, RegistrationId, SessionId, practice_use, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Choice;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/:id/survey", resource().get(survey_view).post(answer_view)),
        ("/sessions/:id/use/:day", resource().get(use_view).post(say_view)),
        ("/r/survey/:token", resource().get(survey_link_view).post(answer_link_view)),
        ("/r/use-30/:token", resource().get(use_30_view).post(say_30_view)),
        ("/r/use-90/:token", resource().get(use_90_view).post(say_90_view)),
    ]
}

async fn own(cx: &Cx, session: &str) -> Result<RegistrationId> {
    let session: SessionId = session.parse().map_err(|_| Error::NotFound("session"))?;
    survey::own_of(cx, session).await
}

/// Who acts by a link, and for which registration.
async fn by_link(db: &Db, desk: &Desk, errand: Errand, token: &str) -> Result<(Actor, RegistrationId)> {
    let link = link::read(&desk.secret, errand, token)?;
    let actor = link::actor(&db.cx(Actor::System("sessions")), &link).await?;
    Ok((actor, RegistrationId(link.subject)))
}

/// GET `/sessions/{id}/survey`
#[handler]
pub async fn survey_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let registration = own(&cx, &id).await?;
    show_survey(&cx, *site, registration, &format!("/sessions/{id}/survey"), None, StatusCode::OK).await
}

/// POST `/sessions/{id}/survey`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let registration = own(&db.cx(actor.clone()), &id).await?;
    answer(&db, *site, actor, registration, &format!("/sessions/{id}/survey"), &form).await
}

/// GET `/r/survey/{token}`
#[handler]
pub async fn survey_link_view(
    Path(token): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, registration) = by_link(&db, *desk, Errand::Survey, &token).await?;
    show_survey(&db.cx(actor), *site, registration, &format!("/r/survey/{token}"), None, StatusCode::OK).await
}

/// POST `/r/survey/{token}`
#[handler]
pub async fn answer_link_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, registration) = by_link(&db, *desk, Errand::Survey, &token).await?;
    answer(&db, *site, actor, registration, &format!("/r/survey/{token}"), &form).await
}

async fn answer(
    db: &Db,
    site: &Site,
    actor: Actor,
    registration: RegistrationId,
    path: &str,
    form: &Form,
) -> poem::Result<Response> {
    let marks: Vec<String> = (1..=STATEMENTS.len()).map(|n| form.get(&format!("q{n}")).to_owned()).collect();
    let answered = async {
        let mut tx = db.write(actor.clone()).await?;
        survey::answer(&mut tx, registration, &marks, form.get("comment")).await?;
        tx.commit().await
    };
    match answered.await {
        Ok(()) => Ok(see_other(path)),
        Err(error) => {
            let typed = Typed { corrections: Corrections::of(error)?, marks, comment: form.get("comment").to_owned() };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_survey(&db.cx(actor), site, registration, path, Some(typed), status).await
        }
    }
}

struct Typed {
    corrections: Corrections,
    marks: Vec<String>,
    comment: String,
}

async fn show_survey(
    cx: &Cx,
    site: &Site,
    registration: RegistrationId,
    action: &str,
    typed: Option<Typed>,
    status: StatusCode,
) -> poem::Result<Response> {
    let (session, registration) = survey::own(cx, registration).await?;
    let standing = survey::standing(cx, &session, &registration).await?;
    let instead = match standing {
        Standing::Open => "",
        Standing::Done => "Thank you. Your answer is kept without your name.",
        Standing::Early => "The session is not over. Come back when it is.",
        Standing::Over => "Answers were taken for seven days; they are over.",
        Standing::Absent => survey::ABSENT,
    };
    let typed = typed.unwrap_or_else(|| Typed {
        corrections: Corrections::default(),
        marks: Vec::new(),
        comment: String::new(),
    });
    let field = |(at, statement): (usize, &&str)| {
        let name = format!("q{}", at + 1);
        let chosen = typed.marks.get(at).map_or("", String::as_str);
        StatementField {
            statement: (*statement).to_owned(),
            marks: (1..=5)
                .map(|n: u8| Choice { value: n.to_string(), label: n.to_string(), selected: n.to_string() == chosen })
                .collect(),
            wrong: typed.corrections.at(&name).unwrap_or_default().to_owned(),
            name,
        }
    };
    let statements = STATEMENTS.iter().enumerate().map(field).collect();
    let view = SurveyPage {
        chrome: chrome(site, &session, "Survey", "survey"),
        title: session.title.clone(),
        url: format!("/sessions/{}", session.id),
        action: action.to_owned(),
        instead: instead.to_owned(),
        good: standing == Standing::Done,
        statements,
        until: session.ends_at.map_or_else(String::new, |end| schedule::moment(end + OPEN, session.zone())),
        corrections: typed.corrections,
        comment: typed.comment,
    };
    own_page(status, &view)
}

/// GET `/sessions/{id}/use/{day}`
#[handler]
pub async fn use_view(
    SignedIn(actor): SignedIn,
    Path((id, day)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let registration = own(&cx, &id).await?;
    let page = UseOf { day: parsed(&day)?, path: format!("/sessions/{id}/use/{day}"), registration };
    show_use(&cx, *site, &page, said(request), StatusCode::OK).await
}

/// POST `/sessions/{id}/use/{day}`
#[handler]
pub async fn say_view(
    SignedIn(actor): SignedIn,
    Path((id, day)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let registration = own(&db.cx(actor.clone()), &id).await?;
    let page = UseOf { day: parsed(&day)?, path: format!("/sessions/{id}/use/{day}"), registration };
    say(&db, *site, actor, &page, &form).await
}

/// GET `/r/use-30/{token}`
#[handler]
pub async fn use_30_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, page) = use_by_link(&db, *desk, 30, &token).await?;
    show_use(&db.cx(actor), *site, &page, said(request), StatusCode::OK).await
}

/// POST `/r/use-30/{token}`
#[handler]
pub async fn say_30_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, page) = use_by_link(&db, *desk, 30, &token).await?;
    say(&db, *site, actor, &page, &form).await
}

/// GET `/r/use-90/{token}`
#[handler]
pub async fn use_90_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, page) = use_by_link(&db, *desk, 90, &token).await?;
    show_use(&db.cx(actor), *site, &page, said(request), StatusCode::OK).await
}

/// POST `/r/use-90/{token}`
#[handler]
pub async fn say_90_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, page) = use_by_link(&db, *desk, 90, &token).await?;
    say(&db, *site, actor, &page, &form).await
}

/// The question of one day to one person, and where it is asked.
struct UseOf {
    day: i32,
    path: String,
    registration: RegistrationId,
}

async fn use_by_link(db: &Db, desk: &Desk, day: i32, token: &str) -> Result<(Actor, UseOf)> {
    let errand = if day == 30 { Errand::Use30 } else { Errand::Use90 };
    let (actor, registration) = by_link(db, desk, errand, token).await?;
    Ok((actor, UseOf { day, path: format!("/r/{}/{token}", errand.code()), registration }))
}

fn parsed(day: &str) -> Result<i32> {
    day.parse().ok().filter(|day| practice_use::DAYS.contains(day)).ok_or(Error::NotFound("page"))
}

fn said(request: &Request) -> UsePage {
    let done = request.uri().query() == Some("done=said");
    let done = if done { "Thank you. You can change it here." } else { "" };
    UsePage { done: done.to_owned(), ..UsePage::default() }
}

async fn say(db: &Db, site: &Site, actor: Actor, page: &UseOf, form: &Form) -> poem::Result<Response> {
    let kept = async {
        let mut tx = db.write(actor.clone()).await?;
        practice_use::say(&mut tx, page.registration, page.day, form.get("answer"), form.get("note")).await?;
        tx.commit().await
    };
    match kept.await {
        Ok(()) => Ok(see_other(&format!("{}?done=said", page.path))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let view = UsePage { corrections, note: form.get("note").to_owned(), ..UsePage::default() };
            show_use(&db.cx(actor), site, page, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_use(cx: &Cx, site: &Site, page: &UseOf, view: UsePage, status: StatusCode) -> poem::Result<Response> {
    let (session, registration) = survey::own(cx, page.registration).await?;
    let (open, kept) = match practice_use::standing(cx, &session, &registration, page.day).await? {
        practice_use::Standing::Open(kept) => (true, kept),
        practice_use::Standing::Closed => (false, None),
    };
    let practice = match session.practice {
        Some(id) => catalog::practices(cx, &[id]).await?.remove(&id),
        None => None,
    };
    let chosen = kept.as_ref().map(|kept| kept.answer);
    let note = if view.note.is_empty() { kept.map(|kept| kept.note).unwrap_or_default() } else { view.note };
    let view = UsePage {
        chrome: chrome(site, &session, "Did you use it?", &format!("use/{}", page.day)),
        title: session.title.clone(),
        url: format!("/sessions/{}", session.id),
        day: session.ends_at.map_or_else(String::new, |end| schedule::day(end, session.zone())),
        practice_url: practice.as_ref().map_or_else(String::new, |practice| format!("/practices/{}", practice.slug)),
        record_url: practice
            .as_ref()
            .filter(|_| chosen == Some(practice_use::Answer::Yes))
            .map_or_else(String::new, |practice| {
                format!("/practices/{}/adoption?session={}", practice.slug, session.id)
            }),
        practice: practice.map_or_else(String::new, |practice| practice.record.title),
        action: page.path.clone(),
        open,
        answers: practice_use::Answer::ALL
            .iter()
            .map(|answer| Choice {
                value: answer.code().to_owned(),
                label: answer.label().to_owned(),
                selected: Some(*answer) == chosen,
            })
            .collect(),
        note,
        corrections: view.corrections,
        done: view.done,
    };
    own_page(status, &view)
}
