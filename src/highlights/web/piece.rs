//! A highlight as it appears, wherever it does.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, Request, Response};

use crate::highlights::highlight::Highlight;
use crate::highlights::jsonld::place;
use crate::highlights::reading::Whole;
use crate::highlights::views::{Piece, SchoolWords};
use crate::materials::Depot;
use crate::platform::{Error, Result, Timestamp};
use crate::sessions::schedule;
use crate::web::etag;

/// What stands in it; `photo_url` is where its picture is for this reader.
pub fn piece(whole: &Whole, photo_url: &str) -> Piece {
    let now = &whole.highlight;
    let on = |at: Option<Timestamp>| {
        let day = at.map(|at| schedule::day(at, now.zone)).unwrap_or_default();
        format!("Approved by the school on {day}")
    };
    let mut quote_approved = String::new();
    let mut schools = Vec::new();
    for one in &now.schools {
        let approved = if now.is_approved_by(one) { on(one.answered_at) } else { String::new() };
        if now.quote.as_ref().is_some_and(|quote| quote.school == one.school) {
            quote_approved.clone_from(&approved);
        }
        schools.push(SchoolWords {
            name: whole.school(one.school),
            url: whole.schools.get(&one.school).map(|school| format!("/schools/{}", school.slug)).unwrap_or_default(),
            sector: one.sector.as_ref().map(|code| (code.clone(), whole.sector(code))),
            words: one.words.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
            approved,
        });
    }
    let quote_by = now.quote.as_ref().map(|quote| {
        let name = whole.speaker.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
        format!("{name}{}, {}", quote.role, whole.school(quote.school))
    });
    Piece {
        headline: now.headline.clone(),
        place: place(whole),
        story: now.story.clone(),
        photo_url: now.photo.as_ref().map(|_| photo_url.to_owned()).unwrap_or_default(),
        photo_alt: now.photo.as_ref().map(|photo| photo.alt.clone()).unwrap_or_default(),
        schools,
        quote: now.quote.as_ref().map(|quote| quote.text.clone()).unwrap_or_default(),
        quote_by: quote_by.unwrap_or_default(),
        quote_approved,
        numbers: whole.numbers.clone(),
        city: now.city_name.clone(),
    }
}

/// The bytes of its picture, for who may see it; `open` says that everybody may.
pub async fn photo(request: &Request, depot: &Depot, highlight: &Highlight, open: bool) -> Result<Response> {
    let photo = highlight.photo.as_ref().ok_or(Error::NotFound("picture"))?;
    let tag = format!("\"{}\"", photo.key);
    let mut response = if etag::matches(request.headers(), &tag) {
        Response::builder().status(StatusCode::NOT_MODIFIED).finish()
    } else {
        let body = Body::from_bytes_stream(depot.storage.get(&photo.key).await?);
        Response::builder().content_type(photo.kind.media_type()).body(body)
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Error::internal)?);
    // It may be taken back: whoever keeps it asks each time. One that is not shown is kept nowhere.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(if open { "no-cache" } else { "no-store" }));
    Ok(response)
}
