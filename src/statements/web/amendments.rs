//! Amendments, and the end of a statement.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::read::published;
use super::{asked, changes_view, choice, does, link_to, sign_ons};
use crate::platform::{Cx, Db, Error, Place, Result};
use crate::sessions::Desk;
use crate::statements::amendment::{self, Amendment, AmendmentForm, AmendmentId, AmendmentKind, Fate};
use crate::statements::counts;
use crate::statements::ending::{self, EndForm};
use crate::statements::views::signing::{AmendmentRow, AmendmentsPage, EndPage, NextVersion};
use crate::statements::{State, Statement, Version, named, text, versions};
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};

/// GET `/statements/{slug}/amendments`
#[handler]
pub async fn list_view(
    Asker(actor): Asker,
    Path(reference): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request, "done").as_str() {
        "proposed" => "Your proposal is there; its authors are told.",
        "accepted" => "Taken up: it goes into the next version.",
        "published" => "The version is published, and every signer is asked once.",
        "declined" => "Declined. Everybody reads why.",
        _ => "",
    };
    let page = AmendmentsPage { done: done.to_owned(), ..AmendmentsPage::default() };
    show(&db.cx(actor), *site, &reference, page, &AmendmentForm::default(), StatusCode::OK).await
}

/// POST `/statements/{slug}/amendments`
#[handler]
pub async fn propose_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let get = |name: &str| form.get(name).to_owned();
    let said = AmendmentForm {
        kind: get("kind"),
        point: get("point"),
        title: get("title"),
        words: get("words"),
        reason: get("reason"),
        no_student: form.has("no_student"),
    };
    let proposed = async {
        let mut tx = db.write(actor).await?;
        amendment::propose(&mut tx, *desk, one.id, &said).await?;
        tx.commit().await
    };
    match proposed.await {
        Ok(()) => Ok(see_other(&format!("{}/amendments?done=proposed", one.path()))),
        Err(error) => {
            let page = AmendmentsPage { corrections: Corrections::of(error)?, ..AmendmentsPage::default() };
            show(&cx, *site, &reference, page, &said, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/amendments/{id}`
#[handler]
pub async fn decide_view(
    SignedIn(actor): SignedIn,
    Path((reference, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let amendment: AmendmentId = id.parse().map_err(|_| Error::NotFound("amendment"))?;
    let accept = match form.get("do") {
        "accept" => Ok(true),
        "decline" => Ok(false),
        _ => Err(Error::invalid("do", "Choose to take it up or to decline it.")),
    };
    let decided = async {
        let accept = accept?;
        let mut tx = db.write(actor).await?;
        amendment::decide(&mut tx, *desk, amendment, accept, form.get("answer"), form.has("no_student")).await?;
        tx.commit().await.map(|()| accept)
    };
    match decided.await {
        Ok(accept) => {
            let done = if accept { "accepted" } else { "declined" };
            Ok(see_other(&format!("{}/amendments?done={done}", one.path())))
        }
        Err(error) => {
            let page = AmendmentsPage {
                corrections: Corrections::of(error)?,
                answering: id,
                answer: form.get("answer").to_owned(),
                ..AmendmentsPage::default()
            };
            show(&cx, *site, &reference, page, &AmendmentForm::default(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `/statements/{slug}/versions`
#[handler]
pub async fn publish_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let seen: Vec<AmendmentId> = form.all("amendment").iter().filter_map(|id| id.parse().ok()).collect();
    let newest = form.get("newest").parse().unwrap_or_default();
    let done = async {
        let mut tx = db.write(actor).await?;
        amendment::publish_version(&mut tx, *desk, one.id, newest, &seen).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("{}/amendments?done=published", one.path()))),
        Err(error) => {
            let page = AmendmentsPage { corrections: Corrections::of(error)?, ..AmendmentsPage::default() };
            show(&cx, *site, &reference, page, &AmendmentForm::default(), StatusCode::CONFLICT).await
        }
    }
}

/// The text that an amendment was about: the newest one when it was decided, or now.
fn text_then<'a>(all: &'a [Version], one: &Amendment) -> Option<&'a text::Text> {
    let before = |version: &&Version| match (one.made_version, one.fate, one.decided_at) {
        (Some(made), ..) => version.number < made,
        (None, Fate::Declined, Some(at)) => version.published_at.is_some_and(|published| published <= at),
        _ => true,
    };
    all.iter().rfind(before).map(|version| &version.text)
}

fn number_then(all: &[Version], one: &Amendment) -> Option<usize> {
    text_then(all, one)?.number_of(one.point?)
}

/// Whether the point of a proposal that waits says something else now than when it was proposed.
fn was_reworded(all: &[Version], one: &Amendment) -> bool {
    let point = |version: &Version| version.text.points.iter().find(|point| Some(point.key) == one.point).cloned();
    let then = all.iter().rfind(|version| version.published_at.is_some_and(|at| at <= one.created_at)).and_then(point);
    one.fate == Fate::Waiting && one.kind != AmendmentKind::Add && then != all.last().and_then(point)
}

/// What the proposals that are taken up make of the newest version.
async fn next_version(
    cx: &Cx,
    one: &Statement,
    all: &[Version],
    found: &[Amendment],
    manages: bool,
) -> Result<Option<NextVersion>> {
    let taken_up = amendment::taken_up(found);
    if one.state != State::Open || taken_up.is_empty() {
        return Ok(None);
    }
    let newest = all.iter().find(|version| version.number == one.version).ok_or(Error::NotFound("version"))?;
    let after = amendment::next_text(one, all, &taken_up)?;
    let (newest_signed, earlier) =
        counts::behind(cx, std::slice::from_ref(one)).await?.remove(&one.id).unwrap_or_default();
    let takes = one.takes_signatures(cx.now());
    Ok(Some(NextVersion {
        number: one.version + 1,
        newest: one.version,
        ids: taken_up.iter().map(|each| each.id.to_string()).collect(),
        says: match taken_up.len() {
            1 => "1 proposal is taken up.".to_owned(),
            n => format!("{n} proposals are taken up."),
        },
        asks: if takes {
            let n = newest_signed + earlier;
            let are = if n == 1 { "is" } else { "are" };
            format!("When it is published, {} {are} asked once to confirm or withdraw.", sign_ons(n))
        } else {
            "It is not published any more: the last day of sign-ons is over, and nobody could confirm it.".to_owned()
        },
        changes: changes_view(&text::changes(&newest.text, &after)),
        may_publish: manages && takes,
    }))
}

async fn show(
    cx: &Cx,
    site: &Site,
    reference: &str,
    page: AmendmentsPage,
    typed: &AmendmentForm,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = published(cx, reference).await?;
    let all = versions(cx, &one).await?;
    let found = amendment::amendments(cx, &one).await?;
    let manages = amendment::manages(cx, &one).await?;
    let may_propose = amendment::may_propose(cx, &one).await?;
    let places: Vec<Place> = found.iter().filter_map(|each| each.place).collect();
    let names = named(cx, &places).await?;
    let row = |each: &Amendment| {
        let by = each.place.and_then(|place| names.get(&place)).map(|named| named.name.as_str());
        let by = by.unwrap_or("somebody who was invited to comment");
        AmendmentRow {
            id: each.id.to_string(),
            does: does(each.kind, number_then(&all, each)),
            state: match each.fate {
                Fate::Waiting => "Waits for an answer",
                Fate::Accepted if !each.waits_for_version() => "Taken up",
                Fate::Accepted if one.state == State::Open => "Taken up, goes into the next version",
                Fate::Accepted => "Taken up, and no version was made of it",
                Fate::Declined => "Declined",
            }
            .to_owned(),
            by: format!("Proposed by {by}, {}", day_of(each.created_at)),
            title: each.title.clone(),
            words: each.words.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
            reason: each.reason.clone(),
            answer: each.answer.clone(),
            version_url: each.made_version.map(|n| format!("{}/v/{n}", one.path())).unwrap_or_default(),
            stale: if was_reworded(&all, each) {
                "The point was reworded since this was proposed: taken up, these words take the place of those."
            } else {
                ""
            }
            .to_owned(),
            may_decide: manages && each.fate == Fate::Waiting && one.state == State::Open,
            may_take_back: manages && each.waits_for_version() && one.state == State::Open,
        }
    };
    let instead = match one.state {
        State::Open if !one.takes_signatures(cx.now()) => "The last day of sign-ons is over: its text changes no more.",
        State::Open if cx.actor().account().is_none() => "Who signed it proposes changes after signing in.",
        State::Open => "Who signed it, or was invited to comment on it, proposes changes to it.",
        _ => "It is over: its text changes no more.",
    };
    let newest = all.iter().find(|version| version.number == one.version).ok_or(Error::NotFound("version"))?;
    let mut points = vec![choice("", "None: a new point at the end", &typed.point)];
    let labels = newest.text.points.iter().enumerate();
    points.extend(labels.map(|(at, p)| choice(&p.key.to_string(), &format!("{}. {}", at + 1, p.title), &typed.point)));
    let path = format!("{}/amendments", one.path());
    let view = AmendmentsPage {
        chrome: site.chrome(&format!("Proposed changes: {}", one.title), "", &path),
        statement: link_to(&one),
        next: next_version(cx, &one, &all, &found, manages).await?,
        rows: found.iter().rev().map(row).collect(),
        may_propose,
        instead: instead.to_owned(),
        kinds: AmendmentKind::ALL.into_iter().map(|kind| choice(kind.code(), kind.label(), &typed.kind)).collect(),
        points,
        title: typed.title.clone(),
        words: typed.words.clone(),
        reason: typed.reason.clone(),
        ..page
    };
    own_page(status, &view)
}

/// GET `/statements/{slug}/end`
#[handler]
pub async fn end_form_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let typed = EndForm { on: cx.now().date_naive().to_string(), ..EndForm::default() };
    show_end(&cx, *site, &reference, Corrections::default(), typed, StatusCode::OK).await
}

/// POST `/statements/{slug}/end`
#[handler]
pub async fn end_view(
    SignedIn(actor): SignedIn,
    Path(reference): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let one = published(&cx, &reference).await?;
    let get = |name: &str| form.get(name).to_owned();
    let said = EndForm { state: get("state"), on: get("on"), note: get("note"), no_student: form.has("no_student") };
    let ended = async {
        let mut tx = db.write(actor).await?;
        ending::end(&mut tx, *desk, one.id, &said).await?;
        tx.commit().await
    };
    match ended.await {
        Ok(()) => Ok(see_other(&format!("{}?done=ended", one.path()))),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show_end(&cx, *site, &reference, corrections, said, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_end(
    cx: &Cx,
    site: &Site,
    reference: &str,
    corrections: Corrections,
    typed: EndForm,
    status: StatusCode,
) -> poem::Result<Response> {
    let one = published(cx, reference).await?;
    let may = amendment::manages(cx, &one).await? && matches!(one.state, State::Open | State::Closed);
    if !may {
        return Err(Error::Forbidden("Only the authors of an open statement end it.".to_owned()).into());
    }
    let mut chrome = site.chrome(&format!("The end: {}", one.title), "", &format!("{}/end", one.path()));
    chrome.noindex = true;
    let states: &[(State, &str)] = match one.state {
        State::Open => &[
            (State::Delivered, "Delivered: it was handed over"),
            (State::Closed, "Closed: it takes no more sign-ons"),
            (State::Withdrawn, "Withdrawn: its authors take it back"),
        ],
        _ => &[(State::Delivered, "Delivered: it was handed over")],
    };
    let view = EndPage {
        chrome,
        corrections,
        statement: link_to(&one),
        states: states.iter().map(|(state, words)| choice(state.code(), words, &typed.state)).collect(),
        on: typed.on,
        note: typed.note,
    };
    own_page(status, &view)
}
