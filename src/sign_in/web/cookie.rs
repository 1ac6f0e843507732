//! The cookie that carries a sign-in.

use poem::http::{HeaderMap, HeaderValue, header};

use crate::platform::chance::Ticket;
use crate::sign_in::visit::ABSOLUTE;

/// With https the name itself keeps the cookie to this host and to https (`__Host-`, A5). Browsers refuse that name over
/// plain http, where the program is tried out.
fn name(https: bool) -> &'static str {
    if https { "__Host-commonground" } else { "commonground" }
}

/// The ticket that the request carries.
pub fn ticket(headers: &HeaderMap, https: bool) -> Option<Ticket> {
    value(headers, name(https)).map(|value| Ticket::brought(&value))
}

/// The value of a cookie; an empty one is none.
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty())
}

/// Gives the browser its ticket.
pub fn keep(ticket: &Ticket, https: bool) -> HeaderValue {
    set(ticket.reveal(), ABSOLUTE.num_seconds(), https)
}

/// Takes it away.
pub fn forget(https: bool) -> HeaderValue {
    set("", 0, https)
}

fn set(value: &str, seconds: i64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(https));
    // Letters, digits and signs that a header takes: this cannot fail.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
