//! `/adoptions/{id}/cycles`: what a school tries with a practice, written by its people.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Response, handler};

use super::{seen, stamp};
use crate::adoptions::cycle::{self, Written};
use crate::adoptions::ledger::{self, Whole};
use crate::adoptions::views::ledger::CyclePage;
use crate::platform::{Cx, Db, Error, Result};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Link, Section};

/// The adoption of the reader's own school; of others there is no such page.
async fn own(cx: &Cx, id: &str) -> Result<Whole> {
    let whole = ledger::whole(cx, id).await?;
    if whole.own { Ok(whole) } else { Err(Error::NotFound("page")) }
}

fn frame(site: &Site, whole: &Whole, number: i32) -> CyclePage {
    let base = format!("/adoptions/{}", whole.adoption.id);
    let action = if number == 0 { format!("{base}/cycles") } else { format!("{base}/cycles/{number}") };
    let mut chrome = site.chrome("What your school tries", "", &action);
    (chrome.section, chrome.noindex) = (Section::Search, true);
    let adoption = Link { text: format!("{} at {}", whole.practice.record.title, whole.school.name), url: base };
    CyclePage { chrome, adoption, action, number, ..CyclePage::default() }
}

fn written(form: &Form) -> Written {
    let get = |name: &str| form.get(name).to_owned();
    Written {
        plan: get("plan"),
        did: get("did"),
        saw: get("saw"),
        next: get("next"),
        began_on: get("began_on"),
        ended_on: get("ended_on"),
        open: form.has("open"),
        no_student: form.has("no_student"),
    }
}

fn again(page: CyclePage, written: Written, form: &Form, error: Error) -> poem::Result<Response> {
    let page = CyclePage {
        corrections: Corrections::of(error)?,
        seen: form.get("seen").to_owned(),
        plan: written.plan,
        did: written.did,
        saw: written.saw,
        next: written.next,
        began_on: written.began_on,
        ended_on: written.ended_on,
        open: written.open,
        ..page
    };
    own_page(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// GET `/adoptions/{id}/cycles`
#[handler]
pub async fn new_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let whole = own(&cx, &id).await?;
    let began_on = cx.now().date_naive().to_string();
    own_page(StatusCode::OK, &CyclePage { began_on, ..frame(*site, &whole, 0) })
}

/// POST `/adoptions/{id}/cycles`
#[handler]
pub async fn begin_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let whole = own(&db.cx(actor.clone()), &id).await?;
    let new = written(&form);
    let begun = async {
        let mut tx = db.write(actor).await?;
        cycle::begin(&mut tx, whole.adoption.id, &new).await?;
        tx.commit().await
    };
    match begun.await {
        Ok(()) => Ok(see_other(&format!("/adoptions/{id}?done=tried"))),
        Err(error) => again(frame(*site, &whole, 0), new, &form, error),
    }
}

/// GET `/adoptions/{id}/cycles/{number}`
#[handler]
pub async fn cycle_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let whole = own(&db.cx(actor), &id).await?;
    let number: i32 = number.parse().map_err(|_| Error::NotFound("page"))?;
    let found = whole.cycles.iter().find(|cycle| cycle.number == number).ok_or(Error::NotFound("page"))?;
    let page = CyclePage {
        seen: stamp(found.updated_at),
        plan: found.plan.clone(),
        did: found.did.clone(),
        saw: found.saw.clone(),
        next: found.next.clone(),
        began_on: found.began_on.to_string(),
        ended_on: found.ended_on.map(|day| day.to_string()).unwrap_or_default(),
        open: found.open,
        ..frame(*site, &whole, number)
    };
    own_page(StatusCode::OK, &page)
}

/// POST `/adoptions/{id}/cycles/{number}`
#[handler]
pub async fn write_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let whole = own(&db.cx(actor.clone()), &id).await?;
    let number: i32 = number.parse().map_err(|_| Error::NotFound("page"))?;
    let changed = written(&form);
    let kept = async {
        let mut tx = db.write(actor).await?;
        cycle::write(&mut tx, whole.adoption.id, number, &changed, seen(form.get("seen"))).await?;
        tx.commit().await
    };
    match kept.await {
        Ok(()) => Ok(see_other(&format!("/adoptions/{id}?done=tried"))),
        Err(error) => again(frame(*site, &whole, number), changed, &form, error),
    }
}
