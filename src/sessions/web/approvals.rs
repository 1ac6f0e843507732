//! `/schools/{slug}/seats`: what the leads of a school answer, and who of its staff is out when.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::page::status_of;
use crate::platform::vocabulary::{CoverageNeed, Seat, SeatCoverage};
use crate::platform::{Actor, Cx, Db, Error, Result};
use crate::search::web::parameters;
use crate::sessions::agenda::{self, Booking, OfSchool};
use crate::sessions::seat::{Registration, RegistrationId, takes_place};
use crate::sessions::views::approvals::{ApprovalsPage, OutRow, RequestRow, Week};
use crate::sessions::{Desk, registration, schedule};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/schools/:slug/seats", resource().get(seats_view)),
        ("/schools/:slug/seats/:id/approval", resource().post(decide_view)),
        ("/schools/:slug/seats/:id/coverage", resource().post(coverage_view)),
        ("/schools/:slug/seats/:id/withdrawal", resource().post(withdraw_view)),
    ]
}

/// GET `/schools/{slug}/seats`
#[handler]
pub async fn seats_view(
    SignedIn(actor): SignedIn,
    Path(slug): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let asked = parameters(request.uri().query().unwrap_or_default());
    let done = match asked.iter().find(|(name, _)| name == "done").map_or("", |(_, value)| value.as_str()) {
        "approved" => "Approved. A letter tells them.",
        "declined" => "Declined. A letter tells them; the seat goes to whoever is next.",
        "coverage" => "Noted.",
        "left" => "The seat is given back. A letter tells them.",
        _ => "",
    };
    let view = ApprovalsPage { done: done.to_owned(), ..ApprovalsPage::default() };
    show(&db.cx(actor), &site, &slug, view, None, StatusCode::OK).await
}

/// POST `/schools/{slug}/seats/{id}/approval`
#[handler]
pub async fn decide_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = agenda::seat_of_school(&cx, &slug, &id).await?;
    match decide(&db, &desk, actor, seat.id, &form).await {
        Ok(approved) => Ok(back(&slug, if approved { "approved" } else { "declined" })),
        Err(error) => again(&cx, &site, &slug, error, Some((seat.id, form.get("reason")))).await,
    }
}

/// Answers for the school what a form says; also for the page that a letter leads to.
pub(super) async fn decide(db: &Db, desk: &Desk, actor: Actor, id: RegistrationId, form: &Form) -> Result<bool> {
    let approved = match form.get("decision") {
        "approve" => true,
        "decline" => false,
        _ => return Err(Error::invalid("decision", "Choose to approve or to decline.")),
    };
    let coverage = match form.get("coverage") {
        "" => None,
        code => Some(SeatCoverage::parse(code).map_err(|_| Error::invalid("coverage", "Choose from the list."))?),
    };
    let reason = form.get("reason");
    if reason.chars().count() > REASON {
        return Err(Error::invalid("reason", "Say why in up to 300 characters."));
    }
    let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty() && !approved);
    let mut tx = db.write(actor).await?;
    registration::decide(&mut tx, desk, id, approved, coverage.filter(|_| approved), reason).await?;
    tx.commit().await?;
    Ok(approved)
}

/// The longest reason of a no.
const REASON: usize = 300;

/// POST `/schools/{slug}/seats/{id}/coverage`
#[handler]
pub async fn coverage_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = agenda::seat_of_school(&cx, &slug, &id).await?;
    let coverage = SeatCoverage::parse(form.get("coverage"));
    let coverage = coverage.map_err(|_| Error::invalid("coverage", "Choose from the list."))?;
    let mut tx = db.write(actor).await?;
    match registration::set_coverage(&mut tx, seat.id, coverage).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(back(&slug, "coverage"))
        }
        Err(error) => {
            drop(tx);
            again(&cx, &site, &slug, error, None).await
        }
    }
}

/// POST `/schools/{slug}/seats/{id}/withdrawal`
#[handler]
pub async fn withdraw_view(
    SignedIn(actor): SignedIn,
    Path((slug, id)): Path<(String, String)>,
    db: Data<&Db>,
    desk: Data<&Desk>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let seat = agenda::seat_of_school(&cx, &slug, &id).await?;
    let mut tx = db.write(actor).await?;
    match registration::withdraw(&mut tx, &desk, seat.id).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(back(&slug, "left"))
        }
        Err(error) => {
            drop(tx);
            again(&cx, &site, &slug, error, None).await
        }
    }
}

fn back(slug: &str, done: &str) -> Response {
    see_other(&format!("/schools/{slug}/seats?done={done}"))
}

