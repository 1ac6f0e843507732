//! "How is it going?", by sign-in (`/follow-ups/{id}`) or by the link of the letter, which shows a page on GET and acts on POST.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::choice;
use crate::adoptions::follow_up::{self, Answer, Asking, FollowUpId, Said};
use crate::adoptions::views::follow_up::FollowUpPage;
use crate::catalog;
use crate::people::errand;
use crate::platform::vocabulary::{AdoptionStage, StopReason};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::sessions::Desk;
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, own_page, see_other};
use crate::web::views::{Link, Section};

/// Which question, and where it is asked.
struct Asked {
    id: FollowUpId,
    path: String,
}

fn by_id(id: &str) -> Result<Asked> {
    let id: FollowUpId = id.parse().map_err(|_| Error::NotFound("page"))?;
    Ok(Asked { id, path: format!("/follow-ups/{id}") })
}

async fn by_link(db: &Db, desk: &Desk, token: &str) -> Result<(Actor, Asked)> {
    let link = errand::read(&desk.secret, Asking, token)?;
    let actor = errand::actor(&db.cx(Actor::System("adoptions")), &link).await?;
    Ok((actor, Asked { id: FollowUpId(link.subject), path: format!("/r/follow-up/{token}") }))
}

/// GET `/follow-ups/{id}`
#[handler]
pub async fn ask_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    show(&db.cx(actor), *site, &by_id(&id)?, said(request), StatusCode::OK).await
}

/// POST `/follow-ups/{id}`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    answer(&db, *site, actor, &by_id(&id)?, &form).await
}

/// GET `/r/follow-up/{token}`
#[handler]
pub async fn ask_link_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, asked) = by_link(&db, *desk, &token).await?;
    show(&db.cx(actor), *site, &asked, said(request), StatusCode::OK).await
}

/// POST `/r/follow-up/{token}`
#[handler]
pub async fn answer_link_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let (actor, asked) = by_link(&db, *desk, &token).await?;
    answer(&db, *site, actor, &asked, &form).await
}

fn said(request: &Request) -> FollowUpPage {
    let done = if request.uri().query() == Some("done=said") {
        "Thank you. It stands on the page of the adoption."
    } else {
        ""
    };
    FollowUpPage { done: done.to_owned(), ..FollowUpPage::default() }
}

async fn answer(db: &Db, site: &Site, actor: Actor, asked: &Asked, form: &Form) -> poem::Result<Response> {
    let get = |name: &str| form.get(name).to_owned();
    let said =
        Said { answer: get("answer"), reason: get("reason"), note: get("note"), no_student: form.has("no_student") };
    let kept = async {
        let mut tx = db.write(actor.clone()).await?;
        follow_up::answer(&mut tx, asked.id, &said).await?;
        tx.commit().await
    };
    match kept.await {
        Ok(()) => Ok(see_other(&format!("{}?done=said", asked.path))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            let reasons = reasons(&said.reason);
            let view = FollowUpPage { corrections, note: said.note, reasons, ..FollowUpPage::default() };
            show(&db.cx(actor), site, asked, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn reasons(chosen: &str) -> Vec<crate::web::views::Choice> {
    let mut reasons = vec![choice("", "Choose one", chosen)];
    reasons.extend(StopReason::all().map(|one| choice(one.code(), one.label(), chosen)));
    reasons
}

async fn show(cx: &Cx, site: &Site, asked: &Asked, view: FollowUpPage, status: StatusCode) -> poem::Result<Response> {
    let (found, adoption, school) = follow_up::own(cx, asked.id).await?;
    let practice = catalog::practice(cx, &adoption.practice.to_string()).await?;
    let mut chrome = site.chrome("How is it going?", "", &asked.path);
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let instead = if adoption.stage == AdoptionStage::STOPPED {
        "It is on record as stopped. Nothing more is asked about it."
    } else if !found.is_open(cx.now()) {
        "This was asked longer ago. You can still change what your school has on record."
    } else {
        ""
    };
    let chosen = found.answer.map(Answer::code).unwrap_or_default();
    let yes = [Answer::StillUsing, Answer::Changed];
    let note = if view.corrections.is_empty() { found.note } else { view.note };
    let page = FollowUpPage {
        chrome,
        corrections: view.corrections,
        done: view.done,
        practice: Link { text: practice.record.title.clone(), url: format!("/practices/{}", practice.slug) },
        adoption_url: format!("/adoptions/{}", adoption.id),
        school: school.name,
        after: if found.day == 365 { "A year".to_owned() } else { format!("{} days", found.day) },
        since: adoption.piloted_on.map(day).unwrap_or_default(),
        year: found.day == 365 && adoption.stage != AdoptionStage::SUSTAINED,
        action: asked.path.clone(),
        instead: instead.to_owned(),
        answers: yes.into_iter().map(|one| choice(one.code(), one.label(), chosen)).collect(),
        reasons: if view.reasons.is_empty() { reasons("") } else { view.reasons },
        note,
    };
    own_page(status, &page)
}
