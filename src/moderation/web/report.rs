//! `/report`, for everybody, and the public log.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::asked;
use crate::moderation::Moderation;
use crate::moderation::case::{DecisionId, Reason};
use crate::moderation::decision::{self, LogLine};
use crate::moderation::report::{self, NewReport};
use crate::moderation::views::{LogPage, LogRow, ReportPage};
use crate::platform::throttle::network;
use crate::platform::{Actor, Cx, Db, Error};
use crate::search::encode;
use crate::web::asker::Asker;
use crate::web::form::{Corrections, Form};
use crate::web::headers::ClientAddress;
use crate::web::site::{Site, day_of, own_page, page, see_other};
use crate::web::views::Choice;

/// Decisions on a page of the log.
const PAGE: u64 = 50;

/// GET `/report`; `about` says what.
#[handler]
pub async fn report_view(
    Asker(actor): Asker,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    if asked(request, "done") == "sent" {
        let mut chrome = site.chrome("Thank you", "", "/report");
        chrome.noindex = true;
        let told = actor.person().is_some();
        return own_page(StatusCode::OK, &ReportPage { chrome, sent: true, told, ..ReportPage::default() });
    }
    let about = asked(request, "about");
    let (cx, new) = (db.cx(actor), NewReport::default());
    show(&cx, *site, *moderation, &about, &new, Corrections::default(), StatusCode::OK).await
}

/// POST `/report`
#[handler]
pub async fn reported_view(
    Asker(actor): Asker,
    request: &Request,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    let from = request.data::<ClientAddress>().map(|address| network(address.0)).unwrap_or_default();
    let about = form.get("about").to_owned();
    let new = NewReport { reason: form.get("reason").to_owned(), words: form.get("words").to_owned() };
    match report::report(&db, *moderation, actor.clone(), &about, &new, &from).await {
        Ok(()) => Ok(see_other("/report?done=sent")),
        Err(error) => {
            let status = match error {
                Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let corrections = Corrections::of(error)?;
            show(&db.cx(actor), *site, *moderation, &about, &new, corrections, status).await
        }
    }
}

async fn show(
    cx: &Cx,
    site: &Site,
    moderation: &Moderation,
    about: &str,
    new: &NewReport,
    corrections: Corrections,
    status: StatusCode,
) -> poem::Result<Response> {
    let (kind, _, thing) = report::thing(cx, moderation, about).await?;
    let mut chrome = site.chrome("Report a problem", "", &format!("/report?about={}", encode(about)));
    chrome.noindex = true;
    let reason = |one: Reason| Choice {
        value: one.code().to_owned(),
        label: one.explained().to_owned(),
        selected: one.code() == new.reason,
    };
    let view = ReportPage {
        chrome,
        corrections,
        about: about.to_owned(),
        noun: kind.noun().to_owned(),
        title: thing.title,
        url: thing.path,
        hides: kind.hides(),
        reasons: Reason::ALL.into_iter().map(reason).collect(),
        words: new.words.clone(),
        ..ReportPage::default()
    };
    own_page(status, &view)
}

/// GET `/moderation`
#[handler]
pub async fn log_view(
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    moderation: Data<&Moderation>,
) -> poem::Result<Response> {
    let before: Option<DecisionId> = asked(request, "before").parse().ok();
    let cx = db.cx(Actor::Visitor);
    let mut found = decision::log(&cx, *moderation, before, PAGE + 1).await?;
    let more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| format!("/moderation?before={}", last.id));
    let row = |line: &LogLine| LogRow {
        day: day_of(line.at),
        kind: line.kind.clone(),
        done: line.done.label().to_owned(),
        reason: line.reason.label().to_owned(),
    };
    let about = "Every decision about something that was reported here, with its reason.";
    let view = LogPage {
        chrome: site.chrome("What was done about reports", about, "/moderation"),
        rows: found.iter().map(row).collect(),
        next_url: next.unwrap_or_default(),
        later: before.is_some(),
    };
    page(request.headers(), &view)
}
