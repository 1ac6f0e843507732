//! Checking in, and the big screen beside it. The roster on a phone and the sheet to print are in `book`.

mod book;

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use qrcode::QrCode;
use qrcode::render::svg;

use crate::platform::{Actor, Cx, Db, Error, Result, Timestamp, Zone};
use crate::search::encode;
use crate::sessions::SessionId;
use crate::sessions::attendance::{self, AROUND, Door, Step};
use crate::sessions::schedule;
use crate::sessions::views::attendance::{CheckInPage, DoorPage, ScreenPage};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Chrome, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/check-in", resource().get(type_view)),
        ("/check-in/:code", resource().get(door_view).post(pass_view)),
        ("/sessions/:id/check-in/:number", resource().get(screen_view).post(open_view)),
        ("/sessions/:id/attendance/:number", resource().get(book::book_view).post(book::record_view)),
        ("/sessions/:id/attendance-lock", resource().post(book::lock_view)),
        ("/sessions/:id/sheet/:number", resource().get(book::sheet_view)),
    ]
}

/// The longest code that is looked for.
const CODE: usize = 40;

fn chrome(site: &Site, title: &str, path: &str) -> Chrome {
    Chrome { section: Section::Sessions, noindex: true, ..site.chrome(title, "", path) }
}

/// The parameters of an address, as a form.
fn asked(request: &Request) -> Form {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default()
}

fn session_id(text: &str) -> Result<SessionId> {
    text.parse().map_err(|_| Error::NotFound("session"))
}

fn number_of(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound("meeting"))
}

/// "9:05 AM EST".
fn clock(at: Timestamp, zone: Zone) -> String {
    format!("{} {}", zone.local(at).format("%-I:%M %p"), zone.abbreviation(at))
}

/// GET `/check-in`: for everybody; a code that is typed leads on.
#[handler]
pub fn type_view(request: &Request, site: Data<&Site>) -> poem::Result<Response> {
    let code: String = asked(request).get("code").chars().take(CODE).collect();
    if code.chars().any(|c| c.is_ascii_alphanumeric()) {
        return Ok(see_other(&format!("/check-in/{}", encode(&code))));
    }
    let view = CheckInPage { chrome: chrome(*site, "Check in to a session", "/check-in"), ..CheckInPage::default() };
    own_page(StatusCode::OK, &view)
}

/// GET `/check-in/{code}`
#[handler]
pub async fn door_view(
    SignedIn(actor): SignedIn,
    Path(code): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = match asked(request).get("done") {
        "in" => "You are checked in. Welcome.",
        "out" => "You are checked out. Thank you for coming.",
        _ => "",
    };
    show_door(&db.cx(actor), *site, &code, done, Corrections::default()).await
}

/// POST `/check-in/{code}`
#[handler]
pub async fn pass_view(
    SignedIn(actor): SignedIn,
    Path(code): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    match pass(*db, actor.clone(), &code, form.get("do")).await {
        Ok(done) => Ok(see_other(&format!("/check-in/{}?done={done}", encode(&code)))),
        // Shown as an unknown code.
        Err(Error::NotFound(_)) => show_door(&db.cx(actor), *site, &code, "", Corrections::default()).await,
        Err(error) => show_door(&db.cx(actor), *site, &code, "", Corrections::of(error)?).await,
    }
}

async fn pass(db: &Db, actor: Actor, code: &str, wanted: &str) -> Result<&'static str> {
    let mut tx = db.write(actor).await?;
    let done = match wanted {
        "in" => attendance::check_in(&mut tx, code).await.map(|_| "in")?,
        "out" => attendance::check_out(&mut tx, code).await.map(|_| "out")?,
        _ => return Err(Error::invalid("do", "Choose whether to check in or out.")),
    };
    tx.commit().await?;
    Ok(done)
}

async fn show_door(cx: &Cx, site: &Site, code: &str, done: &str, corrections: Corrections) -> poem::Result<Response> {
    let typed: String = code.chars().take(CODE).collect();
    let door = match attendance::door(cx, &typed).await {
        Ok(door) => door,
        Err(Error::NotFound(_)) => {
            let view = CheckInPage {
                chrome: chrome(site, "Check in to a session", "/check-in"),
                corrections: Corrections::from_errors(&wrong_code()),
                code: typed,
            };
            return own_page(StatusCode::NOT_FOUND, &view);
        }
        Err(error) => return Err(error.into()),
    };
    let status = if corrections.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let path = format!("/check-in/{}", encode(&typed));
    let view = DoorPage {
        chrome: chrome(site, "Check in", &path),
        corrections,
        done: done.to_owned(),
        title: door.session.title.clone(),
        session_url: format!("/sessions/{}", door.session.id),
        when: door.meeting().map(schedule::when).unwrap_or_default(),
        who: cx.actor().person().map(|person| person.name.clone()).unwrap_or_default(),
        sentence: sentence(&door),
        action: path,
        step: match door.step {
            Step::In => "in",
            Step::Out => "out",
            _ => "",
        },
    };
    own_page(status, &view)
}

