//! The outermost layer: who asks, under which number, and the headers that every answer carries, errors included.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use hyper::body::Body as _;
use poem::{
    Addr, Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{self, Entry},
    },
};

use super::proxies::Proxies;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Scripts, styles, fonts and pictures from here only, no plug-ins, no frames around us, forms only to us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// Of an answer marked [`Framed`]: any site may show it in a frame; nothing in it runs, sends or asks another site.
const FRAMED_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";

/// Marks an answer that is made to be shown in pages of others: the card of a highlight, and nothing else (a test looks at all).
#[derive(Clone, Copy, Debug)]
pub struct Framed;

/// Set on every answer that does not set them itself: a download may have a stricter policy, never none.
const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Two years, as the preload lists ask; only said when the public address is https.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The number under which a request is found in the log. In the request's data, the answer's header and the error page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of the person's machine, as far as our proxies are believed. In the request's data, for rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Gives each request its id and address, answers `HEAD` as `GET` without the body, and sets the headers of every answer.
#[derive(Clone)]
pub struct Headers {
    shared: Arc<Shared>,
}

struct Shared {
    proxies: Proxies,
    https: bool,
    new_id: Box<dyn Fn() -> String + Send + Sync>,
}

impl Headers {
    /// `https`: is the public base URL https? `new_id` makes request ids (letters, digits and hyphens).
    pub fn new(https: bool, proxies: Proxies, new_id: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { proxies, https, new_id: Box::new(new_id) }) }
    }
}

impl<E: Endpoint> Middleware<E> for Headers {
    type Output = WithHeaders<E>;

    fn transform(&self, inner: E) -> WithHeaders<E> {
        WithHeaders { inner, shared: Arc::clone(&self.shared) }
    }
}

/// An endpoint whose answers carry the headers.
pub struct WithHeaders<E> {
    inner: E,
    shared: Arc<Shared>,
}

impl<E: Endpoint> Endpoint for WithHeaders<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let id = self.shared.identify(&mut request);
        // Routes and policies then know one method less, and a HEAD cannot differ from its GET.
        let head = request.method() == Method::HEAD;
        if head {
            request.set_method(Method::GET);
        }
        let response = self.inner.call(request).await;
        let mut response = response.map_or_else(|error| error.into_response(), IntoResponse::into_response);
        self.shared.finish(&mut response, &id);
        Ok(if head { without_body(response) } else { response })
    }
}

impl Shared {
    fn identify(&self, request: &mut Request) -> RequestId {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => Some(address.ip()),
            _ => None,
        };
        let theirs = match peer {
            Some(peer) if self.proxies.contains(peer) => given_id(request.headers()).map(Arc::from),
            _ => None,
        };
        let id = RequestId(theirs.unwrap_or_else(|| (self.new_id)().into()));
        if let Some(peer) = peer {
            let address = self.proxies.client(peer, request.headers());
            request.set_data(ClientAddress(address));
        }
        request.set_data(id.clone());
        id
    }

    fn finish(&self, response: &mut Response, id: &RequestId) {
        let status = response.status();
        let framed = response.extensions().get::<Framed>().is_some() && status.is_success();
        let headers = response.headers_mut();
        if framed {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAMED_POLICY));
            let other = HeaderName::from_static("cross-origin-resource-policy");
            headers.insert(other, HeaderValue::from_static("cross-origin"));
        }
        for (name, value) in ALWAYS {
            // This one knows no "everybody".
            if !(framed && name == header::X_FRAME_OPTIONS) {
                default(headers, name, value);
            }
        }
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        // A page may be kept by the browser if it asks again; what failed once may work the next time.
        let failed = status.is_client_error() || status.is_server_error();
        let cache = HeaderValue::from_static(if failed { "no-store" } else { "private, no-cache" });
        default(headers, header::CACHE_CONTROL, cache);
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
    }
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if let Entry::Vacant(entry) = headers.entry(name) {
        entry.insert(value);
    }
}

/// The id that a proxy of ours gave: its own, or the trace of a W3C `traceparent`.
fn given_id(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let plain = |id: &&str| {
        (8..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text("x-request-id").filter(plain).or_else(|| trace_id(text("traceparent")?))
}

/// `00-<32 hex: trace>-<16 hex: span>-<2 hex: flags>`; all zeros means none.
fn trace_id(traceparent: &str) -> Option<&str> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    let [version, trace, span, flags, ..] = parts[..] else { return None };
    let hex = |part: &str, len| part.len() == len && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let valid = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    (valid && trace.bytes().any(|byte| byte != b'0')).then_some(trace)
}

/// The answer to HEAD: every header of the GET, also its length, and no body.
fn without_body(mut response: Response) -> Response {
    if let Some(length) = body_length(&mut response)
        && allows_length(response.status())
    {
        default(response.headers_mut(), header::CONTENT_LENGTH, length.into());
    }
    response.set_body(());
    response
}

/// How long the body is, if that is known without reading it. poem does not tell, hyper does.
pub(super) fn body_length(response: &mut Response) -> Option<u64> {
    let body: hyper::Response<_> = Response::from(response.take_body()).into();
    let length = body.body().size_hint().exact();
    response.set_body(body.into_body());
    length
}

/// 204 and 304 have no length of their own (RFC 9110 8.6).
fn allows_length(status: StatusCode) -> bool {
    status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED && !status.is_informational()
}

/// Adds one name to `Vary`, unless it is there.
pub fn vary(headers: &mut HeaderMap, name: &'static str) {
    let listed = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        text.split(',').any(|entry| entry.trim().eq_ignore_ascii_case(name) || entry.trim() == "*")
    };
    if !headers.get_all(header::VARY).iter().any(listed) {
        headers.append(header::VARY, HeaderValue::from_static(name));
    }
}

/// The header's values as one list, as RFC 9110 5.3 joins them; what is not text is left out.
pub(super) fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let first = Cow::from(lines.next()?);
    Some(lines.fold(first, |all, line| format!("{all}, {line}").into()).into_owned())
}
