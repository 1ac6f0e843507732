//! `/admin/reports`: the queue of those who look after reports, and one case of it. Everybody else is refused before anything is
//! looked up.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::asked;
use crate::moderation::case::{Done, Reason, age};
use crate::moderation::decision::{self, Docket, NewDecision, Which, Whole};
use crate::moderation::things::beginning;
use crate::moderation::views::{CasePage, CaseRow, DecisionRow, ReportRow, ReportsPage};
use crate::moderation::{CaseId, Moderation};
use crate::people::AccountId;
use crate::platform::{Cx, Db, Error, Place, Role, Timestamp};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Chrome, Section};

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Admin, noindex: true, ..site.chrome(title, "", path) }
}

fn administers(cx: &Cx) -> bool {
    cx.actor().has(Role::CityAdmin, Place::Installation)
}

/// GET `/admin/reports`; `show` is `open`, `hidden` or `closed`.
#[handler]
pub async fn reports_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    let (which, show) = match asked(request, "show").as_str() {
        "hidden" => (Which::Hidden, "hidden"),
        "closed" => (Which::Closed, "closed"),
        _ => (Which::Open, "open"),
    };
    let done = if asked(request, "done") == "decided" { "Decided. Letters tell those whom it concerns." } else { "" };
    let cx = db.cx(actor);
    let (found, total) = decision::cases(&cx, *moderation, which).await?;
    let row = |one: Docket| {
        let kind = moderation.kind(&one.case.kind);
        let words = one.newest.as_ref().and_then(|report| report.words.clone()).unwrap_or_default();
        CaseRow {
            url: format!("/admin/reports/{}", one.case.id),
            kind: kind.map_or(one.case.kind.as_str(), |kind| kind.label()).to_owned(),
            title: one.thing.map_or_else(|| GONE.to_owned(), |thing| thing.title),
            facts: facts(cx.now(), one.waiting, one.case.open.then_some(one.case.opened_at), one.case.closed_at),
            reason: one.newest.map(|report| report.reason.label().to_owned()).unwrap_or_default(),
            words: beginning(&words, 160),
            urgent: one.case.urgent,
            hidden: one.case.hidden,
        }
    };
    let view = ReportsPage {
        chrome: chrome(&site, "Reports", "/admin/reports"),
        administers: administers(&cx),
        admin_at: "reports",
        done: done.to_owned(),
        show,
        count: match (which, total) {
            (_, 0) => String::new(),
            (Which::Open, 1) => "1 waits".to_owned(),
            (Which::Open, n) => format!("{n} wait"),
            (_, n) => format!("{n} here"),
        },
        rows: found.into_iter().map(row).collect(),
    };
    own_page(StatusCode::OK, &view)
}

const GONE: &str = "No longer there";

fn facts(now: Timestamp, waiting: u64, opened: Option<Timestamp>, closed: Option<Timestamp>) -> String {
    match (opened, closed) {
        (Some(opened), _) if waiting == 1 => format!("1 report, {} ago", age(now, opened)),
        (Some(opened), _) => format!("{waiting} reports, the first {} ago", age(now, opened)),
        (None, Some(closed)) => format!("Decided {}", day_of(closed)),
        (None, None) => String::new(),
    }
}

/// GET `/admin/reports/{id}`
#[handler]
pub async fn case_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    let new = NewDecision::default();
    show(&db.cx(actor), *site, *moderation, &id, &new, Corrections::default(), StatusCode::OK).await
}

