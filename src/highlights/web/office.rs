//! `/office`: what a mayor's office opens on Monday morning.

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::asked;
use crate::highlights::highlight::{Answer, Highlight, State};
use crate::highlights::numbers::day;
use crate::highlights::office::{self, Line, Office, OfficeParts, Section, Told, in_state};
use crate::highlights::views::office::{FigureRow, OfficePage};
use crate::people::city;
use crate::platform::{Db, Zone};
use crate::sessions::schedule;
use crate::web::asker::SignedIn;
use crate::web::site::{Site, own_page};
use crate::web::views::{Choice, Chrome};

/// Published highlights that are shown.
const PUBLISHED: usize = 5;
/// Lines of a part at most; what comes after them is counted.
const LINES: usize = 20;

/// GET `/office`
#[handler]
pub async fn office_view(
    SignedIn(actor): SignedIn,
    request: &Request,
    db: Data<&Db>,
    site: Data<&Site>,
    parts: Data<&OfficeParts>,
) -> poem::Result<Response> {
    let administers = actor.administers();
    let cx = db.cx(actor);
    let wanted = city::slug_of(&asked(request, "city"), None);
    let chrome = Chrome { noindex: true, ..site.chrome("Office", "", "/office") };
    let base = OfficePage { chrome, types_city: administers, ..OfficePage::default() };
    let Some(found) = office::office(&cx, &wanted, &parts).await? else {
        let empty = if administers && !wanted.is_empty() {
            "No school says that it is in this city. Write it as its schools do, like Rivermark, NY."
        } else if administers {
            "Name the city whose office you want to see."
        } else {
            "Your office is in no city with schools yet: ask the city's administrators to write down where it is."
        };
        let part = Section { id: "none", heading: "No city".to_owned(), empty: empty.to_owned(), ..Section::default() };
        return own_page(StatusCode::OK, &OfficePage { parts: vec![part], ..base });
    };
    let choice =
        |slug: &String| Choice { selected: *slug == found.city.slug, label: slug.clone(), value: slug.clone() };
    let mut sections = sections(&found, cx.now());
    sections.extend(found.more.iter().cloned());
    let figure = |one: &crate::report::Figure| FigureRow {
        label: one.metric.label().to_owned(),
        value: one.words(),
        definition: one.metric.definition().counts.to_owned(),
    };
    let view = OfficePage {
        city: found.city.place(),
        cities: found.cities.iter().map(choice).collect(),
        parts: sections,
        dated: format!("From {} to today", day(found.since)),
        figures: found.figures.iter().map(figure).collect(),
        report_url: format!("/city/{}", found.city.slug),
        ..base
    };
    own_page(StatusCode::OK, &view)
}

fn sections(found: &Office, now: crate::platform::Timestamp) -> Vec<Section> {
    let commitment = |one: &Told, note: String| Line {
        text: format!("{}, {}: {}", one.compact.name, one.commitment.number, one.commitment.sentence),
        url: one.path(),
        note,
    };
    let quiet = |one: &Told| {
        let note =
            format!("{}: nothing since {}", one.commitment.freshness(now).label(), day(one.commitment.spoken_on()));
        commitment(one, note)
    };
    let missed = |one: &Told| {
        let note = if one.commitment.is_disputed() {
            format!("{}; the sides see it in different ways", one.commitment.standing())
        } else {
            one.commitment.standing().to_string()
        };
        commitment(one, note)
    };
    let compacts = || Some(("All compacts".to_owned(), "/compacts".to_owned()));
    let (none, first) = if found.compacts == 0 {
        let begin = Some(("Begin a compact".to_owned(), "/compacts/new".to_owned()));
        ("No compact of this city is published.", begin)
    } else {
        ("None.", None)
    };
    let section = |id, heading: &str, mut lines: Vec<Line>, empty: &str| {
        if lines.len() > LINES {
            let more = lines.len() - LINES;
            lines.truncate(LINES);
            lines.push(Line { text: format!("And {more} more."), ..Line::default() });
        }
        Section { id, heading: heading.to_owned(), lines, empty: empty.to_owned(), more: None }
    };
    vec![
        Section {
            more: first.or_else(compacts),
            ..section("quiet", "Commitments that nobody speaks of", found.quiet.iter().map(quiet).collect(), none)
        },
        section("missed", "Missed or disputed", found.missed.iter().map(missed).collect(), none),
        section(
            "unconfirmed",
            "Waiting for another sector's word",
            found.unconfirmed.iter().map(|one| commitment(one, one.commitment.standing().to_string())).collect(),
            none,
        ),
        Section {
            more: Some(("All highlights".to_owned(), format!("/highlights?city={}", found.city.slug))),
            ..section(
                "highlights",
                "Highlights",
                highlights(found),
                "None yet. Begin one with a session below, or with the button above.",
            )
        },
        section(
            "held",
            "Held lately: draft a highlight",
            found.held.clone(),
            "No joint session of the last 60 days waits for a highlight.",
        ),
        Section {
            more: Some(("All sessions".to_owned(), "/sessions".to_owned())),
            ..section("sessions", "Joint sessions to come", found.sessions.clone(), "None is announced to everybody.")
        },
    ]
}

fn highlights(found: &Office) -> Vec<Line> {
    let line = |one: &Highlight, note: String| Line {
        text: one.headline.clone(),
        url: format!("/highlights/{}/edit", one.id),
        note,
    };
    let mut lines = Vec::new();
    for one in in_state(&found.highlights, State::Reviewing) {
        let (mut waits, mut changes) = (Vec::new(), Vec::new());
        for passage in one.waiting() {
            let name = found.schools.get(&passage.school).map_or("a school", |school| school.name.as_str());
            let current = passage.answer_print.as_deref() == Some(one.print(passage).as_str());
            if current && passage.answer == Some(Answer::Changes) {
                changes.push(name);
                continue;
            }
            let since = passage.asked_at.map(|at| schedule::day(at, one.zone)).unwrap_or_default();
            waits.push(format!("{name}, asked on {since}"));
        }
        let mut notes = Vec::new();
        if !changes.is_empty() {
            notes.push(format!("Changes wanted by {}: change the words, and it is asked again", changes.join(" and ")));
        }
        if !waits.is_empty() {
            notes.push(format!("Waiting for {}", waits.join("; ")));
        }
        lines.push(line(one, notes.join(". ")));
    }
    for one in in_state(&found.highlights, State::Approved) {
        let note = match one.embargo_until {
            Some(at) => format!("Approved; published on {}", schedule::moment(at, one.zone)),
            None => "Approved by every school; not published yet".to_owned(),
        };
        lines.push(line(one, note));
    }
    for one in in_state(&found.highlights, State::Draft) {
        lines.push(line(one, format!("Draft of {}", schedule::day(one.updated_at, Zone::default()))));
    }
    for one in in_state(&found.highlights, State::Published).take(PUBLISHED) {
        let on = one.published_at.map(|at| schedule::day(at, one.zone)).unwrap_or_default();
        lines.push(line(one, format!("Published {on}")));
    }
    lines
}
