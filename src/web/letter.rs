//! A letter as a mail program shows it: a page of its own, under a policy of its own.

use poem::Response;

/// Only styles of its own, nothing from elsewhere, nothing that acts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// The HTML of a letter, kept nowhere.
pub fn shown(html: String) -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-store")
        .body(html)
}
