//! `/practices/{slug}/questions`: what is asked about a practice, and each question with its answers.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{corrections, name_of, school_choices};
use crate::people::AccountId;
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::talk::Exchange;
use crate::talk::circle::{Circle, circle, schools_of};
use crate::talk::question::{self, AnswerId, QuestionId, Said};
use crate::talk::signature::{Bylines, Signature};
use crate::talk::views::questions::{QuestionPage, QuestionView, QuestionsPage, Typed};
use crate::talk::words::Words;
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::Section;

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices/:slug/questions", resource().get(questions_view).post(ask_view)),
        ("/practices/:slug/questions/:id", resource().get(question_view)),
        ("/practices/:slug/questions/:id/answers", resource().post(answer_view)),
        ("/practices/:slug/questions/:id/accepted", resource().post(accept_view)),
        ("/practices/:slug/questions/:id/wants", resource().post(want_view)),
        ("/practices/:slug/questions/:id/withdrawal", resource().post(take_back_view)),
    ]
}

const CLOSED: &str =
    "This practice was taken out of the catalog; its page says why. Nothing is asked about it any more.";

fn asked(request: &Request, name: &str) -> String {
    super::query(request).get(name).to_owned()
}

fn question_id(text: &str) -> Result<QuestionId> {
    text.parse().map_err(|_| Error::NotFound("question"))
}

fn typed(form: &Form) -> Typed {
    Typed { text: form.raw("text").to_owned(), named: form.has("named"), no_student: form.has("no_student") }
}

fn said(form: &Form) -> Said {
    Said {
        words: Words::new(form.raw("text"), form.has("no_student")),
        school: form.get("school").to_owned(),
        named: form.has("named"),
    }
}

/// GET `/practices/{slug}/questions`
#[handler]
pub async fn questions_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let before = match asked(request, "before").as_str() {
        "" => None,
        text => Some(question_id(text)?),
    };
    let done = if asked(request, "done") == "taken-back" { "You took your question back." } else { "" };
    let view = QuestionsPage { done: done.to_owned(), ..QuestionsPage::default() };
    let cx = db.cx(actor);
    let circle = circle(&cx, &slug).await?;
    show_list(&cx, *site, &circle, before, view, "", StatusCode::OK).await
}

/// POST `/practices/{slug}/questions`
#[handler]
pub async fn ask_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let circle = circle(&cx, &slug).await?;
    let made = async {
        let mut tx = db.write(actor).await?;
        let id = question::ask(&mut tx, *exchange, &circle, said(&form)).await?;
        tx.commit().await?;
        Ok(id)
    };
    match made.await {
        Ok(id) => Ok(see_other(&format!("{}/questions/{id}?done=asked", circle.path()))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = QuestionsPage { corrections, typed: typed(&form), ..QuestionsPage::default() };
            show_list(&cx, *site, &circle, None, view, form.get("school"), status).await
        }
    }
}

async fn show_list(
    cx: &Cx,
    site: &Site,
    circle: &Circle,
    before: Option<QuestionId>,
    view: QuestionsPage,
    school: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let (threads, total) = question::page(cx, circle.practice.id, before).await?;
    let signatures: Vec<&Signature> = threads.iter().flat_map(|thread| thread.signatures()).collect();
    let bylines = Bylines::of(cx, &signatures).await?;
    let (title, url) = (circle.practice.record.title.clone(), circle.path());
    let mut chrome = site.chrome(
        &format!("Questions about {title}"),
        "Questions about a practice, answered by schools that know it.",
        &format!("{url}/questions"),
    );
    (chrome.section, chrome.noindex) = (Section::Search, before.is_some() || total == 0);
    let last = threads.last().filter(|_| threads.len() as u64 == question::PAGE);
    let view = QuestionsPage {
        chrome,
        next: last.map(|last| format!("{url}/questions?before={}", last.question.id)).unwrap_or_default(),
        questions: threads.iter().map(|one| QuestionView::of(one, &bylines, &url).with_best_answer()).collect(),
        count: match total {
            0 => String::new(),
            1 => "1 question".to_owned(),
            _ => format!("{total} questions"),
        },
        closed: if circle.is_open() { String::new() } else { CLOSED.to_owned() },
        signed_in: cx.actor().person().is_some(),
        may_ask: !schools_of(cx.actor()).is_empty(),
        schools: school_choices(cx, school).await?,
        name: name_of(cx.actor()),
        title,
        url,
        ..view
    };
    own_page(status, &view)
}

/// GET `/practices/{slug}/questions/{id}`
#[handler]
pub async fn question_view(
    Asker(actor): Asker,
    Path((slug, id)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "asked" => "Asked. Whoever knows the practice is told, and you are told of answers.",
        "answered" => "Answered. Whoever asked is told.",
        "accepted" => "Noted.",
        "wanted" => "You are told of answers.",
        "unwanted" => "You are no longer told of answers.",
        "taken-back" => "You took your answer back.",
        _ => "",
    };
    let cx = db.cx(actor);
    let circle = circle(&cx, &slug).await?;
    let view = QuestionPage { done: done.to_owned(), ..QuestionPage::default() };
    show_one(&cx, *site, &circle, question_id(&id)?, view, StatusCode::OK).await
}

