//! The organizer's console: who comes, what they need, where they sit, what they are told.

use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::platform::vocabulary::{AccessNeed, Seat, Way};
use crate::platform::{Cx, Db, Result};
use crate::search::web::parameters;
use crate::sessions::message::delivery;
use crate::sessions::roster::{Entry, Forecast, Roster, approval_words};
use crate::sessions::session::Session;
use crate::sessions::views::console::{
    ConsolePage, ContactPage, EntryRow, MeetingRow, NeedRow, NeedsPage, SectorRow, SurveyRow, TableView, TablesPage,
};
use crate::sessions::{Desk, Grounds, access, practice_use, registration, roster, schedule, survey, tables};
use crate::web::asker::SignedIn;
use crate::web::form::{Corrections, Form};
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, own_page, see_other};
use crate::web::views::{Choice, Chrome, Link, Section};

/// The pages of this part.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/sessions/:id/console", resource().get(console_view)),
        ("/sessions/:id/people", resource().post(add_view)),
        ("/sessions/:id/roster.csv", resource().get(csv_view)),
        ("/sessions/:id/tables", resource().get(tables_view)),
        ("/sessions/:id/access", resource().get(contact_view)),
        ("/sessions/:id/needs", resource().get(needs_view).post(say_view)),
    ]
}

/// The frame of a page about one session, for people inside it alone.
pub fn chrome(site: &Site, session: &Session, title: &str, path: &str) -> Chrome {
    let url = format!("/sessions/{}/{path}", session.id);
    let mut chrome = site.chrome(&format!("{title}: {}", session.title), "", &url);
    (chrome.section, chrome.noindex) = (Section::Sessions, true);
    chrome
}

pub(super) fn url(session: &Session) -> String {
    format!("/sessions/{}", session.id)
}

pub(super) fn asked(request: &Request, name: &str) -> Option<String> {
    let all = parameters(request.uri().query().unwrap_or_default());
    all.into_iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned())
}

/// GET `/sessions/{id}/console`
#[handler]
pub async fn console_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    show(&db.cx(actor), *site, &id, ConsolePage::default(), StatusCode::OK).await
}

