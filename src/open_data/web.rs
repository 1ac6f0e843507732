//! Pages and files of open data.

pub mod feed;

use chrono::{Days, NaiveTime, SecondsFormat};
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Path};
use poem::{Body, Request, Response, handler};

use super::views::{DataPage, ExportLine, TableLine};
use super::{OpenData, nightly, oai, sitemap};
use crate::platform::vocabulary::License;
use crate::platform::{Actor, Db, Error};
use crate::web::etag;
use crate::web::methods::{Resource, resource};
use crate::web::site::{Site, day, page};
use crate::web::views::{Link, Section};

/// Every page.
pub fn pages() -> Vec<(&'static str, Resource)> {
    vec![
        ("/practices.atom", resource().get(feed::practices_view)),
        ("/oai", resource().get(asked_view).post(posted_view)),
        ("/data", resource().get(data_view)),
        ("/data/:name", resource().get(archive_view)),
        ("/sitemap.xml", resource().get(sitemap_view)),
        ("/sitemap/:name", resource().get(part_view)),
        ("/robots.txt", resource().get(robots_view)),
        ("/.well-known/security.txt", resource().get(security_view)),
    ]
}

/// `/data`
#[handler]
pub fn data_view(request: &Request, open: Data<&OpenData>, site: Data<&Site>) -> poem::Result<Response> {
    let license = License::default();
    let exports = nightly::archives(&open.folder)?.into_iter().map(|archive| ExportLine {
        url: format!("/data/{}", archive.name),
        day: day(archive.day),
        size: size(archive.bytes),
    });
    let tables = open.exported.iter().map(|exported| {
        let table = exported.table();
        TableLine { name: table.name.to_owned(), title: table.title.to_owned(), says: table.says.to_owned() }
    });
    let mut view = DataPage {
        chrome: site.chrome("Open data", "Everything public here, in open formats, to take along.", "/data"),
        base_url: site.base_url.to_string(),
        license: Link { text: license.label().to_owned(), url: license.url().to_owned() },
        exports: exports.collect(),
        tables: tables.collect(),
        host: open.host().to_owned(),
        contact: open.contact.to_string(),
    };
    view.chrome.section = Section::About;
    view.chrome.feed = "/practices.atom".to_owned();
    page(request.headers(), &view)
}

/// `/data/{name}`: an export; `latest.zip` leads to the newest.
#[handler]
pub async fn archive_view(
    Path(name): Path<String>,
    request: &Request,
    open: Data<&OpenData>,
) -> poem::Result<Response> {
    if name == "latest.zip" {
        let newest = nightly::archives(&open.folder)?.into_iter().next().ok_or(Error::NotFound("export"))?;
        return Ok(Response::builder()
            .status(StatusCode::FOUND)
            .header("location", format!("/data/{}", newest.name))
            .header("cache-control", "no-cache")
            .finish());
    }
    let path = nightly::file(&open.folder, &name).ok_or(Error::NotFound("export"))?;
    let file = tokio::fs::File::open(path).await.map_err(Error::from)?;
    let bytes = file.metadata().await.map_err(Error::from)?.len();
    // An export never changes once it has its name.
    let tag = etag::of(format!("{name} {bytes}").as_bytes());
    if etag::matches(request.headers(), &tag) {
        return Ok(etag::tagged(Response::builder().status(StatusCode::NOT_MODIFIED).finish(), &tag));
    }
    let response = Response::builder()
        .content_type("application/zip")
        .header("content-disposition", format!("attachment; filename=\"{name}\""))
        .header("cache-control", "public, max-age=86400")
        .header(header::CONTENT_LENGTH, bytes)
        .body(Body::from_async_read(file));
    Ok(etag::tagged(response, &tag))
}

/// GET `/oai`
#[handler]
pub async fn asked_view(request: &Request, db: Data<&Db>, open: Data<&OpenData>) -> poem::Result<Response> {
    let arguments = serde_urlencoded::from_str(request.uri().query().unwrap_or_default()).unwrap_or_default();
    harvested(&db, &open, arguments).await
}

/// POST `/oai`: the same, with the arguments in the body. It changes nothing.
#[handler]
pub async fn posted_view(body: Vec<u8>, db: Data<&Db>, open: Data<&OpenData>) -> poem::Result<Response> {
    harvested(&db, &open, serde_urlencoded::from_bytes(&body).unwrap_or_default()).await
}

async fn harvested(db: &Db, open: &OpenData, arguments: Vec<(String, String)>) -> poem::Result<Response> {
    let answer = oai::answer(&db.cx(Actor::Visitor), open, &arguments).await?;
    Ok(Response::builder().content_type("text/xml; charset=utf-8").header("cache-control", "no-cache").body(answer))
}

/// `/sitemap.xml`
#[handler]
pub async fn sitemap_view(request: &Request, db: Data<&Db>, open: Data<&OpenData>) -> poem::Result<Response> {
    let bytes = sitemap::root(&db.cx(Actor::Visitor), &open.base_url, &open.listed).await?;
    Ok(kept(etag::respond(request.headers(), "application/xml; charset=utf-8", bytes)))
}

/// `/sitemap/{name}`
#[handler]
pub async fn part_view(
    Path(name): Path<String>,
    request: &Request,
    db: Data<&Db>,
    open: Data<&OpenData>,
) -> poem::Result<Response> {
    let found = sitemap::file(&db.cx(Actor::Visitor), &open.base_url, &open.listed, &name).await?;
    let bytes = found.ok_or(Error::NotFound("sitemap"))?;
    Ok(kept(etag::respond(request.headers(), "application/xml; charset=utf-8", bytes)))
}

/// `/robots.txt`. Pages of one person say themselves that they are not to be found.
#[handler]
pub fn robots_view(request: &Request, open: Data<&OpenData>, site: Data<&Site>) -> Response {
    // Invented schools are nothing to find.
    let rules = if site.demo { "Disallow: /\n" } else { "Disallow: /me\nDisallow: /admin\nDisallow: /sign-in\n" };
    let text = format!("User-agent: *\n{rules}\nSitemap: {}/sitemap.xml\n", open.base_url);
    kept(etag::respond(request.headers(), "text/plain; charset=utf-8", text.into_bytes()))
}

/// `/.well-known/security.txt` (RFC 9116). It ends half a year after it is read: an installation that is looked after never
/// hands out an old one.
#[handler]
pub fn security_view(request: &Request, db: Data<&Db>, open: Data<&OpenData>) -> Response {
    let today = db.clock().now().date_naive().and_time(NaiveTime::MIN).and_utc();
    let expires = (today + Days::new(180)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = format!(
        "Contact: mailto:{}\nExpires: {expires}\nPreferred-Languages: en, es\nCanonical: {}/.well-known/security.txt\n",
        open.contact, open.base_url
    );
    kept(etag::respond(request.headers(), "text/plain; charset=utf-8", text.into_bytes()))
}

fn kept(mut response: Response) -> Response {
    response.headers_mut().insert("cache-control", HeaderValue::from_static("public, max-age=3600"));
    response
}

/// "1.2 MB", "340 KB".
fn size(bytes: u64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes * 10 / 1_048_576 % 10),
    }
}
