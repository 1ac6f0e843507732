//! How a failure is told: to programs as a problem document (RFC 9457), to people as a page with one sentence that says
//! what to do. Every error of every layer below ends here, so nothing of the inside is shown by accident.

use std::{
    any::Any,
    error::Error as _,
    fmt::{self, Display},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use futures_util::FutureExt;
use poem::{
    Endpoint, Error, IntoResponse, Middleware, PathPattern, Request, Response, Result,
    error::{ParseJsonError, ParsePathError, ParseQueryError, ResponseError},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use poem_openapi::error as openapi;
use serde::Serialize;

use super::{
    headers::{RequestId, vary},
    methods::{Allow, MethodTable},
    sentences::{sentence, title},
};

const PROBLEM_JSON: &str = "application/problem+json";

/// One failure, as RFC 9457 writes it down. Also an error that handlers return.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Which kind of problem; `about:blank` when the status says it all.
    #[serde(rename = "type")]
    pub type_uri: &'static str,
    /// The kind in a few words; the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// One sentence that says what happened and what to do.
    pub detail: String,
    /// The request's id, filled in when the answer is made.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// What is wrong with which field; all of them at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Seconds until another try makes sense: `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// One field that was refused.
#[derive(Debug, Clone, Serialize)]
pub struct FieldProblem {
    /// JSON pointer into the body (`#/title`), or the name of a parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    /// The plain problem of a status, with our sentence for it.
    pub fn new(status: StatusCode) -> Self {
        Self {
            type_uri: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: sentence(status).to_owned(),
            instance: String::new(),
            errors: Vec::new(),
            retry_after: match status {
                StatusCode::SERVICE_UNAVAILABLE => Some(1),
                StatusCode::TOO_MANY_REQUESTS => Some(60),
                _ => None,
            },
        }
    }

    /// The same with another sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same with one more refused field.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
        self
    }

    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.title, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status_code()
    }
}

/// What an error page shows.
#[derive(Debug)]
pub struct ErrorView<'a> {
    /// The HTTP status.
    pub status: u16,
    /// A heading in a few words.
    pub title: &'a str,
    /// One sentence that says what to do.
    pub sentence: &'a str,
    /// The number to tell when asking for help.
    pub request_id: &'a str,
}

type RenderError = Arc<dyn Fn(&ErrorView<'_>) -> String + Send + Sync>;

/// Turns errors, panics and bare status codes into answers.
#[derive(Clone)]
pub struct Problems {
    render: RenderError,
    methods: Arc<MethodTable>,
}

impl Problems {
    /// `render_error` makes the HTML page; it escapes what it is given. `methods` are those of routes that are not a
    /// [`Resource`](super::methods::Resource).
    pub fn new(render_error: impl Fn(&ErrorView<'_>) -> String + Send + Sync + 'static, methods: MethodTable) -> Self {
        Self { render: Arc::new(render_error), methods: Arc::new(methods) }
    }
}

impl<E: Endpoint> Middleware<E> for Problems {
    type Output = WithProblems<E>;

    fn transform(&self, inner: E) -> WithProblems<E> {
        WithProblems { inner, render: Arc::clone(&self.render), methods: Arc::clone(&self.methods) }
    }
}

/// An endpoint that never fails and never panics.
pub struct WithProblems<E> {
    inner: E,
    render: RenderError,
    methods: Arc<MethodTable>,
}

impl<E: Endpoint> Endpoint for WithProblems<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request.data::<RequestId>().cloned().unwrap_or_default();
        let to_program = wants_json(request.uri().path(), request.headers());
        let trace = request.method() == Method::TRACE;
        let result = match request.method() {
            &Method::CONNECT => Err(MethodNotServed(StatusCode::METHOD_NOT_ALLOWED).into()),
            method if !trace && !SERVED.contains(method) => Err(MethodNotServed(StatusCode::NOT_IMPLEMENTED).into()),
            _ => match (trace, AssertUnwindSafe(self.inner.call(request)).catch_unwind().await) {
                // A route says which methods it allows; one without methods would have taken this for a GET.
                (true, Ok(Ok(_))) => Err(MethodNotServed(StatusCode::METHOD_NOT_ALLOWED).into()),
                (_, Ok(result)) => result,
                (_, Err(panic)) => {
                    tracing::error!(request_id = id.as_str(), panic = panic_text(&*panic), "a request panicked");
                    Err(StatusCode::INTERNAL_SERVER_ERROR.into())
                }
            },
        };
        Ok(match result {
            Ok(response) => self.complete(response.into_response(), to_program, &id),
            Err(error) => self.explain(error, to_program, &id),
        })
    }
}