/// POST `/sessions/{id}/people`
#[handler]
pub async fn add_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
    desk: Data<&Desk>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _) = crate::sessions::session(&cx, &id).await?;
    let split = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let emails: Vec<String> =
        form.get("emails").split(split).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let typed = form.get("emails").to_owned();
    let added = async {
        let mut tx = db.write(actor.clone()).await?;
        let report = registration::add_by_host(&mut tx, *desk, session.id, &emails).await?;
        tx.commit().await?;
        Ok(report)
    };
    match added.await {
        Ok(report) => {
            let done = match report.added.len() {
                0 => String::new(),
                1 => "One person is on the roster. A letter tells them.".to_owned(),
                n => format!("{n} people are on the roster. A letter tells each of them."),
            };
            let emails = report.refused.iter().map(|(email, _)| email.as_str()).collect::<Vec<_>>().join("\n");
            let status = if report.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            let view = ConsolePage { done, emails, refused: report.refused, ..ConsolePage::default() };
            show(&cx, *site, &id, view, status).await
        }
        Err(error) => {
            let view = ConsolePage { corrections: Corrections::of(error)?, emails: typed, ..ConsolePage::default() };
            show(&cx, *site, &id, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show(cx: &Cx, site: &Site, id: &str, view: ConsolePage, status: StatusCode) -> poem::Result<Response> {
    let (session, grounds) = crate::sessions::session(cx, id).await?;
    let roster = roster::roster(cx, &session, &grounds).await?;
    let needs = access::counts(cx, &session, &grounds).await?;
    let people: Vec<_> = roster.entries.iter().map(|entry| entry.registration.account).collect();
    let told = delivery::newest(cx, &session, &grounds, &people).await?;
    let row = |entry: &Entry| {
        let mut row = entry_row(entry, &session, cx);
        let state = told.get(&entry.registration.account);
        row.facts.extend(state.map(|state| format!("Newest message: {}", delivery::words(state).to_lowercase())));
        row
    };
    let over = roster.runs && session.is_public() && session.ends_at.is_some_and(|end| end <= cx.now());
    let view = ConsolePage {
        chrome: chrome(site, &session, "Who comes", "console"),
        title: session.title.clone(),
        url: url(&session),
        status: session.status.label().to_owned(),
        figures: figures(&session, &roster),
        sectors: roster.sectors.iter().map(sector_row).collect(),
        forecast: forecast_words(roster.forecast),
        joint: matches!(roster.forecast, Forecast::Joint { .. }),
        meetings: session
            .meetings
            .iter()
            .map(|meeting| MeetingRow { when: schedule::when(meeting), number: meeting.number })
            .collect(),
        pages: links(cx, &session, &grounds, roster.runs),
        seated: roster.seated().map(row).collect(),
        waiting: roster.waiting().map(row).collect(),
        needs: needs.into_iter().map(|(need, count)| format!("{}: {count}", need.label())).collect(),
        adds: roster.runs && session.is_live(),
        over,
        ..view
    };
    let view = if over { with_afterwards(cx, &session, &grounds, &roster, view).await? } else { view };
    own_page(status, &view)
}

fn links(cx: &Cx, session: &Session, grounds: &Grounds, runs: bool) -> Vec<Link> {
    let url = url(session);
    let link = |text: &str, path: &str| Link { text: text.to_owned(), url: format!("{url}/{path}") };
    let mut links = vec![link("Tables", "tables")];
    if runs {
        links.push(link("Messages", "messages"));
        links.push(link("Credit", "credit"));
        links.push(link("Posting", "posting"));
    }
    if access::reads(cx.actor(), session, grounds) {
        links.push(link("Access needs", "access"));
    }
    links
}

fn figures(session: &Session, roster: &Roster) -> Vec<(String, String)> {
    let mut figures = Vec::new();
    for way in session.ways() {
        let places = session.places(way);
        let name = if way == Way::ONLINE { "Seats online" } else { "Seats in the room" };
        figures.push((name.to_owned(), format!("{} of {} taken", places.taken, places.capacity)));
    }
    figures.push(("In line".to_owned(), roster.waiting().count().to_string()));
    if let Some(minimum) = session.minimum {
        figures.push(("Runs from".to_owned(), format!("{minimum} people")));
    }
    if roster.coverage_needed + roster.coverage_arranged > 0 {
        let words = format!("{} arranged, {} still needed", roster.coverage_arranged, roster.coverage_needed);
        figures.push(("Coverage of classes".to_owned(), words));
    }
    figures
}

fn forecast_words(forecast: Forecast) -> String {
    match forecast {
        Forecast::Nobody => "Nobody with a seat yet, so nobody can say whether it will be joint.".to_owned(),
        Forecast::OneSector => {
            "Everybody with a seat is of one sector: it would not be joint. Ask the school that invites with you."
                .to_owned()
        }
        Forecast::TooFew { percent } => format!(
            "Two sectors have seats, but the smaller side is {percent}% of the people; joint takes 20% who really come."
        ),
        Forecast::Joint { percent } => format!(
            "With these people it would be joint: two sectors, the smaller side {percent}%. What counts in the end is who comes."
        ),
    }
}

fn sector_row(figures: &roster::SectorFigures) -> SectorRow {
    SectorRow {
        label: figures.label.clone(),
        confirmed: figures.confirmed,
        held: figures.held,
        offered: figures.offered,
        waiting: figures.waiting,
    }
}

fn entry_row(entry: &Entry, session: &Session, cx: &Cx) -> EntryRow {
    let registration = &entry.registration;
    let zone = session.zone();
    let mut facts = Vec::new();
    if session.ways().len() > 1 {
        facts.push(registration.way.label().to_owned());
    }
    let until = match registration.seat {
        Seat::HELD => registration.hold_until,
        Seat::OFFERED => registration.offer_until,
        _ => None,
    };
    if let Some(until) = until.filter(|until| *until > cx.now()) {
        facts.push(format!("Until {}", schedule::moment(until, zone)));
    }
    let approval = approval_words(registration.approval);
    if !approval.is_empty() {
        facts.push(format!("Principal: {}", approval.to_lowercase()));
    }
    let school =
        if entry.sector.is_empty() { entry.school.clone() } else { format!("{}, {}", entry.school, entry.sector) };
    EntryRow {
        name: entry.name.clone(),
        school,
        email: entry.email.clone().unwrap_or_default(),
        seat: registration.seat.label().to_owned(),
        facts,
    }
}

async fn with_afterwards(
    cx: &Cx,
    session: &Session,
    grounds: &Grounds,
    roster: &Roster,
    view: ConsolePage,
) -> Result<ConsolePage> {
    let results = survey::results(cx, session, grounds).await?;
    let mut uses = Vec::new();
    for day in practice_use::DAYS {
        let counts = practice_use::counts(cx, session, grounds, day).await?;
        let of = |answer| counts.iter().find(|(said, _)| *said == answer).map_or(0, |(_, count)| *count);
        let (yes, not_yet, no) =
            (of(practice_use::Answer::Yes), of(practice_use::Answer::NotYet), of(practice_use::Answer::No));
        if yes + not_yet + no > 0 {
            uses.push(format!("After {day} days: {yes} use the practice, {not_yet} not yet, {no} not."));
        }
    }
    let survey = survey::STATEMENTS.iter().zip(&results.means);
    Ok(ConsolePage {
        survey_count: format!(
            "{} of {} people with a seat answered the survey.",
            results.answers,
            roster.seated().count()
        ),
        survey: survey
            .map(|(statement, mean)| SurveyRow {
                question: (*statement).to_owned(),
                mean: format!("{}.{}", mean / 10, mean % 10),
            })
            .collect(),
        comments: results.comments,
        uses,
        ..view
    })
}

/// GET `/sessions/{id}/roster.csv`
#[handler]
pub async fn csv_view(SignedIn(actor): SignedIn, Path(id): Path<String>, db: Data<&Db>) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (session, grounds) = crate::sessions::session(&cx, &id).await?;
    let file = roster::csv(&roster::roster(&cx, &session, &grounds).await?)?;
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(file))
}

/// GET `/sessions/{id}/tables?size=6`
#[handler]
pub async fn tables_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (session, grounds) = crate::sessions::session(&cx, &id).await?;
    let roster = roster::roster(&cx, &session, &grounds).await?;
    let size = asked(request, "size").and_then(|size| size.parse().ok()).filter(|size| tables::SIZES.contains(size));
    let size = size.unwrap_or(6);
    let plan = tables::plan(roster.guests(), size);
    let table = |(number, guests): (usize, Vec<tables::Guest>)| TableView {
        number,
        guests: guests.into_iter().map(|guest| (guest.name, guest.school)).collect(),
    };
    let mut chrome = chrome(*site, &session, "Tables", "tables");
    chrome.print_view = asked(request, "print").is_some();
    let view = TablesPage {
        chrome,
        title: session.title.clone(),
        url: url(&session),
        size,
        sizes: tables::SIZES
            .map(|n| Choice { value: n.to_string(), label: n.to_string(), selected: n == size })
            .collect(),
        tables: (1..).zip(plan.tables).map(table).collect(),
        not_kept: plan.not_kept,
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/sessions/{id}/access`
#[handler]
pub async fn contact_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor);
    let (session, grounds) = crate::sessions::session(&cx, &id).await?;
    let rows = access::for_contact(&cx, &session, &grounds).await?;
    let count = |need: AccessNeed| rows.iter().filter(|row| row.needs.needs.contains(&need)).count();
    let counts = AccessNeed::all().map(|need| (need, count(need))).filter(|(_, count)| *count > 0);
    let view = ContactPage {
        chrome: chrome(*site, &session, "What people need", "access"),
        title: session.title.clone(),
        url: url(&session),
        console: roster::reads(cx.actor(), &session, &grounds),
        counts: counts.map(|(need, count)| format!("{}: {count}", need.label())).collect(),
        rows: rows
            .iter()
            .map(|row| NeedRow {
                name: row.name.clone(),
                school: row.school.clone(),
                seat: row.seat.label().to_owned(),
                needs: row.needs.needs.iter().map(|need| need.label()).collect::<Vec<_>>().join(", "),
                note: row.needs.note.clone(),
            })
            .collect(),
    };
    own_page(StatusCode::OK, &view)
}

/// GET `/sessions/{id}/needs`
#[handler]
pub async fn needs_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let done = asked(request, "done").filter(|done| done == "saved").map(|_| "Saved.".to_owned());
    let view = NeedsPage { done: done.unwrap_or_default(), ..NeedsPage::default() };
    show_needs(&db.cx(actor), *site, &id, view, None, StatusCode::OK).await
}

/// POST `/sessions/{id}/needs`
#[handler]
pub async fn say_view(
    SignedIn(actor): SignedIn,
    Path(id): Path<String>,
    form: Form,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let cx = db.cx(actor.clone());
    let (session, _) = crate::sessions::session(&cx, &id).await?;
    let needs: Vec<AccessNeed> = form.all("need").iter().filter_map(|code| AccessNeed::parse(code).ok()).collect();
    let said = async {
        let mut tx = db.write(actor).await?;
        access::say(&mut tx, session.id, needs.clone(), form.get("note")).await?;
        tx.commit().await
    };
    match said.await {
        Ok(()) => Ok(see_other(&format!("{}/needs?done=saved", url(&session)))),
        Err(error) => {
            let view = NeedsPage { corrections: Corrections::of(error)?, ..NeedsPage::default() };
            let typed = Some((needs, form.get("note").to_owned()));
            show_needs(&cx, *site, &id, view, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_needs(
    cx: &Cx,
    site: &Site,
    id: &str,
    view: NeedsPage,
    typed: Option<(Vec<AccessNeed>, String)>,
    status: StatusCode,
) -> poem::Result<Response> {
    let (session, _) = crate::sessions::session(cx, id).await?;
    let own = access::own(cx, session.id).await?;
    let registered = own.is_some();
    let kept = own.and_then(|(_, needs)| needs).map(|kept| (kept.needs, kept.note)).unwrap_or_default();
    let (chosen, note) = typed.unwrap_or(kept);
    let days = session.details.access_days.map(|days| chrono::TimeDelta::days(i64::from(days)));
    let by = session.starts_at.zip(days).map(|(start, days)| schedule::day(start - days, session.zone()));
    let view = NeedsPage {
        chrome: chrome(site, &session, "What I need", "needs"),
        title: session.title.clone(),
        url: url(&session),
        accessibility: session.details.accessibility.clone(),
        contact: access::contact(cx, &session).await?.name,
        by: by.unwrap_or_default(),
        registered,
        needs: AccessNeed::all()
            .map(|need| Choice {
                value: need.code().to_owned(),
                label: need.label().to_owned(),
                selected: chosen.contains(&need),
            })
            .collect(),
        note,
        ..view
    };
    own_page(status, &view)
}
