//! `/adoptions` and its file: which practices crossed sector lines. Open to everybody.

use poem::http::header;
use poem::web::Data;
use poem::{Request, Response, handler};

use super::choice;
use crate::adoptions::crossing::{self, Asked, Crossing, Crossings, Direction};
use crate::adoptions::views::crossing::{CrossingRow, CrossingsPage, DirectionRow};
use crate::people::SchoolId;
use crate::platform::{Actor, Db, Result};
use crate::web::form::Form;
use crate::web::site::{Site, day, month, page};
use crate::web::views::{Link, Section};

/// Rows of the page; the file has all of them.
const ROWS: usize = 200;

fn asked(request: &Request) -> Result<Asked> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    Asked::read(form.get("direction"), form.get("year"))
}

/// `/adoptions`
#[handler]
pub async fn crossings_view(request: &Request, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let asked = asked(request)?;
    let cx = db.cx(Actor::Visitor);
    let found = crossing::crossings(&cx, &asked).await?;
    let description = "Which practices schools of one sector took over from another, and whether they kept them.";
    let mut chrome =
        site.chrome("Practices that crossed sector lines", description, &format!("/adoptions{}", asked.query()));
    chrome.section = Section::Search;
    let way = |from: &str, to: &str| format!("{} to {}", found.sector(from), found.sector(to));
    let mut directions = vec![choice("", "Every direction", &asked.direction)];
    directions
        .extend(found.all.iter().map(|(from, to)| choice(&format!("{from}-{to}"), way(from, to), &asked.direction)));
    let year = asked.year.map(|year| year.to_string()).unwrap_or_default();
    let mut years = vec![choice("", "Every year", &year)];
    years.extend(found.years.iter().map(|one| choice(&one.to_string(), one.to_string(), &year)));
    let numbers = |one: &Direction| DirectionRow {
        direction: way(&one.from, &one.to),
        adoptions: one.adoptions,
        practices: one.practices,
        schools: one.schools,
        kept: one.kept.map_or_else(|| "not enough data".to_owned(), |(kept, of)| format!("{kept} of {of}")),
    };
    let view = CrossingsPage {
        chrome,
        directions,
        years,
        numbers: found.directions.iter().map(numbers).collect(),
        rows: found.items.iter().take(ROWS).map(|one| row(&found, one)).collect(),
        total: found.items.len(),
        csv_url: format!("/adoptions.csv{}", asked.query()),
        on: day(cx.now().date_naive()),
        filtered: asked != Asked::default(),
    };
    page(request.headers(), &view)
}

fn row(found: &Crossings, one: &Crossing) -> CrossingRow {
    let link = |id: SchoolId| {
        let school = found.schools.get(&id);
        let (text, slug) = school.map(|school| (school.name.clone(), school.slug.clone())).unwrap_or_default();
        Link { text, url: format!("/schools/{slug}") }
    };
    let adoption = &one.adoption;
    CrossingRow {
        practice: Link { text: adoption.title.clone(), url: format!("/practices/{}", adoption.slug) },
        from: link(adoption.origin),
        from_sector: found.sector(&one.from),
        to: link(adoption.school),
        to_sector: found.sector(&one.to),
        since: month(adoption.piloted_on),
        stage: adoption.stage.label().to_owned(),
        kept: match one.kept {
            Some(true) => "Yes",
            Some(false) => "No",
            None => "Not a year ago",
        }
        .to_owned(),
        url: format!("/adoptions/{}", adoption.id),
    }
}

/// `/adoptions.csv`
#[handler]
pub async fn crossings_csv_view(request: &Request, db: Data<&Db>) -> poem::Result<Response> {
    let found = crossing::crossings(&db.cx(Actor::Visitor), &asked(request)?).await?;
    Ok(Response::builder()
        .content_type("text/csv; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"adoptions.csv\"")
        .header(header::CACHE_CONTROL, "no-cache")
        .body(crossing::csv(&found)?))
}