async fn again(
    cx: &Cx,
    site: &Site,
    slug: &str,
    error: Error,
    typed: Option<(RegistrationId, &str)>,
) -> poem::Result<Response> {
    let status = status_of(&error);
    let view = ApprovalsPage { corrections: Corrections::of(error)?, ..ApprovalsPage::default() };
    show(cx, site, slug, view, typed, status).await
}

async fn show(
    cx: &Cx,
    site: &Site,
    slug: &str,
    view: ApprovalsPage,
    typed: Option<(RegistrationId, &str)>,
    status: StatusCode,
) -> poem::Result<Response> {
    let seats = agenda::of_school(cx, slug).await?;
    let url = format!("/schools/{}", seats.school.slug);
    let mut chrome = site.chrome(&format!("Seats of {}", seats.school.name), "", &format!("{url}/seats"));
    (chrome.section, chrome.noindex) = (Section::Schools, true);
    let reason = |id| typed.filter(|(of, _)| *of == id).map_or("", |(_, reason)| reason).to_owned();
    let view = ApprovalsPage {
        chrome,
        school: seats.school.name.clone(),
        url,
        asked: seats.asked.iter().map(|one| request(&seats, one, reason(one.registration.id))).collect(),
        weeks: weeks(&seats, cx),
        waiting: seats.waiting.iter().map(|one| out(&seats, one, 0)).collect(),
        ..view
    };
    own_page(status, &view)
}

fn name(seats: &OfSchool, registration: &Registration) -> String {
    seats.people.get(&registration.account).map_or_else(|| "Somebody who left".to_owned(), |one| one.name.clone())
}

fn link(booking: &Booking) -> Link {
    Link { text: booking.session.title.clone(), url: format!("/sessions/{}", booking.session.id) }
}

/// How much of their classes somebody misses; empty where none.
fn missed(booking: &Booking) -> String {
    let payer = booking.session.details.coverage_paid_by.trim();
    match booking.session.coverage {
        CoverageNeed::NONE => String::new(),
        need if payer.is_empty() => need.label().to_owned(),
        need => format!("{}, paid by {payer}", need.label()),
    }
}

fn request(seats: &OfSchool, booking: &Booking, reason: String) -> RequestRow {
    let (seat, session) = (&booking.registration, &booking.session);
    let until = seat.hold_until.map(|until| schedule::moment(until, session.zone()));
    RequestRow {
        id: seat.id.to_string(),
        name: name(seats, seat),
        session: link(booking),
        when: session.meetings.iter().map(schedule::when).collect(),
        until: until.map(|until| format!("The seat is held until {until}; then it goes back.")).unwrap_or_default(),
        coverage: missed(booking),
        reason,
    }
}

/// What somebody has, told to somebody else.
fn state(seat: Seat) -> &'static str {
    match seat {
        Seat::HELD => "Held",
        Seat::OFFERED => "Offered, not taken yet",
        Seat::RELEASED => "Given back",
        other => other.label(),
    }
}

/// Somebody who is out at one meeting of a session; the first by its place in the list.
fn out(seats: &OfSchool, booking: &Booking, meeting: usize) -> OutRow {
    let (seat, session) = (&booking.registration, &booking.session);
    let missed = missed(booking);
    let change = match seat.coverage {
        _ if missed.is_empty() => None,
        SeatCoverage::ARRANGED => Some(("needed", "Coverage is needed again")),
        _ => Some(("arranged", "Coverage is arranged")),
    };
    OutRow {
        id: seat.id.to_string(),
        name: name(seats, seat),
        session: link(booking),
        when: session.meetings.get(meeting).map(schedule::when).unwrap_or_default(),
        state: state(seat.seat).to_owned(),
        missed,
        coverage: seat.coverage.label().to_owned(),
        change,
        leave: if takes_place(seat.seat) { "Give the seat back" } else { "" },
    }
}

/// Meetings to come by the week in which they are, in the order of time.
fn weeks(seats: &OfSchool, cx: &Cx) -> Vec<Week> {
    let mut weeks: BTreeMap<NaiveDate, Vec<(chrono::NaiveDateTime, OutRow)>> = BTreeMap::new();
    for booking in &seats.out {
        for (at, meeting) in booking.session.meetings.iter().enumerate() {
            if meeting.ends_at > cx.now() {
                let day = meeting.starts_local.date();
                let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
                weeks.entry(monday).or_default().push((meeting.starts_local, out(seats, booking, at)));
            }
        }
    }
    let week = |(monday, mut rows): (NaiveDate, Vec<(chrono::NaiveDateTime, OutRow)>)| {
        rows.sort_by(|(a, one), (b, other)| (a, &one.name).cmp(&(b, &other.name)));
        Week {
            heading: format!("Week of {}", monday.format("%A, %B %-d, %Y")),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    };
    weeks.into_iter().map(week).collect()
}
