//! `/practices/{slug}/visits`: asking for a visit, and the page of each one, also by the link of a letter.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::{corrections, is_done, name_of, over, school_choices, secret_frame};
use crate::catalog::Practice;
use crate::people;
use crate::platform::{Actor, Cx, Db, Error, Result, Zone};
use crate::talk::Exchange;
use crate::talk::circle::{Circle, circle, schools_of};
use crate::talk::date;
use crate::talk::link::{self, Errand};
use crate::talk::signature::{Bylines, Signature};
use crate::talk::views::questions::lines;
use crate::talk::views::visits::{DayField, TypedVisit, VisitPage, VisitRow, VisitsPage};
use crate::talk::visit::{self, NewVisit, Offer, State, Visit, VisitId, Word};
use crate::talk::words::Words;
use crate::web::asker::{Asker, SignedIn};
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day_of, own_page, see_other};
use crate::web::views::{Choice, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices/:slug/visits", resource().get(visits_view).post(ask_view)),
        ("/practices/:slug/visits/:id", resource().get(visit_view).post(say_view)),
        ("/talk/visit/:token", resource().get(link_view).post(link_say_view)),
    ]
}

/// GET `/practices/{slug}/visits`
#[handler]
pub async fn visits_view(
    Asker(actor): Asker,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let circle = circle(&cx, &slug).await?;
    show_list(&cx, *site, &circle, VisitsPage::default(), "", StatusCode::OK).await
}

/// POST `/practices/{slug}/visits`
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
    let no_student = form.has("no_student");
    let days: Vec<String> = ["day_1", "day_2", "day_3"].map(|name| form.get(name).to_owned()).to_vec();
    let new = NewVisit {
        days: days.clone(),
        people: form.get("people").to_owned(),
        who: Words::new(form.raw("who"), no_student),
        purpose: Words::new(form.raw("purpose"), no_student),
        school: form.get("school").to_owned(),
    };
    let asked = async {
        let mut tx = db.write(actor).await?;
        let id = visit::ask(&mut tx, *exchange, &circle, new).await?;
        tx.commit().await?;
        Ok(id)
    };
    match asked.await {
        Ok(id) => Ok(see_other(&format!("{}/visits/{id}?done", circle.path()))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let typed = TypedVisit {
                days: DayField::three(&days),
                people: form.get("people").to_owned(),
                who: form.raw("who").to_owned(),
                purpose: form.raw("purpose").to_owned(),
                no_student,
            };
            let view = VisitsPage { corrections, typed, ..VisitsPage::default() };
            show_list(&cx, *site, &circle, view, form.get("school"), status).await
        }
    }
}

/// What is left of each term, in words.
fn room(offer: &Offer) -> Vec<String> {
    let Some(most) = offer.most.map(u64::from) else { return Vec::new() };
    let line = |(term, taken): &(visit::Term, u64)| {
        let left = match most.saturating_sub(*taken) {
            0 => "none left".to_owned(),
            left => format!("{left} of {most} left"),
        };
        format!("Visits from {}: {left}", term.words())
    };
    offer.terms.iter().map(line).collect()
}

