//! Entity tags: what spares a client the same bytes twice, and what stops two people from overwriting each other.

use std::hash::{DefaultHasher, Hasher};

use poem::{
    Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use super::headers::list;

/// The strong tag of these bytes. Equal bytes have equal tags in every process of one build.
pub fn of(bytes: &[u8]) -> String {
    // 128 bits from the standard hash, so that a chance collision is out of the question. Not a signature.
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        hasher.write(bytes);
        hasher.finish()
    };
    format!("\"{:016x}{:016x}\"", half(0), half(1))
}

/// `If-None-Match`: does the client already have what `tag` names? (RFC 9110 13.1.2, weak comparison.)
pub fn matches(headers: &HeaderMap, tag: &str) -> bool {
    listed(headers, &header::IF_NONE_MATCH, |theirs| theirs.trim_start_matches("W/") == tag.trim_start_matches("W/"))
        .unwrap_or(false)
}

/// What `If-Match` says about a change to something that is now `tag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The client saw the present state: go on.
    Holds,
    /// Somebody else changed it meanwhile: 412.
    Stale,
    /// The client does not say which state it saw: 428 where that is required.
    Missing,
}

/// `If-Match` of a changing request. (RFC 9110 13.1.1, strong comparison.)
pub fn precondition(headers: &HeaderMap, tag: &str) -> Precondition {
    match listed(headers, &header::IF_MATCH, |theirs| theirs == tag && !tag.starts_with("W/")) {
        None => Precondition::Missing,
        Some(true) => Precondition::Holds,
        Some(false) => Precondition::Stale,
    }
}

/// Answers 200 with the bytes and their strong tag, or 304 if the client has them.
pub fn respond(request: &HeaderMap, content_type: &str, bytes: Vec<u8>) -> Response {
    let tag = of(&bytes);
    let response = if matches(request, &tag) {
        Response::builder().status(StatusCode::NOT_MODIFIED).finish()
    } else {
        Response::builder().content_type(content_type).body(bytes)
    };
    tagged(response, &tag)
}

/// Sets the tag of an answer.
pub fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

fn listed(headers: &HeaderMap, name: &header::HeaderName, same: impl Fn(&str) -> bool) -> Option<bool> {
    // Our tags hold no comma, so a list is split at commas; a foreign tag with one simply does not match.
    let list = list(headers, name)?;
    Some(list.split(',').map(str::trim).any(|entry| entry == "*" || same(entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_reader_is_spared_the_same_bytes() {
        let tag = of(b"page");
        assert_ne!(tag, of(b"pagf"));
        for (header, expected) in
            [(format!("\"x\", W/{tag}"), true), (tag.clone(), true), ("*".into(), true), ("\"x\"".into(), false)]
        {
            assert_eq!(matches(&with(header::IF_NONE_MATCH, &header), &tag), expected, "{header}");
        }
        assert!(!matches(&HeaderMap::new(), &tag));
    }

    #[test]
    fn a_writer_must_have_seen_the_present_state() {
        let check = |header: &str| precondition(&with(header::IF_MATCH, header), "\"7\"");
        assert_eq!(check("\"7\""), Precondition::Holds);
        assert_eq!(check("*"), Precondition::Holds);
        assert_eq!(check("\"6\", \"7\""), Precondition::Holds);
        assert_eq!(check("W/\"7\""), Precondition::Stale, "a weak tag proves nothing");
        assert_eq!(check("\"6\""), Precondition::Stale);
        assert_eq!(precondition(&HeaderMap::new(), "\"7\""), Precondition::Missing);
    }
}