/// POST `/admin/reports/{id}`
#[handler]
pub async fn decide_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    let get = |name: &str| form.get(name).to_owned();
    let new = NewDecision { done: get("done"), reason: get("reason"), words: get("words") };
    let cx = db.cx(actor.clone());
    // Refused before anything is looked up.
    let whole = decision::whole(&cx, *moderation, &id).await?;
    match decide(&db, actor, *moderation, whole.case.id, &new).await {
        Ok(()) => Ok(see_other("/admin/reports?done=decided")),
        Err(error) => {
            let corrections = Corrections::of(error)?;
            show(&cx, *site, *moderation, &id, &new, corrections, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn decide(
    db: &Db,
    actor: crate::platform::Actor,
    moderation: &Moderation,
    id: CaseId,
    new: &NewDecision,
) -> Result<(), Error> {
    let mut tx = db.write(actor).await?;
    decision::decide(&mut tx, moderation, id, new).await?;
    tx.commit().await
}

fn lines(words: Option<&String>) -> Vec<String> {
    words.iter().flat_map(|words| words.lines()).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

async fn show(
    cx: &Cx,
    site: &Site,
    moderation: &Moderation,
    id: &str,
    new: &NewDecision,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let whole = decision::whole(cx, moderation, id).await?;
    let kind = moderation.kind(&whole.case.kind);
    let url = format!("/admin/reports/{}", whole.case.id);
    let standing = standing(&whole);
    let Whole { case, thing, reports, decisions, names } = whole;
    let name = |account: Option<AccountId>, nobody: &str| {
        account.map_or_else(|| nobody.to_owned(), |id| names.get(&id).cloned().unwrap_or_else(|| "Somebody".to_owned()))
    };
    let when = |at: Timestamp| format!("{}, {} ago", day_of(at), age(cx.now(), at));
    let report = |one: &crate::moderation::case::Report| ReportRow {
        reason: one.reason.label().to_owned(),
        words: lines(one.words.as_ref()),
        facts: format!("{}, {}", name(one.reporter, "A visitor or former member"), when(one.created_at)),
        waits: one.decision.is_none(),
    };
    let decided = |one: &crate::moderation::case::Decision| DecisionRow {
        done: one.done.label().to_owned(),
        reason: one.reason.label().to_owned(),
        words: lines(one.words.as_ref()),
        facts: format!("{}, {}", name(one.by, "By a report"), when(one.at)),
    };
    // The reason that was reported last stands there already.
    let reported = reports.first().map(|report| report.reason.code()).unwrap_or_default();
    let chosen = if new.reason.is_empty() { reported } else { new.reason.as_str() };
    let reason = |one: Reason| Choice {
        value: one.code().to_owned(),
        label: one.label().to_owned(),
        selected: one.code() == chosen,
    };
    let choice = |one: Done| Choice {
        value: one.code().to_owned(),
        label: one.imperative().to_owned(),
        selected: one.code() == new.done,
    };
    let label = kind.map_or(case.kind.as_str(), |kind| kind.label()).to_owned();
    let title = thing.as_ref().map_or_else(|| GONE.to_owned(), |thing| thing.title.clone());
    let view = CasePage {
        chrome: chrome(site, &format!("Reports: {title}"), &url),
        administers: administers(cx),
        admin_at: "reports",
        corrections,
        kind: label,
        title,
        excerpt: thing.as_ref().map(|thing| thing.excerpt.clone()).unwrap_or_default(),
        thing_url: thing.map(|thing| thing.path).unwrap_or_default(),
        standing,
        reports: reports.iter().map(report).collect(),
        decisions: decisions.iter().map(decided).collect(),
        choices: decision::possible(moderation, &case).into_iter().map(choice).collect(),
        reasons: Reason::ALL.into_iter().map(reason).collect(),
        words: new.words.clone(),
        url,
        ..CasePage::default()
    };
    own_page(status, &view)
}

fn standing(whole: &Whole) -> String {
    let waits = whole.reports.iter().filter(|report| report.decision.is_none()).count();
    let mut said = match waits {
        0 => "Nothing waits here.".to_owned(),
        1 => "1 report waits for a decision.".to_owned(),
        n => format!("{n} reports wait for a decision."),
    };
    if whole.case.hidden {
        said.push_str(" It is hidden from everybody but its author.");
    }
    if whole.thing.is_none() {
        said.push_str(" It is gone, or its author took it back.");
    }
    said
}