async fn show_list(
    cx: &Cx,
    site: &Site,
    circle: &Circle,
    view: VisitsPage,
    school: &str,
    status: StatusCode,
) -> poem::Result<Response> {
    let (title, url) = (circle.practice.record.title.clone(), circle.path());
    let offer = visit::offer(cx, circle).await?;
    let visits = visit::mine(cx, circle).await?;
    let signatures: Vec<&Signature> = visits.iter().map(|one| &one.by).collect();
    let bylines = Bylines::of(cx, &signatures).await?;
    let mut chrome = site.chrome(
        &format!("Visits to see {title}"),
        "Asking to see a practice where it began.",
        &format!("{url}/visits"),
    );
    (chrome.section, chrome.noindex) = (Section::Search, offer.is_none());
    let rules = circle.practice.record.visit_rules.as_deref().filter(|_| offer.is_some());
    let mut typed = view.typed.clone();
    if typed.days.is_empty() {
        typed.days = DayField::three(&[]);
    }
    let row = |one: &Visit| VisitRow {
        url: format!("{url}/visits/{}", one.id),
        days: match one.day {
            Some(day) => date(day),
            None => one.wishes.iter().map(|day| date(*day)).collect::<Vec<_>>().join("; or "),
        },
        by: bylines.words(&one.by),
        state: one.state.label().to_owned(),
    };
    let mine = schools_of(cx.actor());
    let origin = circle.origin_id();
    let view = VisitsPage {
        chrome,
        school: circle.origin.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
        rules: rules.map(lines).unwrap_or_default(),
        room: offer.as_ref().map(room).unwrap_or_default(),
        closed: match &offer {
            Some(_) => String::new(),
            None => "This school takes no visits to this practice at the moment.".to_owned(),
        },
        signed_in: cx.actor().person().is_some(),
        may_ask: mine.iter().any(|school| Some(*school) != origin),
        hosts: crate::talk::contact::may_name(cx.actor(), circle),
        visits: visits.iter().map(row).collect(),
        schools: school_choices(cx, school).await?,
        typed,
        title,
        url: url.clone(),
        ..view
    };
    own_page(status, &view)
}

fn visit_id(text: &str) -> Result<VisitId> {
    text.parse().map_err(|_| Error::NotFound("visit"))
}

/// GET `/practices/{slug}/visits/{id}`
#[handler]
pub async fn visit_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (visit, practice) = here(&cx, &slug, &id).await?;
    let view = VisitPage { done: done(request, &cx, &visit), ..VisitPage::default() };
    let view = fill(&cx, &visit, &practice, view).await?;
    own_page(StatusCode::OK, &framed(*site, view, &visit))
}

fn done(request: &Request, cx: &Cx, visit: &Visit) -> String {
    match (is_done(request), visit.state) {
        (false, _) => "",
        (true, State::Asked) if visit::asked(cx.actor(), visit) => "Asked. You get a letter when the school answers.",
        (true, _) => "Noted. A letter tells the others.",
    }
    .to_owned()
}

/// A visit of this practice; the address of another leads to none.
async fn here(cx: &Cx, slug: &str, id: &str) -> Result<(Visit, Practice)> {
    let (visit, practice) = visit::visit(cx, visit_id(id)?).await?;
    if practice.slug == slug { Ok((visit, practice)) } else { Err(Error::NotFound("visit")) }
}

fn framed(site: &Site, mut view: VisitPage, visit: &Visit) -> VisitPage {
    let path = format!("{}/visits/{}", view.url, visit.id);
    view.chrome = site.chrome("A visit", "", &path);
    (view.chrome.section, view.chrome.noindex) = (Section::Search, true);
    view.action = path;
    view
}

/// POST `/practices/{slug}/visits/{id}`
#[handler]
pub async fn say_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (visit, practice) = here(&cx, &slug, &id).await?;
    match say(*db, *exchange, actor, &visit, &form).await {
        Ok(()) => Ok(see_other(&format!("/practices/{}/visits/{}?done", practice.slug, visit.id))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = VisitPage { corrections, typed: typed(&form), ..VisitPage::default() };
            let view = fill(&cx, &visit, &practice, view).await?;
            own_page(status, &framed(*site, view, &visit))
        }
    }
}

async fn say(db: &Db, exchange: &Exchange, actor: Actor, visit: &Visit, form: &Form) -> Result<()> {
    let mut tx = db.write(actor).await?;
    let word = Word::read(form.get("decision"), form.get("day"), form.get("other"), tx.now())?;
    visit::say(&mut tx, exchange, visit.id, word, form.raw("note")).await?;
    tx.commit().await
}

