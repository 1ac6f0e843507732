//! What the operator sees: one log line and a few numbers for each request.
//!
//! Neither holds a raw path, a query, a body, a cookie or an address: the route's template says enough and is bounded.

use std::{borrow::Cow, sync::Arc};

use poem::{
    Endpoint, IntoResponse, Middleware, PathPattern, Request, Response, Result,
    http::{Method, StatusCode},
};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};
use tokio::time::Instant;

use super::{
    headers::{RequestId, body_length},
    methods::{Matched, MethodTable},
};

/// The label of a request that no route matched.
const NO_ROUTE: &str = "none";

/// The numbers of one process. Cheap to clone; every clone counts into the same registry.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    duration: HistogramVec,
    in_flight: IntGauge,
    connections: IntGauge,
    refused: IntCounter,
}

impl Metrics {
    /// An own registry with the numbers of the HTTP server in it.
    ///
    /// # Errors
    /// Never for a new registry; `prometheus` reports a name registered twice.
    pub fn new() -> prometheus::Result<Self> {
        let labels = &["route", "method", "status"];
        let seconds =
            HistogramOpts::new("http_request_duration_seconds", "Time until the head of the answer, in seconds")
                .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(Opts::new("http_requests_total", "Requests answered"), labels)?,
            duration: HistogramVec::new(seconds, &labels[..2])?,
            in_flight: IntGauge::new("http_requests_in_flight", "Requests being worked on")?,
            connections: IntGauge::new("http_connections_open", "Connections open")?,
            refused: IntCounter::new("http_connections_refused_total", "Connections for which there was no place")?,
        };
        metrics.add(metrics.requests.clone())?;
        metrics.add(metrics.duration.clone())?;
        metrics.add(metrics.in_flight.clone())?;
        metrics.add(metrics.connections.clone())?;
        metrics.add(metrics.refused.clone())?;
        Ok(metrics)
    }

    /// A counter of some other part of the product. Names end in `_total`; label values must be few.
    ///
    /// # Errors
    /// The name is taken or not a valid one.
    pub fn counter(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
        self.add(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    /// A gauge of some other part of the product. Names hold the unit (`_seconds`, `_bytes`); label values must be few.
    ///
    /// # Errors
    /// The name is taken or not a valid one.
    pub fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels)?)
    }

    /// Any other kind of number.
    ///
    /// # Errors
    /// The name is taken.
    pub fn add<C: Collector + Clone + 'static>(&self, collector: C) -> prometheus::Result<C> {
        self.registry.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    /// Everything in the Prometheus text format (`text/plain; version=0.0.4`).
    ///
    /// # Errors
    /// A collector gave numbers that do not fit together.
    pub fn text(&self) -> prometheus::Result<String> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Counts one connection as open for as long as the value lives.
    pub(super) fn connection(&self) -> InUse {
        InUse::of(&self.connections)
    }

    pub(super) fn connection_refused(&self) {
        self.refused.inc();
    }
}

/// Counts up while it lives, also when the task that holds it is dropped.
#[derive(Debug)]
pub(super) struct InUse(IntGauge);

impl InUse {
    fn of(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Logs and counts every request. Belongs inside [`Headers`](super::headers::Headers), which gives the request its id, and
/// outside [`Problems`](super::problem::Problems), so that errors are seen as the answers they become.
#[derive(Debug, Clone)]
pub struct Observe {
    metrics: Metrics,
    routes: MethodTable,
}

impl Observe {
    /// Counts into `metrics`; `routes` knows the names of routes made by others.
    pub fn new(metrics: Metrics, routes: MethodTable) -> Self {
        Self { metrics, routes }
    }
}

impl<E: Endpoint> Middleware<E> for Observe {
    type Output = Observed<E>;

    fn transform(&self, inner: E) -> Observed<E> {
        Observed { inner, metrics: self.metrics.clone(), routes: self.routes.clone() }
    }
}

/// An endpoint whose requests are logged and counted.
#[derive(Debug)]
pub struct Observed<E> {
    inner: E,
    metrics: Metrics,
    routes: MethodTable,
}

impl<E: Endpoint> Endpoint for Observed<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let start = Instant::now();
        let _working = InUse::of(&self.metrics.in_flight);
        let method = known(request.method());
        let id = request.data::<RequestId>().cloned().unwrap_or_default();
        let matched = Matched::default();
        request.set_data(matched.clone());
        let response = self.inner.call(request).await;
        let mut response = response.map_or_else(|error| error.into_response(), IntoResponse::into_response);

        let route = response.data::<PathPattern>().map(|route| Arc::clone(&route.0));
        let route = route.or_else(|| matched.0.get().cloned()).unwrap_or_else(|| NO_ROUTE.into());
        let route = self.routes.name(&route).map_or(route, Arc::clone);
        let status = response.status();
        let took = start.elapsed();
        self.metrics.requests.with_label_values(&[&*route, method, class(status)]).inc();
        self.metrics.duration.with_label_values(&[&*route, method]).observe(took.as_secs_f64());

        tracing::info!(
            target: "request",
            method,
            route = &*route,
            status = status.as_u16(),
            milliseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX) as f64 / 1000.0,
            // Absent for an answer whose length is not known beforehand.
            bytes = body_length(&mut response),
            request_id = id.as_str(),
            "answered"
        );
        Ok(response)
    }
}

/// The method as a label: what a client makes up becomes one value.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// The Prometheus page, for a listener of its own: what it tells is not for the public.
pub fn exposition(metrics: Metrics) -> impl Endpoint<Output = Response> {
    poem::endpoint::make_sync(move |_| {
        let (status, text): (_, Cow<'static, str>) = match metrics.text() {
            Ok(text) => (StatusCode::OK, text.into()),
            Err(error) => {
                tracing::error!(%error, "the metrics could not be written");
                (StatusCode::INTERNAL_SERVER_ERROR, "the metrics could not be written\n".into())
            }
        };
        Response::builder()
            .status(status)
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text.into_owned())
    })
}
