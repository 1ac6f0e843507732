//! `/practices/{slug}/check` and `/practices/{slug}/retirement`: for the school where a practice began, and for editors.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::catalog::care::{self, Retirement};
use crate::catalog::views::compare::{CheckPage, RetirementPage};
use crate::catalog::{Practice, practice};
use crate::platform::vocabulary::PracticeStatus;
use crate::platform::{Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, day, own_page, see_other};
use crate::web::views::{Chrome, Link, Section};

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Search, noindex: true, ..site.chrome(title, "", path) }
}

fn link(found: &Practice) -> Link {
    Link { text: found.record.title.clone(), url: format!("/practices/{}", found.slug) }
}

fn status_of(error: &Error) -> StatusCode {
    if matches!(error, Error::Conflict(_)) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// GET `/practices/{slug}/check`
#[handler]
pub async fn check_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = if request.uri().query() == Some("done") { "Thank you: its page says that it was checked." } else { "" };
    let view = CheckPage { done: done.to_owned(), ..CheckPage::default() };
    show_check(&db.cx(actor), &site, &slug, view, StatusCode::OK).await
}

async fn show_check(cx: &Cx, site: &Site, slug: &str, view: CheckPage, status: StatusCode) -> poem::Result<Response> {
    let found = practice(cx, slug).await?;
    let open = found.status == PracticeStatus::PUBLISHED;
    if !care::may_check(cx, &found) {
        let sentence = "Only people of the school where a practice began say whether it still holds.";
        return Err(Error::Forbidden(sentence.to_owned()).into());
    }
    let view = CheckPage {
        chrome: chrome(site, "Does it still hold?", &format!("/practices/{}/check", found.slug)),
        last: found.last_checked_on.map(day).unwrap_or_default(),
        due: found.check_by.map(day).unwrap_or_default(),
        overdue: care::is_overdue(&found, cx.now().date_naive()),
        checks: open && found.last_checked_on != Some(cx.now().date_naive()),
        retires: open && care::may_retire(cx, &found),
        practice: link(&found),
        ..view
    };
    own_page(status, &view)
}

/// POST `/practices/{slug}/check`
#[handler]
pub async fn checked_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = practice(&cx, &slug).await?;
    let done = async {
        let mut tx = db.write(actor).await?;
        care::check(&mut tx, found.id).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/practices/{}/check?done", found.slug))),
        Err(error) => {
            let status = status_of(&error);
            let view = CheckPage { corrections: Corrections::of(error)?, ..CheckPage::default() };
            show_check(&cx, &site, &slug, view, status).await
        }
    }
}

/// GET `/practices/{slug}/retirement`
#[handler]
pub async fn retirement_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    show_retirement(&db.cx(actor), &site, &slug, RetirementPage::default(), StatusCode::OK).await
}

async fn show_retirement(
    cx: &Cx,
    site: &Site,
    slug: &str,
    view: RetirementPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let found = may_retire(cx, slug).await?;
    if found.status == PracticeStatus::RETIRED {
        return Ok(see_other(&format!("/practices/{}", found.slug)));
    }
    let view = RetirementPage {
        chrome: chrome(site, "Take it out of the catalog", &format!("/practices/{}/retirement", found.slug)),
        practice: link(&found),
        ..view
    };
    own_page(status, &view)
}

async fn may_retire(cx: &Cx, slug: &str) -> Result<Practice> {
    let found = practice(cx, slug).await?;
    if care::may_retire(cx, &found) {
        return Ok(found);
    }
    let sentence = "Only an editor, or who leads the school where it began, takes a practice out of the catalog.";
    Err(Error::Forbidden(sentence.to_owned()))
}

/// POST `/practices/{slug}/retirement`
#[handler]
pub async fn retire_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let found = may_retire(&cx, &slug).await?;
    let typed = Retirement { reason: form.get("reason").to_owned(), replaced_by: form.get("replaced_by").to_owned() };
    let done = async {
        let mut tx = db.write(actor).await?;
        care::retire(&mut tx, found.id, typed.clone()).await?;
        tx.commit().await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/practices/{}", found.slug))),
        Err(error) => {
            let status = status_of(&error);
            let view = RetirementPage {
                corrections: Corrections::of(error)?,
                reason: typed.reason,
                replaced_by: typed.replaced_by,
                ..RetirementPage::default()
            };
            show_retirement(&cx, &site, &slug, view, status).await
        }
    }
}