fn typed(form: &Form) -> (String, String) {
    (form.get("other").to_owned(), form.raw("note").to_owned())
}

/// The page of a visit for the person of the context.
async fn fill(cx: &Cx, visit: &Visit, practice: &Practice, view: VisitPage) -> Result<VisitPage> {
    let schools = people::schools(cx, &[visit.host]).await?;
    let bylines = Bylines::of(cx, &[&visit.by]).await?;
    let today = Zone::default().local(cx.now()).date();
    let coming = visit.state == State::Accepted && visit.day.is_some_and(|day| day >= today);
    let (hosts, asked) = (visit::hosts(cx.actor(), visit), visit::asked(cx.actor(), visit));
    let wish = |day: &chrono::NaiveDate| Choice {
        value: day.to_string(),
        label: date(*day),
        selected: visit.wishes.len() == 1 || Some(*day) == visit.day,
    };
    Ok(VisitPage {
        title: practice.record.title.clone(),
        url: format!("/practices/{}", practice.slug),
        school: schools.get(&visit.host).map(|school| school.name.clone()).unwrap_or_default(),
        by: bylines.words(&visit.by),
        state: visit.state.label().to_owned(),
        day: visit.day.map(date).unwrap_or_default(),
        wishes: visit.wishes.iter().map(wish).collect(),
        people: visit.people,
        who: visit.who.clone(),
        purpose: lines(&visit.purpose),
        note: lines(&visit.note),
        on: day_of(visit.created_at),
        decides: hosts && visit.state.waits(),
        cancels: hosts && coming,
        agrees: asked && visit.state == State::Proposed,
        withdraws: asked && (visit.state.waits() || coming),
        first_day: today.succ_opt().unwrap_or(today).to_string(),
        ..view
    })
}

/// The person and the visit of a link.
async fn read(db: &Db, exchange: &Exchange, token: &str) -> Result<(Cx, Visit, Practice)> {
    let link = link::read(&exchange.secret, Errand::Visit, token)?;
    let actor = link::actor(&db.cx(Actor::Visitor), &link).await?;
    let cx = db.cx(actor);
    let (visit, practice) = visit::visit(&cx, VisitId(link.subject)).await?;
    Ok((cx, visit, practice))
}

/// GET `/talk/visit/{token}`
#[handler]
pub async fn link_view(
    Path(token): Path<String>,
    request: &Request,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, visit, practice) = match read(*db, *exchange, &token).await {
        Ok(found) => found,
        Err(error) => return over(*site, error),
    };
    let view = VisitPage { done: done(request, &cx, &visit), ..VisitPage::default() };
    show_link(&cx, *site, &token, &visit, &practice, view, StatusCode::OK).await
}

/// POST `/talk/visit/{token}`
#[handler]
pub async fn link_say_view(
    Path(token): Path<String>,
    form: Form,
    db: Data<&Db>,
    exchange: Data<&Exchange>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let (cx, visit, practice) = match read(*db, *exchange, &token).await {
        Ok(found) => found,
        Err(error) => return over(*site, error),
    };
    match say(*db, *exchange, cx.actor().clone(), &visit, &form).await {
        Ok(()) => Ok(see_other(&format!("/talk/visit/{token}?done"))),
        Err(error) => {
            let (status, corrections) = corrections(error)?;
            let view = VisitPage { corrections, typed: typed(&form), ..VisitPage::default() };
            show_link(&cx, *site, &token, &visit, &practice, view, status).await
        }
    }
}

async fn show_link(
    cx: &Cx,
    site: &Site,
    token: &str,
    visit: &Visit,
    practice: &Practice,
    view: VisitPage,
    status: StatusCode,
) -> poem::Result<Response> {
    let mut view = fill(cx, visit, practice, view).await?;
    view.chrome = secret_frame(site, "A visit");
    view.action = format!("/talk/visit/{token}");
    view.acts_for = name_of(cx.actor());
    own_page(status, &view)
}
