//! Whether a request that changes something comes from a page of ours (A6, T3).
//!
//! `Sec-Fetch-Site` is the browser's own word and cannot be set by a page; `Origin` is what older browsers say. Where
//! neither is said, the caller asks for the token of the form.

use poem::http::{HeaderMap, Method, header};

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// A page of ours.
    Here,
    /// A page of somebody else.
    Elsewhere,
    /// The request does not say.
    Unsaid,
}

/// Whether the method may change something.
pub fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Where a request with these headers comes from; `base_url` is the public address.
pub fn of(headers: &HeaderMap, base_url: &str) -> From {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin") => return From::Here,
        // Typed, a bookmark, a restored tab: no page asked for it.
        Some("none") => return From::Unsaid,
        Some(_) => return From::Elsewhere,
        None => {}
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return From::Unsaid };
    let host = |url: &str| url.split_once("://").map(|(_, rest)| rest.trim_end_matches('/').to_ascii_lowercase());
    let theirs = host(origin);
    let asked = text(header::HOST.as_str()).map(str::to_ascii_lowercase);
    if theirs.is_some() && (theirs == host(base_url) || theirs == asked) { From::Here } else { From::Elsewhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pairs: &[(&'static str, &str)]) -> From {
        let headers = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect();
        of(&headers, "https://ground.example")
    }

    #[test]
    fn the_browser_says_where_it_stands() {
        assert_eq!(judged(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]), From::Here);
        for site in ["cross-site", "same-site", "nonsense"] {
            let headers = [("sec-fetch-site", site), ("origin", "https://ground.example")];
            assert_eq!(judged(&headers), From::Elsewhere, "{site}");
        }
        assert_eq!(judged(&[("origin", "https://ground.example")]), From::Here);
        assert_eq!(judged(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]), From::Here);
        for origin in ["https://evil.example", "null", "https://ground.example.evil.example"] {
            assert_eq!(judged(&[("origin", origin), ("host", "ground.example")]), From::Elsewhere, "{origin}");
        }
        assert_eq!(judged(&[]), From::Unsaid);
        assert_eq!(judged(&[("sec-fetch-site", "none")]), From::Unsaid);
    }
}
