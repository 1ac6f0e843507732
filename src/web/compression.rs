//! Smaller answers for those who can unpack them.
//!
//! poem's `Compression` middleware is not used: it packs pictures and empty answers, takes `gzip;q=0` for a wish, leaves
//! the strong tag of other bytes in place, says no `Vary`, and unpacks request bodies without a bound (a bomb).
//! Gzip only: a Brotli or Zstandard stream keeps megabytes for each answer on its way, gzip a quarter of one.

use std::io::Write;

use flate2::{Compression as Level, write::GzEncoder};
use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};

use super::headers::{body_length, list, vary};

/// Below one packet there is nothing to win.
const SMALLEST: u64 = 1024;
/// Up to here an answer is packed, in one go: that holds no memory while the client takes it. A larger one, or a stream,
/// goes as it is; a reverse proxy may pack it.
const LARGEST: u64 = 2 * 1024 * 1024;
/// Marks the tag of the packed form, which is another sequence of bytes than the plain one (RFC 9110 8.8.3.3).
const MARK: &str = "-gzip\"";

/// Packs text answers with gzip where the client accepts it, each form with its own strong tag.
#[derive(Debug, Clone, Copy, Default)]
pub struct Compression;

impl<E: Endpoint> Middleware<E> for Compression {
    type Output = Compressed<E>;

    fn transform(&self, inner: E) -> Compressed<E> {
        Compressed(inner)
    }
}

/// An endpoint whose text answers are packed.
#[derive(Debug)]
pub struct Compressed<E>(E);

impl<E: Endpoint> Endpoint for Compressed<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let accepted = accepts_gzip(request.headers());
        let marked = unmark(request.headers_mut());
        let mut response = self.0.call(request).await?.into_response();
        if response.status() == StatusCode::NOT_MODIFIED && marked {
            mark(response.headers_mut());
        }
        if !compressible(&response) {
            return Ok(response);
        }
        vary(response.headers_mut(), "accept-encoding");
        if !accepted {
            return Ok(response);
        }
        match body_length(&mut response) {
            Some(length) if (SMALLEST..=LARGEST).contains(&length) => response = packed(response).await?,
            _ => return Ok(response),
        }
        mark(response.headers_mut());
        Ok(response)
    }
}

async fn packed(mut response: Response) -> Result<Response> {
    let plain = response.take_body().into_bytes().await?;
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Level::fast());
    let gzip = encoder.write_all(&plain).and_then(|()| encoder.finish()).map_err(poem::error::InternalServerError)?;
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.set_body(gzip);
    Ok(response)
}

/// Does the client want gzip? The named coding counts before `*`; `q=0` refuses (RFC 9110 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let Some(list) = list(headers, &header::ACCEPT_ENCODING) else { return false };
    let mut any = false;
    for entry in list.split(',') {
        let mut parts = entry.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let wanted = parts.filter_map(|part| part.strip_prefix("q=")).all(|q| q.parse().is_ok_and(|q: f32| q > 0.0));
        if coding.eq_ignore_ascii_case("gzip") {
            return wanted;
        }
        any |= coding == "*" && wanted;
    }
    any
}

/// A whole text answer that is not packed yet. A part (206) must stay a part of the plain bytes.
fn compressible(response: &Response) -> bool {
    let headers = response.headers();
    let kind = response.content_type().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let text = kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(kind, "application/json" | "application/javascript" | "application/xml" | "application/x-ndjson");
    text && response.status() != StatusCode::PARTIAL_CONTENT
        && response.status() != StatusCode::NOT_MODIFIED
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::CONTENT_RANGE)
}

fn mark(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if let Some(plain) = tag.and_then(|tag| tag.strip_suffix('"'))
        && let Ok(tag) = HeaderValue::from_str(&format!("{plain}{MARK}"))
    {
        headers.insert(header::ETAG, tag);
    }
}

/// Handlers know only the plain tags. Says whether one was marked.
fn unmark(headers: &mut HeaderMap) -> bool {
    let mut marked = false;
    for name in [header::IF_NONE_MATCH, header::IF_MATCH] {
        marked |= replace_marks(headers, name);
    }
    marked
}

fn replace_marks(headers: &mut HeaderMap, name: HeaderName) -> bool {
    let Some(tags) = list(headers, &name).filter(|tags| tags.contains(MARK)) else { return false };
    if let Ok(plain) = HeaderValue::from_str(&tags.replace(MARK, "\"")) {
        headers.insert(name, plain);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_not_a_wish() {
        let accepts =
            |value: &str| accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]));
        assert!(accepts("gzip, deflate, br"));
        assert!(accepts("br;q=1.0, gzip; q=0.8, *;q=0.1"));
        assert!(accepts("*"));
        assert!(!accepts("gzip;q=0, *"));
        assert!(!accepts("identity"));
        assert!(!accepts("br"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
