//! The last step of every way in: the cookie, and where the person goes now.

use poem::Response;
use poem::http::{HeaderMap, HeaderValue, header};

use super::cookie;
use crate::platform::chance::Ticket;
use crate::sign_in::second_step::Proceeding;
use crate::web::site::{Site, safe_next, see_other};

/// Carries what was proven first to the second step.
const STEP: &str = "commonground-step";

/// The answer to a first proof: signed in and on to `next`, or to the second step and then there.
pub fn entered(site: &Site, proceeding: &Proceeding, next: &str) -> Response {
    let next = safe_next(next);
    match proceeding {
        Proceeding::In(ticket) => signed_in(site, ticket, next),
        Proceeding::SetUp(ticket) => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            signed_in(site, ticket, &format!("/me/security/second-step?{query}"))
        }
        Proceeding::SecondStep(sealed) => {
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            let mut response = see_other(&format!("/sign-in/second-step?{query}"));
            response.headers_mut().append(header::SET_COOKIE, step_cookie(site, sealed, 600));
            response
        }
    }
}

fn signed_in(site: &Site, ticket: &Ticket, to: &str) -> Response {
    let mut response = see_other(to);
    response.headers_mut().append(header::SET_COOKIE, cookie::keep(ticket, https(site)));
    response.headers_mut().append(header::SET_COOKIE, step_cookie(site, "", 0));
    response
}

/// What was proven first, as the browser brings it to the second step.
pub fn sealed_step(headers: &HeaderMap) -> Option<String> {
    cookie::value(headers, STEP)
}

/// Whether the public address is https.
pub fn https(site: &Site) -> bool {
    site.base_url.starts_with("https://")
}

fn step_cookie(site: &Site, value: &str, seconds: u32) -> HeaderValue {
    let secure = if https(site) { "; Secure" } else { "" };
    let text = format!("{STEP}={value}; Path=/sign-in; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// What the person's list of sign-ins says of the browser: "Firefox on Android". A hint for its owner and nothing else.
pub fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // Each browser names those it descends from, so the youngest comes first.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_roughly() {
        let named = |agent: &str| device(&[(header::USER_AGENT, agent.parse().unwrap())].into_iter().collect());
        let android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
        assert_eq!(named(android), "Chrome on Android");
        assert_eq!(named("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"), "Firefox on Linux");
        assert_eq!(named(""), "Unknown browser");
    }
}