fn wrong_code() -> crate::platform::FieldErrors {
    let mut errors = crate::platform::FieldErrors::default();
    errors.add("code", "No meeting has this code now; look at the host's screen again.");
    errors
}

/// Where the person stands.
fn sentence(door: &Door) -> String {
    let zone = door.meeting().map(|meeting| meeting.zone).unwrap_or_default();
    let at = |at: Option<Timestamp>| at.map(|at| clock(at, zone));
    let record = door.record.as_ref();
    let came = at(record.and_then(|record| record.in_at));
    let went = at(record.and_then(|record| record.out_at));
    match door.step {
        Step::In => "You have a seat.".to_owned(),
        Step::Out => format!("You are in since {}.", came.unwrap_or_default()),
        Step::Gone => match (came, went) {
            (Some(came), Some(went)) => {
                format!("You were here from {came} to {went}. If that is wrong, the host can correct it.")
            }
            (Some(came), None) => format!("You are written down as present from {came}."),
            (None, Some(went)) => format!("You are written down as present until {went}."),
            (None, None) => "You are written down as present.".to_owned(),
        },
        Step::Early(opens) => format!("Check-in opens {}.", schedule::moment(opens, zone)),
        Step::Late => {
            "This meeting is over. If you were there, tell the host: they can still write it down.".to_owned()
        }
        Step::NoSeat => "You have no confirmed seat in this session. Speak to the host at the door.".to_owned(),
        Step::Ask => "The host has written you down as not there. If that is wrong, speak to them.".to_owned(),
        Step::Closed => "Check-in is closed here. If you were there, speak to the host.".to_owned(),
    }
}

/// GET `/sessions/{id}/check-in/{n}`: the big screen.
#[handler]
pub async fn screen_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let number = number_of(&number)?;
    let screen = attendance::screen(&db.cx(actor), &id, number).await?;
    let (session, meeting) = (&screen.session, &screen.meeting);
    let session_url = format!("/sessions/{}", session.id);
    let action = format!("{session_url}/check-in/{number}");
    let code = meeting.code.clone().unwrap_or_default();
    let address = format!("{}/check-in/{code}", site.base_url);
    let (first, second) = code.split_at_checked(3).unwrap_or((&code, ""));
    let view = ScreenPage {
        chrome: chrome(*site, &format!("Check in: {}", session.title), &action),
        title: session.title.clone(),
        when: schedule::when(meeting),
        qr_html: if code.is_empty() { String::new() } else { picture(&address)? },
        code: format!("{first} {second}").trim().to_owned(),
        type_at: format!("{}/check-in", site.base_url),
        address,
        count: format!("{} of {} are there", screen.there, screen.expected),
        opens: format!(
            "People check in from {} until {}.",
            clock(meeting.starts_at - AROUND, meeting.zone),
            clock(meeting.ends_at, meeting.zone)
        ),
        attendance_url: format!("{session_url}/attendance/{number}"),
        action,
        session_url,
    };
    own_page(StatusCode::OK, &view)
}

/// POST `/sessions/{id}/check-in/{n}`: opens check-in, or makes another code.
#[handler]
pub async fn open_view(
    SignedIn(actor): SignedIn,
    Path((id, number)): Path<(String, String)>,
    form: Form,
    db: Data<&Db>,
) -> poem::Result<Response> {
    let (id, number) = (session_id(&id)?, number_of(&number)?);
    let mut tx = db.write(actor).await?;
    attendance::open(&mut tx, id, number, form.get("again") == "yes").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/sessions/{id}/check-in/{number}")))
}

/// The QR code of an address, as markup to print in a page.
fn picture(address: &str) -> Result<String> {
    let code = QrCode::new(address).map_err(Error::internal)?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg);
    Ok(svg.replacen("<svg ", "<svg role=\"img\" aria-label=\"QR code that leads to check-in\" ", 1))
}
