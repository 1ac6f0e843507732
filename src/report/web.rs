//! Pages of the report. Open to everybody, and the same for everybody (M-4).

mod words;

use poem::http::header;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use super::city::{self, Asked};
use super::metric::{Metric, Subject};
use super::views::{CitiesPage, DefinitionsPage, MetricRow, VersionRow};
use super::{cities, file};
use crate::platform::{Actor, Db, Error};
use crate::web::form::Form;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day, page, see_other};
use crate::web::views::Link;

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/city", resource().get(cities_view)),
        ("/city/how-we-count", resource().get(definitions_view)),
        ("/city/:slug", resource().get(report_view)),
    ]
}

/// `/city`: the list, or the only city there is.
#[handler]
pub async fn cities_view(request: &Request, db: Data<&Db>, site: Data<&Site>) -> poem::Result<Response> {
    let found = cities(&db.cx(Actor::Visitor)).await?;
    if let [(slug, _)] = found.as_slice() {
        return Ok(see_other(&format!("/city/{slug}")));
    }
    let description = "What schools of different sectors do together, city by city.";
    let view = CitiesPage {
        chrome: site.chrome("City reports", description, "/city"),
        cities: found.into_iter().map(|(slug, text)| Link { text, url: format!("/city/{slug}") }).collect(),
    };
    page(request.headers(), &view)
}

/// `/city/how-we-count`
#[handler]
pub async fn definitions_view(request: &Request, site: Data<&Site>) -> poem::Result<Response> {
    let description = "What each number of a city's report means, what it is held against, and what may still move.";
    let metric = |metric: Metric| MetricRow {
        code: metric.code(),
        label: metric.label(),
        people: metric.subject() == Subject::People,
        versions: metric
            .definitions()
            .iter()
            .rev()
            .map(|one| VersionRow {
                version: one.version,
                since: day(one.since),
                counts: one.counts,
                of: one.of,
                sources: one.sources,
            })
            .collect(),
    };
    let view = DefinitionsPage {
        chrome: site.chrome("How we count", description, "/city/how-we-count"),
        metrics: Metric::ALL.into_iter().map(metric).collect(),
    };
    page(request.headers(), &view)
}

/// `/city/{slug}`, and `/city/{slug}.csv`
#[handler]
pub async fn report_view(
    request: &Request,
    Path(slug): Path<String>,
    db: Data<&Db>,
    site: Data<&Site>,
) -> poem::Result<Response> {
    let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    let asked = Asked {
        from: form.get("from").to_owned(),
        to: form.get("to").to_owned(),
        neighborhood: form.get("neighborhood").to_owned(),
    };
    let cx = db.cx(Actor::Visitor);
    if let Some(slug) = slug.strip_suffix(".csv") {
        let report = city::report(&cx, slug, &asked).await?;
        return Ok(Response::builder()
            .content_type("text/csv; charset=utf-8")
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{slug}.csv\""))
            .header(header::CACHE_CONTROL, "no-cache")
            .body(file::csv(&report)?));
    }
    if slug.contains('.') {
        return Err(Error::NotFound("city").into());
    }
    let report = city::report(&cx, &slug, &asked).await?;
    let view = words::report_page(&report, &site, !form.get("print").is_empty());
    page(request.headers(), &view)
}
