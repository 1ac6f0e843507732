//! The HTTP shell: everything between a socket and a feature's handlers.
//!
//! A request passes, from the outside in:
//! [`server`] accepts the connection, bounds how long its client may take, and stops without losing an answer;
//! [`headers`] gives it an id and sets the headers of its answer; [`observe`] logs and counts it; [`problem`] turns
//! whatever fails into a document or a page; [`compression`] packs the answer; [`limits`] bounds its body, its time and
//! its share of the server. Then come the features' routes, made of [`methods::resource`]s, in [`once`].
//!
//! [`shell`] is the one place that knows this order. None of these layers knows a feature.

pub mod asker;
pub mod compression;
mod connection;
pub mod etag;
pub mod feed;
pub mod form;
pub mod headers;
pub mod letter;
pub mod limits;
pub mod methods;
pub mod observe;
pub mod once;
pub mod origin;
pub mod problem;
pub mod proxies;
mod seats;
mod sentences;
pub mod server;
pub mod site;
pub mod views;

use poem::{Endpoint, EndpointExt, Response};

/// Puts the layers around the product's routes, in the order that makes them right: every answer, also a refusal or a
/// panic, has its id, its headers, its log line, and a body that says what to do.
pub fn shell(
    routes: impl Endpoint + 'static,
    limits: limits::Limits,
    problems: problem::Problems,
    observe: observe::Observe,
    headers: headers::Headers,
) -> impl Endpoint<Output = Response> + 'static {
    routes.with(limits).with(compression::Compression).with(problems).with(observe).with(headers)
}