async fn show_one(
    cx: &Cx,
    site: &Site,
    circle: &Circle,
    id: QuestionId,
    view: QuestionPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let thread = question::thread(cx, id).await?;
    if thread.question.practice != circle.practice.id {
        return Err(Error::NotFound("question").into());
    }
    let signatures: Vec<&Signature> = thread.signatures().collect();
    let bylines = Bylines::of(cx, &signatures).await?;
    let (title, url) = (circle.practice.record.title.clone(), circle.path());
    let mut q = QuestionView::of(&thread, &bylines, &url);
    let me = cx.actor().account().map(AccountId);
    let open = circle.is_open();
    q.own = me == Some(thread.question.by.account);
    q.may_accept = open && question::may_accept(cx.actor(), &thread.question, circle.origin_id());
    q.wanted = question::wanted_by_me(cx, &[id]).await?.contains(&id);
    for (view, answer) in q.answers.iter_mut().zip(&thread.answers) {
        view.own = me == Some(answer.by.account);
    }
    let mut chrome = site.chrome(&format!("A question about {title}"), "", &format!("{url}/questions/{id}"));
    chrome.section = Section::Search;
    let placed = cx.actor().person().is_some_and(|person| !person.grants.is_empty());
    let view = QuestionPage {
        chrome,
        may_want: placed && !q.own,
        may_answer: circle.standing(cx.actor()).is_some(),
        signed_in: cx.actor().person().is_some(),
        closed: if open { String::new() } else { CLOSED.to_owned() },
        name: name_of(cx.actor()),
        q,
        title,
        url,
        ..view
    };
    own_page(status, &view)
}

/// What is done to one question; leads back to its page, or shows what to put right there.
async fn act(
    (db, site, actor): (&Db, &Site, Actor),
    (slug, id): (&str, &str),
    typed: Typed,
    done: &str,
    what: impl AsyncFnOnce(&mut crate::platform::Tx, &Circle, QuestionId) -> Result<()>,
) -> poem::Result<Response> {
    let id = question_id(id)?;
    let cx = db.cx(actor.clone());
    let circle = circle(&cx, slug).await?;
    let acted = async {
        let mut tx = db.write(actor).await?;
        what(&mut tx, &circle, id).await?;
        tx.commit().await
    };
    match acted.await {
        Ok(()) => Ok(see_other(&format!("{}/questions/{id}?done={done}", circle.path()))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = QuestionPage { corrections, typed, ..QuestionPage::default() };
            show_one(&cx, site, &circle, id, view, status).await
        }
    }
}

/// POST `/practices/{slug}/questions/{id}/answers`
#[handler]
pub async fn answer_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (exchange, said) = (*exchange, said(&form));
    act((*db, *site, actor), (&slug, &id), typed(&form), "answered", async move |tx, circle, id| {
        question::answer(tx, exchange, circle, id, said).await.map(drop)
    })
    .await
}

/// POST `/practices/{slug}/questions/{id}/accepted`; no answer takes it back.
#[handler]
pub async fn accept_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let answer = match form.get("answer") {
        "" => None,
        text => Some(text.parse::<AnswerId>().map_err(|_| Error::NotFound("answer"))?),
    };
    act((*db, *site, actor), (&slug, &id), Typed::default(), "accepted", async move |tx, circle, id| {
        question::accept(tx, circle, id, answer).await
    })
    .await
}

/// POST `/practices/{slug}/questions/{id}/wants`
#[handler]
pub async fn want_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let wanted = form.get("wanted") != "no";
    let done = if wanted { "wanted" } else { "unwanted" };
    act((*db, *site, actor), (&slug, &id), Typed::default(), done, async move |tx, circle, id| {
        question::want(tx, circle, id, wanted).await
    })
    .await
}

/// POST `/practices/{slug}/questions/{id}/withdrawal`: of one's own question, or of an answer to it.
#[handler]
pub async fn take_back_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let answer = match form.get("answer") {
        "" => None,
        text => Some(text.parse::<AnswerId>().map_err(|_| Error::NotFound("answer"))?),
    };
    let own = answer.is_none();
    let shown =
        act(
            (*db, *site, actor),
            (&slug, &id),
            Typed::default(),
            "taken-back",
            async move |tx, circle, id| match answer {
                Some(answer) => question::take_answer_back(tx, circle, id, answer).await,
                None => question::take_back(tx, circle, id).await,
            },
        )
        .await?;
    // A question that was taken back has no page any more.
    let gone = own && shown.status() == StatusCode::SEE_OTHER;
    Ok(if gone { see_other(&format!("/practices/{slug}/questions?done=taken-back")) } else { shown })
}