impl<E> WithProblems<E> {
    /// A handler that returns nothing but a failing status means the plain problem of that status.
    fn complete(&self, mut response: Response, to_program: bool, id: &RequestId) -> Response {
        let status = response.status();
        let failed = status.is_client_error() || status.is_server_error();
        if !failed || response.headers().contains_key(header::CONTENT_TYPE) {
            return response;
        }
        let page = self.page(Problem::new(status), to_program, id);
        response.headers_mut().extend(page.headers().clone());
        response.set_body(page.into_body());
        response
    }

    fn explain(&self, error: Error, to_program: bool, id: &RequestId) -> Response {
        let status = error.status();
        // A refusal by load or method is no fault to look into; its line in the request log is enough.
        let refused = matches!(status, StatusCode::NOT_IMPLEMENTED | StatusCode::SERVICE_UNAVAILABLE);
        if status.is_server_error() && !refused {
            tracing::error!(
                request_id = id.as_str(),
                status = status.as_u16(),
                error = chain(&error),
                "a request failed"
            );
        }
        let route = error.data::<PathPattern>().cloned();
        let mut response = if error.is_from_response() {
            let ready = error.into_response();
            self.complete(ready, to_program, id)
        } else {
            let allow = error.data::<Allow>().map(|allow| allow.0.clone());
            let table = || self.methods.allow(&route.as_ref()?.0).map(str::to_owned);
            let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then(|| allow.or_else(table)).flatten();
            let mut page = self.page(problem_of(&error), to_program, id);
            if let Some(allow) = allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
                page.headers_mut().insert(header::ALLOW, allow);
            }
            page
        };
        if let Some(route) = route {
            response.set_data(route);
        }
        response
    }

    fn page(&self, mut problem: Problem, to_program: bool, id: &RequestId) -> Response {
        let status = problem.status_code();
        problem.instance = id.as_str().to_owned();
        let builder = Response::builder().status(status);
        let mut response = if to_program {
            // Strings and numbers only: this cannot fail.
            builder.content_type(PROBLEM_JSON).body(serde_json::to_vec(&problem).unwrap_or_default())
        } else {
            let view = ErrorView {
                status: problem.status,
                title: title(status),
                sentence: &problem.detail,
                request_id: id.as_str(),
            };
            builder.content_type("text/html; charset=utf-8").body((self.render)(&view))
        };
        let headers = response.headers_mut();
        vary(headers, "accept");
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body was not read: what follows on this connection would be taken for a request.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::UNAUTHORIZED && to_program {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

const SERVED: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// A method that no route of ours answers.
#[derive(Debug)]
struct MethodNotServed(StatusCode);

impl Display for MethodNotServed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a method that is not served")
    }
}

impl std::error::Error for MethodNotServed {}

impl ResponseError for MethodNotServed {
    fn status(&self) -> StatusCode {
        self.0
    }
}

/// Is the answer read by a program? Everything under `/api/`, and whoever asks for JSON and not for a page.
fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let json = accept.contains("application/json") || accept.contains(PROBLEM_JSON);
    path == "/api" || path.starts_with("/api/") || (json && !accept.contains("text/html"))
}

/// What may be told of an error. Only errors about the request itself speak for themselves; of all others the status does.
fn problem_of(error: &Error) -> Problem {
    let status = error.status();
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.clone();
    }
    // An id that cannot be one names nothing.
    if error.is::<ParsePathError>() || error.is::<openapi::ParsePathError>() {
        return Problem::new(StatusCode::NOT_FOUND);
    }
    if let Some(openapi::ParseParamError { name, reason }) = error.downcast_ref() {
        return Problem::new(status).field(*name, short(reason));
    }
    if let Some(openapi::ParseRequestPayloadError { reason }) = error.downcast_ref() {
        return Problem::new(status).field("#", short(reason));
    }
    if error.is::<ParseJsonError>() || error.is::<ParseQueryError>() {
        return Problem::new(status).field("#", short(&error.to_string()));
    }
    Problem::new(status)
}

/// A message that may repeat what the client sent: only the beginning of it.
fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source().and_then(std::error::Error::source);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("not a text")
}
